import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatError } from '../../src/chat/chat.ts';
import { command, counted, createWorld, eventually, intentOf, startBot } from '../support/executions-bot.ts';

const posted = (payload: Record<string, unknown> | null, route = 'chatops') => ({
  name: `st2.announcement__${route}`,
  data: { payload, trace_context: null },
});

test('an announcement of a workflow is posted where it says, once over all instances', async (context) => {
  const world = await createWorld(context);
  world.chat.channels.set('ops', 'C9');
  const bots = [await startBot(world), await startBot(world), await startBot(world)];
  const announcement = posted({
    message: 'pre{~}post\n```\ncode\n```',
    channel: '#ops',
    user: null,
    whisper: false,
    context: null,
    extra: { slack: { color: 'danger' } },
  });
  for (const bot of bots) bot.executions.onStreamEvent(announcement);
  const seen = await world.chat.message(/pre/);
  assert.equal(seen.place?.channel, 'C9');
  assert.deepEqual(seen.post.extra, { slack: { color: 'danger' } });
  assert.deepEqual(seen.post.parts, [
    { type: 'text', text: 'pre', isFormatted: true },
    { type: 'text', text: 'post', isFormatted: true },
    { type: 'code', text: 'code' },
  ]);

  // Said again, it is posted again: by the instance that heard it first.
  for (const bot of bots) bot.executions.onStreamEvent(announcement);
  await world.chat.until(() => (world.chat.seen.length >= 2 ? true : undefined));
  const last = posted({ message: 'last', channel: 'ops' });
  for (const bot of bots) bot.executions.onStreamEvent(last);
  await world.chat.message(/last/);
  for (const bot of bots) await bot.executions.stop(1000);
  assert.equal(world.chat.seen.length, 3);
});

test('a whisper goes to its user; an unknown channel or user is a dead letter', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  bot.executions.onStreamEvent(posted({ message: 'for you', channel: 'ops', user: 'U7', whisper: true }));
  assert.equal((await world.chat.message(/for you/)).user, 'U7');
  bot.executions.onStreamEvent(posted({ message: 'nowhere', channel: 'no-such-channel' }));
  bot.executions.onStreamEvent(posted({ message: 'nobody', channel: 'ops', user: 'x', whisper: true }));
  await eventually(async () => (await bot.deadLetters.list()).length === 2);
  const reasons = (await bot.deadLetters.list()).map(({ reason }) => reason);
  assert.deepEqual(reasons.sort(), ['channel-unknown', 'user-unknown']);
  assert.equal(world.chat.seen.length, 1);
});

test('a user that is meant stands before what is said, as plain text', async (context) => {
  const world = await createWorld(context);
  world.chat.channels.set('ops', 'C9');
  const bot = await startBot(world);
  bot.executions.onStreamEvent(posted({ message: 'look', channel: 'ops', user: 'carol' }));
  assert.equal((await world.chat.message(/look/)).post.text, '@carol: look');
});

test('on our own route what is not ours is left to the bot that it is for', async (context) => {
  const world = await createWorld(context);
  world.chat.channels.set('ops', 'C9');
  const bot = await startBot(world);
  const foreign = { message: 'of err-stackstorm', channel: 'ops', context: { backend: 'slack' } };
  bot.executions.onStreamEvent(posted(foreign, 'errbot'));
  bot.executions.onStreamEvent(posted({ message: 'of a workflow', channel: 'ops' }));
  await world.chat.message(/of a workflow/);
  assert.equal(world.chat.seen.length, 1);
});

test('what is odd on the stream harms nothing', async (context) => {
  const world = await createWorld(context);
  world.chat.channels.set('ops', 'C9');
  const bot = await startBot(world);
  for (const data of [
    null,
    7,
    'x',
    {},
    { payload: 'x' },
    { payload: null },
    { payload: { message: null } },
  ]) {
    bot.executions.onStreamEvent({ name: 'st2.announcement__chatops', data });
    bot.executions.onStreamEvent({ name: 'st2.execution__update', data });
  }
  bot.executions.onStreamEvent(posted({ message: 'other route', channel: 'ops' }, 'elsewhere'));
  bot.executions.onStreamEvent(posted({ message: { a: 1 }, channel: 'ops' }));
  const seen = await world.chat.message(/"a": 1/);
  assert.equal(world.chat.seen[0], seen);
});

test('an announcement with an id of ours that nobody has open is posted nowhere', async (context) => {
  const world = await createWorld(context);
  world.chat.channels.set('C1', 'C1');
  const bot = await startBot(world);
  const forged = { bolt_correlation_id: 'c00000000000000000000000000000000' };
  bot.executions.onStreamEvent(posted({ message: 'forged', channel: 'C1', context: forged }));
  await eventually(async () => (await counted(bot, 'not-mine')) === 1);
  assert.equal(world.chat.seen.length, 0);
});

test('a run whose thread is filled by whoever copied its id is heard a hundred times', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  await command(bot, intentOf());
  const [id = ''] = world.stackstorm.executions.keys();
  for (let n = 0; n < 120; n++) bot.executions.onStreamEvent(world.stackstorm.announcement(id, `spam ${n}`));
  await eventually(async () => (await counted(bot, 'message-dropped')) === 20);
  assert.equal(world.chat.seen.length, 101);
});

test('a channel is asked for again where the platform is busy', async (context) => {
  const world = await createWorld(context);
  world.chat.channels.set('ops', 'C9');
  const bot = await startBot(world);
  world.chat.weather = (call) =>
    call === 'resolveChannel'
      ? new ChatError('rate-limited', 'ratelimited', { retryAfterMs: 3_000 })
      : undefined;
  const waits = bot.clock.scheduled(3_000);
  bot.executions.onStreamEvent(posted({ message: 'patient', channel: 'ops' }));
  await waits;
  world.chat.weather = () => undefined;
  bot.clock.advance(3_000);
  await world.chat.message(/patient/);
});

test('with the route hubot the results come on chatops', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { routeKey: 'hubot', announcementRoutes: [] });
  assert.deepEqual(bot.executions.streamEvents, ['st2.execution__update', 'st2.announcement__chatops']);
});
