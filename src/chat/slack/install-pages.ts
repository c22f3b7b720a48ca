import { readFile } from 'node:fs/promises';
import { html } from 'hono/html';
import { cardPage } from '../../ops/card-page.ts';
import { type InstallProblem, installProblems } from './install-problems.ts';

/** What a page is told. Everything is escaped. */
export interface ProblemDetails {
  /** Slack's own word. */
  readonly slackCode?: string | undefined;
  /** Why a step of the pipeline stopped it. */
  readonly reason?: string | undefined;
  readonly retryAfterMs?: number;
}

export interface Installed {
  readonly name: string | undefined;
  /** Where Slack opens the conversation with the bot. */
  readonly openUrl: string;
}

/** The pages of an install, with the headers of S4. They load nothing but their own style sheets and icon. */
export interface InstallPages {
  start(): Response;
  done(installed: Installed): Response;
  problem(code: InstallProblem, details?: ProblemDetails): Response;
  /** Undefined where there is no such file. */
  asset(name: string): Response | undefined;
  redirect(location: string, cookie?: string): Response;
  methodNotAllowed(): Response;
}

const files = {
  'login.css': ['login/login.css', 'text/css; charset=utf-8'],
  'install.css': ['slack/install.css', 'text/css; charset=utf-8'],
  'icon.svg': ['login/icon.svg', 'image/svg+xml'],
} as const;

/** Reads the files once. */
export async function createInstallPages(headers: Readonly<Record<string, string>>): Promise<InstallPages> {
  const assets = new Map<string, { bytes: Uint8Array<ArrayBuffer>; type: string }>();
  for (const [name, [path, type]] of Object.entries(files)) {
    const bytes = new Uint8Array(await readFile(new URL(`../../../static/${path}`, import.meta.url)));
    assets.set(name, { bytes, type });
  }
  const answer = (
    status: number,
    title: string,
    content: ReturnType<typeof html>,
    more: Readonly<Record<string, string>> = {},
  ) =>
    new Response(
      cardPage({ title, assets: '/slack/assets/', styles: ['login.css', 'install.css'], content }),
      {
        status,
        headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8', ...more },
      },
    );
  return {
    start: () => answer(200, 'Add the StackStorm bot to Slack', startCard()),
    done: (installed) => answer(200, 'The bot is installed', doneCard(installed)),
    problem(code, details = {}) {
      const { status, title } = installProblems[code];
      const { retryAfterMs } = details;
      const more: Record<string, string> =
        retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) };
      return answer(status, title, problemCard(code, details), more);
    },
    asset(name) {
      const found = assets.get(name);
      if (found === undefined) return undefined;
      return new Response(found.bytes, {
        headers: { ...headers, 'Content-Type': found.type, 'Cache-Control': 'no-cache' },
      });
    },
    redirect: (location, cookie) =>
      new Response(null, {
        status: 302,
        headers: {
          ...headers,
          Location: location,
          ...(cookie === undefined ? {} : { 'Set-Cookie': cookie }),
        },
      }),
    methodNotAllowed: () => new Response(null, { status: 405, headers: { ...headers, Allow: 'GET' } }),
  };
}

function startCard() {
  return html`<h1>Add the StackStorm bot to Slack</h1>
        <p>People in your workspace then run StackStorm actions from Slack.</p>
        <p class="quiet">Slack shows what the bot asks for before you agree. You need to be allowed to install apps in your workspace or organization.</p>
        <p><a class="button primary" href="/slack/install/start" rel="nofollow">Add to Slack</a></p>`;
}

function doneCard({ name, openUrl }: Installed) {
  return html`<p class="mark good" aria-hidden="true">✓</p>
        <h1>The bot is installed</h1>
        <p>It is in <strong>${name ?? 'your workspace'}</strong> now. Send it a direct message: <code>help</code> lists what it does.</p>
        <p><a class="button primary" href="${openUrl}">Open Slack</a></p>
        <p class="quiet">You can close this page.</p>`;
}

function problemCard(code: InstallProblem, { slackCode, reason }: ProblemDetails) {
  const { title, what, next } = installProblems[code];
  return html`<p class="mark bad" aria-hidden="true">!</p>
        <h1>${title}</h1>
        <p>${what}${slackCode === undefined ? '' : html` Slack says: <code>${slackCode}</code>.`}</p>
        ${reason === undefined ? '' : html`<p><strong>${reason}</strong></p>`}
        <p>${next}</p>
        <p><a class="button primary" href="/slack/install">Begin again</a></p>`;
}
