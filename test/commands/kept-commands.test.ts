/** What was refused for want of a session waits for the login, and for its person's press. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBot } from '../support/bot.ts';
import { PlaygroundDialogs } from '../support/playground-dialog.ts';

const offer = /Before that you asked for this/u;

test('a refused command is offered after the login, and runs once, where it was typed, when it is pressed', async (t) => {
  const { url, alice, bob, logIn, stackstorm } = await startBot(t);
  const first = await alice.say('general', '!st2 list vms');
  await alice.waitFor('general', first, (line) => /not logged in/u.test(line.text));
  const typed = await alice.say('general', '!st2 run uptime on web1');
  await alice.waitFor('general', typed, (line) => /not logged in/u.test(line.text));
  const asked = await alice.say('dm', '!whoami');
  await logIn('alice');
  const told = await alice.waitFor('dm', asked, (line) => offer.test(line.text));
  assert.match(told.text, /run uptime on web1/u, 'the last one');
  assert.deepEqual(stackstorm.state.executions.all, [], 'nothing runs by itself');

  await assert.rejects(new PlaygroundDialogs(url, 'bob').press(told, 'Run it now'), /no-such-message/u);
  await new PlaygroundDialogs(url, 'alice').press(told, 'Run it now');
  const result = await alice.waitFor('general', typed, (line) => /succeeded/u.test(line.text));
  assert.equal(String(result.threadTs), typed);
  await new PlaygroundDialogs(url, 'alice').press(told, 'Run it now');
  await alice.waitFor('dm', told.id, (line) => /not kept any more/u.test(line.text));
  assert.equal(stackstorm.state.executions.all.length, 1);
  assert.equal((await bob.read('dm')).filter(({ text }) => offer.test(text)).length, 0);
});
