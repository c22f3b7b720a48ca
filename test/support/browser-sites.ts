import { once } from 'node:events';
import { createServer } from 'node:https';
import { getRequestListener } from '@hono/node-server';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { makeAuthority } from './certificates.ts';
import { LoginRig, type LoginRigOptions } from './login-rig.ts';

/** One request to the login page, as it came and was answered. */
export interface SiteRequest {
  readonly method: string;
  readonly path: string;
  readonly cookie: string | undefined;
  readonly status: number;
}

/** The login page on `login.chat.test`, in a browser for which every name under `.test` is this machine, over https. */
export interface Sites {
  readonly rig: LoginRig;
  readonly browser: Browser;
  /** Of the login page. */
  readonly login: string;
  /** A host beside it: the same site for a browser, which sends it our SameSite cookies along. */
  readonly sibling: string;
  /** Another site. */
  readonly foreign: string;
  /** What came to the login page. */
  readonly heard: SiteRequest[];
  /** Headers of all answers of the other hosts from now on. */
  answerWith(headers: readonly (readonly [string, string])[]): void;
}

/** A page without anything in it, for a test's own scripts. */
const emptyPage = '<!doctype html><html lang="en"><title>elsewhere</title><body></body></html>';

export async function startSites(
  t: { after(close: () => Promise<void>): void },
  options: Pick<LoginRigOptions, 'sessions'> = {},
): Promise<Sites> {
  const issued = makeAuthority().issue({ commonName: 'login.chat.test' });
  let page: ReturnType<typeof getRequestListener> | undefined;
  let headers: readonly (readonly [string, string])[] = [];
  const heard: SiteRequest[] = [];
  const server = createServer({ key: issued.key, cert: issued.cert }, (request, response) => {
    if (page === undefined || request.headers.host?.startsWith('login.') !== true) {
      for (const [name, value] of headers) response.appendHeader(name, value);
      response.setHeader('content-type', 'text/html').end(emptyPage);
      return;
    }
    const { method = '', url: path = '' } = request;
    const { cookie } = request.headers;
    response.on('finish', () => heard.push({ method, path, cookie, status: response.statusCode }));
    void page(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not on a port');
  const at = (host: string) => `https://${host}:${address.port}`;
  const rig = await LoginRig.create({ ...options, publicUrl: at('login.chat.test') });
  page = getRequestListener(rig.app.fetch, { overrideGlobalObjects: false });
  const browser = await launchBrowser(['--host-resolver-rules=MAP *.test 127.0.0.1']);
  t.after(async () => {
    await browser.close();
    server.close();
    server.closeAllConnections();
    await rig[Symbol.asyncDispose]();
  });
  return {
    ...{ rig, browser, heard, login: at('login.chat.test') },
    ...{ sibling: at('wiki.chat.test'), foreign: at('evil.test') },
    answerWith(next) {
      headers = next;
    },
  };
}
