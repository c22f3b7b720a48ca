import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { isResult, loggedIn, threadOf } from '../support/chat-reading.ts';
import { type Demo, startDemo, startEmbeddedStackStorm } from '../support/demo-process.ts';
import { temporaryFolder } from '../support/folder.ts';
import { freePort } from '../support/free-port.ts';
import { type ChatLine, PlaygroundClient } from '../support/playground-client.ts';
import { StackStormApi } from '../support/stackstorm-api.ts';

const commands = 40;
const killEvery = 10;

function isNotRun({ text }: ChatLine): boolean {
  return text.includes('was not run') || text.includes('nothing was run');
}

test('two instances, killed in turn under a stream of commands: each command runs once or is said not to', async (t) => {
  const stackstorm = await startEmbeddedStackStorm(t);
  const api = await StackStormApi.as(stackstorm.url, 'admin');
  const storage = `sqlite://${join(await temporaryFolder(t), 'both.sqlite')}`;
  const start = async () => {
    const options = { storage, stackstorm: stackstorm.url, port: await freePort() };
    return { options, demo: await startDemo(t, options) };
  };
  const instances = await Promise.all([start(), start()]);
  const [first] = instances;
  await loggedIn(first.demo.url, 'alice');

  /** Every message is delivered to each instance that answers. */
  const say = async (service: string): Promise<string> => {
    const id = randomUUID();
    const told = await Promise.allSettled(
      instances.map(({ demo }) =>
        new PlaygroundClient(demo.url, 'alice').say('general', `!st2 status ${service}`, { id }),
      ),
    );
    const roots = new Set(told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
    assert.equal(roots.size, 1, 'one message, taken by at least one instance');
    return [...roots][0] ?? '';
  };
  const roots = new Map<string, string>();
  let restarted: Promise<Demo> | undefined;
  for (let number = 0; number < commands; number++) {
    if (number > 0 && number % killEvery === 0) {
      await restarted;
      const victim = instances[(number / killEvery) % 2 === 0 ? 0 : 1];
      restarted = victim.demo.stop('SIGKILL').then(async () => {
        victim.demo = await startDemo(t, victim.options);
        return victim.demo;
      });
    }
    const service = `service-${number}`;
    roots.set(service, await say(service));
  }
  await restarted;

  const alice = new PlaygroundClient(first.demo.url, 'alice');
  for (const root of roots.values()) {
    await alice.waitFor(
      'general',
      root,
      (line) => String(line.threadTs) === root && (isResult(line) || isNotRun(line)),
      60_000,
    );
  }
  const ran = (await api.executions('demo.status')).map(({ parameters }) => String(parameters?.['service']));
  assert.equal(new Set(ran).size, ran.length, 'nothing ran twice');
  for (const [service, root] of roots) {
    const thread = await threadOf(alice, 'general', root);
    const results = thread.filter((line) => isResult(line)).length;
    const notRun = thread.filter(isNotRun).length;
    const expected = ran.includes(service) ? [1, 0] : [0, 1];
    assert.deepEqual([results, notRun], expected, thread.map(({ text }) => text).join('\n'));
    assert.ok(thread.length <= 2, 'at most one acknowledgement');
  }
});
