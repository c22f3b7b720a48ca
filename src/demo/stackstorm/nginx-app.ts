import { Hono } from 'hono';
import type { ServiceApp, ServiceEnv } from './service-app.ts';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);

/** The apps behind the front, each knowing its prefix. */
export interface Backends {
  readonly auth: ServiceApp;
  readonly api: ServiceApp;
  readonly stream: ServiceApp;
}

/**
 * StackStorm's nginx on one port: `/auth`, `/api`, `/stream`, the version optional; `/api/v1/stream` is the stream too.
 * Source: conf/nginx/st2.conf.
 */
export function createNginxApp(backends: Backends): ServiceApp {
  const app: ServiceApp = new Hono<ServiceEnv>();
  app.all('*', async (c) => {
    if (!methods.has(c.req.method)) return page(405, 'Not Allowed');
    const backend = backendOf(c.req.path);
    if (backend === null) return page(404, 'Not Found');
    const response = await backends[backend].fetch(c.req.raw, c.env);
    if (!response.headers.has('X-Request-ID')) return response; // nginx's own answer for a backend that is down
    response.headers.set('X-Frame-Options', 'DENY');
    if (response.status < 400) {
      response.headers.set('Front-End-Https', 'on');
      response.headers.set('X-Content-Type-Options', 'nosniff');
      response.headers.set('Strict-Transport-Security', 'max-age=3153600;includeSubDomains');
      response.headers.set('X-XSS-Protection', '0');
    }
    return response;
  });
  return app;
}

/** The stream that is asked of the API is rewritten to the stream service. */
function backendOf(path: string): keyof Backends | null {
  if (/^\/api(\/v1)?\/stream\/?$/.test(path)) return 'stream';
  const name = /^\/(auth|api|stream)\//.exec(path)?.[1];
  return name === 'auth' || name === 'api' || name === 'stream' ? name : null;
}

function page(status: 404 | 405, title: string): Response {
  const heading = `${status} ${title}`;
  const body = `<html>\n<head><title>${heading}</title></head>\n<body>\n<center><h1>${heading}</h1></center>\n<hr><center>nginx</center>\n</body>\n</html>\n`;
  return new Response(body, {
    status,
    headers: { 'content-type': 'text/html', 'X-Frame-Options': 'DENY' },
  });
}
