import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { askForLink, executionIn, isResult, loggedIn, threadOf } from '../support/chat-reading.ts';
import { startDemo, startEmbeddedStackStorm } from '../support/demo-process.ts';
import { temporaryFolder } from '../support/folder.ts';
import { freePort } from '../support/free-port.ts';
import { LoginClient } from '../support/login-client.ts';
import { type ChatLine, PlaygroundClient } from '../support/playground-client.ts';
import { StackStormApi } from '../support/stackstorm-api.ts';
import { startFront } from '../support/stackstorm-front.ts';

const post = /^POST \/api\/v1\/aliasexecution$/u;
const stream = /^GET \/stream\/v1\/stream$/u;
const aliases = /^GET \/api\/v1\/actionalias$/u;
const tokens = /^POST \/auth\/v1\/tokens$/u;
const patience = 60_000;

/** A bot with alice logged in, and a front between it and StackStorm. */
async function createTroubled(t: TestContext, stackstormUrl: string) {
  const front = await startFront(t, stackstormUrl);
  const storage = `sqlite://${join(await temporaryFolder(t), 'bot.sqlite')}`;
  const options = { storage, stackstorm: front.url, port: await freePort() };
  const start = () => startDemo(t, options);
  const bot = await start();
  const alice = await loggedIn(bot.url, 'alice');
  /** The command's one result, after which the thread holds nothing twice. */
  const finished = async (root: string): Promise<ChatLine> => {
    const result = await alice.waitFor(
      'general',
      root,
      (line) => isResult(line) && inThread(line, root),
      patience,
    );
    const thread = await threadOf(alice, 'general', root);
    assert.equal(thread.length, 2, `acknowledgement and result in\n${words(thread)}`);
    assert.equal(thread.filter((line) => isResult(line)).length, 1, words(thread));
    return result;
  };
  return { front, bot, start, alice, finished };
}

function inThread(line: ChatLine, root: string): boolean {
  return String(line.threadTs) === root;
}

function words(lines: readonly ChatLine[]): string {
  return lines.map(({ text }) => text).join('\n');
}

test('StackStorm in trouble: it is said, and nothing is lost', { concurrency: true }, async (t) => {
  const stackstorm = await startEmbeddedStackStorm(t);
  const api = await StackStormApi.as(stackstorm.url, 'admin');

  await Promise.all([
    t.test('a stream that is cut, with the announcement in the gap: one result', async () => {
      const { front, alice, finished } = await createTroubled(t, stackstorm.url);
      const announcements = await api.listen('st2.announcement__errbot');
      const root = await alice.say('general', '!st2 wait 1 seconds');
      const ack = await alice.waitFor('general', root, ({ text }) => text.includes('execution '));
      assert.equal(isResult(ack), false, 'cut too late');
      const over = front.trouble(stream, 'cut');
      front.cutStreams();
      let heard = '';
      while (!heard.includes(executionIn(ack))) heard += await announcements.next();
      announcements.close();
      over();
      const result = await finished(root);
      assert.equal(executionIn(result), executionIn(ack));
      assert.equal((await api.executions('demo.wait')).length, 1);
    }),

    t.test('HTML instead of the stream and of the execution, until StackStorm is back', async () => {
      const { front, alice, finished } = await createTroubled(t, stackstorm.url);
      const over = front.trouble(/^GET /u, 'html');
      front.cutStreams();
      const root = await alice.say('general', '!st2 status shop');
      const ack = await alice.waitFor('general', root, ({ text }) => text.includes('execution '));
      await api.ended(executionIn(ack));
      await front.asked(stream);
      over();
      await finished(root);
      assert.equal((await api.executions('demo.status')).length, 1);
    }),

    t.test('a slow POST, one that is cut after it was done, and one that HTML answers', async () => {
      const { front, alice, finished } = await createTroubled(t, stackstorm.url);
      const answeredWithHtml = front.trouble(post, 'html');
      const lost = await alice.say('general', '!st2 deploy shop to prod');
      const notice = await alice.waitFor('general', lost, ({ text }) => text.includes('did not answer'));
      assert.match(notice.text, /do not repeat it yet/u);
      answeredWithHtml();

      const holding = front.hold(post, 'request');
      const slow = await alice.say('general', '!st2 scale shop to 3');
      const held = await holding;
      const who = await alice.ask('dm', '!whoami');
      assert.match(who.text, /alice/u, 'others do not wait for it');
      held.pass();
      await finished(slow);

      const answering = front.hold(post, 'answer');
      const cut = await alice.say('general', '!st2 scale cart to 2');
      (await answering).cut();
      const result = await finished(cut);
      assert.match(result.text, /cart/u);
      const scaled = await api.executions('demo.scale');
      assert.deepEqual(
        scaled.map(({ parameters }) => parameters?.['app']),
        ['cart', 'shop'],
      );

      const told = await alice.waitFor('general', lost, ({ text }) => text.includes('was not run'), patience);
      assert.equal(told.id, notice.id, 'the notice itself is edited');
      assert.equal((await threadOf(alice, 'general', lost)).length, 1);
      assert.equal((await api.executions('demo.deploy')).length, 0);
      assert.equal(
        front.heard.filter(({ path }) => path.endsWith('/aliasexecution')).length,
        3,
        'no POST twice',
      );
    }),

    t.test('HTML from everything while the bot starts: it says so, and recovers alone', async () => {
      const { front, bot, start } = await createTroubled(t, stackstorm.url);
      await bot.stop();
      const over = front.trouble(/./u, 'html');
      const again = await start();
      const alice = new PlaygroundClient(again.url, 'alice');
      const refused = await alice.ask('general', '!st2 list vms', ({ text }) =>
        text.includes('nothing was run'),
      );
      assert.match(refused.text, /not been able to read the aliases from StackStorm yet/u);
      const help = await alice.ask('dm', '!help');
      assert.match(help.text, /not been able to read the aliases/u);
      const bob = new PlaygroundClient(again.url, 'bob');
      const browser = new LoginClient(again.url);
      assert.equal((await browser.open(await askForLink(bob))).status, 200);
      const unavailable = await browser.password('plum', 'bob', 'bob');
      assert.equal(unavailable.status, 503);
      assert.match(String(unavailable.body['type']), /login-unavailable$/u);

      over();
      await Promise.all([front.asked(aliases), front.asked(tokens)]);
      await alice.ask('general', '!st2 list vms', isResult);
      let answer = unavailable;
      while (answer.status === 503) answer = await browser.password('plum', 'bob', 'bob');
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
    }),
  ]);
});

test('StackStorm restarts: what it forgot is said, and no one runs as the bot', async (t) => {
  const stackstorm = await startEmbeddedStackStorm(t);
  const bot = await startDemo(t, { stackstorm: stackstorm.url });
  const alice = await loggedIn(bot.url, 'alice');
  const root = await alice.say('general', '!st2 wait 60 seconds');
  const ack = await alice.waitFor('general', root, ({ text }) => text.includes('execution '));

  await stackstorm.stop('SIGKILL');
  const down = await alice.ask('general', '!st2 list vms', ({ text }) => text.includes('nothing was run'));
  assert.match(down.text, /StackStorm cannot be reached/u);

  const again = await startEmbeddedStackStorm(t, { port: Number(new URL(stackstorm.url).port) });
  const gone = await alice.waitFor(
    'general',
    root,
    ({ text }) => /does not know execution/u.test(text),
    patience,
  );
  assert.equal(executionIn(gone), executionIn(ack));
  assert.equal(inThread(gone, root), true);

  const command = await alice.say('general', '!st2 list vms');
  const [refused, ended] = await Promise.all([
    alice.waitFor('general', command, ({ text }) => text.includes('nothing was run')),
    alice.waitFor('dm', root, ({ text }) => text.includes('your session has ended')),
  ]);
  assert.match(refused.text, /does not take your login any more.*!session_start/u);
  assert.equal(refused.private, true);
  assert.match(ended.text, /To log in again.*!session_start/u);
  const next = await alice.ask('general', '!st2 list vms', ({ text }) => text.includes('nothing was run'));
  assert.match(next.text, /!session_start/u);
  const api = await StackStormApi.as(again.url, 'admin');
  assert.equal((await api.executions('demo.list_vms')).length, 0, 'not run, neither as alice nor as the bot');

  await loggedIn(bot.url, 'alice');
  await alice.ask('general', '!st2 list vms', isResult);
  const executions = await api.executions('demo.list_vms');
  assert.deepEqual(
    executions.map(({ context }) => context.user),
    ['alice'],
  );
  assert.equal((await threadOf(alice, 'general', root)).length, 2, 'acknowledged once, given up once');
});
