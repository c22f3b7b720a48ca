import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LoginRig } from '../support/login-rig.ts';
import { issueLink } from '../support/sessions.ts';

const secure = 'https://chat.example.com';
const proxy = '10.0.0.5';
const overTls = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.9' };

describe('https', () => {
  for (const [what, from, headers, status] of [
    ['a trusted proxy that ends TLS', proxy, overTls, 200],
    ['a trusted proxy that was asked over http', proxy, { 'x-forwarded-proto': 'http' }, 403],
    ['a trusted proxy that does not say', proxy, {}, 403],
    ['a client that only says so', '198.51.100.9', overTls, 403],
    ['a client on loopback', '127.0.0.1', {}, 403],
    ['a client on loopback that says so', '127.0.0.1', overTls, 403],
  ] as const) {
    it(`is required: ${what} gets ${status}`, async () => {
      await using rig = await LoginRig.create({ publicUrl: secure, trustedProxies: [proxy] });
      const response = await rig.request('/login/', { headers }, from);
      assert.equal(response.status, status);
      if (status === 403) assert.match(await response.text(), /"code":"https-required"/);
    });
  }

  for (const [from, status] of [
    ['127.0.0.1', 200],
    ['127.8.8.8', 200],
    ['::1', 200],
    ['::ffff:127.0.0.1', 200],
    ['192.0.2.1', 403],
    ['::ffff:192.0.2.1', 403],
    ['nonsense', 403],
  ] as const) {
    it(`is not required on loopback where the public URL is plain: ${from} gets ${status}`, async () => {
      await using rig = await LoginRig.create();
      assert.equal((await rig.request('/login/', {}, from)).status, status);
    });
  }

  it('without a socket is not assumed', async () => {
    await using rig = await LoginRig.create();
    assert.equal((await rig.app.request('http://127.0.0.1:3141/login/')).status, 403);
  });

  it('makes the cookie Secure with __Host-; plain loopback leaves both away', async () => {
    await using tls = await LoginRig.create({ publicUrl: secure, trustedProxies: [proxy] });
    const { link } = await issueLink(tls.rig.sessions);
    const answer = await tls.browserOver(overTls, proxy).open(link);
    const cookie = answer.headers.get('set-cookie') ?? '';
    assert.match(cookie, /^__Host-bolt-stackstorm-login=/);
    for (const attribute of [
      /; HttpOnly/,
      /; Secure/,
      /; SameSite=Strict/,
      /; Path=\/(;|$)/,
      /; Max-Age=600/,
    ]) {
      assert.match(cookie, attribute);
    }
    assert.doesNotMatch(cookie, /domain/i);
    await using plain = await LoginRig.create();
    const demo = await plain.browser().open((await issueLink(plain.rig.sessions)).link);
    assert.match(
      demo.headers.get('set-cookie') ?? '',
      /^bolt-stackstorm-login=(?!.*Secure).*HttpOnly.*SameSite=Strict/,
    );
  });
});
