import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Time } from '../../support/manual-clock.ts';
import { startSlack } from '../../support/slack/emulator.ts';
import { installRig } from '../../support/slack/install-rig.ts';

async function behindTls(t: TestContext, trustedProxies: readonly string[]) {
  const time = new Time();
  const slack = await startSlack(t, { now: () => time.at });
  return installRig(t, slack, time, { publicUrl: 'https://chatops.example.com', trustedProxies });
}

test('where the public address is https, only what came over https is served, by a trusted proxy’s word', async (t) => {
  const { url } = await behindTls(t, []);
  for (const path of ['/slack/install', '/slack/install/start', '/slack/oauth_redirect?state=a&code=b']) {
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' };
    const response = await fetch(`${url}${path}`, { headers, redirect: 'manual' });
    assert.equal(response.status, 403, path);
    assert.equal(response.headers.get('set-cookie'), null);
    assert.match(await response.text(), /https only/);
  }
});

test('the cookie is the browser’s alone, of this host, over https; links come from the config, not from the request', async (t) => {
  const { url } = await behindTls(t, ['127.0.0.1']);
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' };
  const headers = { ...forwarded, 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
  const response = await fetch(`${url}/slack/install/start`, { headers, redirect: 'manual' });
  assert.equal(response.status, 302);
  assert.equal(response.headers.get('strict-transport-security'), 'max-age=31536000');
  const attributes = (response.headers.get('set-cookie') ?? '').split('; ');
  assert.match(attributes[0] ?? '', /^__Host-bolt-stackstorm-install=[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(attributes.slice(1).sort(), [
    'HttpOnly',
    'Max-Age=600',
    'Path=/',
    'SameSite=Lax',
    'Secure',
  ]);
  const authorize = new URL(response.headers.get('location') ?? '');
  assert.equal(
    authorize.searchParams.get('redirect_uri'),
    'https://chatops.example.com/slack/oauth_redirect',
  );
});

test('a cookie that is not of our making is replaced', async (t) => {
  const { url } = await behindTls(t, ['127.0.0.1']);
  const headers = {
    'x-forwarded-proto': 'https',
    cookie: '__Host-bolt-stackstorm-install=chosen-by-somebody',
  };
  const response = await fetch(`${url}/slack/install/start`, { headers, redirect: 'manual' });
  assert.doesNotMatch(response.headers.get('set-cookie') ?? '', /chosen-by-somebody/);
});
