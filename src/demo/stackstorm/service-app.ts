import { randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { User } from './accounts.ts';
import { internalError, notFound, StackStormFault } from './fault.ts';
import { backendDownAnswer, delay, forever, type ServiceName } from './fault-injection.ts';
import type { StackStormState } from './state.ts';

/** Who asks, and by which way the credential came. */
export interface Identity {
  readonly user: User;
  readonly method: 'authentication token' | 'API key';
  readonly location: 'header' | 'query';
  readonly expiresAt: number | null;
}
/** `Partial`: without a socket (`app.request`) there are no bindings. */
export interface ServiceEnv {
  Bindings: Partial<HttpBindings>;
  Variables: { identity: Identity };
}
export type ServiceContext = Context<ServiceEnv>;
export type ServiceApp = Hono<ServiceEnv>;

export interface ServiceOptions {
  /** nginx's layout: `['/api']` for `/api/v1/...`. None is the service's own port, where no prefix is known. */
  readonly prefixes: readonly string[];
  readonly publicUrl: () => string;
}

const webOrigin = 'http://127.0.0.1:3000';

/** What the three services share: paths, request ids, CORS, faults as JSON. Source: st2common/middleware. */
export function createServiceApp(
  service: ServiceName,
  state: StackStormState,
  options: ServiceOptions,
): ServiceApp {
  const app: ServiceApp = new Hono<ServiceEnv>({
    getPath: (request) => routePath(request.url, options.prefixes),
  });
  app.use('*', common(service, state));
  app.use('*', injecting(service, state));
  app.notFound((c) => faultAnswer(c, notFound()));
  app.onError((error, c) => {
    if (c.req.raw.signal.aborted) return new Response(null, { status: 499 });
    return faultAnswer(c, error instanceof StackStormFault ? error : internalError());
  });
  return app;
}

/** The path without service prefix, version and trailing slash: all three are optional where they are known at all. */
function routePath(url: string, prefixes: readonly string[]): string {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  const end = url.search(/[?#]/);
  let path = start < 0 ? '/' : url.slice(start, end < 0 ? undefined : end);
  const prefix = prefixes.find((known) => path.startsWith(`${known}/`));
  if (prefix !== undefined) path = path.slice(prefix.length);
  if (path === '/v1' || path.startsWith('/v1/')) path = path.slice('/v1'.length);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path || '/';
}

function faultAnswer(c: ServiceContext, fault: StackStormFault): Response {
  return c.json({ faultstring: fault.faultstring }, contentful(fault.status));
}

function contentful(status: number): ContentfulStatusCode {
  const known: readonly ContentfulStatusCode[] = [200, 400, 401, 403, 404, 409, 500, 503];
  return known.find((code) => code === status) ?? 500;
}

function common(service: ServiceName, state: StackStormState): MiddlewareHandler<ServiceEnv> {
  return async (c, next) => {
    const { raw } = c.req;
    state.onRequest({ service, method: raw.method, url: raw.url, headers: raw.headers });
    if (raw.method === 'HEAD')
      return new Response(null, { status: 500, headers: { 'content-type': 'text/html' } });
    if (!isUtf8Path(c.req.path))
      throw new StackStormFault(
        400,
        `Failed to parse request path "${latin1Path(raw.url)}". URL likely contains invalid or incorrectly URL encoded values.`,
      );
    c.header('X-Request-ID', c.req.header('x-request-id') ?? randomUUID());
    c.header('Access-Control-Allow-Origin', webOrigin);
    c.header('Access-Control-Allow-Methods', 'GET,POST,PUT,DELETE,OPTIONS');
    c.header(
      'Access-Control-Allow-Headers',
      'Content-Type,Authorization,X-Auth-Token,St2-Api-Key,X-Request-ID',
    );
    c.header('Access-Control-Allow-Credentials', 'true');
    c.header('Access-Control-Expose-Headers', 'Content-Type,X-Limit,X-Total-Count,X-Request-ID');
    if (raw.method === 'OPTIONS') return c.body('', 200, { 'content-type': 'text/html; charset=UTF-8' });
    return next();
  };
}

function isUtf8Path(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

function latin1Path(url: string): string {
  return unescapeLatin1(new URL(url).pathname);
}

function unescapeLatin1(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function injecting(service: ServiceName, state: StackStormState): MiddlewareHandler<ServiceEnv> {
  return async (c, next) => {
    const fault = state.faults.strike(service, c.req.method, c.req.path);
    const { signal } = c.req.raw;
    switch (fault?.kind) {
      case undefined:
        return next();
      case 'slow':
        await delay(fault.ms, signal);
        return next();
      case 'hang':
        return forever(signal);
      case 'answer':
        return new Response(fault.body, {
          status: fault.status,
          headers: { ...fault.headers, 'content-type': fault.contentType ?? 'application/json' },
        });
      case 'html':
        return c.html('<html><body><h1>It works!</h1></body></html>');
      case 'faultstring-200':
        return c.json({ faultstring: fault.faultstring });
      case 'backend-down':
        return backendDown(c, service);
      case 'done-then-500':
        await next();
        throw internalError();
      case 'done-then-hang':
        await next();
        return forever(signal);
      case 'cut':
        return cutConnection(c);
      case 'done-then-cut':
        await next();
        return cutConnection(c);
    }
  };
}

/** nginx writes two lines of Content-Type, which a Response cannot; without a socket they stand in one. */
function backendDown(c: ServiceContext, service: ServiceName): Response {
  const { status, body, types } = backendDownAnswer(service);
  const outgoing = c.env?.outgoing;
  if (outgoing === undefined || 'stream' in outgoing)
    return new Response(body, { status, headers: { 'content-type': types.join(', ') } });
  const head = types.flatMap((type) => ['Content-Type', type]);
  outgoing.writeHead(status, [...head, 'Content-Length', String(body.length)]);
  outgoing.end(body);
  return RESPONSE_ALREADY_SENT;
}

/** Without a socket there is nothing to cut, and the request fails. */
async function cutConnection(c: ServiceContext): Promise<Response> {
  const socket = c.env?.incoming?.socket;
  if (socket === undefined) throw new TypeError('connection cut');
  socket.destroy();
  return new Response(null, { status: 499 });
}
