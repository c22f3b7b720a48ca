/** Sign in with Slack: what is asked, what its answer must say, and who that is. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { Hono } from 'hono';
import type { ChatUser } from '../../../src/chat/chat.ts';
import { type ChatSignIn, SignInError } from '../../../src/chat/sign-in.ts';
import { readIdToken } from '../../../src/chat/slack/id-token.ts';
import type { SlackSignInOptions } from '../../../src/chat/slack/sign-in.ts';
import { listen } from '../../support/listen.ts';
import type { SlackPerson } from '../../support/slack/emulator.ts';
import type { Decision } from '../../support/slack/oauth.ts';
import { type AdapterOptions, slackAdapter } from '../../support/slack-adapter.ts';

const redirectUri = 'https://bot.example/login/oidc/callback';
const verifier = 'v'.repeat(43);
const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
const app = {
  clientId: '1.2',
  clientSecret: 'the-client-secret',
  userScopes: ['openid', 'profile'],
  redirectUrls: [redirectUri],
};
const { clientId, clientSecret } = app;
const alice: ChatUser = { platform: 'slack', workspace: 'T024', id: 'U0ALICE' };

async function signingIn(
  t: TestContext,
  options: Partial<SlackSignInOptions> = {},
  more: AdapterOptions = {},
) {
  const rig = await slackAdapter(t, {
    ...more,
    app: { ...app, ...more.app },
    options: { signIn: { clientId, clientSecret, pkce: false, ...options } },
  });
  const { signIn } = rig.adapter.platform;
  assert.ok(signIn);
  return { ...rig, signIn };
}

const ask = (signIn: ChatSignIn, user = alice) =>
  signIn.authorizeUrl({ user, state: 's1', nonce: 'n1', redirectUri, codeChallenge });

async function codeOf(signIn: ChatSignIn, person: SlackPerson, decision: Decision = {}): Promise<string> {
  const back = await person.consent(ask(signIn), decision);
  assert.equal(back.searchParams.get('state'), 's1');
  return back.searchParams.get('code') ?? '';
}

const prove = (signIn: ChatSignIn, code: string, user = alice, nonce = 'n1') =>
  signIn.prove({ user, code, nonce, redirectUri, codeVerifier: verifier });

const failsWith = (code: string, reason: string) => (error: unknown) =>
  error instanceof SignInError && error.code === code && error.reason === reason;

test('without chat.slack.signIn there is none', async (t) => {
  assert.equal((await slackAdapter(t)).adapter.platform.signIn, undefined);
});

test('the person of the browser is proven; a code is good once; the secrets are in no log', async (t) => {
  const { signIn, slack, logged, alice: person } = await signingIn(t);
  const url = new URL(ask(signIn));
  assert.equal(`${url.origin}${url.pathname}`, `${slack.url}/openid/connect/authorize`);
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    response_type: 'code',
    client_id: clientId,
    scope: 'openid profile',
    redirect_uri: redirectUri,
    state: 's1',
    nonce: 'n1',
    team: 'T024',
  });
  const code = await codeOf(signIn, person);
  assert.deepEqual(await prove(signIn, code), { user: alice, name: person.user.realName });
  await assert.rejects(prove(signIn, code), failsWith('refused', 'code_already_used'));
  const lines = JSON.stringify(logged);
  for (const secret of [code, clientSecret, verifier]) assert.equal(lines.includes(secret), false);
});

test('PKCE goes along where the app has it', async (t) => {
  const { signIn, alice: person } = await signingIn(t, { pkce: true }, { app: { pkce: true } });
  assert.equal(new URL(ask(signIn)).searchParams.get('code_challenge_method'), 'S256');
  assert.deepEqual((await prove(signIn, await codeOf(signIn, person))).user, alice);
  const code = await codeOf(signIn, person);
  await assert.rejects(
    signIn.prove({ user: alice, code, nonce: 'n1', redirectUri, codeVerifier: 'w'.repeat(43) }),
    failsWith('refused', 'invalid_code_verifier'),
  );
});

test('a nonce that is not the one asked with proves nothing; wrong credentials of the app are refused', async (t) => {
  const { signIn, alice: person } = await signingIn(t);
  const code = await codeOf(signIn, person);
  await assert.rejects(prove(signIn, code, alice, 'n2'), failsWith('not-proven', 'nonce'));
  const other = await signingIn(t, { clientSecret: 'wrong' });
  const good = await codeOf(other.signIn, other.alice);
  await assert.rejects(prove(other.signIn, good), failsWith('refused', 'bad_client_secret'));
});

test('another person, and the same id in another workspace, are somebody else', async (t) => {
  const { signIn, slack, team } = await signingIn(t);
  const bob = slack.user(team, { id: 'U0BOB', name: 'bob' });
  assert.deepEqual((await prove(signIn, await codeOf(signIn, bob))).user, { ...alice, id: 'U0BOB' });
  const other = slack.workspace({ id: 'T099', name: 'Other' });
  const namesake = slack.user(other, { id: 'U0ALICE', name: 'alice' });
  const proven = await prove(signIn, await codeOf(signIn, namesake));
  assert.deepEqual(proven.user, { ...alice, workspace: 'T099' });
});

test('on Grid the person is the org’s, whichever of its workspaces they sign in to', async (t) => {
  const { signIn, slack, alice: person } = await signingIn(t, {}, { enterprise: 'E1' });
  const second = slack.workspace({ id: 'T025', name: 'Second', enterprise: 'E1' });
  person.user.teams.add(second.id);
  const ofOrg = { ...alice, workspace: 'E1' };
  for (const decision of [{}, { workspace: second }]) {
    const code = await codeOf(signIn, person, decision);
    assert.deepEqual((await prove(signIn, code, ofOrg)).user, ofOrg);
  }
  assert.equal(new URL(ask(signIn, ofOrg)).searchParams.has('team'), false);
});

test('Slack away, busy or unreadable: to be tried again, or no proof', async (t) => {
  let answer: () => Response = () => new Response('away', { status: 503 });
  const hono = new Hono();
  hono.post('/api/openid.connect.token', () => answer());
  const server = await listen(hono);
  t.after(() => server.close());
  const { adapter } = await slackAdapter(t, {
    options: { apiUrl: `${server.url}/api/`, signIn: { clientId, clientSecret, pkce: false } },
  });
  const { signIn } = adapter.platform;
  assert.ok(signIn);
  await assert.rejects(prove(signIn, 'c'), { code: 'unreachable' });
  answer = () => new Response('', { status: 429, headers: { 'retry-after': '30' } });
  await assert.rejects(prove(signIn, 'c'), { code: 'unreachable' });
  answer = () => Response.json({ ok: false, error: 'internal_error' });
  await assert.rejects(prove(signIn, 'c'), failsWith('unreachable', 'internal_error'));
  answer = () => Response.json({ ok: true, access_token: 'xoxp-1' });
  await assert.rejects(prove(signIn, 'c'), { code: 'not-proven' });
  answer = () => Response.json({ ok: true, id_token: 'no.token' });
  await assert.rejects(prove(signIn, 'c'), failsWith('not-proven', 'id_token'));
});

test('an id_token counts only from this issuer, for this app, with this nonce, now', () => {
  const now = Date.UTC(2026, 10, 23);
  const seconds = now / 1000;
  const good = {
    iss: 'https://slack.com',
    sub: 'U0ALICE',
    aud: clientId,
    exp: seconds + 300,
    iat: seconds,
    nonce: 'n1',
    'https://slack.com/user_id': 'U0ALICE',
    'https://slack.com/team_id': 'T024',
    name: 'Alice',
  };
  const read = (changes: Readonly<Record<string, unknown>>) => {
    const payload = Buffer.from(JSON.stringify({ ...good, ...changes })).toString('base64url');
    return readIdToken(`e30.${payload}.c2ln`, { issuer: good.iss, clientId, nonce: 'n1', now });
  };
  const identity = { userId: 'U0ALICE', teamId: 'T024', enterpriseId: undefined, name: 'Alice' };
  assert.deepEqual(read({}), identity);
  assert.deepEqual(read({ 'https://slack.com/enterprise_id': 'E1' }), { ...identity, enterpriseId: 'E1' });
  assert.deepEqual(read({ exp: seconds - 60 }), identity, 'clocks differ a little');
  const wrong: readonly (readonly [string, unknown])[] = [
    ['iss', 'https://slack.com.evil.example'],
    ['iss', 'https://slack.com/'],
    ['aud', '3.4'],
    ['aud', [clientId, '3.4']],
    ['exp', seconds - 121],
    ['exp', 'soon'],
    ['iat', seconds + 121],
    ['iat', seconds - 601],
    ['nonce', 'n2'],
    ['nonce', undefined],
    ['sub', 'U0BOB'],
    ['https://slack.com/team_id', undefined],
    ['https://slack.com/user_id', ''],
  ];
  for (const [claim, value] of wrong) {
    assert.throws(
      () => read({ [claim]: value }),
      failsWith('not-proven', claim),
      `${claim}: ${String(value)}`,
    );
  }
});
