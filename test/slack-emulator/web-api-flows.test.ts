import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webApi } from '@slack/bolt';
import { z } from 'zod';
import { stage } from '../support/slack/stage.ts';

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

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
  const limited = new webApi.WebClient(client.token, {
    slackApiUrl: slack.apiUrl,
    rejectRateLimitedCalls: true,
  });
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
