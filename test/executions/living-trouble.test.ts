import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatError } from '../../src/chat/chat.ts';
import { EditBudget } from '../../src/executions/living/edit-budget.ts';
import {
  alice,
  command,
  createWorld,
  eventually,
  intentOf,
  running,
  startBot,
} from '../support/executions-bot.ts';

test('edits give way: a chat that refuses them costs no result, and the end is told later', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0, pollInterval: 600_000 });
  const { ack, id, says } = await running(world, bot);
  world.chat.weather = (call) =>
    call === 'edit' ? new ChatError('rate-limited', 'ratelimited', { retryAfterMs: 30_000 }) : undefined;
  const again = bot.clock.scheduled(30_000);
  bot.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  await world.chat.message(/: succeeded after/);
  await again;
  world.chat.weather = () => undefined;
  bot.clock.advance(29_999);
  assert.equal(ack.edits, 0);
  bot.clock.advance(1);
  await says(/^✓ Succeeded/);
  assert.deepEqual(await bot.deadLetters.list(), []);
});

test('a message that was deleted is given up on, quietly', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0 });
  const { intent, id } = await running(world, bot);
  world.chat.weather = (call) => (call === 'edit' ? new ChatError('gone', 'message_not_found') : undefined);
  bot.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  await world.chat.message(/: succeeded after/);
  await eventually(async () => !(await bot.store.get(`run:${intent.correlationId}`))?.includes('pending'));
  assert.deepEqual(await bot.deadLetters.list(), []);
});

test('killed while it runs: the next instance finishes the same message, one result', async (context) => {
  const world = await createWorld(context);
  const first = await startBot(world, { announcementWait: 0 });
  const { ack, id, says, intent } = await running(world, first);
  first.executions.onStreamEvent(world.stackstorm.update(id, 'running'));
  first.clock.advance(3_000);
  await says(/Running/);
  await first.kill();
  world.stackstorm.end(id, 'succeeded');
  await startBot(world, { announcementWait: 0 });
  await says(/^✓ Succeeded after 1\.2 s/);
  await world.chat.message(/: succeeded after/);
  assert.equal(world.chat.keyed(ack.key).length, 1);
  assert.equal(world.chat.keyed(`result:${intent.correlationId}`).length, 1);
});

test('killed between the acknowledgement and its note in the row: it is found, and lives on', async (context) => {
  const world = await createWorld(context);
  const first = await startBot(world, { announcementWait: 0 });
  const replace = first.store.replace.bind(first.store);
  let writes = 0;
  // The second write is the one that notes the acknowledgement.
  first.store.replace = (...args) => (++writes === 2 ? new Promise(() => undefined) : replace(...args));
  void command(first, intentOf());
  await world.chat.message(/Requested/);
  await first.kill();
  const [id = ''] = world.stackstorm.executions.keys();
  const second = await startBot(world, { announcementWait: 0, pollInterval: 600_000 });
  await eventually(() => second.executions.openRunsOf(alice) === 1);
  await eventually(() => world.chat.calls.some(({ call }) => call === 'findPost'));
  second.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  await world.chat.message(/^✓ Succeeded/);
  assert.equal(world.chat.seen.length, 2);
});

test('killed between the result and the last edit: the next instance makes it', async (context) => {
  const world = await createWorld(context);
  const first = await startBot(world, { announcementWait: 0 });
  const { id, says, intent } = await running(world, first);
  world.chat.weather = (call) => (call === 'edit' ? new ChatError('unavailable', 'fatal_error') : undefined);
  first.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  await world.chat.message(/: succeeded after/);
  await eventually(() => first.executions.openRunsOf(alice) === 0);
  await first.kill();
  world.chat.weather = () => undefined;
  await startBot(world, { announcementWait: 0 });
  await says(/^✓ Succeeded after 1\.2 s/);
  assert.equal(world.chat.keyed(`result:${intent.correlationId}`).length, 1);
});

test('the edits of a workspace keep to its limit, and those that tell an end have room', () => {
  const budget = new EditBudget();
  let taken = 0;
  while (budget.tryTake(1_000)) taken += 1;
  assert.equal(taken, 10, 'half is left for ends');
  const waits = Array.from({ length: 55 }, () => budget.take(1_000));
  assert.deepEqual(
    waits.slice(0, 10),
    Array.from({ length: 10 }, () => 0),
  );
  assert.equal(waits[54], 60_000, '45 a minute');
  assert.equal(budget.tryTake(61_000), false);
  assert.equal(budget.tryTake(61_000 + 20_000), true);
  budget.pause(90_000, 30_000);
  assert.equal(budget.tryTake(119_999), false);
  assert.equal(budget.take(110_000), 10_000);
});

test('an edit that can wait gives way to what is being posted in its conversation', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  const { ack } = await running(world, bot);
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  world.chat.weather = (call) => (call === 'post' ? held : undefined);
  const posted = bot.delivery.post(ack.ref.place, { text: 'slow' }, { key: 'slow' });
  const post = { text: 'edited' };
  assert.deepEqual(await bot.delivery.revise(ack.ref, post, { yields: true }), {
    kind: 'later',
    code: 'busy',
  });
  assert.deepEqual(await bot.delivery.revise(ack.ref, post), { kind: 'revised' }, 'an end does not wait');
  release();
  await posted;
  assert.deepEqual(await bot.delivery.revise(ack.ref, post, { yields: true }), { kind: 'revised' });
});
