import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problemKinds } from '../../src/login/problems.ts';
import { alicePassword, LoginRig } from '../support/login-rig.ts';
import { issueLink } from '../support/sessions.ts';

const secure = 'https://chat.example.com';
const proxy = '10.0.0.5';
const overTls = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.9' };

describe('every answer', () => {
  const requests: [string, string][] = [
    ['GET', '/login/'],
    ['HEAD', '/login/'],
    ['GET', '/login/assets/login.js'],
    ['GET', '/login/assets/nothing.js'],
    ['GET', '/login/api/login'],
    ['POST', '/login/api/open'],
    ['GET', '/login/api/open'],
    ['GET', '/login/nothing'],
    ['GET', '/login'],
    ['OPTIONS', '/login/api/open'],
  ];
  for (const [method, path] of requests) {
    it(`${method} ${path} has the security headers`, async () => {
      await using rig = await LoginRig.create({ publicUrl: secure, trustedProxies: [proxy] });
      const response = await rig.request(path, { method, headers: overTls }, proxy);
      const { headers } = response;
      assert.match(
        headers.get('content-security-policy') ?? '',
        /^default-src 'none'; .*frame-ancestors 'none'/,
      );
      assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe|http:|https:|\*/);
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('x-frame-options'), 'DENY');
      assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
      assert.equal(headers.get('strict-transport-security'), 'max-age=31536000');
      assert.match(
        headers.get('cache-control') ?? '',
        path.includes('login.js') ? /^no-cache$/ : /^no-store$/,
      );
      assert.equal(headers.get('access-control-allow-origin'), null);
    });
  }

  it('has no HSTS on plain http, where it would mean nothing', async () => {
    await using rig = await LoginRig.create();
    assert.equal((await rig.request('/login/')).headers.get('strict-transport-security'), null);
  });
});

describe('the page', () => {
  it('and its files come from memory, with their types and an ETag', async () => {
    await using rig = await LoginRig.create();
    const page = await rig.request('/login/');
    assert.equal(page.status, 200);
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
    const html = await page.text();
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name);
    assert.ok(files.length >= 3);
    for (const file of files) {
      const url = new URL(file ?? '', `${rig.publicUrl}/login/`);
      assert.equal(url.origin, rig.publicUrl, 'nothing from elsewhere');
      const asset = await rig.request(url.pathname);
      assert.equal(asset.status, 200, file);
      const etag = asset.headers.get('etag') ?? '';
      assert.match(etag, /^"[\w-]+"$/);
      const again = await rig.request(url.pathname, { headers: { 'if-none-match': etag } });
      assert.deepEqual([again.status, await again.text()], [304, '']);
    }
  });

  it('without its slash is redirected, with a fragment that the browser keeps', async () => {
    await using rig = await LoginRig.create();
    const response = await rig.request('/login', { redirect: 'manual' });
    assert.deepEqual([response.status, response.headers.get('location')], [308, '/login/']);
  });
});

describe('a request to the API', () => {
  const open = { method: 'POST', path: '/login/api/open' };
  const asks: Record<string, [Record<string, string>, number]> = {
    'same-origin, with our Origin': [{ 'sec-fetch-site': 'same-origin', origin: secure }, 404],
    'of an old browser, with our Origin alone': [{ origin: secure }, 404],
    'same-origin, with no Origin': [{ 'sec-fetch-site': 'same-origin' }, 404],
    'same-origin, with the null that no-referrer makes': [
      { 'sec-fetch-site': 'same-origin', origin: 'null' },
      404,
    ],
    'from another site': [{ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    'from another site with our Origin': [{ 'sec-fetch-site': 'cross-site', origin: secure }, 403],
    'from a sibling domain': [{ 'sec-fetch-site': 'same-site', origin: 'https://x.example.com' }, 403],
    'typed into the address bar': [{ 'sec-fetch-site': 'none' }, 403],
    'same-origin with a foreign Origin (a rebound host)': [
      { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
      403,
    ],
    'with a null Origin alone': [{ origin: 'null' }, 403],
    'with the inner Origin': [{ origin: 'http://127.0.0.1:3141' }, 403],
    'with our Origin over http': [{ origin: 'http://chat.example.com' }, 403],
    'with our Origin as a prefix': [{ origin: `${secure}.evil.example` }, 403],
    'with our Origin and a port': [{ origin: `${secure}:8443` }, 403],
    'that does not say where it comes from': [{}, 403],
    'with a forged Host and X-Forwarded-Host': [
      { host: 'evil.example', 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' },
      403,
    ],
  };
  for (const [what, [headers, status]] of Object.entries(asks)) {
    it(`${what}: ${status}`, async () => {
      await using rig = await LoginRig.create({ publicUrl: secure, trustedProxies: [proxy] });
      const { link } = await issueLink(rig.rig.sessions);
      const body = JSON.stringify({ link: status === 404 ? 'nonsense' : link });
      const init = {
        method: open.method,
        body,
        headers: { ...overTls, 'content-type': 'application/json', ...headers },
      };
      const response = await rig.request(open.path, init, proxy);
      assert.equal(response.status, status);
      if (status === 403) assert.match(await response.text(), /"code":"cross-site"/);
      assert.equal((await rig.browserOver(overTls, proxy).open(link)).status, 200, 'the link is still good');
    });
  }

  for (const [what, contentType, status] of [
    ['JSON', 'application/json', 404],
    ['JSON with a charset', 'Application/JSON; charset=utf-8', 404],
    ['a form', 'application/x-www-form-urlencoded', 415],
    ['text', 'text/plain', 415],
    ['almost JSON', 'application/jsonp', 415],
    ['nothing', '', 415],
  ] as const) {
    it(`whose content type is ${what}: ${status}`, async () => {
      await using rig = await LoginRig.create();
      const answer = await rig.browser().post('open', { link: 'x' }, { 'content-type': contentType });
      assert.equal(answer.status, status);
    });
  }

  for (const [what, body, status, code] of [
    ['an empty one', '', 400, 'malformed-body'],
    ['half of one', '{"link":', 400, 'malformed-body'],
    ['a list', '[]', 400, 'malformed-body'],
    ['null', 'null', 400, 'malformed-body'],
    ['a string', '"x"', 400, 'malformed-body'],
    ['one without a link', '{}', 400, 'malformed-body'],
    ['a link of the wrong type', '{"link":{"$ne":1}}', 400, 'malformed-body'],
    ['a very deep one', '['.repeat(8_000), 400, 'malformed-body'],
    ['an empty link', '{"link":""}', 404, 'link-unknown'],
    ['a broken link', '{"link":"%00\\u0000"}', 404, 'link-unknown'],
    ['exactly 8 KiB', JSON.stringify({ link: 'x'.repeat(8_181) }), 404, 'link-unknown'],
    ['a byte more', JSON.stringify({ link: 'x'.repeat(8_182) }), 413, 'body-too-large'],
    ['a huge one', 'x'.repeat(1_000_000), 413, 'body-too-large'],
  ] as const) {
    it(`to open, with ${what} as its body: ${status} ${code}`, async () => {
      await using rig = await LoginRig.create();
      const answer = await rig.browser().post('open', body);
      assert.deepEqual([answer.status, answer.code], [status, code]);
    });
  }

  for (const [what, change, fields] of [
    ['no secret', { secret: undefined }, ['secret']],
    ['an empty secret', { secret: '' }, ['secret']],
    ['no login', { login: undefined }, ['login']],
    ['a login that is no UUID', { login: '../x' }, ['login']],
    ['an unknown method', { method: 'guess' }, ['method']],
    ['a colon in the user name', { username: 'ali:ce' }, ['username']],
    ['a line break in the user name', { username: 'ali\nce' }, ['username']],
    ['no user name', { username: '' }, ['username']],
    ['an empty password', { password: '' }, ['password']],
    ['a password of the wrong type', { password: ['x'] }, ['password']],
    ['a token with a line break in it', { method: 'token', token: 'a\r\nb' }, ['token']],
    ['a key that is not ASCII', { method: 'apiKey', apiKey: 'schlüssel' }, ['apiKey']],
  ] as const) {
    it(`to authenticate, with ${what}: 422, uncounted, and nothing of it repeated`, async () => {
      await using rig = await LoginRig.create();
      const browser = await rig.opened();
      const answer = await browser.authenticate({ ...alicePassword, ...change });
      assert.deepEqual([answer.status, answer.code, answer.body['fields']], [422, 'invalid-input', fields]);
      assert.doesNotMatch(JSON.stringify(answer.body), /ali:ce|pass:word|schlüssel/);
      assert.equal((await browser.current()).body['attemptsLeft'], 5);
      assert.equal(rig.server.heard.length, 0);
    });
  }

  for (const body of ['', 'x', '[]', 'null', '7']) {
    it(`to authenticate, with ${JSON.stringify(body)} as its body: 400`, async () => {
      await using rig = await LoginRig.create();
      const answer = await (await rig.opened()).post('authenticate', body);
      assert.deepEqual([answer.status, answer.code], [400, 'malformed-body']);
    });
  }

  for (const [method, path, allow] of [
    ['GET', '/login/api/open', 'POST'],
    ['DELETE', '/login/api/authenticate', 'POST'],
    ['PUT', '/login/api/login', 'GET, HEAD'],
    ['POST', '/login/', 'GET, HEAD'],
  ] as const) {
    it(`${method} ${path} is not allowed`, async () => {
      await using rig = await LoginRig.create();
      const response = await rig.request(path, { method, headers: { 'sec-fetch-site': 'same-origin' } });
      assert.deepEqual([response.status, response.headers.get('allow')], [405, allow]);
    });
  }

  it('changes nothing by GET or HEAD', async () => {
    await using rig = await LoginRig.create();
    const { link } = await issueLink(rig.rig.sessions);
    for (const method of ['GET', 'HEAD']) {
      await rig.request(`/login/api/open?link=${link}`, { method });
      await rig.request(`/login/?link=${link}`, { method });
    }
    assert.equal((await rig.browser().open(link)).status, 200);
  });
});

describe('a problem', () => {
  it('is RFC 9457, with a stable type, in every kind', async () => {
    await using rig = await LoginRig.create();
    const response = await rig.request('/login/nothing');
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    assert.deepEqual(await response.json(), {
      type: 'urn:bolt-stackstorm:problem:not-found',
      code: 'not-found',
      title: 'There is nothing here',
      status: 404,
      detail: 'The login page is at /login/.',
    });
    for (const [code, { status, title, detail }] of Object.entries(problemKinds)) {
      assert.ok(status >= 400 && title.length > 10 && detail.endsWith('.'), code);
    }
  });
});
