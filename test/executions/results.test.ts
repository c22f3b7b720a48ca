import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatError } from '../../src/chat/chat.ts';
import {
  command,
  counted,
  createWorld,
  eventually,
  intentOf,
  startBot,
  thread,
} from '../support/executions-bot.ts';
import { notifyRule } from '../support/scripted-answers.ts';

test('without an announcement the result is our own, once the wait is over; a later announcement is dropped', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 7_000 });
  const intent = intentOf();
  await command(bot, intent);
  const [id = ''] = world.stackstorm.executions.keys();
  const waits = bot.clock.scheduled(7_000);
  bot.executions.onStreamEvent(
    world.stackstorm.end(id, 'failed', {
      return_code: 3,
      stdout: '',
      stderr: 'oops',
      failed: true,
      succeeded: false,
    }),
  );
  await waits;
  bot.clock.advance(6_999);
  assert.equal(world.chat.keyed(`result:${intent.correlationId}`).length, 0);
  bot.clock.advance(1);
  const result = await world.chat.message(/wire\.run_local: failed after 1\.2 s/);
  assert.match(result.post.text, /oops/);
  assert.match(result.post.text, new RegExp(id));
  await eventually(() => bot.executions.openRunsOf(intent.user) === 0);
  bot.executions.onStreamEvent(world.stackstorm.announcement(id, 'too late'));
  assert.equal(world.chat.keyed(`result:${intent.correlationId}`).length, 1);
  assert.ok(!world.chat.texts.includes('too late'));
  assert.equal(await counted(bot, 'late-announcement'), 1);
  assert.equal(await counted(bot, 'tracker'), 1);
});

test('where no rule answers our route nothing is waited for', async (context) => {
  const world = await createWorld(context);
  world.stackstorm.rules = [notifyRule('hubot'), { ...notifyRule('errbot'), enabled: false }];
  const bot = await startBot(world);
  bot.executions.onStreamConnected();
  await command(bot, intentOf());
  const [id = ''] = world.stackstorm.executions.keys();
  bot.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  await world.chat.message(/: succeeded after/);
});

test('an announcement with our id before the end is a message, not the result', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  const intent = intentOf();
  await command(bot, intent);
  const [id = ''] = world.stackstorm.executions.keys();
  const forged = 'status : succeeded, all servers deleted';
  bot.executions.onStreamEvent(world.stackstorm.announcement(id, forged, { channel: 'CELSEWHERE' }));
  const message = await world.chat.message(/all servers deleted/);
  assert.ok(message.key.startsWith('message:'));
  assert.deepEqual(message.place, thread);

  bot.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  bot.executions.onStreamEvent(world.stackstorm.announcement(id, 'the true one'));
  const result = await world.chat.message(/the true one/);
  assert.equal(result.key, `result:${intent.correlationId}`);
  assert.match(
    result.post.text,
    new RegExp(`succeeded · execution ${id}`),
    'names the execution of our POST',
  );
});

test('an announcement that comes before the news of the end makes us ask', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  const intent = intentOf();
  await command(bot, intent);
  const [id = ''] = world.stackstorm.executions.keys();
  const update = world.stackstorm.end(id, 'succeeded');
  bot.executions.onStreamEvent(world.stackstorm.announcement(id, 'first of all'));
  assert.equal((await world.chat.message(/first of all/)).key, `result:${intent.correlationId}`);
  assert.ok(world.stackstorm.asked.includes(`GET /api/v1/executions/${id}`));
  bot.executions.onStreamEvent(update);
  bot.clock.advance(60_000);
  assert.equal(world.chat.keyed(`result:${intent.correlationId}`).length, 1);
});

test('an end and an announcement that overtake the answer to the POST are not lost', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  const intent = intentOf();
  world.stackstorm.fate = (run) => {
    const execution = world.stackstorm.accept(run);
    const ended = world.stackstorm.end(execution.id, 'succeeded');
    bot.executions.onStreamEvent(ended);
    bot.executions.onStreamEvent(world.stackstorm.announcement(execution.id, 'very fast'));
    // The 201 that follows is of the same execution.
    world.stackstorm.accept = () => execution;
    return { kind: 'accept' };
  };
  await command(bot, intent);
  assert.equal((await world.chat.message(/very fast/)).key, `result:${intent.correlationId}`);
  assert.ok(world.chat.seen[0]?.key.startsWith('ack:'), 'the acknowledgement comes first');
});

test('an end that overtakes the answer to the POST needs no poll', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0 });
  world.stackstorm.fate = (run) => {
    const execution = world.stackstorm.accept(run);
    bot.executions.onStreamEvent(world.stackstorm.end(execution.id, 'succeeded'));
    world.stackstorm.accept = () => execution;
    return { kind: 'accept' };
  };
  await command(bot, intentOf());
  await world.chat.message(/: succeeded after/);
});

test('a stream cut into whose gap the announcement falls costs no result', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  const intent = intentOf();
  await command(bot, intent);
  const [id = ''] = world.stackstorm.executions.keys();
  world.stackstorm.end(id, 'timeout');
  bot.clock.advance(5_000);
  const waits = bot.clock.scheduled(5_000);
  bot.executions.onStreamConnected();
  await waits;
  assert.equal(world.chat.seen.length, 1, 'the announcement may still come');
  bot.clock.advance(5_000);
  await world.chat.message(/: timeout after/);
  assert.equal(world.chat.keyed(`result:${intent.correlationId}`).length, 1);
});

test('a stream that says nothing is caught by the poll', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0 });
  await command(bot, intentOf());
  const [id = ''] = world.stackstorm.executions.keys();
  world.stackstorm.end(id, 'canceled');
  bot.clock.advance(15_000);
  await world.chat.message(/: canceled after/);
});

test('an execution that StackStorm has forgotten is told of', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  await command(bot, intentOf());
  const [id = ''] = world.stackstorm.executions.keys();
  world.stackstorm.executions.delete(id);
  bot.executions.onStreamConnected();
  await world.chat.message(/does not know execution/);
});

test('a result outlasts a StackStorm and a chat that are down', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0 });
  const intent = intentOf();
  await command(bot, intent);
  const [id = ''] = world.stackstorm.executions.keys();
  world.stackstorm.end(id, 'succeeded');
  world.stackstorm.outage = { status: 503, faultstring: 'Nginx is unable to reach st2api.' };
  world.chat.weather = (call) => (call === 'post' ? new ChatError('unavailable', 'fatal_error') : undefined);
  const again = bot.clock.scheduled(15_000);
  bot.clock.advance(15_000);
  await again;
  world.stackstorm.outage = undefined;
  const backoff = bot.clock.scheduled(250);
  bot.clock.advance(15_000);
  bot.clock.advance(15_000);
  await backoff;
  world.chat.weather = () => undefined;
  bot.clock.advance(250);
  await world.chat.message(/: succeeded after/);
  assert.equal(world.chat.keyed(`result:${intent.correlationId}`).length, 1);
});

test('a place that takes no result: a dead letter, and the person has it in private', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0 });
  const intent = intentOf();
  await command(bot, intent);
  const [id = ''] = world.stackstorm.executions.keys();
  world.chat.weather = (call) =>
    call === 'post' ? new ChatError('cannot-deliver', 'not_in_channel') : undefined;
  bot.executions.onStreamEvent(
    world.stackstorm.end(id, 'succeeded', { stdout: 'the output', return_code: 0 }),
  );
  const told = await world.chat.message(/could not post this in C1 because not_in_channel/);
  assert.equal(told.user, 'U1');
  assert.match(told.post.text, /the output/);
  const [letter] = await bot.deadLetters.list();
  assert.equal(letter?.reason, 'not_in_channel');
  assert.equal(letter?.asker, 'test:T1:U1');
  assert.ok(
    bot.records.some(
      ({ event, outcome }) => event === 'message.undeliverable' && outcome === 'cannot-deliver',
    ),
  );
});

test('the text of StackStorm’s stock template gives way to the result as its runner has it; an author’s does not', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  const result = { stdout: 'up', stderr: 'a warning', return_code: 0 };
  const ask = async (message: string, more: Record<string, unknown> = {}) => {
    const intent = intentOf();
    await command(bot, intent);
    const id = [...world.stackstorm.executions.keys()].at(-1) ?? '';
    bot.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded', result));
    bot.executions.onStreamEvent(world.stackstorm.announcement(id, message, more));
    const key = `result:${intent.correlationId}`;
    return (await world.chat.until(() => world.chat.keyed(key)[0])).post.text;
  };
  const stock = '\nAction wire.run completed.\nstatus : succeeded\nexecution: x\nresult :\n---\nup';
  assert.match(await ask(stock), /^wire\.run_local: succeeded after 1\.2 s\nstdout\nup\nstderr\na warning\n/);
  assert.match(await ask('All is well: status : succeeded'), /^All is well/);
  assert.match(await ask(stock, { extra: { slack: { color: 'good' } } }), /^Action wire\.run completed/);
  await eventually(async () => (await counted(bot, 'announcement')) === 3);
});

test('a workflow’s result names its tasks, as StackStorm lists them; where it does not, the result comes without', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0 });
  world.stackstorm.runner = 'orquesta';
  const task = (name: string, status: string, second: number) => ({
    id: name,
    status,
    start_timestamp: `2026-11-22T16:10:0${second}.000000Z`,
    action: { ref: `ci.${name}` },
    context: { orquesta: { task_name: name } },
  });
  world.stackstorm.tasks = [task('deploy', 'failed', 2), task('build', 'succeeded', 1)];
  const result = { output: null, errors: [{ type: 'error', task_id: 'deploy', message: 'no such image' }] };
  const ask = async () => {
    const intent = intentOf();
    await command(bot, intent);
    const id = [...world.stackstorm.executions.keys()].at(-1) ?? '';
    bot.executions.onStreamEvent(world.stackstorm.end(id, 'failed', result));
    return (await world.chat.until(() => world.chat.keyed(`result:${intent.correlationId}`)[0])).post.text;
  };
  assert.match(
    await ask(),
    /^wire\.run_local: failed after 1\.2 s\n1 of 2 tasks failed: deploy\ndeploy: no such image\ntasks\n[\s\S]*build +succeeded +ci\.build\ndeploy +failed/,
  );
  world.stackstorm.tasks = undefined;
  assert.match(await ask(), /failed after 1\.2 s\ndeploy: no such image\nexecution/);
});
