import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { startBot } from '../support/bot.ts';
import { temporaryFolder } from '../support/folder.ts';

test('a stop with a run under way and connections open is quick; the next start brings the one result (R4)', async (t) => {
  const storage = { url: `sqlite://${join(await temporaryFolder(t), 'bot.sqlite')}` };
  const first = await startBot(t, { config: { storage } });
  await first.logIn('alice');
  const asked = await first.alice.say('general', '!st2 wait 3 seconds');
  await first.alice.waitFor('general', asked, ({ text }) => /execution/u.test(text));

  const { port } = new URL(first.url);
  const half = connect(Number(port), '127.0.0.1');
  await once(half, 'connect');
  half.on('error', () => undefined);
  half.write('POST /login/api/open HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n');
  const reading = first.alice
    .waitFor('general', asked, () => false)
    .then(
      () => assert.fail('it came'),
      () => undefined,
    );
  const cut = once(half, 'close');
  const from = performance.now();
  await first.bot.stop();
  const took = performance.now() - from;
  assert.ok(took < 10_000, `${Math.round(took)} ms`);
  await Promise.all([reading, cut]);
  assert.notEqual(first.stackstorm.state.executions.all[0]?.status, 'succeeded', 'it stopped before the end');

  const second = await startBot(t, {
    config: {
      storage,
      encryption: { keys: first.config.encryption.keys },
      stackstorm: { url: first.config.stackstorm.url, credential: { apiKey: first.stackstorm.bot.apiKey } },
    },
  });
  await second.alice.waitFor('general', asked, ({ text }) => /succeeded/u.test(text), 30_000);
  const thread = (await second.alice.read('general')).filter(({ threadTs }) => threadTs === asked);
  assert.equal(thread.length, 2, JSON.stringify(thread));
  assert.equal(first.stackstorm.state.executions.all.length, 1);
});
