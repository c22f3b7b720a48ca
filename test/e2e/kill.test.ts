import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { recorded } from '../support/audit-watch.ts';
import { executionIn, isResult, loggedIn, threadOf } from '../support/chat-reading.ts';
import { startDemo, startEmbeddedStackStorm } from '../support/demo-process.ts';
import { temporaryFolder } from '../support/folder.ts';
import { freePort } from '../support/free-port.ts';
import { type ChatLine, PlaygroundClient } from '../support/playground-client.ts';
import { StackStormApi } from '../support/stackstorm-api.ts';
import { startFront } from '../support/stackstorm-front.ts';

const post = /^POST \/api\/v1\/aliasexecution$/u;

/** A bot that can be killed and started again on the same database and port, with a front before StackStorm. */
async function createMortal(t: TestContext, stackstormUrl: string) {
  const front = await startFront(t, stackstormUrl);
  const folder = await temporaryFolder(t);
  const database = join(folder, 'bot.sqlite');
  const options = { storage: `sqlite://${database}`, stackstorm: front.url };
  const port = await freePort();
  const start = () => startDemo(t, { ...options, port });
  const bot = await start();
  return {
    front,
    bot,
    start,
    /** Another instance beside it. */
    startBeside: () => startDemo(t, options),
    audit: `${database}.audit.jsonl`,
    alice: await loggedIn(bot.url, 'alice'),
  };
}

/** Each is written before the step that follows it: the POST, the acknowledgement, the result. */
const killedAt = [
  { event: 'execution.requested', command: '!st2 deploy shop to prod', action: 'demo.deploy' },
  { event: 'execution.accepted', command: '!st2 fail', action: 'demo.fail' },
  { event: 'execution.finished', command: '!st2 list vms', action: 'demo.list_vms' },
];

function textOf(lines: readonly ChatLine[]): string {
  return lines.map(({ text }) => text).join('\n');
}

/** Counts once more when everything that could have come twice has had its time. */
type Recount = () => Promise<void>;

test('kill -9 of the bot: one execution, one result, in the thread', { concurrency: true }, async (t) => {
  const stackstorm = await startEmbeddedStackStorm(t);
  const api = await StackStormApi.as(stackstorm.url, 'admin');
  const recounts: Recount[] = [];

  async function oneResult(person: PlaygroundClient, root: string, action: string): Promise<void> {
    const executions = await api.executions(action);
    assert.equal(executions.length, 1, 'one execution');
    assert.equal(executions[0]?.context.user, 'alice');
    const thread = await threadOf(person, 'general', root);
    const results = thread.filter((line) => isResult(line, executions[0]?.id));
    assert.equal(results.length, 1, `one result in\n${textOf(thread)}`);
  }

  await Promise.all([
    t.test('(a) after the claim, before the POST: the person is told that it was not run', async () => {
      const { front, bot, start, alice } = await createMortal(t, stackstorm.url);
      const leaving = front.hold(post, 'request');
      const root = await alice.say('general', '!st2 scale shop to 3');
      await leaving;
      await bot.stop('SIGKILL');

      const again = await start();
      const person = new PlaygroundClient(again.url, 'alice');
      const told = await person.waitFor('general', root, ({ text }) => text.includes('was not run'), 60_000);
      assert.equal(String(told.threadTs), root);
      assert.match(told.text, /You can send it again/u);
      assert.equal((await api.executions('demo.scale')).length, 0, 'it was not run');
      assert.equal(front.heard.filter(({ path }) => path.endsWith('/aliasexecution')).length, 1);
      assert.equal((await threadOf(person, 'general', root)).length, 1, 'told once');

      await person.ask('general', '!st2 scale shop to 3', isResult);
      assert.equal((await api.executions('demo.scale')).length, 1);
    }),

    t.test('(b) after the POST was sent, before its 201 was read', async () => {
      const { front, bot, start, alice } = await createMortal(t, stackstorm.url);
      const answered = front.hold(post, 'answer');
      const root = await alice.say('general', '!st2 status shop');
      await answered;
      await bot.stop('SIGKILL');

      const again = await start();
      const person = new PlaygroundClient(again.url, 'alice');
      const result = await person.waitFor('general', root, isResult, 60_000);
      assert.equal(String(result.threadTs), root);
      assert.match(result.text, /alice/u);
      await oneResult(person, root, 'demo.status');
      recounts.push(() => oneResult(person, root, 'demo.status'));
    }),

    t.test('(c) between acknowledgement and result, the execution ending while the bot is down', async () => {
      const { bot, start, alice } = await createMortal(t, stackstorm.url);
      const root = await alice.say('general', '!st2 wait 1 seconds');
      const ack = await alice.waitFor('general', root, ({ text }) => text.includes('execution '));
      assert.equal(isResult(ack), false, 'killed too late: the result came with the acknowledgement');
      await bot.stop('SIGKILL');
      const ended = await api.ended(executionIn(ack));
      assert.equal(ended.status, 'succeeded');

      const again = await start();
      const person = new PlaygroundClient(again.url, 'alice');
      const result = await person.waitFor('general', root, isResult, 60_000);
      assert.equal(String(result.threadTs), root);
      assert.equal(executionIn(result), ended.id);
      await person.waitFor(
        'general',
        root,
        ({ id, text }) => id === ack.id && /Succeeded/u.test(text),
        60_000,
      );
      await oneResult(person, root, 'demo.wait');
      const thread = await threadOf(person, 'general', root);
      assert.equal(thread.length, 2, 'the acknowledgement and the result, each once');
      recounts.push(() => oneResult(person, root, 'demo.wait'));
    }),

    ...killedAt.map(({ event, command, action }) =>
      t.test(`(d) at the moment that ${event} is recorded`, async () => {
        const { bot, start, audit, alice } = await createMortal(t, stackstorm.url);
        const reached = recorded(audit, event);
        const root = await alice.say('general', command);
        await reached;
        await bot.stop('SIGKILL');

        const again = await start();
        const person = new PlaygroundClient(again.url, 'alice');
        const last = await person.waitFor(
          'general',
          root,
          (line) => isResult(line) || line.text.includes('was not run'),
          60_000,
        );
        assert.equal(String(last.threadTs), root);
        if (isResult(last)) {
          await oneResult(person, root, action);
          recounts.push(() => oneResult(person, root, action));
        } else {
          assert.equal(event, 'execution.requested', 'what StackStorm took has a result');
          assert.equal((await api.executions(action)).length, 0);
        }
        const thread = await threadOf(person, 'general', root);
        const others = thread.filter((line) => line.id !== last.id);
        assert.ok(others.length <= 1, `at most one acknowledgement in\n${textOf(thread)}`);
      }),
    ),

    t.test('(e) another instance is there: it takes the run over', async () => {
      const { bot, startBeside, audit, alice } = await createMortal(t, stackstorm.url);
      const other = await startBeside();
      const reached = recorded(audit, 'execution.accepted');
      const root = await alice.say('general', '!st2 localrun uptime');
      await reached;
      await bot.stop('SIGKILL');

      const person = new PlaygroundClient(other.url, 'alice');
      const result = await person.waitFor('general', root, isResult, 60_000);
      assert.equal(String(result.threadTs), root);
      await oneResult(person, root, 'core.local');
      recounts.push(() => oneResult(person, root, 'core.local'));
    }),
  ]);

  await t.test('and half a minute later nothing has come twice', async () => {
    assert.ok(recounts.length >= 5);
    for (const recount of recounts) await recount();
  });
});
