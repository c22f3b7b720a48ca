import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultRule, Injected } from '../../src/demo/stackstorm/fault-injection.ts';
import { type BotRig, startBot } from '../support/bot.ts';
import { LoginClient } from '../support/login-client.ts';
import { loginUrl } from '../support/playground-client.ts';

/** What is said of each trouble where StackStorm was only asked something, and nothing can have been changed. */
const troubles: readonly (readonly [string, Injected, RegExp])[] = [
  ['hangs up', { kind: 'cut' }, /cannot be reached at the moment/u],
  ['is silent', { kind: 'hang' }, /did not answer in time/u],
  ['answers a proxy’s HTML', { kind: 'html' }, /cannot be reached at the moment/u],
  ['answers 500', { kind: 'answer', status: 500, body: '{"faultstring": "boom"}' }, /a fault of its own/u],
  ['is down behind nginx', { kind: 'backend-down' }, /cannot be reached|a fault of its own/u],
];
const quick = { stackstorm: { timeout: '1s' } };
const onApi = (inject: Injected, more: Partial<FaultRule> = {}): FaultRule => ({
  service: 'api',
  inject,
  ...more,
});

function ran({ stackstorm }: BotRig): number {
  return stackstorm.state.executions.all.length;
}

for (const [what, inject, words] of troubles) {
  test(`clientside, StackStorm ${what}: each command says so or does not need it, and all is well after`, async (t) => {
    const rig = await startBot(t, quick);
    const { alice, bob, stackstorm } = rig;
    await rig.logIn('alice');
    const over = stackstorm.state.faults.add(onApi(inject));

    const link = loginUrl(await bob.ask('dm', '!session_start plum'));
    assert.equal(
      (await new LoginClient(rig.url).open(link)).status,
      200,
      'session_start and open do not ask it',
    );
    assert.match((await alice.ask('dm', '!help vms')).text, /!st2 list vms/u, 'help is of the catalog');
    const who = await alice.ask('general', '!whoami');
    assert.match(who.text, words);
    assert.match(who.text, /try again/iu);
    assert.equal(who.private, true);

    const said = await alice.ask('general', '!st2 list vms');
    assert.match(said.text, /did not answer, so I am finding out.*do not repeat it yet.*request [0-9a-f]/u);
    assert.equal(ran(rig), 0);

    over();
    assert.match((await alice.ask('general', '!whoami')).text, /StackStorm: alice/u, 'the session stands');
    await alice.ask('general', '!st2 list vms', (line) => /succeeded/u.test(line.text));
    assert.equal(ran(rig), 1);
  });

  test(`standalone, StackStorm ${what}: it is said before anything is sent`, async (t) => {
    const rig = await startBot(t, { ...quick, auth: { standalone: {} } });
    const { alice, stackstorm } = rig;
    const over = stackstorm.state.faults.add(onApi(inject, { path: '/user' }));
    for (const command of ['!whoami', '!st2 list vms']) {
      const said = await alice.ask('general', command);
      assert.match(said.text, words, command);
      assert.match(said.text, /nothing was done.*try again/iu, command);
      assert.equal(said.private, true);
    }
    assert.equal(ran(rig), 0);
    over();
    await alice.ask('general', '!st2 list vms', (line) => /succeeded/u.test(line.text));
    assert.equal(ran(rig), 1);
  });
}

test('standalone: a bot credential that StackStorm does not take is the operator’s to mend, and said so', async (t) => {
  const rig = await startBot(t, {
    auth: { standalone: {} },
    config: { commands: { publicHelp: true } },
    stackstorm: { credential: { apiKey: 'not-a-key' } },
  });
  for (const command of ['!whoami', '!st2 list vms']) {
    const said = await rig.alice.ask('general', command);
    assert.match(said.text, /does not take my own credential.*nothing was done.*whoever runs this bot/u);
  }
  assert.match((await rig.alice.ask('general', '!help vms')).text, /not been able to read the aliases/u);
});

test('a token that expires in the middle of a session: it ends, nothing runs as the bot, a new login goes on', async (t) => {
  const rig = await startBot(t);
  const { alice, stackstorm, records } = rig;
  await rig.logIn('alice');
  const asked = await alice.say('general', '!st2 wait 1 seconds');
  await alice.waitFor('general', asked, (line) => /execution/u.test(line.text));
  stackstorm.state.accounts.expireTokensOf('alice');

  const refused = await alice.ask('general', '!st2 list vms');
  assert.equal(refused.private, true);
  assert.match(refused.text, /does not take your login any more, so nothing was run.*!session_start/u);
  const told = await alice.waitFor('dm', asked, (line) => /session has ended/u.test(line.text));
  assert.match(told.text, /!session_start <a word of your choice>/u);
  assert.match((await alice.ask('general', '!st2 list vms')).text, /session has ended|not logged in/u);
  assert.match((await alice.ask('dm', '!whoami')).text, /not logged in/u);
  assert.ok(records.some(({ event }) => event === 'session.expired'));

  await alice.waitFor('general', asked, (line) => line.threadTs === asked && /succeeded/u.test(line.text));
  assert.equal(ran(rig), 1, 'what ran before runs on, and its result comes');
  await rig.logIn('alice');
  await alice.ask('general', '!st2 list vms', (line) => /succeeded/u.test(line.text));
  assert.deepEqual(
    stackstorm.state.executions.all.map(({ context }) => context['user']),
    ['alice', 'alice'],
  );
});

test('whoami notices an expired token too', async (t) => {
  const rig = await startBot(t);
  await rig.logIn('alice');
  rig.stackstorm.state.accounts.expireTokensOf('alice');
  await rig.alice.ask('dm', '!whoami', ({ text }) => /your session has ended; !session_start/u.test(text));
  assert.match((await rig.alice.ask('general', '!st2 list vms')).text, /nothing was run/u);
  assert.equal(ran(rig), 0);
});
