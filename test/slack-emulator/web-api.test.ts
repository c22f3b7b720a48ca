import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stage } from '../support/slack/stage.ts';

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
  const { call, inst } = await stage(t);
  assert.equal(
    (await call('chat.postMessage', { channel: inst.bot.id, text: 'x' }))['error'],
    'cannot_dm_bot',
  );
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
