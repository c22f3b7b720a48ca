import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';

/** Chromium without its windows opens a page for a quarter of the work. */
const debians = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'] as const;
const chromiumPath = process.env['BOLT_STACKSTORM_CHROMIUM'] ?? debians.find(existsSync) ?? debians[1];
const artifacts = fileURLToPath(new URL('../../artifacts/', import.meta.url));

/**
 * Why tests in a real browser cannot run here, or false. Give it to node:test as `skip`. Where CI=true it is a failure:
 * then this throws.
 */
export function browserMissing(): string | false {
  if (existsSync(chromiumPath)) return false;
  const reason = `no Chromium at ${chromiumPath} (Debian: apt-get install chromium-headless-shell)`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

/** Debian's Chromium, without a window and without a word to anybody but the pages that it is sent to. */
export function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      // Nobody looks: a process less.
      '--in-process-gpu',
      '--disable-software-rasterizer',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  });
}

/** What a page did that none of ours may do: script errors, CSP violations, requests to other origins. */
interface PageFaults {
  readonly errors: string[];
  readonly foreignRequests: string[];
}

/**
 * Runs `work` on a page of a context of its own (own cookies). Fails where the page itself was at fault. `also` are other
 * origins that it may go to.
 */
export async function withPage<T>(
  browser: Browser,
  origin: string,
  work: (page: Page, context: BrowserContext) => Promise<T>,
  { also = [], ...options }: BrowserContextOptions & { readonly also?: readonly string[] } = {},
): Promise<T> {
  const context = await browser.newContext({ baseURL: origin, locale: 'en-GB', ...options });
  context.setDefaultTimeout(10_000);
  const faults = watch(context, [origin, ...also]);
  try {
    const result = await work(await context.newPage(), context);
    const found = [...faults.errors, ...faults.foreignRequests.map((url) => `asked ${url}`)];
    if (found.length > 0) throw new Error(`the page did what it must not:\n${found.join('\n')}`);
    return result;
  } finally {
    await context.close();
  }
}

function watch(context: BrowserContext, origins: readonly string[]): PageFaults {
  const faults: PageFaults = { errors: [], foreignRequests: [] };
  context.on('weberror', (event) => {
    faults.errors.push(String(event.error()));
  });
  context.on('console', (message) => {
    const text = message.text();
    // Chromium reports an answer of 4xx as an error of the page, which it is not.
    const isOurs = message.type() === 'error' && !text.startsWith('Failed to load resource');
    if (isOurs || /content security policy/i.test(text)) faults.errors.push(text);
  });
  context.on('request', (request) => {
    if (!origins.includes(new URL(request.url()).origin)) faults.foreignRequests.push(request.url());
  });
  return faults;
}

/** Keeps a picture of the whole page in `artifacts/` (not in git) for people to look at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: `${artifacts}${name}.png`, fullPage: true });
}
