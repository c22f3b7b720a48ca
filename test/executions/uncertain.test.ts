import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Bot,
  command,
  createWorld,
  eventually,
  intentOf,
  running,
  startBot,
  type World,
} from '../support/executions-bot.ts';
import type { ScriptedStackStorm } from '../support/scripted-stackstorm.ts';

const searches = (stackstorm: ScriptedStackStorm) =>
  stackstorm.asked.filter((asked) => asked === 'GET /api/v1/executions').length;

/** The search after next comes 30 s after the first. */
async function nextSearch(bot: Bot, stackstorm: ScriptedStackStorm): Promise<void> {
  const before = searches(stackstorm);
  await bot.clock.scheduled(30_000);
  bot.clock.advance(30_000);
  await eventually(() => searches(stackstorm) > before);
}

for (const answer of ['server-error', 'cut'] as const) {
  test(`a POST that StackStorm took and answered with ${answer} is found, never repeated`, async (context) => {
    const world = await createWorld(context);
    const bot = await startBot(world, { announcementWait: 0 });
    world.stackstorm.fate = () => ({ kind: 'accept-then', answer });
    const intent = intentOf();
    assert.deepEqual(await command(bot, intent), { kind: 'uncertain' });
    const [id = ''] = world.stackstorm.executions.keys();
    const ack = await world.chat.message(new RegExp(`execution ${id}`));
    assert.equal(ack.key, `ack:${intent.correlationId}`);
    assert.equal(ack.edits, 1, 'the notice became the acknowledgement');
    await eventually(() => bot.records.some(({ event }) => event === 'execution.accepted'));
    bot.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
    await world.chat.message(/: succeeded after/);
    assert.equal(world.stackstorm.runs.length, 1);
    assert.equal(world.chat.keyed(`result:${intent.correlationId}`).length, 1);
  });
}

test('a POST that StackStorm never took: two searches 30 s apart, then the person is told', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  world.stackstorm.fate = () => ({ kind: 'lose' });
  const intent = intentOf();
  assert.deepEqual(await command(bot, intent), { kind: 'uncertain' });
  await eventually(() => searches(world.stackstorm) === 1);
  assert.match(world.chat.texts[0] ?? '', /finding out whether it took the command/);
  await nextSearch(bot, world.stackstorm);
  const told = await world.chat.message(/did not take the command: it was not run/);
  assert.match(
    told.post.text,
    new RegExp(intent.correlationId),
    'the request id is ours, known without an answer',
  );
  assert.equal(world.chat.seen.length, 1);
  await eventually(async () => (await bot.store.get(`run:${intent.correlationId}`)) === undefined);
  assert.equal(world.stackstorm.runs.length, 1);
  assert.equal(bot.records.at(-1)?.outcome, 'not-taken');
});

test('the execution of somebody who copied the id later is not ours', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  world.stackstorm.fate = (run) => {
    const ours = world.stackstorm.accept(run);
    world.time.advance(5);
    world.stackstorm.accept(run, 'mallory');
    world.stackstorm.executions.delete(ours.id);
    world.stackstorm.executions.set(ours.id, ours);
    return { kind: 'lose' };
  };
  await command(bot, intentOf());
  const ack = await world.chat.message(/run as alice/);
  assert.match(ack.post.text, /execution 6b03140b1a5d216f00000001/);
});

test('while StackStorm is down the search goes on; a bot that may not see executions says so', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  world.stackstorm.fate = () => ({ kind: 'lose' });
  world.stackstorm.outage = { status: 500, faultstring: 'Internal Server Error' };
  await command(bot, intentOf());
  await eventually(() => searches(world.stackstorm) === 1);
  await nextSearch(bot, world.stackstorm);
  await nextSearch(bot, world.stackstorm);
  assert.match(world.chat.texts[0] ?? '', /finding out/, 'silence proves nothing');
  world.stackstorm.outage = { status: 403, faultstring: 'no permission' };
  await nextSearch(bot, world.stackstorm);
  await world.chat.message(/cannot find out whether it took the command/);
});

/** A run that has ended, and the intent to run it once more. */
async function ended(world: World, bot: Bot) {
  const { id } = await running(world, bot);
  bot.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  await world.chat.message(/: succeeded after/);
  world.time.advance(60_000);
  return { id, again: intentOf({ rerunOf: id, format: '', command: `execution rerun ${id}` }) };
}

test('a rerun without an answer is found by what it repeats, never made twice', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0 });
  const { id, again } = await ended(world, bot);
  world.stackstorm.rerunFate = 'cut';
  assert.deepEqual(await command(bot, again), { kind: 'uncertain' });
  const ack = await world.chat.message(new RegExp(`once more ${id}`));
  assert.match(ack.post.text, /run as alice/);
  const made = [...world.stackstorm.executions.keys()].at(-1) ?? assert.fail();
  await eventually(() => bot.records.at(-1)?.event === 'execution.accepted');
  bot.executions.onStreamEvent(world.stackstorm.end(made, 'succeeded'));
  await world.chat.until(() => world.chat.keyed(`result:${again.correlationId}`)[0]);
  assert.deepEqual(world.stackstorm.reruns, [id]);
});

test('a rerun that was never taken is told to be none; one of two at a time is nobody’s to claim', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0 });
  const { id, again } = await ended(world, bot);
  world.stackstorm.rerunFate = 'lose';
  assert.deepEqual(await command(bot, again), { kind: 'uncertain' });
  await nextSearch(bot, world.stackstorm);
  await world.chat.message(/did not take the command: it was not run/);

  world.stackstorm.rerunFate = 'cut';
  world.stackstorm.rerun(id, 'mallory');
  const other = intentOf({ rerunOf: id, format: '', command: `execution rerun ${id}` });
  assert.deepEqual(await command(bot, other), { kind: 'uncertain' });
  await world.chat.message(/cannot find out/);
  assert.ok(!world.chat.texts.some((text) => text.includes('mallory')));
});

test('a rerun whose bot was killed before the answer is found by the next one', async (context) => {
  const world = await createWorld(context);
  const first = await startBot(world, { announcementWait: 0 });
  const { id, again } = await ended(world, first);
  await first.claims.claim(again.eventId, again.correlationId);
  await first.executions.intend(again);
  const made = world.stackstorm.rerun(id);
  await first.kill();
  const second = await startBot(world, { announcementWait: 0 });
  await world.chat.message(new RegExp(`once more ${id}`));
  second.executions.onStreamEvent(world.stackstorm.end(made.id, 'succeeded'));
  await world.chat.until(() => world.chat.keyed(`result:${again.correlationId}`)[0]);
  assert.deepEqual(world.stackstorm.reruns, []);
});
