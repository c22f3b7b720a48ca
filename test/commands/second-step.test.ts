/** Aliases that run only after a second step: confirmed by their own person, approved by others, or with a young login. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/ops/clock.ts';
import { type BotRig, startBot } from '../support/bot.ts';
import { temporaryFolder } from '../support/folder.ts';
import type { ChatLine } from '../support/playground-client.ts';
import { PlaygroundDialogs } from '../support/playground-dialog.ts';
import { startSlackBot } from '../support/slack-bot.ts';

type Person = 'alice' | 'bob' | 'admin';

async function rig(
  t: Parameters<typeof startBot>[0],
  rule: object,
  more: Parameters<typeof startBot>[1] = {},
) {
  const bot = await startBot(t, {
    ...more,
    config: { access: { default: 'allow', rules: [{ allow: ['demo.run', 'demo.rotate'], ...rule }] } },
  });
  const press = (person: Person, line: ChatLine, label: string) =>
    new PlaygroundDialogs(bot.url, person).press(line, label);
  return { ...bot, press };
}

const ran = ({ stackstorm }: Pick<BotRig, 'stackstorm'>) =>
  stackstorm.state.executions.all.map(({ context }) => context['user']);
const steps = ({ records }: Pick<BotRig, 'records'>) =>
  records.filter(({ event }) => event.startsWith('step.')).map(({ event, outcome }) => `${event} ${outcome}`);

test('confirm: the person alone is asked what was understood, and it runs once they say so', async (t) => {
  const bot = await rig(t, { confirm: true });
  const { alice, bob, logIn, press } = bot;
  await logIn('alice');
  const typed = await alice.say('general', '!st2 run uptime on web1');
  const asked = await alice.waitFor('general', typed, (line) => /Please confirm/u.test(line.text));
  assert.equal(asked.private, true);
  assert.match(asked.text, /runs as alice/u);
  assert.match(asked.text, /Alias: demo\.run/u);
  assert.match(asked.text, /hosts: web1/u);
  assert.deepEqual(ran(bot), []);
  assert.ok(!(await bob.read('general')).some(({ text }) => /confirm/u.test(text)));

  await Promise.all(Array.from({ length: 5 }, () => press('alice', asked, 'Run it')));
  await alice.waitFor('general', typed, (line) => /succeeded/u.test(line.text));
  await press('alice', asked, 'Run it');
  await alice.waitFor('general', asked.id, (line) => /That is over/u.test(line.text));
  assert.deepEqual(ran(bot), ['alice']);
  assert.deepEqual(steps(bot).slice(0, 2), ['step.asked confirm', 'step.confirmed ok']);
});

test('confirm: cancelled is not run; a session that ended meanwhile neither', async (t) => {
  const bot = await rig(t, { confirm: true });
  const { alice, logIn, press } = bot;
  await logIn('alice');
  const first = await alice.ask('general', '!st2 run uptime on web1', (line) => /confirm/u.test(line.text));
  await press('alice', first, 'Cancel');
  await alice.waitFor('general', first.id, (line) => /Cancelled: nothing was run/u.test(line.text));
  const second = await alice.ask('general', '!st2 run uptime on web2', (line) => /confirm/u.test(line.text));
  await alice.ask('dm', '!session_end');
  await press('alice', second, 'Run it');
  await alice.waitFor('general', second.id, (line) => /not logged in/u.test(line.text));
  assert.deepEqual(ran(bot), []);
  assert.ok(steps(bot).includes('step.not_run refused'));
});

test('approve: not by the requester, not by who is logged out, not by the same account; once by another, as the requester', async (t) => {
  const bot = await rig(t, { approve: {} });
  const { alice, bob, admin, logIn, press } = bot;
  await logIn('alice');
  const typed = await alice.say('general', '!st2 run uptime on web1');
  const asked = await alice.waitFor('general', typed, (line) =>
    /waits until one other person/u.test(line.text),
  );
  assert.equal(asked.private, false);
  assert.equal(String(asked.threadTs), typed);

  await press('alice', asked, 'Approve');
  await alice.waitFor('general', asked.id, (line) => /somebody else has to approve/u.test(line.text));
  await press('bob', asked, 'Approve');
  await bob.waitFor('general', asked.id, (line) => /not logged in/u.test(line.text));
  await logIn('bob', 'alice');
  await press('bob', asked, 'Approve');
  await bob.waitFor('general', asked.id, (line) => /same StackStorm user/u.test(line.text));
  assert.deepEqual(ran(bot), []);

  await logIn('admin');
  await press('admin', asked, 'Approve');
  await alice.waitFor('general', typed, (line) => /succeeded/u.test(line.text));
  assert.deepEqual(ran(bot), ['alice']);
  const over = (await admin.read('general')).find(({ id }) => id === asked.id);
  assert.match(over?.text ?? '', /approved, and runs now/u);
  assert.match(over?.text ?? '', /approved by admin \(admin\)/u);
  assert.deepEqual(steps(bot), [
    'step.asked approve',
    'step.not_approver own',
    'step.not_approver no-session',
    'step.not_approver same-account',
    'step.approved ok',
  ]);
});

test('approve: two who press at once are two; one who presses twice is one', async (t) => {
  const bot = await rig(t, { approve: { count: 2 } });
  const { alice, logIn, press } = bot;
  for (const person of ['alice', 'bob', 'admin'] as const) await logIn(person);
  const asked = await alice.ask('general', '!st2 run uptime on web1', (line) =>
    /2 other people/u.test(line.text),
  );
  await press('bob', asked, 'Approve');
  await press('bob', asked, 'Approve');
  assert.deepEqual(ran(bot), []);
  await Promise.all([press('admin', asked, 'Approve'), press('admin', asked, 'Approve')]);
  await alice.waitFor('general', asked.id, (line) => /succeeded/u.test(line.text));
  assert.deepEqual(ran(bot), ['alice']);
});

test('approve: only by those whom the rule names; who may approve may deny, and the requester take it back', async (t) => {
  const bot = await rig(t, { approve: { users: ['admin'] } });
  const { alice, bob, logIn, press } = bot;
  for (const person of ['alice', 'bob', 'admin'] as const) await logIn(person);
  const first = await alice.ask('general', '!st2 run uptime on web1', (line) =>
    /one other person/u.test(line.text),
  );
  await press('bob', first, 'Approve');
  await bob.waitFor('general', first.id, (line) => /names others to approve/u.test(line.text));
  await press('bob', first, 'Deny');
  await press('admin', first, 'Deny');
  await alice.waitFor('general', first.id, (line) => line.private && /admin said no/u.test(line.text));
  // Its buttons are gone.
  await assert.rejects(press('admin', first, 'Approve'), /no-such-message/u);

  const second = await alice.ask('general', '!st2 run uptime on web2', (line) =>
    /one other person/u.test(line.text),
  );
  await press('alice', second, 'Deny');
  await alice.waitFor('general', second.id, (line) => /Cancelled/u.test(line.text));
  const secret = await alice.ask('general', '!st2 rotate orders hunter2', (line) =>
    /one other/u.test(line.text),
  );
  assert.match(secret.text, /password: \*{8}/u);
  assert.doesNotMatch(JSON.stringify(secret), /hunter2/u);
  const inDm = await alice.ask('dm', '!st2 run uptime on web3');
  assert.match(inDm.text, /nobody else reads this conversation/u);
  assert.deepEqual(ran(bot), []);
});

test('confirm and approve: one after the other', async (t) => {
  const bot = await rig(t, { confirm: true, approve: {} });
  const { alice, logIn, press } = bot;
  await logIn('alice');
  await logIn('admin');
  const confirm = await alice.ask('general', '!st2 run uptime on web1', (line) =>
    /Please confirm/u.test(line.text),
  );
  await press('alice', confirm, 'Run it');
  const approve = await alice.waitFor('general', confirm.id, (line) => /one other person/u.test(line.text));
  assert.deepEqual(ran(bot), []);
  await press('admin', approve, 'Approve');
  await alice.waitFor('general', approve.id, (line) => /succeeded/u.test(line.text));
  assert.deepEqual(ran(bot), ['alice']);
});

test('freshLogin: an older session is refused with the way to log in, and the command waits for it', async (t) => {
  let time = Date.now();
  const clock = { now: () => time, after: systemClock.after };
  const bot = await rig(t, { freshLogin: '10m' }, { clock });
  const { alice, logIn, press } = bot;
  await logIn('alice');
  await alice.ask('general', '!st2 run uptime on web1', (line) => /succeeded/u.test(line.text));
  time += 11 * 60_000;
  const refused = await alice.ask('general', '!st2 run uptime on web2', (line) =>
    /logged in within/u.test(line.text),
  );
  assert.equal(refused.private, true);
  assert.match(refused.text, /last 10 minutes/u);
  await alice.ask('general', '!st2 list vms', (line) => /succeeded/u.test(line.text));
  const asked = await alice.say('dm', '!whoami');
  await logIn('alice');
  const offer = await alice.waitFor('dm', asked, (line) => /Before that you asked/u.test(line.text));
  await press('alice', offer, 'Run it now');
  await alice.waitFor(
    'general',
    refused.id,
    (line) => /succeeded/u.test(line.text) && /web2/u.test(JSON.stringify(line)),
  );
  assert.equal(ran(bot).length, 3);
});

test('approve: after its time it is not run, and says so', async (t) => {
  let time = Date.now();
  const clock = { now: () => time, after: systemClock.after };
  const bot = await rig(t, { approve: { within: '5m' } }, { clock });
  const { alice, admin, logIn, press } = bot;
  await logIn('alice');
  await logIn('admin');
  const asked = await alice.ask('general', '!st2 run uptime on web1', (line) =>
    /one other person/u.test(line.text),
  );
  time += 5 * 60_000;
  await press('admin', asked, 'Approve');
  await admin.waitFor('general', asked.id, (line) => /That is over/u.test(line.text));
  await alice.waitFor(
    'general',
    asked.id,
    (line) => line.private && /Nobody approved it in time/u.test(line.text),
  );
  assert.deepEqual(ran(bot), []);
  assert.deepEqual(steps(bot), ['step.asked approve', 'step.expired not-run']);
});

test('in Slack, over two instances: approvals of a group, pressed at whichever, run it once', async (t) => {
  const storage = `sqlite://${join(await temporaryFolder(t), 'both.sqlite')}`;
  const bot = await startSlackBot(t, {
    storage,
    config: {
      access: { default: 'allow', rules: [{ allow: 'demo.run', approve: { groups: ['S0OPS'] } }] },
    },
  });
  const { slack, team, app, alice, bob, general, logIn, stackstorm } = bot;
  const carol = slack.user(team, { id: 'U0CAROL', name: 'carol' });
  general.members.add(carol.user);
  slack.usergroup(team, { id: 'S0OPS', handle: 'ops', users: [carol] });
  const alone = app.sockets.open;
  await bot.another();
  await app.connected(2 * alone);
  await logIn(alice, 'alice');
  await logIn(bob, 'bob');
  await logIn(carol, 'admin');
  const typed = await alice.say(general, '!st2 run uptime on web1');
  const asked = await alice.sees(general, /one other person/u, { after: typed });
  assert.equal(asked.threadTs, typed.ts);
  await bob.press(asked, 'bolt-stackstorm:step_approve:0');
  await bob.sees(general, /names others to approve/u, { after: asked });
  await Promise.all([
    carol.press(asked, 'bolt-stackstorm:step_approve:0'),
    carol.press(asked, 'bolt-stackstorm:step_approve:0'),
  ]);
  await alice.sees(general, /succeeded/u, { after: asked });
  assert.deepEqual(
    stackstorm.state.executions.all.map(({ context }) => context['user']),
    ['alice'],
  );
});
