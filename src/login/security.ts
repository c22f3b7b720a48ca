import type { Context, MiddlewareHandler, Next } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Client } from './client-address.ts';
import { problem } from './problems.ts';

/** What the middleware of the login app leaves for the steps behind it. */
export interface LoginEnv {
  Variables: { client: Client };
}

/**
 * Headers of every answer (S4; ASVS v5.0.0-3.4, OWASP Secure Headers): nothing is loaded from or sent to elsewhere,
 * nothing is kept, nothing may frame the page. HSTS, a year, where the public URL is https.
 */
export function securityHeaders(publicUrl: URL): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    'X-Robots-Tag': 'noindex',
    'Cache-Control': 'no-store',
    ...(publicUrl.protocol === 'https:' ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  };
}

/** Puts the headers on whatever answers, and tells who asks. */
export function guardEverything(
  publicUrl: URL,
  clientOf: (c: Context) => Client,
): MiddlewareHandler<LoginEnv> {
  const headers = Object.entries(securityHeaders(publicUrl));
  const mayBePlain = publicUrl.protocol === 'http:';
  return async (c, next) => {
    for (const [name, value] of headers) c.header(name, value);
    const client = clientOf(c);
    c.set('client', client);
    if (!client.isHttps && !(mayBePlain && client.isLoopback)) return problem(c, 'https-required');
    return next();
  };
}

/**
 * The API is for the page's own requests: Sec-Fetch-Site first, then Origin, against the public URL (not the inner one,
 * which differs behind a TLS proxy). A request that changes something must say where it comes from; `null` says nothing.
 */
export function guardOrigin(publicUrl: URL): MiddlewareHandler<LoginEnv> {
  return async (c, next) => {
    const isRead = c.req.method === 'GET' || c.req.method === 'HEAD';
    const site = c.req.header('sec-fetch-site');
    const origin = c.req.header('origin');
    const siteIsOurs = site === 'same-origin' || (isRead && site === 'none');
    const isOurs =
      (site === undefined || siteIsOurs) &&
      (origin === undefined || origin === publicUrl.origin || (origin === 'null' && siteIsOurs)) &&
      (isRead || siteIsOurs || origin === publicUrl.origin);
    return isOurs ? next() : problem(c, 'cross-site');
  };
}

/** Bodies are JSON, and 8 KiB at most (S6). */
export function guardBody(): MiddlewareHandler<LoginEnv> {
  const limit = bodyLimit({ maxSize: 8 * 1024, onError: (c) => problem(c, 'body-too-large') });
  return async (c: Context<LoginEnv>, next: Next) => {
    const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') return problem(c, 'wrong-content-type');
    return limit(c, next);
  };
}

/** The parsed JSON of the body, or undefined where it is none. */
export async function jsonBody(c: Context): Promise<unknown> {
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
