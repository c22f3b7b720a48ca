import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { unixPeer } from '../../src/ops/client-address.ts';
import { listen } from '../../src/ops/listen.ts';
import { securityHeaders } from '../../src/ops/security-headers.ts';
import { LoginRig } from '../support/login-rig.ts';
import { type Asked, type Front, needsNginx, socketPath, startNginx } from '../support/nginx.ts';

/** nginx gives a redirect a body, of which there is nothing to compare. */
const withoutBody = (status: number) => (name: string) => status !== 308 || name !== 'content-type';

/** Not a matter of safety: who answered when and how it was cut into bytes. Each has its own way to make an ETag. */
const own = new Set(['date', 'server', 'connection', 'content-length', 'transfer-encoding', 'etag', 'allow']);

type Headers = readonly (readonly [string, string])[];

function compared(headers: Iterable<readonly [string, string | readonly string[] | undefined]>): Headers {
  return [...headers]
    .filter(([name]) => !own.has(name))
    .map(([name, value]) => [name, String(value)] as const)
    .sort(([a], [b]) => a.localeCompare(b));
}

describe('the headers of the front are those of the bot', needsNginx, () => {
  let front: Front;
  let rig: LoginRig;
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    const t = { after: (close: () => Promise<void>) => void closing.push(close) };
    const socket = await socketPath(t);
    front = await startNginx(t, { upstream: `unix:${socket}` });
    rig = await LoginRig.create({ publicUrl: front.origin, trustedProxies: [unixPeer, '127.0.0.1'] });
    closing.push(() => rig[Symbol.asyncDispose]());
    const listener = await listen(rig.app.fetch, { host: '', port: 0, socket });
    closing.push(() => listener.close(0));
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  const json = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
  const asked: readonly (readonly [string, number, string, Asked])[] = [
    ['the page', 200, '/login/', {}],
    ['the page, asked by HEAD', 200, '/login/', { method: 'HEAD' }],
    ['a script', 200, '/login/assets/login.js', {}],
    ['a style sheet', 200, '/login/assets/login.css', {}],
    ['an icon', 200, '/login/assets/icon.svg', {}],
    ['a file that is not there', 404, '/login/assets/none.js', {}],
    ['a page that is not there', 404, '/login/other', {}],
    ['the way to the page', 308, '/login', {}],
    ['a method that the page does not have', 405, '/login/', { method: 'POST' }],
    ['a method that the API does not have', 405, '/login/api/open', {}],
    [
      'a body that is too large',
      413,
      '/login/api/open',
      { method: 'POST', headers: json, body: 'x'.repeat(9_000) },
    ],
    [
      'a link that is not known',
      404,
      '/login/api/open',
      { method: 'POST', headers: json, body: '{"link":"x"}' },
    ],
    [
      'a request of another site',
      403,
      '/login/api/open',
      { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } },
    ],
    [
      'a body that is no JSON',
      415,
      '/login/api/open',
      { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' }, body: 'x' },
    ],
    ['no login', 404, '/login/api/login', { headers: { 'sec-fetch-site': 'same-origin' } }],
  ];
  for (const [what, status, path, how] of asked) {
    it(`${what}: ${status}`, async () => {
      const { method = 'GET', headers = {}, body } = how;
      const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.1' };
      const direct = await rig.request(path, {
        ...{
          method,
          headers: {
            ...forwarded,
            ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
          },
        },
        ...(body === undefined ? {} : { body }),
      });
      const through = await front.ask(path, how);
      assert.deepEqual([direct.status, through.status], [status, status]);
      assert.deepEqual(
        compared(Object.entries(through.headers).filter(([name]) => withoutBody(status)(name))),
        compared(direct.headers),
      );
      if (path.endsWith('.svg') || path === '/login/') assert.equal(through.body, await direct.text());
    });
  }

  it('and where only the front answers, they are there too', async () => {
    const wanted = compared(
      Object.entries(securityHeaders(new URL(front.origin))).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ]),
    );
    const answers = await Promise.all([
      front.ask('/', {}),
      front.ask('/login/', { headers: { host: 'evil.example' } }),
      front.ask('/login/', { headers: { 'x-pad': 'x'.repeat(40_000) } }),
      front.ask('/login/', { headers: { host: '' } }),
      front.ask('/login/', { method: 'TRACE' }),
    ]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 421, 400, 421, 405],
    );
    for (const { headers, status } of answers) {
      const { 'content-type': _, ...rest } = headers;
      assert.deepEqual(compared(Object.entries(rest)), wanted, String(status));
      assert.equal(headers['server'], 'nginx');
    }
  });

  it('a file that the browser has is not sent again', async () => {
    const { headers } = await front.ask('/login/assets/login.js');
    const again = await front.ask('/login/assets/login.js', {
      headers: { 'if-none-match': String(headers.etag) },
    });
    assert.deepEqual([again.status, again.body, again.headers['cache-control']], [304, '', 'no-cache']);
    assert.equal(again.headers['x-frame-options'], 'DENY');
  });
});
