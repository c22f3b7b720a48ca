import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { recorded } from '../support/audit-watch.ts';
import { loggedIn, threadOf } from '../support/chat-reading.ts';
import { startDemo, startEmbeddedStackStorm } from '../support/demo-process.ts';
import { temporaryFolder } from '../support/folder.ts';
import { freePort } from '../support/free-port.ts';
import { type ChatLine, PlaygroundClient } from '../support/playground-client.ts';
import { inquiryIn, isQuestion, opened, PlaygroundDialogs } from '../support/playground-dialog.ts';
import { StackStormApi } from '../support/stackstorm-api.ts';
import { startFront } from '../support/stackstorm-front.ts';

const patience = 60_000;

/** A bot that can be killed and started again on the same database and port, with a front before StackStorm. */
async function createMortal(t: TestContext, stackstormUrl: string) {
  const front = await startFront(t, stackstormUrl);
  const database = join(await temporaryFolder(t), 'bot.sqlite');
  const options = { storage: `sqlite://${database}`, stackstorm: front.url };
  const port = await freePort();
  const start = () => startDemo(t, { ...options, port });
  const bot = await start();
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

test('kill -9 of the bot around a question: asked once, answered once', { concurrency: true }, async (t) => {
  const stackstorm = await startEmbeddedStackStorm(t);
  const api = await StackStormApi.as(stackstorm.url, 'admin');

  await Promise.all([
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
