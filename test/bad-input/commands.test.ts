import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBot } from '../support/bot.ts';

const isResult = ({ text }: { text: string }) => /succeeded/u.test(text);

test('unknown, disabled, ambiguous and shadowed aliases: nothing runs, and the answer says what to do', async (t) => {
  const rig = await startBot(t);
  const { alice, stackstorm, records } = rig;
  await rig.logIn('alice');
  for (const [typed, words] of [
    ['!st2 make coffee', /I know no command like that, so nothing was run\. !help lists what there is/u],
    ['!st2 wipe everything', /demo\.\w+ is disabled in StackStorm, so nothing was run\. Ask/u],
    [
      '!st2 page bob',
      /fits 2 commands, so nothing was run.*page \{\{person\}\}.*page \{\{team\}\}.*only one fits/su,
    ],
    [
      '!st2 reboot now',
      /demo\.reboot has the same name as demo_legacy\.reboot.*nothing was run.*rename one of them/u,
    ],
    ['!st2', /!help lists what I can do/u],
    ['!', /!help lists what I can do/u],
  ] as const) {
    const answer = await alice.ask('general', typed);
    assert.match(answer.text, words, typed);
    assert.equal(answer.private, true, typed);
  }
  assert.equal(stackstorm.state.executions.all.length, 0);
  const refused = records.filter(({ event }) => event === 'command.refused').map(({ outcome }) => outcome);
  assert.deepEqual(refused, ['no-match', 'no-match', 'ambiguous', 'shadowed']);
});

test('a parameter that StackStorm rejects: its own words, in private, and nothing is left behind', async (t) => {
  const rig = await startBot(t);
  const { alice, stackstorm, records } = rig;
  await rig.logIn('alice');
  for (const [typed, words] of [
    ['!st2 scale shop to many', /StackStorm refused the command: .*many.*Nothing was run/su],
    ['!st2 deploy shop to mars', /StackStorm refused the command: .*mars.*Nothing was run/su],
  ] as const) {
    const answer = await alice.ask('general', typed);
    assert.match(answer.text, words);
    assert.match(answer.text, /StackStorm's request [0-9a-f-]{32,36}/u);
    assert.equal(answer.private, true);
  }
  assert.ok(!JSON.stringify(records).includes('mars'), 'no record repeats it (S8)');
  assert.equal(stackstorm.state.executions.all.length, 0);
  await alice.ask('general', '!st2 deploy shop to prod', isResult);
});

test('a result of 1 MB is shown by its beginning and its end, with the way to the whole', async (t) => {
  const rig = await startBot(t);
  await rig.logIn('alice');
  const asked = await rig.alice.say('general', '!st2 dump everything');
  const result = await rig.alice.waitFor('general', asked, isResult);
  assert.equal(result.threadTs, asked);
  assert.ok(result.text.length < 35_000, String(result.text.length));
  assert.match(result.text, /characters left out/u);
  const [execution] = rig.stackstorm.state.executions.all;
  assert.match(result.text, new RegExp(`The whole: .*${execution?.id}`, 'u'));
  assert.equal((await rig.alice.read('general')).filter((line) => line.threadTs === asked).length, 2);
});

test('texts that are none, or only look like commands, harm nothing', async (t) => {
  const rig = await startBot(t);
  await rig.logIn('alice');
  for (const typed of [
    '!st2 run \u0000\u0007 on web1',
    `!st2 run ${'😀'.repeat(50)} on web1`,
    '!st2 run \u202e\u2066evil on web1',
    '!st2 run <@U1> <!channel> &lt;b&gt; on web1',
  ]) {
    const asked = await rig.alice.say('general', typed);
    await rig.alice.waitFor('general', asked, (line) => line.from === 'bot');
  }
  for (const typed of ['hello st2 list vms', 'st2 list vms', '?st2 list vms']) {
    await rig.alice.say('general', typed);
  }
  const asked = await rig.alice.say('general', '!whoami');
  const answer = await rig.alice.waitFor('general', asked, (line) => /StackStorm: alice/u.test(line.text));
  assert.equal(answer.private, true, 'the bot still answers');
  assert.ok(rig.stackstorm.state.executions.all.every(({ context }) => context['user'] === 'alice'));
});

test('commands.prefix and pluginPrefix may be others, and the plugin prefix empty', async (t) => {
  const rig = await startBot(t, { config: { commands: { prefix: '.', pluginPrefix: '' } } });
  const link = await rig.alice.ask('dm', '.session_start plum');
  assert.match(link.text, /login link works once/u);
  assert.match((await rig.alice.ask('general', '.list vms')).text, /not logged in.*\.session_start <a word/u);
  await rig.bob.say('general', '!st2 list vms');
  assert.match((await rig.bob.ask('general', '.session start')).text, /Delete your message|4 characters/u);
  const standalone = await startBot(t, {
    auth: { standalone: {} },
    config: { commands: { prefix: '?', pluginPrefix: 'do' } },
  });
  await standalone.alice.ask('general', '?do list vms', isResult);
  assert.match((await standalone.alice.ask('general', '?do lst vms')).text, /\?do list vms/u);
  assert.match((await standalone.alice.ask('general', '?help vms')).text, /\?do list vms/u);
});

test('commands.publicHelp names aliases to people without a session; nothing runs for them', async (t) => {
  const rig = await startBot(t, { config: { commands: { publicHelp: true } } });
  assert.match((await rig.alice.ask('general', '!help vms')).text, /!st2 list vms/u);
  assert.match((await rig.alice.ask('general', '!st2 lst vms')).text, /Did you mean:\n!st2 list vms/u);
  assert.match((await rig.alice.ask('general', '!st2 list vms')).text, /not logged in.*nothing was run/u);
  assert.equal(rig.stackstorm.state.executions.all.length, 0);
});
