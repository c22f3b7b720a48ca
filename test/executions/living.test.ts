import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatError } from '../../src/chat/chat.ts';
import { LivingMessage } from '../../src/executions/living/living-message.ts';
import {
  alice,
  command,
  createWorld,
  eventually,
  grant,
  intentOf,
  running,
  startBot,
} from '../support/executions-bot.ts';

test('one message tells how far a run is, and once that it ended', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0, pollInterval: 600_000 });
  const { ack, id, says } = await running(world, bot);
  assert.match(ack.post.text, /^○ Requested · wire\.run_local\n/);
  assert.match(ack.post.text, /asked by U1 · run as alice · https:/);
  bot.executions.onStreamEvent(world.stackstorm.update(id, 'running'));
  bot.clock.advance(2_999);
  assert.equal(ack.edits, 0, 'not within 3 s');
  const tick = bot.clock.scheduled(5_000);
  bot.clock.advance(1);
  await says(/^◑ Running for 3\.0 s · wire/);
  await tick;
  // What the stream says again, or late, is no news.
  bot.executions.onStreamEvent(world.stackstorm.update(id, 'running'));
  bot.executions.onStreamEvent(world.stackstorm.update(id, 'scheduled'));
  assert.equal(ack.edits, 1);
  bot.clock.advance(5_000);
  await says(/^◑ Running for 8\.0 s · wire/);
  await bot.clock.scheduled(5_000);
  bot.clock.advance(3_000);
  bot.executions.onStreamEvent(world.stackstorm.end(id, 'failed'));
  await says(/^✗ Failed after 1\.2 s · wire/);
  await world.chat.message(/wire\.run_local: failed/);
  assert.equal(world.chat.seen.length, 2, 'the acknowledgement and the result');
  const last = ack.edits;
  bot.clock.advance(60_000);
  assert.equal(ack.edits, last);
});

test('a run that lasts is told of ever less often', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  const run = await bot.executions.intend(intentOf());
  const start = run.value.intendedAt;
  const message = new LivingMessage({ place: run.value.place, id: 'm1' }, start);
  message.runs.set(run.correlationId, run);
  const edits: number[] = [];
  for (let now = start; now < start + 3_600_000; ) {
    now = message.dueAt(now, true) ?? assert.fail();
    message.edited(now);
    edits.push((now - start) / 1000);
  }
  assert.deepEqual(edits.slice(0, 5), [5, 10, 15, 20, 25]);
  assert.ok(edits.length < 40, `${edits.length} edits in an hour`);
  assert.equal(message.dueAt(start, false), undefined, 'quiet tells nothing before the end');
});

for (const [status, words] of [
  ['succeeded', /^✓ Succeeded after/],
  ['timeout', /^✗ Timed out after/],
  ['canceled', /^⊘ Canceled after/],
] as const) {
  test(`quiet: only the first state and the end, ${status}`, async (context) => {
    const world = await createWorld(context);
    const bot = await startBot(world, { announcementWait: 0, progress: 'quiet', pollInterval: 600_000 });
    const { ack, id, says } = await running(world, bot);
    bot.executions.onStreamEvent(world.stackstorm.update(id, 'running'));
    bot.clock.advance(120_000);
    assert.equal(ack.edits, 0);
    bot.executions.onStreamEvent(world.stackstorm.end(id, status));
    await says(words);
    assert.equal(ack.edits, 1);
  });
}

test('off: the acknowledgement stays as it was posted', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0, progress: 'off' });
  const { ack, id } = await running(world, bot);
  assert.match(ack.post.text, /^StackStorm has taken it\./);
  bot.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  await world.chat.message(/: succeeded after/);
  await eventually(() => bot.executions.openRunsOf(alice) === 0);
  bot.clock.advance(60_000);
  assert.equal(ack.edits, 0);
});

test('parameters are shown, secrets never', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  world.stackstorm.parameters = {
    cmd: 'uptime\n -p',
    count: 3,
    password: '********',
    pin: 'declared-1',
    nested: { user: 'bob', key: 'declared-2' },
    api_key: 'named-3',
    header: 'Authorization: Bearer shaped-4-abcdef',
    url: 'https://bob:shaped-5@db.example/x',
    id: '0123456789abcdef0123456789abcdef',
    commit: '0123456789abcdef0123456789abcdef01234567',
    empty: null,
  };
  world.stackstorm.schema = {
    pin: { type: 'string', secret: true },
    nested: { type: 'object', properties: { key: { type: 'string', secret: true } } },
  };
  const { ack } = await running(world, bot);
  const { text } = ack.post;
  for (const shown of ['cmd: uptime -p', 'count: 3', 'password: ********', 'pin: ********']) {
    assert.ok(text.includes(shown), `${shown} in ${text}`);
  }
  assert.match(text, /nested: \{"user":"bob","key":"\*{8}"\}/);
  assert.match(text, /commit: 0123456789abcdef0123456789abcdef01234567/);
  assert.match(text, /…: 1 more/);
  assert.doesNotMatch(JSON.stringify(ack.post), /declared|named-3|shaped|id: 0123/);
  const row = await bot.store.get(`run:${ack.key.slice('ack:'.length)}`);
  assert.ok(row !== undefined && !row.includes('uptime'), 'encrypted at rest');
});

test('the author’s words stay the first line, and the author’s shape stays', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0, pollInterval: 600_000 });
  world.stackstorm.ackMessage = 'On *it*!';
  world.stackstorm.ackExtra = { slack: { color: 'good' } };
  const { ack, id, says } = await running(world, bot);
  assert.match(ack.post.text, /^On \*it\*!\n○ Requested/);
  bot.clock.advance(1_000);
  bot.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  await says(/^On \*it\*!\n✓ Succeeded/);
  assert.deepEqual(ack.post.extra, { slack: { color: 'good' } });
  assert.deepEqual(ack.post.parts?.[0], { type: 'text', text: 'On *it*!', isFormatted: true });
  assert.equal(ack.post.parts?.[1]?.type, 'context', 'of what we add small print survives every shape');
});

test('several runs share one living message', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0, pollInterval: 600_000 });
  const intents = ['fix AA-1', 'fix BB-2'].map((text) => intentOf({ command: text }));
  const runs = await Promise.all(intents.map((intent) => bot.executions.intend(intent)));
  await bot.executions.runMany(runs, grant);
  const [one = '', two = ''] = world.stackstorm.executions.keys();
  const [ack = assert.fail()] = world.chat.seen;
  bot.executions.onStreamEvent(world.stackstorm.end(one, 'succeeded'));
  await eventually(() => bot.executions.openRunsOf(alice) === 1);
  bot.clock.advance(3_000);
  await world.chat.message(/AA-1 \(execution \w+: ✓ Succeeded after 1\.2 s\)\n• fix BB-2 \(execution \w+\)/);
  bot.executions.onStreamEvent(world.stackstorm.end(two, 'failed'));
  await eventually(() => bot.executions.openRunsOf(alice) === 0);
  bot.clock.advance(3_000);
  await world.chat.message(
    /AA-1 \(execution \w+: ✓ Succeeded[\s\S]*BB-2 \(execution \w+: ✗ Failed after 1\.2 s\)/,
  );
  assert.equal(ack.edits, 2);
});

test('reactions: the command is marked while it runs and when it has ended, best effort', async (context) => {
  const world = await createWorld(context);
  const reactions = { running: 'eyes', done: 'rocket', failed: 'x' };
  const bot = await startBot(world, { announcementWait: 0, reactions });
  const marked = (id: string, mark: string) =>
    world.chat.until(() => (world.chat.marks.get(id)?.join() === mark ? mark : undefined));
  await command(bot, intentOf({ messageId: 'c1' }));
  await marked('c1', 'eyes');
  const [one = ''] = world.stackstorm.executions.keys();
  world.chat.weather = (call) =>
    call === 'react' ? new ChatError('rate-limited', 'ratelimited', { retryAfterMs: 7_000 }) : undefined;
  const again = bot.clock.scheduled(7_000);
  bot.executions.onStreamEvent(world.stackstorm.end(one, 'timeout'));
  await world.chat.message(/: timeout/);
  await again;
  world.chat.weather = () => undefined;
  bot.clock.advance(7_000);
  await marked('c1', 'x');

  const intents = ['fix AA-1', 'fix BB-2'].map((text) =>
    intentOf({ command: text, messageId: 'c2', claimedAs: 'both' }),
  );
  await bot.executions.runMany(
    await Promise.all(intents.map((intent) => bot.executions.intend(intent))),
    grant,
  );
  const [, two = '', three = ''] = world.stackstorm.executions.keys();
  bot.executions.onStreamEvent(world.stackstorm.end(two, 'succeeded'));
  await eventually(() => bot.executions.openRunsOf(alice) === 1);
  await marked('c2', 'eyes');
  bot.executions.onStreamEvent(world.stackstorm.end(three, 'succeeded'));
  await marked('c2', 'rocket');
});
