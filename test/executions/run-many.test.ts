import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditError } from '../../src/ops/audit.ts';
import { createWorld, eventually, grant, intentOf, startBot } from '../support/executions-bot.ts';

test('the runs of one multiple match share an acknowledgement that lists them', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0 });
  world.stackstorm.fate = (run) =>
    run.command === 'fix CC-3'
      ? { kind: 'refuse', status: 400, faultstring: 'no such issue' }
      : { kind: 'accept' };
  const commands = ['fix AA-1', 'fix BB-2', 'fix CC-3'];
  const runs = await Promise.all(commands.map((text) => bot.executions.intend(intentOf({ command: text }))));
  const outcomes = await bot.executions.runMany(runs, grant);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['accepted', 'accepted', 'refused'],
  );
  const [ack, refusal] = world.chat.seen;
  assert.match(ack?.post.text ?? '', /taken 2 of 3[\s\S]*fix AA-1 \(execution[\s\S]*fix CC-3 \(not run\)/);
  assert.match(refusal?.post.text ?? '', /no such issue/);
  assert.equal(refusal?.user, 'U1');
  for (const id of world.stackstorm.executions.keys()) {
    bot.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  }
  await world.chat.until(() =>
    world.chat.texts.filter((text) => /: succeeded/.test(text)).length === 2 ? true : undefined,
  );
});

test('the shared acknowledgement of runs without results tells each end', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  const base = intentOf();
  const alias = { ...base.alias, result: { enabled: false } };
  const runs = await Promise.all(
    ['fix AA-1', 'fix BB-2'].map((text) => bot.executions.intend(intentOf({ command: text, alias }))),
  );
  await bot.executions.runMany(runs, grant);
  const [first = '', second = ''] = world.stackstorm.executions.keys();
  bot.executions.onStreamEvent(world.stackstorm.end(first, 'succeeded'));
  bot.executions.onStreamEvent(world.stackstorm.end(second, 'failed'));
  const ack = await world.chat.message(
    /AA-1 \(execution \w+: succeeded\)[\s\S]*BB-2 \(execution \w+: failed\)/,
  );
  assert.equal(world.chat.seen.length, 1);
  assert.ok(ack.edits >= 1);
});

test('runs that end before their shared acknowledgement is posted are told by it, once', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  const base = intentOf();
  const alias = { ...base.alias, result: { enabled: false } };
  const runs = await Promise.all(
    ['fix AA-1', 'fix BB-2'].map((text) => bot.executions.intend(intentOf({ command: text, alias }))),
  );
  let clears: () => void = () => undefined;
  const storm = new Promise<void>((resolve) => {
    clears = resolve;
  });
  world.chat.weather = (call) => (call === 'post' ? storm : undefined);
  const outcomes = bot.executions.runMany(runs, grant);
  await eventually(() => world.chat.calls.length === 1);
  for (const id of world.stackstorm.executions.keys()) {
    bot.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  }
  clears();
  await outcomes;
  await world.chat.message(/AA-1 \(execution \w+: succeeded\)[\s\S]*BB-2 \(execution \w+: succeeded\)/);
  assert.equal(world.chat.seen.length, 1);
});

test('a fault in the middle of several runs: what was taken is listed, the rest is dropped', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  world.stackstorm.fate = () => {
    bot.audit.isBroken = new AuditError();
    return { kind: 'accept' };
  };
  const intents = ['fix AA-1', 'fix BB-2', 'fix CC-3'].map((text) => intentOf({ command: text }));
  const runs = await Promise.all(intents.map((intent) => bot.executions.intend(intent)));
  const outcomes = await bot.executions.runMany(runs, grant);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['accepted', 'refused', 'refused'],
  );
  assert.match(world.chat.texts[0] ?? '', /taken 1 of 3/);
  assert.match(world.chat.texts[1] ?? '', /A fault of my own/);
  assert.equal(await bot.store.get(`run:${intents[2]?.correlationId}`), undefined);
  assert.equal(world.stackstorm.runs.length, 1);
});
