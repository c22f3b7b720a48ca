/** `check` and `check --access` with Slack configured: what they ask of Slack, and what they say where it refuses. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AccessQuestion } from '../../src/cli/access-asker.ts';
import { type AccessAnswer, checkAccess } from '../../src/cli/check-access.ts';
import { checkSlack } from '../../src/cli/check-slack.ts';
import { CliError } from '../../src/cli/exit-codes.ts';
import { ConfigError, parseConfig } from '../../src/config/load.ts';
import { startSlack } from '../support/slack/emulator.ts';
import type { AppOptions } from '../support/slack/world-apps.ts';

const needed = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'files:write',
  'groups:history',
  'groups:read',
  'im:history',
  'im:write',
  'mpim:history',
  'users:read',
];

async function rig(t: TestContext, given: { readonly app?: AppOptions; readonly access?: object } = {}) {
  const slack = await startSlack(t);
  const team = slack.workspace({ id: 'T024', name: 'Acme' });
  const botScopes = given.access === undefined ? needed : [...needed, 'usergroups:read'];
  const app = slack.app({ socketMode: true, botScopes, ...given.app });
  const installation = slack.install(app, team);
  const parsed = (change: object = {}) => {
    const config = parseConfig(
      {
        stackstorm: { url: 'http://127.0.0.1:9', credential: { token: 't' } },
        auth: {
          clientside: {},
          publicUrl: 'https://chatops.example.com',
          ...('signIn' in change ? { confirm: 'slack' } : {}),
        },
        encryption: { keys: ['A'.repeat(43)] },
        ...(given.access === undefined ? {} : { access: given.access }),
        chat: {
          slack: {
            apiUrl: slack.apiUrl,
            appToken: app.appToken,
            ...('install' in change ? {} : { botToken: installation.botToken }),
            ...change,
          },
        },
      },
      { env: {}, readFile: () => '' },
    );
    if (config instanceof ConfigError) throw config;
    return config;
  };
  const rows = async (change?: object) =>
    (await checkSlack(parsed(change), {})).map(({ state, what, detail }) => `${state} ${what}: ${detail}`);
  const ask = (asked: string, options: Omit<AccessQuestion, 'asked'> = {}, change?: object) =>
    checkAccess(parsed(change), {}, { asked, ...options });
  return { slack, team, app, installation, parsed, rows, ask };
}

test('tokens that Slack takes, and exactly the scopes that the config needs', async (t) => {
  const { rows, slack } = await rig(t);
  assert.deepEqual(await rows(), [
    'ok Slack bot token: the bot of Acme (T024)',
    'ok Slack scopes: those that the config needs, and no more',
    'ok Slack Socket Mode: Slack lets the app connect',
  ]);
  assert.deepEqual([...new Set(slack.calls.map(({ method }) => method))].sort(), [
    'apps.connections.open',
    'auth.test',
  ]);
});

test('signing in: Slack takes the app’s client, or says why not', async (t) => {
  const { rows, slack } = await rig(t, { app: { clientId: '1.2', clientSecret: 'the-client-secret' } });
  const last = async (clientSecret: string) =>
    (await rows({ signIn: { clientId: '1.2', clientSecret } })).at(-1);
  const good = (await last('the-client-secret')) ?? '';
  assert.match(good, /^ok Sign in with Slack: .*https:\/\/chatops\.example\.com\/login\/oidc\/callback/u);
  const bad = (await last('another')) ?? '';
  assert.match(bad, /^failed Sign in with Slack: .*chat\.slack\.signIn.*\(Slack says: bad_client_secret\)/u);
  assert.ok(!bad.includes('another'));
  assert.ok(slack.calls.every(({ answer }) => !JSON.stringify(answer ?? {}).includes('access_token')));
});

test('missing scopes are named, and those that are too many', async (t) => {
  const { rows } = await rig(t, {
    app: { botScopes: ['chat:write', 'commands', 'im:write', 'reactions:write'] },
  });
  const [, row = ''] = await rows();
  assert.match(
    row,
    /^failed Slack scopes: missing: app_mentions:read, channels:history, .*users:read\. Put what/,
  );
  const more = await rig(t, { app: { botScopes: [...needed, 'reactions:write'] } });
  assert.equal((await more.rows())[1], 'note Slack scopes: more than the bot needs: reactions:write');
  const groups = await rig(t, {
    access: { rules: [{ deny: '*', groups: ['S1'] }] },
    app: { botScopes: needed },
  });
  assert.match((await groups.rows())[1] ?? '', /missing: usergroups:read\./);
});

test('tokens that Slack does not take are told with its reason, and are not shown', async (t) => {
  const { rows } = await rig(t);
  const wrong = { botToken: 'xoxb-wrong-hunter2', appToken: 'xapp-wrong-hunter2' };
  const [bot = '', socket = '', ...more] = await rows(wrong);
  assert.match(bot, /^failed Slack bot token: .*chat\.slack\.botToken.*invalid_auth/);
  assert.match(socket, /^failed Slack Socket Mode: .*chat\.slack\.appToken.*invalid_auth/);
  assert.deepEqual(more, []);
  assert.doesNotMatch(`${bot}${socket}`, /hunter2/);
});

test('Socket Mode that is off, a Slack in trouble, HTTP mode and installs each say what they are', async (t) => {
  const off = await rig(t, { app: { socketMode: false, requestUrl: 'http://127.0.0.1:9/slack/events' } });
  assert.match((await off.rows())[2] ?? '', /^failed Slack Socket Mode: .*turn Socket Mode on/);
  const nobody = { apiUrl: 'http://127.0.0.1:9/api' };
  for (const row of await off.rows(nobody)) assert.match(row, /^failed Slack .*no_answer/);
  const http = await off.rows({ mode: 'http', signingSecret: 's' });
  assert.match(http[2] ?? '', /^skipped Slack HTTP mode: .*https:\/\/chatops\.example\.com\/slack\/events/);
  const install = { install: { clientId: '1.2', clientSecret: 'hunter2' } };
  assert.match((await off.rows(install))[0] ?? '', /^skipped Slack bot token: .*\/slack\/install$/);
});

const fromOf = ({ rows }: AccessAnswer) => rows.find(([label]) => label === 'from')?.[1];

test('--access: Slack says who somebody is, where, and in which groups, and nothing is posted', async (t) => {
  const { slack, team, installation, ask } = await rig(t, {
    access: {
      rules: [
        { deny: 'help', groups: ['S0OPS'], channels: ['C0SECRET'] },
        { deny: 'whoami', users: ['slack:T024:U0BOB'] },
        { allow: 'whoami', userKinds: ['stranger'] },
      ],
    },
  });
  const alice = slack.user(team, { id: 'U0ALICE', name: 'alice' });
  const bob = slack.user(team, { id: 'U0BOB', name: 'bob' });
  slack.user(team, { id: 'U0GUEST', name: 'guest', guest: true });
  slack.user(team, { id: 'U0GONE', name: 'gone', deleted: true });
  const other = slack.workspace({ id: 'T099', name: 'Other' });
  const eve = slack.user(other, { id: 'U0EVE', name: 'eve' });
  slack.usergroup(team, { id: 'S0OPS', handle: 'ops', users: [alice] });
  const members = [alice, bob, installation.bot];
  slack.channel(team, { id: 'C0GENERAL', name: 'general', members });
  slack.channel(team, { id: 'C0SECRET', name: 'secret', kind: 'private', members });
  slack.channel(team, { id: 'C0SHARED', name: 'shared', members: [...members, eve], sharedWith: [other] });

  const alices = await ask('U0ALICE C0SECRET help');
  assert.equal(fromOf(alices), 'slack:T024:U0ALICE (member, in the groups S0OPS), in C0SECRET (private)');
  assert.equal(alices.allowed, false);
  assert.equal((await ask('U0BOB C0SECRET help')).allowed, true);
  // Nobody looks at groups where no rule that could fit names one.
  assert.equal(
    fromOf(await ask('U0ALICE C0GENERAL help')),
    'slack:T024:U0ALICE (member), in C0GENERAL (public)',
  );
  // An id alone is the person of the bot's workspace: a rule that names them by key fits.
  const bobs = await ask('U0BOB D0BOB whoami');
  assert.deepEqual([bobs.allowed, fromOf(bobs)], [false, 'slack:T024:U0BOB (member), in D0BOB (direct)']);

  const guests = await ask('U0GUEST C0GENERAL help');
  assert.match(fromOf(guests) ?? '', /^slack:T024:U0GUEST \(guest/);
  assert.deepEqual(guests.rows.at(-1), ['outcome', 'refused: nothing here is for this kind of people']);
  const eves = await ask('U0EVE C0SHARED whoami');
  assert.deepEqual([eves.allowed, fromOf(eves)], [true, 'slack:T099:U0EVE (stranger), in C0SHARED (public)']);
  const gone = await ask('U0GONE C0GENERAL help');
  assert.deepEqual(gone.rows.at(-1), ['outcome', 'refused: this account is closed']);

  assert.deepEqual([...new Set(slack.calls.map(({ method }) => method))].sort(), [
    'auth.test',
    'conversations.info',
    'usergroups.list',
    'users.info',
  ]);
});

test('--access: what is stated is taken as it is; Slack is then asked no more', async (t) => {
  const { slack, team, ask } = await rig(t, { access: { rules: [{ deny: 'help', groups: ['S1'] }] } });
  slack.user(team, { id: 'U0ALICE', name: 'alice' });
  const stated = await ask('U0ALICE C0WHERE help', {
    userKind: 'guest',
    groups: ['S1'],
    channelKind: 'group',
  });
  assert.equal(fromOf(stated), 'slack:T024:U0ALICE (guest, in the groups S1), in C0WHERE (group)');
  assert.ok(slack.calls.every(({ method }) => method === 'auth.test' || method === 'users.info'));
  const dead = { botToken: 'xoxb-dead' };
  const all = { userKind: 'member', groups: [], channelKind: 'public' } as const;
  assert.equal((await ask('U0ALICE C0WHERE help', all, dead)).allowed, true);
});

test('--access: what Slack does not say is not guessed: the option to state it is named; groups decide as in chat', async (t) => {
  const { slack, team, ask } = await rig(t, { access: { rules: [{ deny: 'help', groups: ['S1'] }] } });
  const alice = slack.user(team, { id: 'U0ALICE', name: 'alice' });
  slack.channel(team, { id: 'C0GENERAL', name: 'general', members: [alice] });
  const fails = (asking: Promise<unknown>, words: RegExp) =>
    assert.rejects(
      asking,
      (error) => error instanceof CliError && error.code === 1 && words.test(error.message),
      String(words),
    );
  await fails(
    ask('U0NOBODY C0GENERAL help'),
    /who U0NOBODY is \(user_not_found\)\. Say it with --user-kind and --groups/,
  );
  await fails(ask('U0ALICE C0NOWHERE help'), /no channel C0NOWHERE.* --channel-kind/);
  const dead = { botToken: 'xoxb-dead-hunter2' };
  await fails(ask('U0ALICE C0GENERAL help', {}, dead), /\(invalid_auth\)(?!.*hunter2)/);

  slack.weather.on('usergroups.list', { error: 'internal_error' });
  const unknown = await ask('U0ALICE C0GENERAL help');
  assert.equal(unknown.allowed, false);
  assert.match(fromOf(unknown) ?? '', /member, user groups unknown: Slack says internal_error\)/);
});

test('--access: with installs Slack is not asked, and what is assumed is said', async (t) => {
  const { slack, ask } = await rig(t);
  const install = { install: { clientId: '1.2', clientSecret: 's' } };
  const answer = await ask('U0ALICE C0GENERAL help', {}, install);
  assert.match(answer.rows.find(([label]) => label === 'note')?.[1] ?? '', /Slack is not asked/);
  const stated = { userKind: 'member', groups: [], channelKind: 'public' } as const;
  const rows = (await ask('U0ALICE C0GENERAL help', stated, install)).rows;
  assert.ok(rows.every(([label]) => label !== 'note'));
  assert.deepEqual(slack.calls, []);
});
