import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { isResult, loggedIn, threadOf } from '../support/chat-reading.ts';
import { startDemo, startEmbeddedStackStorm } from '../support/demo-process.ts';
import { temporaryFolder } from '../support/folder.ts';
import { freePort } from '../support/free-port.ts';
import { StackStormApi } from '../support/stackstorm-api.ts';
import { startFront } from '../support/stackstorm-front.ts';

test('SIGTERM while a POST is on its way: its answer is read before the bot ends, and nothing is lost (R4)', async (t) => {
  const stackstorm = await startEmbeddedStackStorm(t);
  const api = await StackStormApi.as(stackstorm.url, 'admin');
  const front = await startFront(t, stackstorm.url);
  const storage = `sqlite://${join(await temporaryFolder(t), 'bot.sqlite')}`;
  const options = { storage, stackstorm: front.url, port: await freePort() };
  const bot = await startDemo(t, options);
  const alice = await loggedIn(bot.url, 'alice');
  const answering = front.hold(/^POST \/api\/v1\/aliasexecution$/u, 'answer');
  const root = await alice.say('general', '!st2 scale shop to 3');
  const held = await answering;
  const stopping = bot.stop('SIGTERM');
  held.pass();
  assert.equal(await stopping, 0);

  await startDemo(t, options);
  const result = await alice.waitFor('general', root, isResult, 60_000);
  assert.equal(String(result.threadTs), root);
  const thread = await threadOf(alice, 'general', root);
  assert.equal(thread.length, 2, thread.map(({ text }) => text).join('\n'));
  assert.equal((await api.executions('demo.scale')).length, 1);
});
