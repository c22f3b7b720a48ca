import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBot } from '../support/bot.ts';
import { FaultyStore } from '../support/faulty-store.ts';
import { LoginClient } from '../support/login-client.ts';
import { ManualClock, Time } from '../support/manual-clock.ts';
import { loginUrl } from '../support/playground-client.ts';

const here = { platform: 'playground', workspace: 'demo' };

test('a workspace that removed the bot has no session left, live or on its way; nobody is written to', async (t) => {
  const rig = await startBot(t);
  await rig.logIn('alice');
  await rig.logIn('bob');
  const link = loginUrl(await rig.admin.ask('dm', '!session_start plum'));
  const opened = new LoginClient(rig.url);
  assert.equal((await opened.open(link)).status, 200);
  await rig.playground.refreshes(2);
  const whispers = rig.playground.whispers.length;

  await rig.playground.ear.left({ ...here, workspace: 'demo2' });
  assert.match((await rig.alice.ask('dm', '!whoami')).text, /StackStorm: alice/u, 'another one left');
  await rig.playground.ear.left(here);

  const ended = rig.records.filter(({ event, outcome }) => event === 'session.ended' && outcome === 'left');
  assert.deepEqual(ended.map(({ chatUser, stackstormUser }) => `${chatUser} ${stackstormUser}`).sort(), [
    'playground:demo:admin undefined',
    'playground:demo:alice alice',
    'playground:demo:bob bob',
  ]);
  assert.equal((await opened.password('plum', 'admin', 'admin')).status, 410);
  assert.equal(rig.playground.whispers.length, whispers + 1, 'the answer to whoami alone');
  assert.equal(rig.playground.refreshed.length, 2);
  assert.match((await rig.alice.ask('dm', '!whoami')).text, /not logged in/u);
});

test('a person whose account is closed has no session left; the others stay', async (t) => {
  const rig = await startBot(t);
  await rig.logIn('alice');
  await rig.logIn('bob');
  await rig.playground.ear.left({ ...here, id: 'alice' });
  await rig.playground.ear.left({ ...here, id: 'alice' });
  assert.match((await rig.alice.ask('dm', '!whoami')).text, /not logged in/u);
  assert.match((await rig.bob.ask('dm', '!whoami')).text, /StackStorm: bob/u);
  assert.equal(rig.records.filter(({ outcome }) => outcome === 'left').length, 1);
});

test('a storage that does not answer when somebody leaves: tried again, until it does', async (t) => {
  const made: FaultyStore[] = [];
  const time = new Time();
  time.at = Date.now();
  const clock = new ManualClock(time);
  const rig = await startBot(t, {
    clock: { now: () => clock.now(), after: (ms, run) => clock.after(ms, run) },
    storage: (store) => {
      const faulty = new FaultyStore(store);
      made.push(faulty);
      return faulty;
    },
  });
  const [store] = made;
  assert.ok(store);
  await rig.logIn('alice');
  store.breakWith('unavailable');
  const left = rig.playground.ear.left({ ...here, id: 'alice' });
  await clock.scheduled(1_000);
  store.mend();
  clock.advance(1_000);
  await left;
  assert.match((await rig.alice.ask('dm', '!whoami')).text, /not logged in/u);
});
