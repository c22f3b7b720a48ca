import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBot } from '../support/bot.ts';
import { LoginClient } from '../support/login-client.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { loginUrl, type PlaygroundClient } from '../support/playground-client.ts';

const notifyAdmins = { session: { notifyAdmins: true } };

/** The first message of the bot's to the person alone, ever, that fits. */
function told(person: PlaygroundClient, pattern: RegExp) {
  return person.waitFor('dm', '', ({ text }) => pattern.test(text));
}

test('a page that cannot be shown anew keeps nobody from being told of their session', async (t) => {
  const rig = await startBot(t);
  rig.playground.refreshHome = async () => {
    throw new Error('by order of the test');
  };
  await rig.logIn('alice');
  await told(rig.alice, /You are logged in.*as alice/u);
  assert.match((await rig.alice.ask('dm', '!session_end')).text, /as alice has ended/u);
});

test('two chat accounts with one StackStorm user: both and the admins are told, and session_end all ends it', async (t) => {
  const rig = await startBot(t, notifyAdmins);
  await rig.logIn('alice');
  await told(
    rig.admin,
    /^alice \(playground:demo:alice\) has logged in to StackStorm as alice until .* \(from 127\.0\.0\.1\)\.$/iu,
  );
  await rig.logIn('bob', 'alice');
  await told(
    rig.alice,
    /Another chat account, bob \(playground:demo:bob\), has logged in as StackStorm user alice.*!session_end all/iu,
  );
  const bobs = await told(rig.bob, /StackStorm user alice is logged in from another chat account as well/u);
  assert.doesNotMatch(
    bobs.text,
    /playground:demo:alice/u,
    'who it is, only they who were there first are told',
  );
  await told(rig.admin, /Several chat accounts.*bob \(playground:demo:bob\) now, beside alice/iu);

  await rig.alice.say('general', '!session_end all');
  await told(
    rig.alice,
    /as alice has ended.*1 other chat account was logged in as the same StackStorm user/u,
  );
  await told(rig.bob, /Your StackStorm session as alice has ended: the same StackStorm user has ended all/u);
  await told(rig.admin, /The session of bob .* has ended: the same StackStorm user ended/iu);
  assert.match((await rig.bob.ask('dm', '!st2 list vms')).text, /not logged in/u);
});

test('where one chat account is all that a StackStorm user may have, the second login is refused with words', async (t) => {
  const rig = await startBot(t, { session: { notifyAdmins: true, oneChatUserPerAccount: 'refuse' } });
  await rig.logIn('alice');
  const browser = new LoginClient(rig.url);
  await browser.open(
    loginUrl(
      await rig.bob.ask('dm', '!session_start plum', ({ blocks }) =>
        JSON.stringify(blocks).includes('/login/#'),
      ),
    ),
  );
  const refused = await browser.password('plum', 'alice', 'alice');
  assert.deepEqual([refused.status, refused.body['code']], [409, 'account-bound']);
  assert.equal(
    (await browser.password('plum', 'alice', 'alice')).status,
    403,
    'the browser holds nothing any more',
  );
  await told(
    rig.bob,
    /Your login was refused: StackStorm user alice is logged in from another chat account/u,
  );
  await told(rig.alice, /Another chat account, bob .*gave the credentials of your StackStorm user alice/iu);
  await told(rig.admin, /A login of bob .* was refused \(from 127\.0\.0\.1\): StackStorm user alice/iu);
  assert.match((await rig.alice.ask('dm', '!whoami')).text, /StackStorm: alice/u);
});

test('an admin ends all of it: each is told, admins once, counted', async (t) => {
  const rig = await startBot(t, {
    session: { notifyAdmins: ['playground:demo:bob'] },
  });
  await rig.logIn('alice');
  await rig.logIn('bob');
  assert.match((await rig.bob.ask('dm', '!session_cancel --all')).text, /Only admins/u);
  const done = await rig.admin.ask('dm', '!session_cancel —all');
  assert.match(done.text, /Ended: 2 people have no session/u);
  await told(rig.alice, /An admin has ended every StackStorm session, yours too/u);
  await told(
    rig.bob,
    /^admin \(playground:demo:admin\) has ended every session and login of playground:demo \(2\)\.$/iu,
  );
  const bobs = (await rig.bob.read('dm')).filter(({ text }) => /The session of alice/u.test(text));
  assert.deepEqual(bobs, []);
  assert.match((await rig.admin.ask('dm', '!session_cancel --all')).text, /Nobody in your workspace had/u);
});

test('many failed logins are told to the person and to admins once, and nothing that was typed', async (t) => {
  const window = { count: 2, window: '1h' };
  const rig = await startBot(t, { session: { notifyAdmins: true, limits: { loginFailures: window } } });
  const browser = new LoginClient(rig.url);
  await browser.open(
    loginUrl(
      await rig.alice.ask('dm', '!session_start plum', ({ blocks }) =>
        JSON.stringify(blocks).includes('/login/#'),
      ),
    ),
  );
  for (let tries = 0; tries < 5; tries++) await browser.password('plum', 'alice', 'S3cret-of-alice');
  const alices = await told(rig.alice, /2 tries to log in within 1 hour went wrong.*from 127\.0\.0\.1/u);
  await told(rig.admin, /^alice .*: 2 tries to log in within 1 hour went wrong/iu);
  assert.match((await rig.alice.ask('dm', '!whoami')).text, /not logged in/u);
  const lines = [...(await rig.alice.read('dm')), ...(await rig.admin.read('dm'))];
  assert.equal(lines.filter(({ text }) => text === alices.text).length, 1);
  assert.ok(!JSON.stringify(lines).includes('S3cret'));
});

test('a session that ends soon is told of with a button, and its end too; a new login replaces it', async (t) => {
  const clock = new ManualClock();
  const rig = await startBot(t, { clock, session: { notifyAdmins: true, sessionTtl: '1h' } });
  await rig.logIn('alice');
  clock.advance(46 * 60_000);
  const reminder = await clock.passUntil(
    told(rig.alice, /Your StackStorm session as alice ends in 1\d minutes/u),
  );
  assert.match(JSON.stringify(reminder.blocks), /"action":"session_start"/u);
  assert.match((await rig.alice.ask('dm', '!whoami')).text, /StackStorm: alice/u, 'it lives until then');
  await rig.logIn('alice');
  await told(rig.alice, /Your session as alice before it has ended/u);
  clock.advance(61 * 60_000);
  await clock.passUntil(told(rig.alice, /Your StackStorm session as alice has ended: its time is over/u));
  await told(rig.admin, /The session of alice .* has ended: its time is over/iu);
  const ends = (await rig.alice.read('dm')).filter(({ text }) => /its time is over/u.test(text));
  assert.equal(ends.length, 1);
});
