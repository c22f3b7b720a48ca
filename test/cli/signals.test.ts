import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startDemo, startEmbeddedStackStorm } from '../support/demo-process.ts';
import { PlaygroundClient } from '../support/playground-client.ts';
import { startFront } from '../support/stackstorm-front.ts';

test('demo --auth standalone runs for everyone; SIGHUP reads the catalog again; SIGTERM is a good end', async (t) => {
  const stackstorm = await startEmbeddedStackStorm(t);
  const front = await startFront(t, stackstorm.url);
  const demo = await startDemo(t, { stackstorm: front.url, args: ['--auth', 'standalone'] });
  const bob = new PlaygroundClient(demo.url, 'bob');
  const result = await bob.ask('general', '!st2 list vms', ({ text }) => text.includes('succeeded'));
  assert.match(result.text, /run as chatops_bot/u);

  const reads = front.heard.filter(({ path }) => path.endsWith('/actionalias')).length;
  assert.ok(reads >= 1);
  const asked = front.asked(/^GET \/api\/v1\/actionalias$/u);
  demo.child.kill('SIGHUP');
  await asked;
  assert.equal((await fetch(`${demo.url}/playground/`)).status, 200, 'it runs on');

  const open = fetch(`${demo.url}/playground/api/messages?user=bob&channel=dm&waitMs=20000`).catch(
    () => undefined,
  );
  const ended = once(demo.child, 'exit');
  demo.child.kill('SIGTERM');
  const [code] = await ended;
  assert.equal(code, 0, demo.output());
  await open;
});
