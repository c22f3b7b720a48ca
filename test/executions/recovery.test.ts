import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  alice,
  command,
  counted,
  createWorld,
  eventually,
  grant,
  intentOf,
  startBot,
  type World,
} from '../support/executions-bot.ts';

const results = (world: World, correlationId: string) => world.chat.keyed(`result:${correlationId}`).length;

test('killed between claim and POST: the restart tells the person that it was not run', async (context) => {
  const world = await createWorld(context);
  const first = await startBot(world);
  const intent = intentOf();
  await Promise.all([
    first.claims.claim(intent.eventId, intent.correlationId),
    first.executions.intend(intent),
  ]);
  await first.kill();

  const second = await startBot(world);
  await second.clock.scheduled(30_000);
  second.clock.advance(30_000);
  await world.chat.message(/it was not run/);
  assert.equal(world.stackstorm.runs.length, 0);
  await eventually(async () => (await second.store.get(`run:${intent.correlationId}`)) === undefined);
});

test('killed with an intent that lost its claim: nothing is said', async (context) => {
  const world = await createWorld(context);
  const first = await startBot(world);
  const intent = intentOf();
  await first.claims.claim(intent.eventId, 'c-of-another');
  await first.executions.intend(intent);
  await first.kill();

  const second = await startBot(world);
  await eventually(async () => (await second.store.get(`run:${intent.correlationId}`)) === undefined);
  assert.equal(world.chat.seen.length, 0);
});

test('killed between the POST and its answer: one execution, one result', async (context) => {
  const world = await createWorld(context);
  const first = await startBot(world);
  const intent = intentOf();
  world.stackstorm.fate = () => ({ kind: 'accept-then', answer: 'nothing' });
  const [, run] = await Promise.all([
    first.claims.claim(intent.eventId, intent.correlationId),
    first.executions.intend(intent),
  ]);
  first.executions.run(run, grant).catch(() => undefined);
  await eventually(() => world.stackstorm.executions.size === 1);
  await first.kill();

  const second = await startBot(world, { announcementWait: 0 });
  const [id = ''] = world.stackstorm.executions.keys();
  await world.chat.message(new RegExp(`execution ${id} · asked by U1 · run as alice`));
  second.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  await world.chat.message(/: succeeded after/);
  assert.equal(world.stackstorm.runs.length, 1);
  assert.equal(results(world, intent.correlationId), 1);
});

test('killed between acknowledgement and result, which comes while nobody listens: one result', async (context) => {
  const world = await createWorld(context);
  const first = await startBot(world);
  const intent = intentOf();
  await command(first, intent);
  await first.kill();
  const [id = ''] = world.stackstorm.executions.keys();
  world.stackstorm.end(id, 'succeeded');
  world.time.advance(11_000);

  await startBot(world);
  await world.chat.message(/: succeeded after/);
  assert.equal(results(world, intent.correlationId), 1);
  assert.equal(
    world.chat.keyed(`ack:${intent.correlationId}`).length,
    1,
    'the acknowledgement stood already',
  );
});

test('killed before the acknowledgement: the next instance acknowledges', async (context) => {
  const world = await createWorld(context);
  const first = await startBot(world);
  world.chat.weather = (call) => (call === 'post' ? new Promise(() => undefined) : undefined);
  const intent = intentOf();
  command(first, intent).catch(() => undefined);
  await eventually(() => world.chat.calls.some(({ call }) => call === 'post'));
  await first.kill();
  world.chat.weather = () => undefined;
  await startBot(world);
  await world.chat.message(/Requested · wire.run_local/);
  assert.equal(world.chat.keyed(`ack:${intent.correlationId}`).length, 1);
});

test('killed after the post of the result, before it was noted: the restart finds it', async (context) => {
  const world = await createWorld(context);
  const first = await startBot(world, { announcementWait: 0 });
  const intent = intentOf();
  await command(first, intent);
  const [id = ''] = world.stackstorm.executions.keys();
  const posted = world.chat.until(() => world.chat.keyed(`result:${intent.correlationId}`)[0]);
  // The post stands; its answer never arrives.
  const { post } = first.platform;
  first.platform.post = async (...given) => {
    await post.apply(first.platform, given);
    return await new Promise(() => undefined);
  };
  first.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  await posted;
  await first.kill();

  const second = await startBot(world);
  await eventually(async () => (await counted(second, 'found')) === 1);
  assert.equal(results(world, intent.correlationId), 1);
});

test('killed between the end and the post: the restart posts', async (context) => {
  const world = await createWorld(context);
  const first = await startBot(world);
  const intent = intentOf();
  await command(first, intent);
  const [id = ''] = world.stackstorm.executions.keys();
  first.executions.onStreamEvent(world.stackstorm.end(id, 'failed'));
  await eventually(() => first.records.some(({ event }) => event === 'execution.finished'));
  await first.kill();
  await startBot(world);
  await world.chat.message(/: failed after/);
  assert.equal(results(world, intent.correlationId), 1);
});

test('two instances hear the stream: one result, from the one that owns the run', async (context) => {
  const world = await createWorld(context);
  const bots = [await startBot(world), await startBot(world)] as const;
  const intents = [intentOf(), intentOf(), intentOf(), intentOf()];
  for (const [index, intent] of intents.entries()) await command(index % 2 === 0 ? bots[0] : bots[1], intent);
  for (const id of world.stackstorm.executions.keys()) {
    const events = [
      world.stackstorm.end(id, 'succeeded'),
      world.stackstorm.announcement(id, `result of ${id}`),
    ];
    for (const event of events) for (const bot of bots) bot.executions.onStreamEvent(event);
  }
  for (const intent of intents) {
    await world.chat.until(() => world.chat.keyed(`result:${intent.correlationId}`)[0]);
  }
  world.time.advance(120_000);
  for (const bot of bots) await eventually(() => bot.executions.openRunsOf(alice) === 0);
  for (const intent of intents) assert.equal(results(world, intent.correlationId), 1);
});

test('a live instance takes over from one on another machine once its lease has run out', async (context) => {
  const world = await createWorld(context);
  const far = await startBot(world);
  const intent = intentOf();
  await command(far, intent);
  const near = await startBot(world, { announcementWait: 0, pollInterval: 14_000 });
  await near.clock.scheduled(15_000);
  assert.equal(near.executions.openRunsOf(alice), 0, 'the look through the rows leaves the living alone');
  // As of a lost machine: its process cannot be asked after, so that only its lease says that it is gone.
  far.clock.stop();
  const [id = ''] = world.stackstorm.executions.keys();
  near.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  world.time.advance(15_000);
  assert.equal(results(world, intent.correlationId), 0);
  world.time.advance(16_000);
  await eventually(() => near.logs.some((line) => line.includes('taken over')));
  await world.chat.message(/: succeeded after/);

  // It was only asleep: what it hears now is not its own any more.
  far.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  far.executions.onStreamEvent(world.stackstorm.announcement(id, 'late'));
  await eventually(() => far.executions.openRunsOf(intent.user) === 0);
  assert.equal(results(world, intent.correlationId), 1);
});

test('a graceful stop finishes what it can and hands the rest on', async (context) => {
  const world = await createWorld(context);
  const first = await startBot(world);
  const intent = intentOf();
  await command(first, intent);
  const stopping = first.executions.stop(5_000);
  const late = await first.executions.run(await first.executions.intend(intentOf()), grant);
  assert.deepEqual(late, { kind: 'refused', code: 'stopping' });
  await stopping;
  await world.chat.message(/just being restarted, so nothing was run/);
  assert.equal(world.stackstorm.runs.length, 1);

  const second = await startBot(world, { announcementWait: 0 });
  await eventually(() => second.logs.some((line) => line.includes('taken over')));
  const [id = ''] = world.stackstorm.executions.keys();
  await eventually(() => second.executions.openRunsOf(intent.user) === 1);
  second.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  await world.chat.message(/: succeeded after/);
  assert.equal(results(world, intent.correlationId), 1);
});

test('an instance that slept with an intent does not post it after another one took it over', async (context) => {
  const world = await createWorld(context);
  const far = await startBot(world);
  const intent = intentOf();
  const [, run] = await Promise.all([
    far.claims.claim(intent.eventId, intent.correlationId),
    far.executions.intend(intent),
  ]);
  far.clock.stop();
  const near = await startBot(world);
  world.time.advance(31_000);
  await eventually(() => near.logs.some((line) => line.includes('taken over')));
  assert.deepEqual(await far.executions.run(run, grant), { kind: 'uncertain' });
  await near.clock.scheduled(30_000);
  near.clock.advance(30_000);
  await world.chat.message(/it was not run/);
  assert.equal(world.stackstorm.runs.length, 0);
});
