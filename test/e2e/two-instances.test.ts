import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { askForLink, executionIn, isResult, loggedIn, threadOf } from '../support/chat-reading.ts';
import { startDemo, startEmbeddedStackStorm } from '../support/demo-process.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LoginClient } from '../support/login-client.ts';
import { PlaygroundClient } from '../support/playground-client.ts';
import { StackStormApi } from '../support/stackstorm-api.ts';

const parallel = 50;

const closing: (() => Promise<void>)[] = [];
const t = { after: (done: () => Promise<void>) => void closing.push(done) };
let one = '';
let other = '';
let api: StackStormApi;

before(async () => {
  const [stackstorm, folder] = await Promise.all([startEmbeddedStackStorm(t), temporaryFolder(t)]);
  const storage = `sqlite://${join(folder, 'both.sqlite')}`;
  const start = async () => (await startDemo(t, { storage, stackstorm: stackstorm.url })).url;
  [one, other] = await Promise.all([start(), start()]);
  api = await StackStormApi.as(stackstorm.url, 'admin');
});

after(async () => {
  for (const close of closing.reverse()) await close();
});

/** Every second goes to the other instance. */
function spread<T>(ask: (url: string) => Promise<T>, count = parallel): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => ask(index % 2 === 0 ? one : other)));
}

/** How often each status came. */
function tally(answers: readonly { readonly status: number }[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

test('of 50 parallel opens of one link over both, one wins', async () => {
  const link = await askForLink(new PlaygroundClient(one, 'alice'));
  const answers = await spread((url) => new LoginClient(url).open(link));
  assert.deepEqual(tally(answers), { 200: 1, 410: parallel - 1 });
  const types = new Set(answers.filter(({ status }) => status === 410).map(({ body }) => body['type']));
  assert.equal(types.size, 1);
  assert.match(String([...types][0]), /link-used$/u);
});

test('wrong secrets spread over both share one count', async () => {
  const bob = new PlaygroundClient(other, 'bob');
  const link = await askForLink(bob);
  const browser = new LoginClient(one);
  assert.equal((await browser.open(link)).status, 200);
  const elsewhere = browser.at(other);
  const holder = browser.at(one);
  const since = (await bob.read('dm')).at(-1)?.id ?? '';
  const answers = await spread((url) =>
    (url === one ? browser : elsewhere).password('not-plum', 'bob', 'bob'),
  );
  assert.deepEqual(tally(answers), { 401: 5, 410: parallel - 5 });
  for (const { status, body } of answers) {
    assert.match(String(body['type']), status === 401 ? /wrong-secret$/u : /login-dead$/u);
  }
  assert.equal((await holder.password('plum', 'bob', 'bob')).status, 410, 'the right secret comes too late');
  const told = (line: { text: string }) => line.text.includes('A login for you was stopped after 5 wrong');
  const first = await bob.waitFor('dm', since, told);
  assert.equal((await bob.read('dm', first.id)).filter(told).length, 0, 'told once');
});

test('1,000 wrong keys do not burn a link, and are answered 404 or told to wait', async () => {
  const link = await askForLink(new PlaygroundClient(one, 'admin'));
  const [uuid] = link.slice(link.indexOf('#') + 1).split('.');
  const wrong = () => `${uuid}.${randomBytes(32).toString('base64url')}`;
  const counts: Record<number, number> = {};
  const from = Date.now();
  for (let round = 0; round < 1_000 / parallel; round++) {
    const answers = await spread((url) => new LoginClient(url).open(wrong()));
    for (const [status, count] of Object.entries(tally(answers))) {
      counts[Number(status)] = (counts[Number(status)] ?? 0) + count;
    }
  }
  const minutes = 1 + Math.floor((Date.now() - from) / 60_000);
  const { 404: unknown = 0, 429: later = 0 } = counts;
  assert.equal(unknown + later, 1_000, JSON.stringify(counts));
  assert.ok(unknown >= 10 && unknown <= 10 * minutes, `ten a minute at both together (S6): ${unknown}`);
  assert.equal((await new LoginClient(other).open(link)).status, 200, 'the true link still opens');
  assert.equal((await new LoginClient(one).open(link)).status, 410, 'a used one is told so, not to wait');
});

test('one chat message delivered to both runs once; its result is posted once', async () => {
  const alice = await loggedIn(one, 'alice');
  const run = async (command: string) => {
    const id = randomUUID();
    const roots = await spread(
      (url) => new PlaygroundClient(url, 'alice').say('general', command, { id }),
      10,
    );
    assert.equal(new Set(roots).size, 1, 'one message');
    return roots[0] ?? '';
  };
  const root = await run('!st2 status shop');
  const result = await alice.waitFor('general', root, isResult, 30_000);
  assert.equal(String(result.threadTs), root);
  // The stream is in order: when the next result is out, both instances have heard all of the first.
  const next = await run('!st2 status cart');
  await alice.waitFor('general', next, (line) => isResult(line) && String(line.threadTs) === next, 30_000);

  const executions = await api.executions('demo.status');
  assert.deepEqual(
    executions.map(({ parameters, context }) => [parameters?.['service'], context.user]),
    [
      ['cart', 'alice'],
      ['shop', 'alice'],
    ],
  );
  for (const message of [root, next]) {
    const thread = await threadOf(alice, 'general', message);
    assert.equal(thread.length, 2, thread.map(({ text }) => text).join('\n'));
    assert.equal(thread.filter((line) => isResult(line)).length, 1);
    assert.equal(new Set(thread.map(executionIn)).size, 1);
  }
});

test('a session that ends at one instance refuses the next command at the other', async () => {
  const here = await loggedIn(one, 'alice');
  const there = new PlaygroundClient(other, 'alice');
  const before = await there.ask('general', '!st2 hello', isResult);
  assert.equal(isResult(before), true);
  await here.ask('dm', '!session_end', ({ text }) => text.includes('has ended'));

  const refused = await there.ask('general', '!st2 hello');
  assert.match(refused.text, /not logged in|session has ended/u);
  assert.match(refused.text, /nothing was run/u);
  assert.equal(refused.private, true);
  assert.equal((await api.executions('core.noop')).length, 1, 'only the one before');
});
