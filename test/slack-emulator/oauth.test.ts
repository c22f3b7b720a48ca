/** The emulator's consent pages and what an app gets for a code. */
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { startSlack } from '../support/slack/emulator.ts';
import type { AppOptions } from '../support/slack/world-apps.ts';

const REDIRECT = 'https://bot.example/slack/oauth_redirect';
const answer = z.record(z.string(), z.unknown());

async function consenting(t: TestContext, options: AppOptions = {}) {
  let now = Date.UTC(2026, 10, 22);
  const slack = await startSlack(t, { now: () => now });
  const app = slack.app({
    clientId: '1.2',
    clientSecret: 'client-secret',
    botScopes: ['chat:write', 'commands'],
    redirectUrls: [REDIRECT],
    ...options,
  });
  const team = slack.workspace({ id: 'T024', name: 'Acme', enterprise: 'E1' });
  const alice = slack.user(team, { id: 'U0ALICE', name: 'alice' });
  const page = (fields: Record<string, string>, path = '/oauth/v2/authorize') =>
    `${slack.url}${path}?${new URLSearchParams({ client_id: '1.2', redirect_uri: REDIRECT, state: 's1', ...fields })}`;
  const call = async (
    method: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(`${slack.apiUrl}${method}`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(fields),
    });
    return answer.parse(await response.json());
  };
  const client = { client_id: '1.2', client_secret: 'client-secret' };
  const exchange = (fields: Record<string, string>) => call('oauth.v2.access', { ...client, ...fields });
  const pass = (ms: number) => {
    now += ms;
  };
  return { slack, app, team, alice, page, call, client, exchange, pass };
}

test('allowed: a code for one exchange, and a token with the scopes that were asked for and exist', async (t) => {
  const { slack, alice, page, exchange, call } = await consenting(t);
  const back = await alice.consent(page({ scope: 'chat:write,users:read' }));
  assert.equal(`${back.origin}${back.pathname}`, REDIRECT);
  assert.equal(back.searchParams.get('state'), 's1');
  const code = back.searchParams.get('code') ?? '';
  assert.equal(
    (await exchange({ code, client_secret: 'wrong', redirect_uri: REDIRECT }))['error'],
    'bad_client_secret',
  );
  const got = await exchange({ code, redirect_uri: REDIRECT });
  const { access_token: token, bot_user_id: bot, app_id: _app, ...rest } = got;
  assert.deepEqual(rest, {
    ok: true,
    authed_user: { id: 'U0ALICE' },
    scope: 'chat:write',
    token_type: 'bot',
    team: { id: 'T024', name: 'Acme' },
    enterprise: { id: 'E1', name: 'E1' },
    is_enterprise_install: false,
  });
  const who = await call('auth.test', {}, { authorization: `Bearer ${String(token)}` });
  assert.deepEqual([who['ok'], who['user_id'], who['team_id']], [true, bot, 'T024']);
  assert.equal((await exchange({ code, redirect_uri: REDIRECT }))['error'], 'code_already_used');
  assert.ok(!JSON.stringify(slack.calls.map((one) => one.args)).includes('client-secret'));
});

test('what the page and the exchange refuse', async (t) => {
  const { alice, page, exchange, pass } = await consenting(t);
  const denied = await alice.consent(page({ scope: 'chat:write' }), { deny: true });
  assert.deepEqual(Object.fromEntries(denied.searchParams), { error: 'access_denied', state: 's1' });
  await assert.rejects(alice.consent(page({ scope: 'chat:write', client_id: '9.9' })), /invalid_client_id/);
  await assert.rejects(alice.consent(page({ scope: 'users:read' })), /invalid_scope/);
  await assert.rejects(
    alice.consent(page({ scope: 'chat:write', redirect_uri: 'https://bot.example.evil/' })),
    /bad_redirect_uri/,
  );
  await assert.rejects(alice.consent(page({ scope: 'chat:write' }), { org: true }), /org_login_required/);
  const code = async () =>
    (await alice.consent(page({ scope: 'chat:write' }))).searchParams.get('code') ?? '';
  assert.equal((await exchange({ code: await code() }))['error'], 'bad_redirect_uri');
  assert.equal((await exchange({ code: 'made-up', redirect_uri: REDIRECT }))['error'], 'invalid_code');
  const late = await code();
  pass(10 * 60_000 + 1);
  assert.equal((await exchange({ code: late, redirect_uri: REDIRECT }))['error'], 'code_expired');
});

test('rotation: the token ends, the refresh token gives one new pair', async (t) => {
  const { alice, page, exchange, call, pass } = await consenting(t, { tokenRotation: true });
  const code = (await alice.consent(page({ scope: 'chat:write' }))).searchParams.get('code') ?? '';
  const first = await exchange({ code, redirect_uri: REDIRECT });
  assert.equal(first['expires_in'], 43_200);
  const refresh = { grant_type: 'refresh_token', refresh_token: String(first['refresh_token']) };
  pass(43_200_000);
  const whoIs = (token: unknown) => call('auth.test', {}, { authorization: `Bearer ${String(token)}` });
  assert.equal((await whoIs(first['access_token']))['error'], 'token_expired');
  const second = await exchange(refresh);
  assert.equal((await whoIs(second['access_token']))['ok'], true);
  assert.notEqual(second['refresh_token'], first['refresh_token']);
  assert.equal((await exchange(refresh))['error'], 'invalid_refresh_token');
});

test('an org installs once for all its workspaces', async (t) => {
  const { slack, alice, page, exchange } = await consenting(t, { orgDeploy: true });
  slack.workspace({ id: 'T025', enterprise: 'E1' });
  const code =
    (await alice.consent(page({ scope: 'chat:write' }), { org: true })).searchParams.get('code') ?? '';
  const got = await exchange({ code, redirect_uri: REDIRECT });
  assert.deepEqual(
    [got['team'], got['enterprise'], got['is_enterprise_install']],
    [null, { id: 'E1', name: 'E1' }, true],
  );
});

test('Sign in with Slack: a signed id_token with the nonce, PKCE, userInfo', async (t) => {
  const { slack, alice, page, call, client } = await consenting(t, {
    userScopes: ['openid', 'email'],
    pkce: true,
  });
  const verifier = 'v'.repeat(43);
  const address = page(
    {
      response_type: 'code',
      scope: 'openid email',
      nonce: 'n1',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    },
    '/openid/connect/authorize',
  );
  const codeOf = async () => (await alice.consent(address)).searchParams.get('code') ?? '';
  const exchange = async (fields: Record<string, string>) =>
    call('openid.connect.token', { ...client, redirect_uri: REDIRECT, code: await codeOf(), ...fields });
  assert.equal((await exchange({}))['error'], 'invalid_code_verifier');
  assert.equal(
    (await call('oauth.v2.access', { ...client, redirect_uri: REDIRECT, code: await codeOf() }))['error'],
    'invalid_code',
  );
  const got = await exchange({ code_verifier: verifier });
  assert.deepEqual([got['ok'], got['token_type']], [true, 'Bearer']);

  const [head = '', claims = '', signature = ''] = String(got['id_token']).split('.');
  const jwks = z
    .object({ keys: z.array(z.record(z.string(), z.string())) })
    .parse(await (await fetch(`${slack.url}/openid/connect/keys`)).json());
  const [key = {}] = jwks.keys;
  const publicKey = createPublicKey({ key, format: 'jwk' });
  assert.ok(
    verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url')),
  );
  const read = answer.parse(JSON.parse(Buffer.from(claims, 'base64url').toString()));
  assert.deepEqual(
    [read['iss'], read['sub'], read['aud'], read['nonce'], read['https://slack.com/team_id'], read['email']],
    [slack.url, 'U0ALICE', '1.2', 'n1', 'T024', 'alice@acme.example'],
  );
  const info = await call(
    'openid.connect.userInfo',
    {},
    { authorization: `Bearer ${String(got['access_token'])}` },
  );
  assert.deepEqual([info['ok'], info['sub'], info['name']], [true, 'U0ALICE', undefined]);
  const found = await fetch(`${slack.url}/.well-known/openid-configuration`);
  assert.equal(answer.parse(await found.json())['issuer'], slack.url);
});
