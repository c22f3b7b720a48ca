import { securityHeaders } from '../ops/security-headers.ts';
import type { Asset } from './assets.ts';
import { type ProblemCode, problemKinds, problemType } from './problems.ts';

/** Members that a problem has beside those of its kind. */
export interface ProblemDetails {
  readonly attemptsLeft?: number;
  /** Names of wrong fields, never their values. */
  readonly fields?: readonly string[];
  readonly retryAfterMs?: number;
  readonly allow?: string;
  /** Where the same problem has another status than that of its kind. */
  readonly status?: number;
  /** A cookie to set with the answer. */
  readonly cookie?: string;
}

/** The only ways to answer, so that no answer lacks the security headers. */
export interface Replies {
  json(body: unknown, more?: { readonly cookie?: string; readonly status?: number }): Response;
  /** RFC 9457. */
  problem(code: ProblemCode, details?: ProblemDetails): Response;
  /** A page made for this one answer. */
  html(page: { readonly status: number; readonly body: string }, cookie?: string): Response;
  /** The page itself, which nobody keeps: what it shows is for one moment. */
  page(asset: Asset): Response;
  /** A file of the page; `known` is the browser's If-None-Match. */
  asset(asset: Asset, known: string | undefined): Response;
  redirect(location: string): Response;
}

/** Answers with the headers of S4. */
export function createReplies(publicUrl: URL): Replies {
  const common = securityHeaders(publicUrl);
  const json = { ...common, 'Content-Type': 'application/json' };
  const html = { ...common, 'Content-Type': 'text/html; charset=utf-8' };
  const problem = { ...common, 'Content-Type': 'application/problem+json' };
  const pages = new WeakMap<Asset, Record<string, string>>();
  const assets = new WeakMap<Asset, Record<string, string>>();
  return {
    json: (body, { cookie, status = 200 } = {}) =>
      new Response(JSON.stringify(body), { status, headers: withCookie(json, cookie) }),
    html: ({ status, body }, cookie) => new Response(body, { status, headers: withCookie(html, cookie) }),
    problem(code, details = {}) {
      const { title, detail } = problemKinds[code];
      const { retryAfterMs, allow, cookie, status = problemKinds[code].status, ...members } = details;
      const headers = withCookie(problem, cookie);
      if (retryAfterMs !== undefined) headers['Retry-After'] = String(Math.ceil(retryAfterMs / 1000));
      if (allow !== undefined) headers['Allow'] = allow;
      const type = problemType(code);
      return new Response(JSON.stringify({ type, code, title, status, detail, ...members }), {
        status,
        headers,
      });
    },
    page: (asset) =>
      new Response(asset.bytes, { headers: remembered(pages, asset, () => fileHeaders(common, asset)) }),
    asset(asset, known) {
      const headers = remembered(assets, asset, () => ({
        ...fileHeaders(common, asset),
        ETag: asset.etag,
        'Cache-Control': 'no-cache',
      }));
      if (known !== asset.etag) return new Response(asset.bytes, { headers });
      const { 'Content-Length': _, ...rest } = headers;
      return new Response(null, { status: 304, headers: rest });
    },
    redirect: (location) => new Response(null, { status: 308, headers: { ...common, Location: location } }),
  };
}

function fileHeaders(common: Readonly<Record<string, string>>, asset: Asset): Record<string, string> {
  return {
    ...common,
    'Content-Type': asset.contentType,
    'Content-Length': String(asset.bytes.byteLength),
  };
}

function withCookie(headers: Readonly<Record<string, string>>, cookie: string | undefined) {
  const copy: Record<string, string> = { ...headers };
  if (cookie !== undefined) copy['Set-Cookie'] = cookie;
  return copy;
}

function remembered<T>(known: WeakMap<Asset, T>, asset: Asset, make: () => T): T {
  const found = known.get(asset) ?? make();
  known.set(asset, found);
  return found;
}
