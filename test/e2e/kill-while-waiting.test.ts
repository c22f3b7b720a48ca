import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { recorded } from '../support/audit-watch.ts';
import { isResult, loggedIn, threadOf } from '../support/chat-reading.ts';
import { startDemo, startEmbeddedStackStorm } from '../support/demo-process.ts';
import { temporaryFolder } from '../support/folder.ts';
import { freePort } from '../support/free-port.ts';
import { type ChatLine, PlaygroundClient } from '../support/playground-client.ts';
import { inquiryIn, isQuestion, opened, PlaygroundDialogs } from '../support/playground-dialog.ts';
import { StackStormApi } from '../support/stackstorm-api.ts';
import { startFront } from '../support/stackstorm-front.ts';

const patience = 60_000;

/** A bot that can be killed and started again on the same database and port, with a front before StackStorm. */
async function createMortal(t: TestContext, stackstormUrl: string, env = {}) {
  const front = await startFront(t, stackstormUrl);
  const database = join(await temporaryFolder(t), 'bot.sqlite');
  const options = { storage: `sqlite://${database}`, stackstorm: front.url };
  const port = await freePort();
  const start = (env: Readonly<Record<string, string>> = {}) => startDemo(t, { ...options, port, env });
  const bot = await start(env);
  return {
    front,
    bot,
    start,
    startBeside: () => startDemo(t, options),
    audit: `${database}.audit.jsonl`,
    alice: await loggedIn(bot.url, 'alice'),
  };
}

/** The questions in the thread, and whoever stands where they stood. */
async function questionsIn(person: PlaygroundClient, root: string): Promise<ChatLine[]> {
  const thread = await threadOf(person, 'general', root);
  return thread.filter(({ text }) => text.includes('demo.release asks'));
}

/** Answers the first question at this instance, and waits until its message says by whom. */
async function answerAt(url: string, root: string): Promise<void> {
  const person = new PlaygroundClient(url, 'alice');
  const question = await person.waitFor('general', root, isQuestion, patience);
  const dialog = await opened(new PlaygroundDialogs(url, 'alice'), question);
  assert.deepEqual(await dialog.send({ strategy: '0', instances: '2', notify: true }), { kind: 'done' });
  await person.waitFor(
    'general',
    '0',
    ({ id, text }) => id === question.id && text.includes('Answered by alice'),
    patience,
  );
  const next = await person.waitFor(
    'general',
    root,
    (line) => isQuestion(line) && line.id !== question.id,
    patience,
  );
  assert.match(next.text, /continue the workflow/, 'and the workflow goes on');
  assert.equal((await questionsIn(person, root)).length, 2, 'each was asked once');
}

/** kill -9 of the bot's process by itself, around the statement by which it takes up what has passed its second step. */
function diesAt(when: 'before' | 'after', count: number, laterMs = 0): Record<string, string> {
  const preload = fileURLToPath(new URL('../support/kill-at-preload.mjs', import.meta.url));
  const env = { KILL_AT: `${when}:${count}:claim:step:`, NODE_OPTIONS: `--import ${preload}` };
  return laterMs === 0 ? env : { ...env, NODE_OPTIONS: `${env.NODE_OPTIONS} ${laterBy(laterMs)}` };
}

/** The process believes that so much time has gone by. */
function laterBy(ms: number): string {
  return `--import data:text/javascript,const{now}=Date;Date.now=()=>now()+${ms}`;
}

/** What the bot says in the thread of a message, and says of it now. */
function inThread(person: PlaygroundClient, root: string, words: RegExp): Promise<ChatLine> {
  return person.waitFor('general', '0', (line) => String(line.threadTs) === root && words.test(line.text));
}

test('kill -9 of the bot around a question: asked once, answered once', { concurrency: true }, async (t) => {
  const stackstorm = await startEmbeddedStackStorm(t);
  const api = await StackStormApi.as(stackstorm.url, 'admin');

  await Promise.all([
    t.test(
      'while commands wait for a login, a confirmation and approvals, and between approval and run',
      async () => {
        const minute = 60_000;
        const first = await createMortal(t, stackstorm.url, diesAt('before', 1));
        const { alice } = first;
        const { url } = first.bot;
        const bob = new PlaygroundClient(url, 'bob');
        const admin = await loggedIn(url, 'admin');
        const press = async (person: string, line: ChatLine, label: string) => {
          await new PlaygroundDialogs(url, person).press(line, label);
        };
        const actions = async (ref: string) =>
          (await api.executions(ref)).map(({ context, parameters }) => [context.user, parameters?.['app']]);

        const kept = await bob.say('general', '!st2 list vms');
        await inThread(bob, kept, /not logged in/);
        const confirmed = await alice.say('general', '!st2 pack install');
        const confirm = await inThread(alice, confirmed, /Please confirm/);
        const commands = ['one', 'two', 'three'].map((app) => `!st2 roll out ${app} 2.4.1`);
        const [one = '', two = '', three = ''] = await Promise.all(
          commands.map((command) => alice.say('general', command)),
        );
        const asked = (root: string) => inThread(alice, root, /waits until one other person/);
        const [askedOne, askedTwo] = [await asked(one), await asked(two), await asked(three)];

        // The approval is noted; the process is dead before it takes the command up.
        const died = once(first.bot.child, 'exit', { signal: AbortSignal.timeout(patience) });
        await press('admin', askedOne, 'Approve').catch(() => undefined);
        assert.deepEqual(await died, [null, 'SIGKILL']);
        assert.deepEqual(await actions('demo.roll_out'), []);
        const second = await first.start(diesAt('after', 3, minute));
        await inThread(alice, one, /asked to run this\. It was approved, and runs now/);
        await inThread(alice, one, /Why is this rolled out/);
        assert.deepEqual(await actions('demo.roll_out'), [['alice', 'one']]);

        // What waits for its own person.
        await press('alice', confirm, 'Run it');
        await inThread(alice, confirmed, /succeeded/);
        assert.equal((await actions('core.noop')).length, 1);
        await loggedIn(url, 'bob');
        const offer = await bob.waitFor('dm', '0', (line) =>
          /Before that you asked for this/.test(line.text),
        );
        await press('bob', offer, 'Run it now');
        await bob.waitFor('general', kept, isResult);
        await press('bob', offer, 'Run it now');
        await bob.waitFor('dm', offer.id, ({ text }) => /not kept any more/.test(text));
        assert.equal((await actions('demo.list_vms')).length, 1);

        // It is dead just after it has taken the command up: it is not run again, and alice is told.
        const diedAgain = once(second.child, 'exit', { signal: AbortSignal.timeout(patience) });
        await press('admin', askedTwo, 'Approve').catch(() => undefined);
        assert.deepEqual(await diedAgain, [null, 'SIGKILL']);
        await first.start({ NODE_OPTIONS: laterBy(45 * minute) });
        await inThread(alice, two, /asked to run this\. I was stopped just as I took this up/);
        await inThread(alice, three, /asked to run this\. Nobody approved it in time/);
        await admin.waitFor(
          'general',
          '0',
          ({ id, text }) => id === askedOne.id && /approved by admin/.test(text),
        );
        assert.deepEqual(await actions('demo.roll_out'), [['alice', 'one']], 'each once, or not at all');
        const thread = await threadOf(alice, 'general', one);
        assert.equal(thread.filter(isQuestion).length, 1);
      },
    ),

    t.test(
      'before it is asked, and at the moment that it was: its button works after the restart',
      async () => {
        const { front, bot, start, audit, alice } = await createMortal(t, stackstorm.url);
        const reading = front.hold(/^GET \/api\/v1\/inquiries\/[0-9a-f]+$/u, 'answer');
        const root = await alice.say('general', '!st2 release shop');
        await reading;
        await bot.stop('SIGKILL');
        const again = await start();
        await recorded(audit, 'inquiry.asked');
        await again.stop('SIGKILL');
        await answerAt((await start()).url, root);
      },
    ),

    t.test('while it waits, and somebody answers elsewhere meanwhile', async () => {
      const { bot, start, alice } = await createMortal(t, stackstorm.url);
      const root = await alice.say('general', '!st2 release shop');
      const question = await alice.waitFor('general', root, isQuestion, patience);
      await bot.stop('SIGKILL');
      await api.respond(inquiryIn(question), { strategy: 'rolling', instances: 1 });
      const person = new PlaygroundClient((await start()).url, 'alice');
      const fits = ({ id, text }: ChatLine) => id === question.id && text.includes('Answered elsewhere');
      await person.waitFor('general', '0', fits, patience);
      const next = await person.waitFor(
        'general',
        root,
        (line) => isQuestion(line) && line.id !== question.id,
        patience,
      );
      assert.match(next.text, /continue the workflow/, 'what was asked meanwhile is asked');
    }),

    t.test('another instance is there: it answers what the first one asked, and takes over', async () => {
      const { bot, startBeside, alice } = await createMortal(t, stackstorm.url);
      const other = await startBeside();
      const root = await alice.say('general', '!st2 release shop');
      await alice.waitFor('general', root, isQuestion, patience);
      await answerAt(other.url, root);
      await bot.stop('SIGKILL');
      const person = new PlaygroundClient(other.url, 'alice');
      const question = await person.waitFor('general', root, isQuestion, patience);
      const dialog = await opened(new PlaygroundDialogs(other.url, 'alice'), question);
      assert.deepEqual(await dialog.send({ continue: 'yes' }), { kind: 'done' });
      await person.waitFor(
        'general',
        root,
        ({ text }) => /demo\.release[\s\S]*succeeded/.test(text),
        patience,
      );
      assert.equal((await questionsIn(person, root)).length, 2);
    }),
  ]);
});
