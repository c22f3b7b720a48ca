import type { MiddlewareHandler } from 'hono';
import { problem } from './problem.ts';

const loopbackHost = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\]):(\d{1,5})$/i;
const proxyHeader = /^(?:forwarded|x-forwarded-.*|x-real-ip|via)$/;

/**
 * Why a request is not from the playground's own page on this machine, or undefined where it is. A page of another
 * origin is told by Origin and Sec-Fetch-Site, a name that was rebound to 127.0.0.1 by Host, a proxy by what it adds.
 */
function refusal(request: Request, port: number): string | undefined {
  const { headers, method } = request;
  const host = headers.get('host') ?? new URL(request.url).host;
  if (loopbackHost.exec(host)?.[1] !== String(port))
    return `Host must be 127.0.0.1:${port} or localhost:${port}.`;
  for (const name of headers.keys()) {
    if (proxyHeader.test(name)) return `The header ${name} says that a proxy stands in front.`;
  }
  const origin = headers.get('origin');
  if (origin !== null && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return 'Origin must be the playground itself.';
  }
  const site = headers.get('sec-fetch-site');
  const isRead = method === 'GET' || method === 'HEAD';
  const navigates = isRead && headers.get('sec-fetch-mode') === 'navigate';
  const typedIn = isRead && site === 'none';
  if (site !== null && site !== 'same-origin' && !typedIn && !navigates) {
    return 'Sec-Fetch-Site must be same-origin.';
  }
  if (!isRead && !isJson(headers.get('content-type'))) return 'Content-Type must be application/json.';
  return undefined;
}

/** Answers 403 to whatever {@link refusal} names. `port` is the listener's. */
export function guard(port: () => number): MiddlewareHandler {
  return async (context, next) => {
    const reason = refusal(context.req.raw, port());
    if (reason !== undefined) return problem('refused-here', reason);
    await next();
    return undefined;
  };
}

function isJson(contentType: string | null): boolean {
  return contentType?.split(';')[0]?.trim().toLowerCase() === 'application/json';
}
