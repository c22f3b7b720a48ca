import type { Context } from 'hono';
import { type Client, createClientAddress } from '../ops/client-address.ts';
import { limitedBody } from '../ops/limited-body.ts';
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

/** Of every body (S6). */
export const maxBodyBytes = 8 * 1024;

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
      const body = await limitedBody(c.req.raw, maxBodyBytes);
      if (body === 'too-large') return replies.problem('body-too-large');
      // Nobody is left to read the answer: it is no trouble of ours, and must not look like one in the log.
      if (body === 'cut-off') return replies.problem('malformed-body');
      return handler(c, client, parsed(body.toString('utf8')));
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
