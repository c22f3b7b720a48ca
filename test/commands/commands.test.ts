import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBot } from '../support/bot.ts';
import { LoginClient } from '../support/login-client.ts';
import { loginUrl } from '../support/playground-client.ts';

test('without a session nothing is run, and no alias is named', async (t) => {
  const { alice, stackstorm } = await startBot(t);
  for (const text of [
    '!st2 list vms',
    '!st2 lisst vms',
    '!st2 reboot now',
    '!list vms',
    '!help',
    '!help vms',
  ]) {
    const answer = await alice.ask('general', text);
    assert.equal(answer.private, true, text);
    assert.match(answer.text, /session_start|!help/u, text);
    assert.doesNotMatch(answer.text, /vms\b.*—|reboot|\{\{/u, text);
  }
  assert.equal(stackstorm.state.executions.all.length, 0);
});

test('session_start in a channel makes no link, and says so to the person alone', async (t) => {
  const { alice, bob, url, records } = await startBot(t);
  const refused = await alice.ask('general', '!session_start plum');
  assert.equal(refused.private, true);
  assert.match(refused.text, /Delete your message.*another word/u);
  assert.equal((await bob.read('general')).filter((line) => line.from === 'bot').length, 0);
  assert.ok(records.some((record) => record.event === 'link.refused' && record.outcome === 'not-private'));
  assert.ok(!records.some((record) => record.event === 'link.issued'));
  assert.ok(!JSON.stringify(records).includes('plum'));
  assert.equal((await fetch(`${url}/login/`)).status, 200);
});

for (const typed of ['!session_start', '!session_start abc', '!session start   ']) {
  test(`${JSON.stringify(typed)} is refused with an example`, async (t) => {
    const { alice } = await startBot(t);
    const refused = await alice.ask('dm', typed);
    assert.match(refused.text, /4 characters.*not your password.*!session_start \S+/u);
  });
}

test('links are limited by chat user, with the time to wait', async (t) => {
  const { alice } = await startBot(t);
  for (let count = 0; count < 5; count++) {
    loginUrl(await alice.ask('dm', '!session_start plum'));
  }
  const limited = await alice.ask('dm', '!session_start plum');
  assert.match(limited.text, /many login links.*wait \d+ minutes?/u);
});

test('whoami says who, with which roles, and until when; session_end ends it', async (t) => {
  const rig = await startBot(t);
  assert.match(
    (await rig.alice.ask('general', '!whoami')).text,
    /playground:demo:alice\nStackStorm: not logged in/u,
  );
  await rig.logIn('alice');
  const answer = await rig.alice.ask('general', '!whoami');
  assert.equal(answer.private, true);
  assert.match(answer.text, /StackStorm: alice\nRoles: operator\nSession ends: .* UTC, in 12 hours/u);
  assert.match((await rig.alice.ask('dm', '!session_end')).text, /as alice has ended/u);
  assert.match((await rig.alice.ask('general', '!st2 list vms')).text, /not logged in/u);
  assert.match((await rig.alice.ask('dm', '!session_end')).text, /no session/u);
});

test('only admins of the config list and cancel sessions; the person is told', async (t) => {
  const rig = await startBot(t);
  await rig.logIn('alice');
  assert.match((await rig.bob.ask('general', '!session_list')).text, /Only admins/u);
  assert.match((await rig.bob.ask('general', '!session_cancel alice')).text, /Only admins/u);
  const list = await rig.admin.ask('general', '!session_list');
  assert.equal(list.private, true);
  assert.match(list.text, /1 live session\nplaygroun.*:alice {2}as alice/u);
  const id = /[0-9a-f-]{36}/u.exec(list.text)?.[0] ?? '';
  assert.match((await rig.admin.ask('general', '!session_cancel nobody')).text, /no such session/u);
  assert.match((await rig.admin.ask('general', `!session_cancel ${id}`)).text, /alice has ended/u);
  const told = (await rig.alice.read('dm')).find((line) => /An admin has ended/u.test(line.text));
  assert.ok(told);
  assert.match((await rig.alice.ask('general', '!st2 list vms')).text, /not logged in/u);
  assert.match((await rig.admin.ask('general', '!session_list')).text, /Nobody is logged in/u);
});

test('an alias runs as the person, and StackStorm’s own refusal is shown', async (t) => {
  const rig = await startBot(t);
  await rig.logIn('alice');
  await rig.logIn('bob');
  const asked = await rig.alice.say('general', '!st2 run uptime on web1');
  const result = await rig.alice.waitFor('general', asked, (line) => line.text.includes('succeeded'));
  assert.equal(result.threadTs, asked);
  const [execution] = rig.stackstorm.state.executions.all;
  assert.equal(execution?.context['user'], 'alice');
  const refused = await rig.bob.ask('general', '!st2 run uptime on web1');
  assert.match(refused.text, /User "bob" doesn't have required permission "action_execute"/u);
});

test('names and texts never reach what StackStorm renders as Jinja', async (t) => {
  const rig = await startBot(t);
  await rig.logIn('alice');
  const asked = await rig.alice.say('general', '!st2 run echo {{ 654321 * 7 }} on web1');
  await rig.alice.waitFor('general', asked, (line) => line.text.includes('succeeded'));
  const [execution] = rig.stackstorm.state.executions.all;
  const notify = JSON.stringify(execution?.notify);
  assert.doesNotMatch(notify, /654321|4580247|\{\{/u);
});

test('near misses, ambiguity and an over-long command are answered, never run', async (t) => {
  const rig = await startBot(t);
  await rig.logIn('alice');
  assert.match((await rig.alice.ask('general', '!st2 lst vms')).text, /Did you mean:\n!st2 list vms/u);
  assert.match((await rig.alice.ask('general', '!sesion_end')).text, /Did you mean:\n!session_end/u);
  assert.match((await rig.alice.ask('general', '!st2 page bob')).text, /fits 2 commands/u);
  const long = await rig.alice.ask('general', `!st2 run ${'x'.repeat(3_000)} on web1`);
  assert.match(long.text, /\d+ characters; I read at most 2000/u);
  assert.ok(rig.records.some(({ event, outcome }) => event === 'command.refused' && outcome === 'too-long'));
  const bomb = await rig.alice.ask('general', `!st2 run ${'a=b  '.repeat(14)}x`);
  assert.match(bomb.text, /one space between the pairs/u);
  assert.equal(rig.stackstorm.state.executions.all.length, 0);
});

test('one delivery of an event counts, however often it comes', async (t) => {
  const rig = await startBot(t, { weather: { deliveries: () => [{}, {}, {}] } });
  await rig.logIn('alice');
  const asked = await rig.alice.say('general', '!st2 list vms');
  await rig.alice.waitFor('general', asked, (line) => line.text.includes('succeeded'));
  await rig.alice.ask('general', '!whoami');
  const lines = (await rig.alice.read('general')).filter((line) => line.threadTs === asked);
  assert.equal(lines.length, 2, JSON.stringify(lines));
  assert.equal(rig.stackstorm.state.executions.all.length, 1);
});

test('help lists by pack, in pages, with the way to the rest', async (t) => {
  const rig = await startBot(t);
  await rig.logIn('alice');
  const first = await rig.alice.ask('general', '!help --limit 5');
  assert.equal(first.private, true);
  assert.match(first.text, /1 to 5 of \d+\. The rest: !help --limit 5 --offset 5/u);
  const next = await rig.alice.ask('general', '!help --limit 5 --offset 5');
  assert.match(next.text, /6 to 10 of/u);
  assert.match((await rig.alice.ask('general', '!help vms')).text, /!st2 list vms/u);
  assert.match((await rig.alice.ask('general', '!help --filter "^run"')).text, /1 to 1 of 1\.|!st2 run/u);
  assert.match((await rig.alice.ask('general', '!help --filter "["')).text, /no pattern/u);
  assert.match((await rig.alice.ask('general', '!help --pack nope')).text, /No alias fits/u);
  assert.match((await rig.alice.ask('general', '!help --limit 1000')).text, /do not understand/u);
});

test('standalone: everyone runs as the bot, and no login is needed', async (t) => {
  const rig = await startBot(t, { auth: { standalone: {} } });
  const result = await rig.bob.ask('general', '!st2 list vms', (line) => line.text.includes('succeeded'));
  assert.match(result.text, /run as chatops_bot/u);
  assert.match((await rig.bob.ask('dm', '!session_start plum')).text, /No login is needed/u);
  assert.match((await rig.bob.ask('dm', '!whoami')).text, /chatops_bot \(the bot’s own account/u);
});

test('access.default deny: nothing runs, and nothing is named', async (t) => {
  const rig = await startBot(t, { config: { access: { default: 'deny' } } });
  await rig.logIn('alice');
  assert.match(
    (await rig.alice.ask('general', '!st2 list vms')).text,
    /No access rule of this bot lets you/u,
  );
  assert.doesNotMatch((await rig.alice.ask('general', '!help')).text, /list vms/u);
  assert.doesNotMatch((await rig.alice.ask('general', '!st2 lst vms')).text, /list vms/u);
  assert.equal(rig.stackstorm.state.executions.all.length, 0);
});

test('where the audit log cannot be written, nothing runs and nobody logs in', async (t) => {
  const { AuditError } = await import('../../src/ops/audit.ts');
  let broken = false;
  const rig = await startBot(t, {
    audit: {
      record: async () => {
        if (broken) throw new AuditError();
      },
    },
  });
  await rig.logIn('alice');
  const link = loginUrl(await rig.bob.ask('dm', '!session_start plum'));
  broken = true;
  assert.match((await rig.alice.ask('general', '!st2 list vms')).text, /audit log/u);
  assert.equal((await new LoginClient(rig.url).open(link)).status, 503);
  assert.equal(rig.stackstorm.state.executions.all.length, 0);
});
