import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBot } from '../support/bot.ts';

test('a page that cannot be shown anew keeps nobody from being told of their session', async (t) => {
  const rig = await startBot(t);
  rig.playground.refreshHome = async () => {
    throw new Error('by order of the test');
  };
  await rig.logIn('alice');
  const [first] = await rig.alice.read('dm');
  await rig.alice.waitFor('dm', first?.id ?? '', ({ text }) => /You are logged in.*as alice/u.test(text));
  assert.match((await rig.alice.ask('dm', '!session_end')).text, /as alice has ended/u);
});
