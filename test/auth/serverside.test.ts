/** Serverside: the service account asks for everyone's token, and each runs as themselves or not at all (S7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createServersideAuth, type ServersideMapping } from '../../src/auth/serverside.ts';
import type { ChatProfile, ChatUser } from '../../src/chat/chat.ts';
import { createEmbeddedStackStorm } from '../../src/demo/stackstorm/stackstorm.ts';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { startBot } from '../support/bot.ts';
import { startSlackBot } from '../support/slack-bot.ts';

const alice: ChatUser = { platform: 'slack', workspace: 'T024', id: 'U0ALICE' };
const hour = 3_600_000;
const service = { username: 'chatops_bot', password: 'chatops_bot' };
const member: ChatProfile = {
  platformName: 'Slack',
  workspaceName: 'Acme',
  userName: 'alice',
  userKind: 'member',
  email: 'alice@acme.example',
};
const byEmail = {
  email: { domain: 'acme.example', workspaces: ['slack:T024'], user: 'name' },
} as const satisfies ServersideMapping;

/** The auth on the embedded StackStorm, over HTTP; `tokens` counts what it was asked for. */
async function rig(
  mapping: ServersideMapping,
  more: { profile?: () => ChatProfile; now?: () => number } = {},
) {
  const embedded = createEmbeddedStackStorm();
  const listening = await embedded.listen();
  const calls: string[] = [];
  const stackstorm = createStackStorm({ url: listening.url, observe: (call) => calls.push(call) });
  const auth = createServersideAuth(
    {
      stackstorm,
      profile: async () => (more.profile ?? (() => member))(),
      now: more.now ?? Date.now,
    },
    { mapping, service, tokenTtl: hour, onTtlLowered: () => undefined },
  );
  return {
    auth,
    tokens: () => calls.filter((call) => call === 'tokens').length,
    async [Symbol.asyncDispose]() {
      await stackstorm.close();
      await listening.close();
    },
  };
}

test('one token for however many ask at once; a new one shortly before its end, and after StackStorm refused it', async () => {
  let time = Date.now();
  await using at = await rig({ map: { 'slack:T024:U0ALICE': 'alice' } }, { now: () => time });
  const grants = await Promise.all(Array.from({ length: 20 }, () => at.auth.credentialFor(alice)));
  const [first] = grants;
  assert.ok(first?.kind === 'granted');
  assert.equal(first.stackstormUser, 'alice');
  assert.ok(grants.every((grant) => grant === first));
  assert.equal(at.tokens(), 1);

  time += hour - 60_000;
  const second = await at.auth.credentialFor(alice);
  assert.ok(second.kind === 'granted');
  assert.notDeepEqual(second.credential, first.credential);
  assert.equal(at.tokens(), 2);

  // A refusal of the old one says nothing of the new one.
  await at.auth.rejected(alice, first);
  assert.equal(await at.auth.credentialFor(alice), second);
  await at.auth.rejected(alice, second);
  assert.notEqual(await at.auth.credentialFor(alice), second);
});

test('who is not mapped is refused, and StackStorm is not asked', async () => {
  const map = { 'slack:T024:U0ALICE': 'alice' };
  const people: [ServersideMapping, ChatUser, ChatProfile?][] = [
    [{ map }, { ...alice, id: 'U0BOB' }],
    [{ map }, { ...alice, workspace: 'T099' }],
    [{ map }, { ...alice, id: 'constructor' }],
    [byEmail, { ...alice, workspace: 'T099' }],
    [byEmail, alice, { ...member, userKind: 'guest' }],
    [byEmail, alice, { ...member, userKind: 'stranger' }],
    [byEmail, alice, { ...member, email: 'alice@evil.example' }],
    [byEmail, alice, { ...member, email: 'alice@acme.example.evil.example' }],
    [byEmail, alice, { ...member, email: 'alice@acme.example@evil.example' }],
    [byEmail, alice, { ...member, email: 'alice+admin@acme.example' }],
    [byEmail, alice, { ...member, email: '@acme.example' }],
    [byEmail, alice, { ...member, email: 'chatops_bot@acme.example' }],
    [{ nickname: { origin: 'slack', workspaces: ['slack:T024'] } }, { ...alice, workspace: 'T099' }],
    [{ nickname: { origin: 'slack', workspaces: ['slack:T024'] } }, alice, { ...member, userKind: 'guest' }],
  ];
  const { email: _, ...withoutEmail } = member;
  const { userKind: __, ...withoutKind } = member;
  people.push([byEmail, alice, withoutEmail], [byEmail, alice, withoutKind]);
  for (const [mapping, user, profile = member] of people) {
    await using at = await rig(mapping, { profile: () => profile });
    assert.deepEqual(await at.auth.credentialFor(user), { kind: 'refused', reason: 'not-mapped' });
    assert.equal(at.tokens(), 0);
  }
});

test('an address in any case is its person; an account that becomes a guest is refused at once', async () => {
  let profile: ChatProfile = { ...member, email: 'Alice@ACME.example' };
  await using at = await rig(byEmail, { profile: () => profile });
  const grant = await at.auth.credentialFor(alice);
  assert.ok(grant.kind === 'granted' && grant.stackstormUser === 'alice');
  profile = { ...member, userKind: 'guest' };
  assert.deepEqual(await at.auth.credentialFor(alice), { kind: 'refused', reason: 'not-mapped' });
});

test('by nickname StackStorm is asked for the id, and its refusal is told', async () => {
  await using at = await rig({ nickname: { origin: 'slack', workspaces: ['slack:T024'] } });
  await assert.rejects(at.auth.credentialFor(alice), {
    name: 'StackStormError',
    code: 'rejected',
    faultstring: 'Could not locate user U0ALICE@slack',
  });
});

const bySelf = {
  serverside: { map: { 'playground:demo:alice': 'alice', 'playground:demo:bob': 'bob' } },
};
const withPassword = { credential: service };

test('in chat everyone runs as who they are mapped to; who is not is told in private, and nothing runs', async (t) => {
  const {
    alice: asAlice,
    bob,
    admin,
    stackstorm,
    records,
  } = await startBot(t, { auth: bySelf, stackstorm: withPassword });
  await asAlice.ask('general', '!st2 run uptime on web1', (line) => /succeeded/u.test(line.text));
  const whoami = await asAlice.ask('dm', '!whoami', (line) => /StackStorm/u.test(line.text));
  assert.match(whoami.text, /StackStorm: alice/u);
  const noLogin = await asAlice.ask('dm', '!session_start plum', (line) => line.from === 'bot');
  assert.match(noLogin.text, /No login is needed here: .*your own StackStorm user/u);

  const forbidden = await bob.ask('general', '!st2 run uptime on web1', (line) => line.from === 'bot');
  assert.match(forbidden.text, /StackStorm/u);
  const unknown = await admin.ask('general', '!st2 list vms', (line) => line.from === 'bot');
  assert.equal(unknown.private, true);
  assert.match(unknown.text, /which StackStorm user you are, so nothing was run/u);

  const ran = stackstorm.state.executions.all.map(({ context }) => context['user']);
  assert.deepEqual(ran, ['alice']);
  const refused = records.filter(({ event }) => event === 'command.refused').map(({ outcome }) => outcome);
  assert.deepEqual(refused, ['not-mapped']);
});

test('in Slack, by e-mail: a member runs, a guest and a stranger whom a rule lets in do not', async (t) => {
  const rig = await startSlackBot(t, {
    serverside: { email: { domain: 'acme.example', workspaces: ['slack:T024'] } },
    config: {
      access: { default: 'allow', rules: [{ allow: '*', userKinds: ['member', 'guest', 'stranger'] }] },
    },
  });
  const { slack, app, team, alice: her, general, stackstorm } = rig;
  const partner = slack.workspace({ id: 'T099', name: 'Partner' });
  const stranger = slack.user(partner, { id: 'U0MALLORY', name: 'mallory', email: 'alice@acme.example' });
  const guest = slack.user(team, { id: 'U0GUEST', name: 'bob', guest: true, email: 'bob@acme.example' });
  const shared = slack.channel(team, {
    id: 'C0SHARED',
    members: [her, her.installationOf(app).bot, stranger, guest],
    sharedWith: [partner],
  });
  const hers = await her.say(general, '!st2 list vms');
  await her.sees(general, /succeeded/u, { after: hers });
  for (const person of [stranger, guest]) {
    const asked = await person.say(shared, '!st2 list vms');
    const told = await person.sees(shared, /which StackStorm user you are/u, { after: asked });
    assert.ok(told.ephemeralTo);
  }
  assert.deepEqual(
    stackstorm.state.executions.all.map(({ context }) => context['user']),
    ['alice'],
  );
});
