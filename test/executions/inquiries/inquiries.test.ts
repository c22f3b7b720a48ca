import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { command, createWorld, eventually, intentOf, startBot } from '../../support/executions-bot.ts';

const schema = { title: 'Which way', properties: { way: { type: 'string' } } };
/** After the question's own. */
const secondExecution = '6b03140b1a5d216f00000002';

/** A bot with one run that StackStorm took. */
async function running(context: TestContext) {
  const world = await createWorld(context);
  const bot = await startBot(world);
  const intent = intentOf();
  const outcome = await command(bot, intent);
  assert.ok(outcome?.kind === 'accepted');
  const questions = () => world.chat.texts.filter((text) => text.startsWith('◆')).length;
  return { world, bot, intent, runId: outcome.executionId, questions, ...world };
}

test('a question is asked in the thread of its command, once, however often the stream tells it', async (t) => {
  const { stackstorm, chat, bot, intent, runId, questions } = await running(t);
  const asked = stackstorm.ask(runId, { schema });
  for (let time = 0; time < 3; time++) bot.executions.onStreamEvent(asked);
  const question = await chat.message(/wire\.run_local asks: Which way/);
  assert.deepEqual(question.place, intent.place);
  bot.executions.onStreamEvent(asked);
  bot.executions.onStreamEvent(stackstorm.end(asked.data.id, 'timeout'));
  await chat.message(/Nobody answered in time/);
  assert.equal(questions(), 0);
  assert.equal(chat.keyed(`inquiry:${asked.data.id}`).length, 1);
  assert.ok(
    stackstorm.readers.every((token) => token === 'bot-token'),
    'followed with the bot credential',
  );
  assert.deepEqual(
    bot.records.filter(({ event }) => event === 'inquiry.asked').map(({ executionId }) => executionId),
    [asked.data.id],
  );
});

test('a question inside a workflow inside ours is ours; one of another workflow is not, and is asked about once', async (t) => {
  const { stackstorm, chat, bot, runId, questions } = await running(t);
  const foreign = stackstorm.ask('6b03140b1a5d216fdddddddd', { schema });
  for (let time = 0; time < 3; time++) bot.executions.onStreamEvent(foreign);
  const inner = stackstorm.ask(runId, {});
  inner.data.status = 'running';
  bot.executions.onStreamEvent(stackstorm.ask(inner.data.id, { schema }));
  await chat.message(/asks: Which way/);
  await bot.executions.stop(1_000);
  assert.equal(questions(), 1);
  assert.equal(stackstorm.asked.filter((one) => one.endsWith('dddddddd')).length, 1);
});

test('a question that comes before the answer to our POST was read', async (t) => {
  const world = await createWorld(t);
  const bot = await startBot(world);
  world.stackstorm.fate = () => {
    bot.executions.onStreamEvent(world.stackstorm.ask(secondExecution, { schema }));
    return { kind: 'accept' };
  };
  const outcome = await command(bot, intentOf());
  assert.ok(outcome?.kind === 'accepted' && outcome.executionId === secondExecution);
  await world.chat.message(/asks: Which way/);
});

test('what the stream did not say is asked at the next poll: a question, and its end', async (t) => {
  const { stackstorm, chat, bot, runId } = await running(t);
  const asked = stackstorm.ask(runId, { schema });
  await bot.clock.scheduled(15_000);
  bot.clock.advance(15_000);
  await chat.message(/asks: Which way/);
  await eventually(() => bot.records.some(({ event }) => event === 'inquiry.asked'));
  stackstorm.end(asked.data.id, 'succeeded');
  await eventually(() => {
    bot.clock.advance(15_000);
    return chat.texts.some((text) => text.includes('Answered elsewhere.'));
  });
});

test('without the permission to look at it, the question comes without what is asked', async (t) => {
  const { stackstorm, chat, bot, runId } = await running(t);
  stackstorm.hidesInquiries = true;
  bot.executions.onStreamEvent(stackstorm.ask(runId, { schema }));
  const question = await chat.message(/wire\.run_local asks something/);
  assert.match(JSON.stringify(question.post.parts), /"label":"Respond"/);
});

test('StackStorm is down while it asks: the question comes when it is back', async (t) => {
  const { stackstorm, chat, bot, runId, questions } = await running(t);
  const asked = stackstorm.ask(runId, { schema });
  stackstorm.outage = { status: 500, faultstring: 'Internal Server Error' };
  bot.executions.onStreamEvent(asked);
  await eventually(() => bot.logs.some((line) => line.includes('an inquiry waits for the next poll')));
  assert.equal(questions(), 0);
  stackstorm.outage = undefined;
  bot.executions.onStreamConnected();
  await chat.message(/asks: Which way/);
});
