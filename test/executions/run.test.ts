import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Auth, Grant } from '../../src/auth/auth.ts';
import { AuditError } from '../../src/ops/audit.ts';
import { StoreError } from '../../src/storage/store.ts';
import {
  alice,
  command,
  createWorld,
  eventually,
  grant,
  intentOf,
  startBot,
  thread,
} from '../support/executions-bot.ts';

test('one command is one POST as the person, one acknowledgement and one result', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  const intent = intentOf();
  const outcome = await command(bot, intent);
  assert.equal(outcome?.kind, 'accepted');
  const [id = ''] = world.stackstorm.executions.keys();

  const [run] = world.stackstorm.runs;
  assert.deepEqual(run, {
    name: 'run_local',
    format: 'run {{cmd}} on {{hosts=localhost}}',
    command: 'run uptime on web1',
    user: 'U1',
    source_channel: 'C1',
    notification_route: 'errbot',
    source_context: {
      bolt_correlation_id: intent.correlationId,
      platform: 'test',
      workspace: 'T1',
      channel: 'C1',
      thread: '111.222',
    },
  });
  assert.deepEqual(world.stackstorm.tokens, ['alice-token']);
  const [ack] = world.chat.keyed(`ack:${intent.correlationId}`);
  assert.match(
    ack?.post.text ?? '',
    new RegExp(`execution ${id} · asked by U1 · run as alice · https://st2.example/`),
  );
  assert.deepEqual(ack?.place, thread);

  const ended = world.stackstorm.end(id, 'succeeded');
  bot.executions.onStreamEvent(ended);
  bot.executions.onStreamEvent(world.stackstorm.announcement(id, `\nstatus : succeeded\nexecution: ${id}\n`));
  const result = await world.chat.message(/status : succeeded/);
  assert.deepEqual(result.place, thread);
  assert.equal(world.chat.keyed(`result:${intent.correlationId}`).length, 1);
  assert.deepEqual(
    bot.records.map(({ event, outcome: code }) => `${event} ${code}`),
    ['execution.requested ok', 'execution.accepted ok', 'execution.finished succeeded'],
  );
  assert.ok(!bot.logs.join('').includes('uptime'), 'no log holds what was typed');
  await eventually(() => bot.executions.openRunsOf(alice) === 0);
});

test('an event that is delivered twice, to two instances, runs once', async (context) => {
  const world = await createWorld(context);
  const bots = [await startBot(world), await startBot(world)];
  const outcomes = await Promise.all(
    bots.flatMap((bot) => [1, 2, 3].map(() => command(bot, intentOf({ eventId: 'Ev1' })))),
  );
  assert.equal(outcomes.filter((outcome) => outcome !== undefined).length, 1);
  assert.equal(world.stackstorm.runs.length, 1);
});

test('nothing that a person can write reaches what the notifier renders', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  const evil = '{{ 6 * 7 }}';
  const intent = intentOf({
    user: { platform: 'test', workspace: evil, id: evil },
    place: { ...thread, channel: evil, workspace: evil, thread: evil },
  });
  await command(bot, intent);
  const [run] = world.stackstorm.runs;
  const rendered = JSON.stringify([run?.user, run?.source_channel, run?.source_context]);
  assert.ok(!rendered.includes('{'.repeat(2)), rendered);
  for (const value of [run?.user, run?.source_channel, ...Object.values(run?.source_context ?? {})]) {
    assert.match(value ?? '', /^[A-Za-z0-9:._-]{1,64}$/);
  }
  assert.equal(run?.user, intent.correlationId);
});

test('the acknowledgement is as the alias says', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { webUrl: 'https://web.example/' });
  world.stackstorm.ackMessage = 'On it!';
  world.stackstorm.ackExtra = { slack: { color: 'good' } };
  await command(bot, intentOf());
  const first = world.chat.seen[0]?.post;
  assert.match(first?.text ?? '', /^On it!\n[\s\S]*https:\/\/web\.example\/#\/history\//);
  assert.deepEqual(first?.extra, { slack: { color: 'good' } });

  world.stackstorm.alias = { ack: { append_url: false } };
  const quiet = intentOf();
  await command(bot, { ...quiet, alias: { ...quiet.alias, ack: { append_url: false } } });
  assert.doesNotMatch(world.chat.seen[1]?.post.text ?? '', /https:/);

  world.stackstorm.alias = { ack: { enabled: false, format: 'never' } };
  const silent = intentOf();
  await command(bot, { ...silent, alias: { ...silent.alias, ack: { enabled: false } } });
  assert.equal(world.chat.seen.length, 2);
});

test('an alias without results has its acknowledgement edited to the end, and nothing else', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  world.stackstorm.alias = { result: { enabled: false } };
  const intent = intentOf();
  await command(bot, { ...intent, alias: { ...intent.alias, result: { enabled: false } } });
  const [id = ''] = world.stackstorm.executions.keys();
  bot.executions.onStreamEvent(world.stackstorm.end(id, 'failed'));
  const ack = await world.chat.message(/failed · execution/);
  assert.equal(ack.edits, 1);
  assert.equal(ack.key, `ack:${intent.correlationId}`);
  bot.executions.onStreamEvent(world.stackstorm.announcement(id, 'not wanted'));
  bot.clock.advance(60_000);
  assert.equal(world.chat.seen.length, 1);
});

test('a 401 in the middle of a session ends it, is told in private, and nothing runs as the bot', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  world.stackstorm.fate = () => ({
    kind: 'refuse',
    status: 401,
    faultstring: 'Unauthorized - Token has expired.',
  });
  const outcome = await command(bot, intentOf());
  assert.deepEqual(outcome, { kind: 'refused', code: 'unauthorized' });
  assert.equal(bot.rejections.length, 1);
  assert.deepEqual(world.stackstorm.tokens, ['alice-token']);
  const [told] = world.chat.seen;
  assert.equal(told?.user, 'U1');
  assert.match(told?.post.text ?? '', /nothing was run.*!session_start/);
});

test('in standalone a 401 renews the bot credential and posts once more', async (context) => {
  const world = await createWorld(context);
  let token = 'old';
  const current = (): Grant => ({
    kind: 'granted',
    credential: { kind: 'token', token },
    stackstormUser: 'chatops_bot',
  });
  const auth: Auth = {
    mode: 'standalone',
    credentialFor: async () => current(),
    rejected: async () => {
      token = 'new';
    },
  };
  const bot = await startBot(world, {}, { auth });
  world.stackstorm.fate = () =>
    token === 'old' ? { kind: 'refuse', status: 401, faultstring: 'Unauthorized' } : { kind: 'accept' };
  const run = await bot.executions.intend(intentOf());
  const granted = await auth.credentialFor(alice);
  assert.ok(granted.kind === 'granted');
  assert.equal((await bot.executions.run(run, granted)).kind, 'accepted');
  assert.deepEqual(world.stackstorm.tokens, ['old', 'new']);
});

for (const [status, faultstring, code, words] of [
  [
    403,
    'User "bob" doesn\'t have required permission "action_execute"',
    'forbidden',
    /StackStorm says no: User "bob"/,
  ],
  [
    400,
    "Additional properties are not allowed ('zzz' was unexpected)\n\nFailed validating",
    'rejected',
    /refused the command: Additional properties are not allowed \('zzz' was unexpected\) \(/,
  ],
] as const) {
  test(`a refusal with ${status} is told in words, and leaves nothing behind`, async (context) => {
    const world = await createWorld(context);
    const bot = await startBot(world);
    world.stackstorm.fate = () => ({ kind: 'refuse', status, faultstring });
    const intent = intentOf();
    assert.deepEqual(await command(bot, intent), { kind: 'refused', code });
    assert.match(world.chat.seen[0]?.post.text ?? '', words);
    assert.equal(world.stackstorm.runs.length, 1);
    assert.equal(await bot.store.get(`run:${intent.correlationId}`), undefined);
    assert.ok(!JSON.stringify(bot.records).includes(faultstring), 'no audit record holds a faultstring');
    assert.equal(bot.records.at(-1)?.outcome, code);
  });
}

test('a StackStorm that cannot be reached is told of, and leaves nothing behind', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  await world.stackstorm.close();
  const intent = intentOf();
  assert.deepEqual(await command(bot, intent), { kind: 'refused', code: 'unreachable' });
  assert.match(world.chat.seen[0]?.post.text ?? '', /cannot be reached/);
  assert.equal(await bot.store.get(`run:${intent.correlationId}`), undefined);
});

test('another alias of the same name is cancelled with the same credential, and both are named', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  world.stackstorm.alias = { ref: 'other.run_local', pack: 'other' };
  assert.deepEqual(await command(bot, intentOf()), { kind: 'refused', code: 'wrong-alias' });
  assert.equal(world.stackstorm.cancelled.length, 1);
  assert.match(
    world.chat.seen[0]?.post.text ?? '',
    /other\.run_local instead of wire\.run_local.*cancelled it/,
  );
});

test('a run that cannot be audited does not run', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world);
  bot.audit.isBroken = new AuditError();
  const intent = intentOf();
  await assert.rejects(command(bot, intent), AuditError);
  assert.equal(world.stackstorm.runs.length, 0);
  assert.equal(await bot.store.get(`run:${intent.correlationId}`), undefined);
});

test('a session that ends while the command waits for its place is refused', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { maxInFlight: 1 });
  let isEnded = false;
  const auth: Auth = {
    mode: 'clientside',
    credentialFor: async () => (isEnded ? { kind: 'refused', reason: 'no-session' } : grant),
    rejected: async () => undefined,
  };
  const busy = await startBot(world, { maxInFlight: 1 }, { auth });
  const runs = await Promise.all([busy.executions.intend(intentOf()), busy.executions.intend(intentOf())]);
  const outcomes = Promise.all(runs.map((run) => busy.executions.run(run, grant)));
  isEnded = true;
  assert.deepEqual(
    (await outcomes).map((outcome) => (outcome.kind === 'refused' ? outcome.code : outcome.kind)),
    ['accepted', 'not-granted'],
  );
  assert.equal(world.stackstorm.runs.length, 1);
  assert.equal(bot.executions.openRunsOf(alice), 0);
});

test('a store that fails once StackStorm has taken the command never makes it "not run"', async (context) => {
  const world = await createWorld(context);
  const bot = await startBot(world, { announcementWait: 0 });
  const replace = bot.store.replace.bind(bot.store);
  bot.store.replace = async () => {
    throw new StoreError('full', 'no space left');
  };
  assert.deepEqual(await command(bot, intentOf()), { kind: 'uncertain' });
  await bot.clock.scheduled(30_000);
  bot.store.replace = replace;
  bot.clock.advance(30_000);
  await world.chat.message(/Requested · wire.run_local/);
  const [id = ''] = world.stackstorm.executions.keys();
  bot.executions.onStreamEvent(world.stackstorm.end(id, 'succeeded'));
  await world.chat.message(/: succeeded after/);
  assert.equal(world.stackstorm.runs.length, 1);
  assert.ok(!world.chat.texts.some((text) => /not run|nothing was run/i.test(text)));
});

test('following uses the bot credential, also when the session has ended meanwhile', async (context) => {
  const world = await createWorld(context);
  let isEnded = false;
  const auth: Auth = {
    mode: 'clientside',
    credentialFor: async () => (isEnded ? { kind: 'refused', reason: 'no-session' } : grant),
    rejected: async () => undefined,
  };
  const bot = await startBot(world, { announcementWait: 0 }, { auth });
  await command(bot, intentOf());
  isEnded = true;
  const [id = ''] = world.stackstorm.executions.keys();
  world.stackstorm.end(id, 'succeeded');
  bot.executions.onStreamConnected();
  await world.chat.message(/: succeeded after/);
  assert.deepEqual([...new Set(world.stackstorm.readers)], ['bot-token']);
  assert.deepEqual(world.stackstorm.tokens, ['alice-token']);
});
