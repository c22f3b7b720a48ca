import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoginClient } from '../support/login-client.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { linkIn, startSlackBot } from '../support/slack-bot.ts';

test('in Slack: a reminder with one press to a new login, the old session until then; the end; admins told', async (t) => {
  const clock = new ManualClock();
  const { slack, app, alice, bob, url, logIn } = await startSlackBot(t, {
    clock,
    session: { sessionTtl: '1h', notifyAdmins: true },
    config: { access: { default: 'allow', admins: ['slack:T024:U0BOB'] } },
  });
  const dm = alice.dmWith(app);
  await logIn(alice, 'alice');
  await bob.sees(bob.dmWith(app), /\(slack:T024:U0ALICE\) has logged in to StackStorm as alice/);

  clock.advance(46 * 60_000);
  const reminder = await clock.passUntil(
    alice.sees(dm, /Your StackStorm session as alice ends in 1\d minutes/),
  );
  await alice.press(reminder, 'bolt-stackstorm:session_start:0');
  const modal = await alice.modal(app);
  const shown = await alice.submit(modal, { word: 'plum-tree' });
  const browser = new LoginClient(url);
  await browser.open(linkIn(shown.view?.payload ?? {}) ?? '');
  const asked = await alice.dm(app, '!whoami');
  await alice.sees(dm, /as alice|StackStorm\W+alice/, { after: asked });
  assert.equal((await browser.password('plum-tree', 'alice', 'alice')).status, 200);
  await alice.sees(dm, /Your session as alice before it has ended/, { after: asked });

  clock.advance(61 * 60_000);
  // Slack's own limit of a message a second is waited for on the bot's clock, too.
  const end = await clock.passUntil(
    alice.sees(dm, /Your StackStorm session as alice has ended: its time is over/),
  );
  assert.match(JSON.stringify(end.blocks), /session_start/, 'with a button to log in again');
  await clock.passUntil(
    bob.sees(bob.dmWith(app), /The session of .*\(slack:T024:U0ALICE\) as StackStorm user alice has ended/),
  );
  assert.equal(alice.seesNow(dm).filter(({ text }) => /ends in 1\d minutes/.test(text)).length, 1);
  assert.deepEqual(slack.violations, []);
});
