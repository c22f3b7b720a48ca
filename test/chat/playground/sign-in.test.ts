/** Signing in at the playground: as strict as a real platform, and only for a demo on this machine. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { PlaygroundSignIn } from '../../../src/chat/playground/sign-in.ts';
import { openSqlite } from '../../../src/storage/sqlite.ts';
import { startPlayground } from '../../support/playground-server.ts';

const alice = { platform: 'playground', workspace: 'demo', id: 'alice' };
const redirectUri = 'http://127.0.0.1:3141/login/oidc/callback';
const codeVerifier = 'v'.repeat(43);
const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');

test('the page leads back with a code to a login page on this machine, and nowhere else', async (t) => {
  const store = await openSqlite({ path: ':memory:' });
  t.after(() => store.close());
  const { url, playground } = await startPlayground(t, store);
  const page = await fetch(`${url}/playground/sign-in?state=s1`);
  assert.match(await page.text(), /<script type="module" src="assets\/sign-in\.js">/u);
  const post = (change: object) =>
    fetch(`${url}/playground/api/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'bob', state: 's1', nonce: 'n1', redirectUri, codeChallenge, ...change }),
    });
  const { url: back } = await (await post({})).json();
  const code = new URL(back).searchParams.get('code') ?? '';
  assert.equal(back, `${redirectUri}?code=${code}&state=s1`);
  const proven = await playground.signIn.prove({ user: alice, code, nonce: 'n1', redirectUri, codeVerifier });
  assert.deepEqual(proven, { user: { ...alice, id: 'bob' }, name: 'bob' });

  const cancelled = await (await post({ user: undefined })).json();
  assert.equal(cancelled.url, `${redirectUri}?error=access_denied&state=s1`);
  for (const elsewhere of [
    'https://evil.example/login/oidc/callback',
    'http://127.0.0.1.evil.example/login/oidc/callback',
    'http://127.0.0.1:3141/elsewhere',
    'http://127.0.0.1:3141@evil.example/login/oidc/callback',
    'javascript:alert(1)//login/oidc/callback',
  ]) {
    assert.equal((await post({ redirectUri: elsewhere })).status, 422, elsewhere);
  }
  assert.equal((await post({ user: 'mallory' })).status, 422);
});

test('a code is good once, for ten minutes, for what it was asked with', async () => {
  let now = 0;
  const signIn = new PlaygroundSignIn(undefined, () => now);
  const good = { user: alice, nonce: 'n1', redirectUri, codeVerifier };
  const code = () => signIn.allow({ person: 'alice', nonce: 'n1', redirectUri, codeChallenge });
  const used = code();
  await signIn.prove({ ...good, code: used });
  await assert.rejects(signIn.prove({ ...good, code: used }), { reason: 'invalid_code' });
  await assert.rejects(signIn.prove({ ...good, code: code(), nonce: 'n2' }), { reason: 'nonce' });
  const other = { redirectUri: `${redirectUri}/`, code: code() };
  await assert.rejects(signIn.prove({ ...good, ...other }), { reason: 'bad_redirect_uri' });
  const verifier = { codeVerifier: 'w'.repeat(43), code: code() };
  await assert.rejects(signIn.prove({ ...good, ...verifier }), { reason: 'invalid_code_verifier' });
  const late = code();
  now += 10 * 60_000;
  await assert.rejects(signIn.prove({ ...good, code: late }), { reason: 'invalid_code' });
});
