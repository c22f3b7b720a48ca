import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { startSlack } from '../support/slack/emulator.ts';

const ALL_SCOPES = [
  'chat:write',
  'chat:write.customize',
  'im:write',
  'mpim:write',
  'channels:history',
  'groups:history',
  'im:history',
  'channels:read',
  'groups:read',
  'im:read',
  'mpim:read',
  'users:read',
  'usergroups:read',
  'team:read',
  'files:write',
  'reactions:write',
];

/** A workspace with alice, bob (deactivated), two channels, and an app in one of them. */
async function stage(t: TestContext, scopes: readonly string[] = ALL_SCOPES) {
  let now = Date.UTC(2026, 10, 22, 12);
  const slack = await startSlack(t, { now: () => now });
  const { world } = slack;
  const team = slack.workspace({ id: 'T024', name: 'Acme' });
  const app = slack.app({ id: 'A1', botScopes: scopes, socketMode: true });
  const inst = slack.install(app, team);
  const alice = world.people.user(team, { id: 'U0ALICE', name: 'alice' });
  const bob = world.people.user(team, { id: 'U0BOB', name: 'bob', deleted: true });
  const general = world.channels.create(team, {
    id: 'C0GENERAL',
    name: 'general',
    members: [alice, inst.bot],
  });
  const random = world.channels.create(team, { id: 'C0RANDOM', members: [alice] });
  const secret = world.channels.create(team, { id: 'G0SECRET', kind: 'private', members: [alice] });
  const call = async (method: string, args: Record<string, unknown> = {}, token = inst.botToken) => {
    const response = await fetch(`${slack.apiUrl}${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(args),
    });
    return z.record(z.string(), z.unknown()).parse(await response.json());
  };
  const client = new WebClient(inst.botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
  const pass = (ms: number) => {
    now += ms;
  };
  return { slack, world, team, app, inst, alice, bob, general, random, secret, call, client, pass };
}

const button = (over: Record<string, unknown> = {}) => ({
  type: 'actions',
  elements: [{ type: 'button', action_id: 'a', text: { type: 'plain_text', text: 'Log in' }, ...over }],
});
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

/** Method, arguments, Slack's error. */
const REFUSED: readonly [string, Record<string, unknown>, string][] = [
  ['chat.postMessage', { channel: 'C0NONE', text: 'x' }, 'channel_not_found'],
  ['chat.postMessage', { channel: 'C0RANDOM', text: 'x' }, 'not_in_channel'],
  ['chat.postMessage', { channel: 'G0SECRET', text: 'x' }, 'channel_not_found'],
  ['chat.postMessage', { channel: 'U0BOB', text: 'x' }, 'user_disabled'],
  ['chat.postMessage', { channel: 'C0GENERAL' }, 'no_text'],
  ['chat.postMessage', { text: 'x' }, 'invalid_arguments'],
  ['chat.postMessage', { channel: 'C0GENERAL', text: 'x', thread_ts: '1.000001' }, 'thread_not_found'],
  ['chat.postMessage', { channel: 'C0GENERAL', text: 'x', blocks: 'no' }, 'invalid_blocks_format'],
  [
    'chat.postMessage',
    { channel: 'C0GENERAL', text: 'x', blocks: [section('y'.repeat(3001))] },
    'invalid_blocks',
  ],
  [
    'chat.postMessage',
    { channel: 'C0GENERAL', text: 'x', blocks: [button({ value: 'v'.repeat(2001) })] },
    'invalid_blocks',
  ],
  [
    'chat.postMessage',
    { channel: 'C0GENERAL', text: 'x', blocks: [button({ colour: 'red' })] },
    'invalid_blocks',
  ],
  [
    'chat.postMessage',
    { channel: 'C0GENERAL', text: 'x', blocks: [button({ url: 'no url' })] },
    'invalid_blocks',
  ],
  ['chat.postMessage', { channel: 'C0GENERAL', text: 'x', blocks: [{ type: 'modal' }] }, 'invalid_blocks'],
  [
    'chat.postMessage',
    { channel: 'C0GENERAL', text: 'x', blocks: Array(51).fill({ type: 'divider' }) },
    'invalid_blocks',
  ],
  [
    'chat.postMessage',
    { channel: 'C0GENERAL', text: 'x', blocks: Array(5).fill(section('y'.repeat(2900))) },
    'msg_blocks_too_long',
  ],
  [
    'chat.postMessage',
    { channel: 'C0GENERAL', text: 'x', metadata: { event_type: 'a' } },
    'invalid_metadata_schema',
  ],
  [
    'chat.postMessage',
    { channel: 'C0GENERAL', text: 'x', attachments: [{ blocks: [{ type: 'x' }] }] },
    'invalid_blocks',
  ],
  ['chat.postEphemeral', { channel: 'C0GENERAL', user: 'U0BOB', text: 'x' }, 'user_not_in_channel'],
  ['chat.update', { channel: 'C0GENERAL', ts: '1700000000.000001', text: 'x' }, 'message_not_found'],
  ['conversations.open', { users: 'U0BOB' }, 'user_disabled'],
  ['conversations.open', { users: 'U0NONE' }, 'user_not_found'],
  ['conversations.history', { channel: 'C0RANDOM' }, 'not_in_channel'],
  ['conversations.list', { types: 'everything' }, 'invalid_types'],
  ['conversations.list', { limit: 1001 }, 'invalid_limit'],
  ['users.info', { user: 'U0NONE' }, 'user_not_found'],
  ['usergroups.users.list', { usergroup: 'S0NONE' }, 'no_such_subteam'],
  [
    'views.open',
    { trigger_id: 'no', view: { type: 'modal', title: { type: 'plain_text', text: 'x' }, blocks: [] } },
    'invalid_trigger_id',
  ],
  [
    'views.open',
    {
      trigger_id: 'no',
      view: { type: 'modal', title: { type: 'plain_text', text: 'x'.repeat(25) }, blocks: [] },
    },
    'invalid_arguments',
  ],
  ['views.publish', { user_id: 'U0ALICE', view: { type: 'modal' } }, 'invalid_arguments'],
  ['files.completeUploadExternal', { files: [{ id: 'F0' }], channel_id: 'C0GENERAL' }, 'file_not_found'],
  ['chat.makeCoffee', {}, 'unknown_method'],
  ['apps.connections.open', {}, 'not_allowed_token_type'],
];

test('what Slack refuses is refused, with its word', async (t) => {
  const { call } = await stage(t);
  for (const [method, args, error] of REFUSED) {
    const answer = await call(method, args);
    assert.equal(
      answer['error'],
      error,
      `${method} ${JSON.stringify(args).slice(0, 200)} ${JSON.stringify(answer)}`,
    );
  }
});

test('an archived channel, and one that is gone', async (t) => {
  const { world, general, call } = await stage(t);
  world.channels.archive(general);
  assert.equal((await call('chat.postMessage', { channel: 'C0GENERAL', text: 'x' }))['error'], 'is_archived');
  world.channels.remove(general);
  assert.equal(
    (await call('chat.postMessage', { channel: 'C0GENERAL', text: 'x' }))['error'],
    'channel_not_found',
  );
});

test('tokens: missing, unknown, revoked, uninstalled, rotated', async (t) => {
  const { slack, world, team, inst, call, pass } = await stage(t);
  assert.equal((await (await fetch(`${slack.apiUrl}auth.test`)).json()).error, 'not_authed');
  assert.equal((await call('auth.test', {}, 'xoxb-nobody'))['error'], 'invalid_auth');
  assert.equal((await call('auth.test'))['user_id'], inst.bot.id);
  assert.deepEqual(await call('auth.revoke'), { ok: true, revoked: true });
  assert.equal((await call('auth.test'))['error'], 'token_revoked');

  const rotating = slack.app({ id: 'A2', tokenRotation: true, botScopes: ['chat:write'] });
  const second = slack.install(rotating, team);
  const [old, refresh] = [second.botToken, second.refreshToken ?? ''];
  pass(12 * 3600 * 1000);
  assert.equal((await call('auth.test', {}, old))['error'], 'token_expired');
  assert.equal(world.apps.refresh(rotating, refresh), second);
  assert.equal(world.apps.refresh(rotating, refresh), undefined, 'a refresh token works once');
  assert.equal((await call('auth.test', {}, second.botToken))['ok'], true);
  world.apps.uninstall(second);
  assert.equal((await call('auth.test', {}, second.botToken))['error'], 'account_inactive');
});

test('every scope that is needed is checked, named, and counted', async (t) => {
  const { world, app, call, client } = await stage(t, ['chat:write']);
  const cases: [string, Record<string, unknown>, string][] = [
    ['users.info', { user: 'U0ALICE' }, 'users:read'],
    ['team.info', {}, 'team:read'],
    ['files.getUploadURLExternal', { filename: 'a', length: 1 }, 'files:write'],
    [
      'reactions.add',
      { channel: 'C0GENERAL', name: 'eyes', timestamp: '1700000000.000001' },
      'reactions:write',
    ],
    ['chat.postMessage', { channel: 'C0GENERAL', text: 'x', username: 'Pack' }, 'chat:write.customize'],
    ['usergroups.list', {}, 'usergroups:read'],
  ];
  for (const [method, args, needed] of cases) {
    const answer = await call(method, args);
    assert.deepEqual(
      [answer['error'], answer['needed'], answer['provided']],
      ['missing_scope', needed, 'chat:write'],
    );
  }
  const posted = await client.chat.postMessage({ channel: 'U0ALICE', text: 'hello' });
  assert.match(posted.channel ?? '', /^D/, 'a DM to a user id needs chat:write alone');
  assert.deepEqual([...world.scopesNeeded(app)], ['chat:write']);
  assert.deepEqual(posted.response_metadata?.scopes, ['chat:write']);
});

test('ephemeral messages are seen by one person and are in no history', async (t) => {
  const { world, alice, general, client } = await stage(t);
  const answer = await client.chat.postEphemeral({ channel: general.id, user: alice.id, text: 'psst' });
  assert.match(answer.message_ts ?? '', /^\d+\.\d{6}$/);
  assert.equal((await client.conversations.history({ channel: general.id })).messages?.length, 0);
  assert.deepEqual(
    world.messages.seenBy(alice, general).map((one) => one.text),
    ['psst'],
  );

  const asked = world.messages.say(alice, general, { text: '!st2 list vms' });
  await client.chat.postEphemeral({
    channel: general.id,
    user: alice.id,
    text: 'in thread',
    thread_ts: asked.ts,
  });
  const texts = () => world.messages.seenBy(alice, general).map((one) => one.text);
  assert.deepEqual(texts(), ['psst', '!st2 list vms'], 'a thread without replies does not show it');
  await client.chat.postMessage({ channel: general.id, text: 'reply', thread_ts: asked.ts });
  assert.deepEqual(texts(), ['psst', '!st2 list vms', 'in thread', 'reply']);
});

test('metadata comes back only when it is asked for, in history and in threads', async (t) => {
  const { general, client } = await stage(t);
  const metadata = { event_type: 'stackstorm_post', event_payload: { key: 'k1' } };
  const parent = await client.chat.postMessage({ channel: general.id, text: 'parent' });
  await client.chat.postMessage({ channel: general.id, text: 'x', thread_ts: parent.ts ?? '', metadata });
  const thread = { channel: general.id, ts: parent.ts ?? '' };
  assert.equal((await client.conversations.replies(thread)).messages?.[1]?.metadata, undefined);
  const asked = await client.conversations.replies({ ...thread, include_all_metadata: true });
  assert.deepEqual(
    asked.messages?.map((one) => one.metadata),
    [undefined, metadata],
  );
  assert.equal(
    (await client.conversations.history({ channel: general.id })).messages?.length,
    1,
    'replies are not in history',
  );
});

test('lists come in pages', async (t) => {
  const { world, team, client } = await stage(t);
  for (let index = 0; index < 5; index += 1) world.channels.create(team, { name: `c${index}` });
  const names: (string | undefined)[] = [];
  for await (const found of client.paginate('conversations.list', { limit: 3 })) {
    const page = z.object({ channels: z.array(z.object({ name: z.string() })) }).parse(found);
    assert.ok(page.channels.length <= 3);
    names.push(...page.channels.map((one) => one.name));
  }
  assert.deepEqual(names, ['general', 'c0random', 'c0', 'c1', 'c2', 'c3', 'c4']);
});

test('a trigger works once, for three seconds; modals stack three high', async (t) => {
  const { world, app, team, alice, client, call, pass } = await stage(t);
  const view = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 'Run' }, blocks: [] };
  const first = world.trigger(app, alice, team);
  const opened = await client.views.open({ trigger_id: first, view });
  assert.equal((await call('views.open', { trigger_id: first, view }))['error'], 'exchanged_trigger_id');
  const late = world.trigger(app, alice, team);
  pass(3001);
  assert.equal((await call('views.open', { trigger_id: late, view }))['error'], 'expired_trigger_id');
  await client.views.update({ view_id: opened.view?.id ?? '', hash: opened.view?.hash ?? '', view });
  const stale = { view_id: opened.view?.id, hash: opened.view?.hash, view };
  assert.equal((await call('views.update', stale))['error'], 'hash_conflict');
  for (const expected of [undefined, undefined, 'push_limit_reached']) {
    const top = world.views.at(-1);
    const answer = await call('views.push', { trigger_id: world.trigger(app, alice, team, top), view });
    assert.equal(answer['error'], expected);
  }
  await client.views.publish({ user_id: alice.id, view: { type: 'home', blocks: [] } });
  assert.equal(world.views.filter((one) => one.kind === 'home').length, 1);
});

test('a file goes up in three steps and hangs in the thread', async (t) => {
  const { world, general, client, slack } = await stage(t);
  const parent = await client.chat.postMessage({ channel: general.id, text: 'parent' });
  const content = 'line\n'.repeat(2000);
  await client.filesUploadV2({
    channel_id: general.id,
    thread_ts: parent.ts ?? '',
    filename: 'result.txt',
    content,
    initial_comment: 'the whole result',
  });
  const message = [...general.messages.values()].at(-1);
  assert.deepEqual(
    [message?.threadTs, message?.text, message?.subtype],
    [parent.ts, 'the whole result', 'file_share'],
  );
  assert.equal(message?.files[0]?.content.toString(), content);
  assert.deepEqual(slack.violations, []);
  assert.equal(world.messages.files.length, 1);
});

test('what Slack lets pass and nobody should do is a violation', async (t) => {
  const { slack, general, client } = await stage(t);
  const parent = await client.chat.postMessage({ channel: general.id, text: 'a' });
  const reply = await client.chat.postMessage({ channel: general.id, text: 'b', thread_ts: parent.ts ?? '' });
  const post = (args: Record<string, unknown>) =>
    client.apiCall('chat.postMessage', { channel: general.id, ...args });
  await post({ text: 'x'.repeat(4001) });
  await post({ blocks: [section('x')] });
  await post({ text: '```open' });
  await post({ text: 'hey <!channel>' });
  await post({ text: 'x', thread_ts: reply.ts });
  await post({ text: 'x', shout: true });
  await post({ text: 'x', link_names: true });
  await client.chat.postMessage({ channel: '#general', text: 'x' });
  assert.deepEqual(
    slack.violations.map((one) => one.rule),
    [
      'text-long',
      'no-fallback',
      'broken-fence',
      'broadcast',
      'reply-as-parent',
      'unknown-argument',
      'auto-links',
      'channel-by-name',
    ],
  );
});

test('weather: errors, statuses, Retry-After, cuts before and after the work, holds', async (t) => {
  const { world, general, client, slack } = await stage(t);
  const post = () => client.chat.postMessage({ channel: general.id, text: 'x' });
  world.weather.on('chat.postMessage', { error: 'is_archived' });
  await assert.rejects(post(), /is_archived/);
  world.weather.on('chat.postMessage', { status: 503 });
  await assert.rejects(post(), /503/);
  world.weather.on('*', { cut: 'before' });
  await assert.rejects(post());
  assert.equal(general.messages.size, 0);
  world.weather.on('chat.postMessage', { cut: 'after' }, { when: (args) => args['text'] === 'x' });
  await assert.rejects(post());
  assert.equal(general.messages.size, 1, 'the work was done, the answer was lost');

  const storm = world.weather.on('chat.postMessage', { hold: 'before' });
  const held = post();
  await storm.reached();
  assert.equal(general.messages.size, 1);
  storm.release();
  await held;
  assert.equal(general.messages.size, 2);

  world.weather.on('chat.postMessage', { status: 429, retryAfter: 7 });
  const limited = new WebClient(client.token, { slackApiUrl: slack.apiUrl, rejectRateLimitedCalls: true });
  await assert.rejects(limited.chat.postMessage({ channel: general.id, text: 'x' }), { retryAfter: 7 });
  assert.deepEqual(
    slack.calls.slice(0, 4).map((one) => [one.httpStatus, one.cut]),
    [
      [200, false],
      [503, false],
      [0, true],
      [200, true],
    ],
  );
});

test('one post a second and channel, where the world asks for it', async (t) => {
  const { world, general, call, pass } = await stage(t);
  world.rules.postPerSecond = 1;
  const post = () => call('chat.postMessage', { channel: general.id, text: 'x' });
  assert.equal((await post())['ok'], true);
  assert.equal((await post())['error'], 'ratelimited');
  pass(1000);
  assert.equal((await post())['ok'], true);
});
