import type { Context } from 'hono';
import { type Client, createClientAddress } from '../ops/client-address.ts';
import type { ProblemCode } from './problems.ts';
import type { Replies } from './replies.ts';

export type Handler = (c: Context, client: Client) => Response | Promise<Response>;
/** `json` is undefined where the body is no JSON. */
export type BodyHandler = (c: Context, client: Client, json: unknown) => Promise<Response>;

/** What a request passes before a step of the login sees it. */
export interface Guards {
  /** For every request: https, and who asks. */
  open(handler: Handler): (c: Context) => Response | Promise<Response>;
  /** For the API: the same, and the request comes from our own page. */
  fromPage(handler: Handler): (c: Context) => Response | Promise<Response>;
  /** JSON, 8 KiB at most (S6). */
  withBody(handler: BodyHandler): Handler;
}

const maxBodyBytes = 8 * 1024;

/** Throws RangeError where a trusted proxy is no address or range. */
export function createGuards(publicUrl: URL, trustedProxies: readonly string[], replies: Replies): Guards {
  const clientOf = createClientAddress(trustedProxies);
  const mayBePlain = publicUrl.protocol === 'http:';
  const guarded = (handler: Handler, check: (c: Context) => ProblemCode | undefined) => (c: Context) => {
    const client = clientOf(c);
    if (!client.isHttps && !(mayBePlain && client.isLoopback)) return replies.problem('https-required');
    const refused = check(c);
    return refused === undefined ? handler(c, client) : replies.problem(refused);
  };
  return {
    open: (handler) => guarded(handler, () => undefined),
    fromPage: (handler) =>
      guarded(handler, (c) => (isFromPage(c, publicUrl.origin) ? undefined : 'cross-site')),
    withBody: (handler) => async (c, client) => {
      if (!isJson(c)) return replies.problem('wrong-content-type');
      const text = await limitedText(c);
      return text === undefined ? replies.problem('body-too-large') : handler(c, client, parsed(text));
    },
  };
}

/**
 * The API is for the page's own requests: Sec-Fetch-Site first, then Origin, against the public URL (not the inner one,
 * which differs behind a TLS proxy). A request that changes something must say where it comes from; `null` says nothing.
 */
function isFromPage(c: Context, ours: string): boolean {
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  const siteIsOurs = site === 'same-origin' || (isRead && site === 'none');
  if (site !== undefined && !siteIsOurs) return false;
  if (origin !== undefined && origin !== ours && !(origin === 'null' && siteIsOurs)) return false;
  return isRead || siteIsOurs || origin === ours;
}

function isJson(c: Context): boolean {
  return c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() === 'application/json';
}

/** The body, or undefined where it is too large; of one that is, no more is read than that takes. */
async function limitedText(c: Context): Promise<string | undefined> {
  const length = c.req.header('content-length');
  // Node's parser holds a body to its length.
  if (length !== undefined) return Number(length) <= maxBodyBytes ? c.req.text() : undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = c.req.raw.body?.getReader();
  for (;;) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) return Buffer.concat(chunks).toString('utf8');
    bytes += chunk.value.byteLength;
    if (bytes > maxBodyBytes) return undefined;
    chunks.push(chunk.value);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
