/** `execution get | output | cancel | rerun`, typed and pressed: always as the person who acts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditRecord } from '../../src/ops/audit.ts';
import { systemClock } from '../../src/ops/clock.ts';
import { type BotRig, startBot } from '../support/bot.ts';
import type { ChatLine } from '../support/playground-client.ts';
import { PlaygroundDialogs } from '../support/playground-dialog.ts';
import { startSlackBot } from '../support/slack-bot.ts';

type Person = 'alice' | 'bob' | 'admin';

const pressing =
  ({ url }: BotRig) =>
  (person: Person, line: ChatLine, label: string) =>
    new PlaygroundDialogs(url, person).press(line, label);
const users = ({ stackstorm }: BotRig) =>
  stackstorm.state.executions.all.map(({ context }) => context['user']).reverse();
const labels = (line: ChatLine) =>
  [...JSON.stringify(line.blocks).matchAll(/"label":"([^"]+)","(?:url|action)"/g)].map(([, label]) => label);
const events = ({ records }: { records: readonly AuditRecord[] }, event: string) =>
  records.filter((record) => record.event === event);
const isAck = (line: ChatLine) => /asked by/.test(line.text);
const executionIn = (line: ChatLine) =>
  /execution ([0-9a-f]{24})/.exec(line.text)?.[1] ?? assert.fail(line.text);

/** A run of alice's that goes on until somebody ends it. */
async function running(bot: BotRig) {
  const typed = await bot.alice.say('general', '!st2 wait 3600 seconds');
  const ack = await bot.alice.waitFor('general', typed, (line) => isAck(line) && /Running/.test(line.text));
  return { typed, ack, id: executionIn(ack) };
}

test('get and output: what StackStorm shows this person, to them alone; refused as StackStorm refuses', async (t) => {
  const bot = await startBot(t);
  const { alice, bob } = bot;
  await bot.logIn('alice');
  await bot.logIn('bob');
  const { ack, id } = await running(bot);
  assert.deepEqual(labels(ack), ['Open in StackStorm', 'Cancel', 'Output']);

  const got = await alice.ask(
    'general',
    `!execution get ${id}`,
    (line) => line.text.includes(id) && !isAck(line),
  );
  assert.equal(got.private, true);
  assert.match(got.text, /Running · demo\.wait\nseconds: 3600\nexecution \w+ · run as alice/);
  // Bob may see it, a user without rights may not.
  const seen = await bob.ask('general', `!execution get ${id}`, (line) => line.private);
  assert.match(seen.text, /run as alice/);
  bot.stackstorm.state.accounts.addUser({
    name: 'carol',
    password: 'carol',
    may: { types: [], executes: [] },
  });
  await bot.logIn('admin', 'carol');
  for (const verb of ['get', 'output', 'rerun', 'cancel']) {
    const refused = await bot.admin.ask('general', `!execution ${verb} ${id}`, (line) => line.private);
    assert.match(refused.text, /StackStorm does not let you, as carol, do this/);
  }
  assert.deepEqual(
    events(bot, 'execution.refused').map(({ stackstormUser, executionId }) => [stackstormUser, executionId]),
    Array.from({ length: 4 }, () => ['carol', id]),
  );
  await bob.ask('general', `!execution rerun ${id}`, (line) => line.private && /bob/.test(line.text));

  const ended = await alice.ask('general', '!st2 wait 0 seconds', (line) => /succeeded/.test(line.text));
  const whole = await alice.ask('general', `!execution get ${executionIn(ended)}`, (line) => line.private);
  assert.match(whole.text, /demo\.wait: succeeded/);
  assert.ok(labels(whole).includes('Run again'));
  for (const [typed, said] of [
    [`!execution get ${'0'.repeat(24)}`, /StackStorm knows no execution 0{24}/],
    ['!execution get 12', /The id of an execution stands in the message/],
    ['!execution burn 12', /!execution cancel <id>/],
    ['!execution', /!execution rerun <id>/],
  ] as const) {
    assert.match((await alice.ask('general', typed, (line) => line.private)).text, said);
  }
});

test('cancel: by a press, once; by who has no right to, or no session, not; what is over is said to be', async (t) => {
  const bot = await startBot(t);
  const { alice, bob } = bot;
  const press = pressing(bot);
  await bot.logIn('alice');
  const { ack, id, typed } = await running(bot);
  await press('bob', ack, 'Cancel');
  assert.match((await bob.waitFor('general', ack.id, (line) => line.private)).text, /You are not logged in/);
  await bot.logIn('bob');
  await bob.ask('general', `!execution cancel ${id}`, (line) => /does not let you, as bob/.test(line.text));
  assert.equal(bot.stackstorm.state.executions.get(id)?.status, 'running');

  await press('alice', ack, 'Cancel');
  await alice.waitFor('general', typed, (line) => /StackStorm cancels execution .* as alice/.test(line.text));
  const last = await alice.waitFor('general', typed, (line) => isAck(line) && /Canceled/.test(line.text));
  assert.deepEqual(labels(last), ['Open in StackStorm', 'Run again']);
  await alice.waitFor('general', typed, (line) => /demo\.wait: canceled[\s\S]*user: alice/.test(line.text));
  const over = await alice.ask('general', `!execution cancel ${id}`, (line) => line.private);
  assert.match(over.text, /There was nothing to cancel: .* State = canceled/);
  assert.deepEqual(
    ['execution.cancel_requested', 'execution.cancelled'].map((event) =>
      events(bot, event).map(({ outcome, stackstormUser }) => `${outcome} ${stackstormUser}`),
    ),
    [
      ['ok bob', 'ok alice', 'ok alice'],
      ['cancelled alice', 'over alice'],
    ],
  );
});

test('rerun: a run like any other, as the person who presses, and once', async (t) => {
  const bot = await startBot(t);
  const { alice } = bot;
  const press = pressing(bot);
  await bot.logIn('alice');
  await bot.logIn('admin');
  const typed = await alice.say('general', '!st2 rotate billing s3cr3t-plum');
  const ack = await alice.waitFor('general', typed, (line) => isAck(line) && /Succeeded/.test(line.text));
  const id = executionIn(ack);
  await Promise.all([press('admin', ack, 'Run again'), press('admin', ack, 'Run again')]);
  const again = await alice.waitFor(
    'general',
    typed,
    (line) => isAck(line) && line.text.includes(`once more ${id}`),
  );
  assert.match(again.text, /demo\.rotate/);
  assert.match(again.text, /run as admin/);
  assert.doesNotMatch(JSON.stringify(again), /s3cr3t/);
  const result = await alice.waitFor(
    'general',
    typed,
    (line) => line.text.includes(`demo.rotate: succeeded`) && line.text.includes(executionIn(again)),
  );
  assert.equal(String(result.threadTs), typed);
  const [, second] = [...bot.stackstorm.state.executions.all].reverse();
  assert.equal(second?.parameters['password'], 's3cr3t-plum');
  // Two presses are two events: each is one run, and no more.
  await alice.waitFor('general', typed, () => users(bot).length === 3);
  assert.deepEqual(users(bot), ['alice', 'admin', 'admin']);
  const requested = events(bot, 'execution.requested');
  assert.ok(
    requested.some(
      ({ stackstormUser, aliasRef }) => stackstormUser === 'admin' && aliasRef === 'demo.rotate',
    ),
  );
  assert.doesNotMatch(JSON.stringify(bot.records), /s3cr3t/);
});

test('rerun is no way around the rules: what they deny, or let be done after a second step only, is not run by its id', async (t) => {
  const rules = [
    { allow: 'demo.run', users: ['admin'] },
    { deny: 'demo.run' },
    { allow: 'demo.scale', confirm: true },
    { allow: 'demo.status', freshLogin: '1m' },
    { deny: 'execution', users: ['bob'] },
  ];
  const bot = await startBot(t, { config: { access: { default: 'allow', rules } } });
  const { alice, bob, admin } = bot;
  await bot.logIn('alice');
  await bot.logIn('admin');
  const ran = await admin.ask('general', '!st2 run uptime on web1', (line) => /succeeded/.test(line.text));
  // Alice's StackStorm user may not see it either; admin's may, whose rights are hers here.
  await bot.alice.ask('dm', '!session_end', (line) => /has ended/.test(line.text));
  await bot.logIn('alice', 'admin');
  const denied = await alice.ask('general', `!execution rerun ${executionIn(ran)}`, (line) => line.private);
  assert.match(denied.text, /access rule \d does not let you run that/);
  for (const command of ['scale billing to 3', 'status billing']) {
    const asked = await alice.say('general', `!st2 ${command}`);
    const step = await alice.waitFor('general', asked, (line) => /confirm|succeeded/.test(line.text));
    if (/confirm/.test(step.text)) await pressing(bot)('alice', step, 'Run it');
    const done = await alice.waitFor('general', asked, (line) => /succeeded/.test(line.text));
    const refused = await alice.ask(
      'general',
      `!execution rerun ${executionIn(done)}`,
      (line) => line.private,
    );
    assert.match(refused.text, /needs a second step here.*type the command again/);
  }
  const off = await bob.ask('general', `!execution get ${executionIn(ran)}`, (line) => line.private);
  assert.match(off.text, /access rule \d does not let you run that/);
  assert.equal(users(bot).length, 3);
});

/** Time that goes 50 times as fast: two minutes pass in the blink of a test. */
function fastClock() {
  const start = Date.now();
  return {
    ...systemClock,
    now: () => start + (Date.now() - start) * 50,
    after: (ms: number, job: () => void) => systemClock.after(ms / 50, job),
  };
}

test('output: what it has written, kept up while it runs, and no longer than two minutes', async (t) => {
  const bot = await startBot(t, { clock: fastClock() });
  const { alice } = bot;
  await bot.logIn('alice');
  const typed = await alice.say('general', '!st2 wait 2 seconds');
  const ack = await alice.waitFor('general', typed, (line) => isAck(line) && /Running/.test(line.text));
  const id = executionIn(ack);
  await pressing(bot)('alice', ack, 'Output');
  const first = await alice.waitFor('dm', '0', (line) => line.text.includes(`execution ${id}`));
  assert.match(first.text, /Running · demo\.wait\nIt has written nothing so far\./);
  assert.match(first.text, /followed for two minutes/);
  const under = (text: RegExp) =>
    alice.waitFor('dm', '0', (line) => line.id === first.id && text.test(line.text));
  await under(/1 of 2 s/);
  await under(/Succeeded[\s\S]*2 of 2 s[\s\S]*this is all of it/);

  const { id: endless } = await running(bot);
  await alice.say('general', `!execution output ${endless}`);
  const followed = await alice.waitFor('dm', first.id, (line) => line.text.includes(endless));
  await alice.waitFor(
    'dm',
    '0',
    (line) =>
      line.id === followed.id && /not followed any longer; to go on: !execution output/.test(line.text),
  );

  // A new one takes the place of the old one, and a bot that stops says so.
  const before = await alice.read('dm');
  await alice.say('general', `!execution output ${endless}`);
  const older = await alice.waitFor('dm', before.at(-1)?.id ?? '0', (line) =>
    /followed for two/.test(line.text),
  );
  await alice.say('general', `!execution output ${endless}`);
  await alice.waitFor('dm', older.id, (line) => /followed for two/.test(line.text));
  await alice.waitFor('dm', '0', (line) => line.id === older.id && /you follow another one/.test(line.text));
  const last = (await alice.read('dm')).at(-1);
  await bot.bot.stop();
  const { signal } = new AbortController();
  const { messages } = await bot.playground.read({ user: 'alice', channel: 'dm', waitMs: 0, signal });
  assert.match(JSON.stringify(messages.find(({ id: one }) => one === last?.id)), /I was stopped/);
});

test('output: the end of what is long, without a terminal’s colours', async (t) => {
  const bot = await startBot(t);
  await bot.logIn('alice');
  const lines = Array.from({ length: 2_000 }, (_, at) => `\u001b[31mline ${at}\u001b[0m`).join('\n');
  const ended = await bot.alice.ask('general', '!st2 hello', (line) => /succeeded/.test(line.text));
  const id = executionIn(ended);
  const execution = bot.stackstorm.state.executions.get(id);
  assert.ok(execution !== undefined);
  execution.result = { stdout: lines };
  const shown = await bot.alice.ask('general', `!execution output ${id}`, (line) => line.private);
  assert.match(shown.text, /The last \d{4} of \d{5} characters\.\nline \d+\n/);
  assert.match(shown.text, /line 1999\nexecution \w+ · run as alice · this is all of it$/);
  assert.ok(!shown.text.includes('\u001b'));
  assert.ok(shown.text.length < 3_000);
});

test('in Slack: who presses is who acts, in the thread of the command', async (t) => {
  const { alice, bob, general, logIn, stackstorm } = await startSlackBot(t);
  await logIn(alice, 'alice');
  await logIn(bob, 'bob');
  const typed = await alice.say(general, '!st2 wait 3600 seconds');
  const ack = await alice.sees(general, /Running/u, { after: typed });
  const [execution] = stackstorm.state.executions.all;
  await bob.press(ack, 'bolt-stackstorm:execution:1');
  await bob.sees(general, /does not let you, as bob/u, { after: ack });
  await alice.press(ack, 'bolt-stackstorm:execution:1');
  await alice.sees(general, /demo\.wait: canceled/u, { after: ack });
  const over = await alice.sees(general, /Canceled/u, { after: typed });
  await alice.press(over, 'bolt-stackstorm:execution:1');
  const again = await alice.sees(general, new RegExp(`once more ${execution?.id}`, 'u'), { after: ack });
  assert.equal(again.threadTs, typed.ts);
  assert.deepEqual(
    stackstorm.state.executions.all.map(({ context }) => context['user']),
    ['alice', 'alice'],
  );
});
