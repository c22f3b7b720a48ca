import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { askForLink } from '../support/chat-reading.ts';
import { startDemo, startEmbeddedStackStorm } from '../support/demo-process.ts';
import { LoginClient } from '../support/login-client.ts';
import { PlaygroundClient } from '../support/playground-client.ts';
import { type StackStormFront, startFront } from '../support/stackstorm-front.ts';

const tokens = /^POST \/auth\/v1\/tokens$/u;

const closing: (() => Promise<void>)[] = [];
const t = { after: (done: () => Promise<void>) => void closing.push(done) };
let front: StackStormFront;
let url = '';

before(async () => {
  front = await startFront(t, (await startEmbeddedStackStorm(t)).url);
  url = (await startDemo(t, { stackstorm: front.url })).url;
});

after(async () => {
  for (const close of closing.reverse()) await close();
});

/** A login whose call to StackStorm is on its way and does not come back before `pass`. */
async function stuckLogin(name: string) {
  const person = new PlaygroundClient(url, name);
  const browser = new LoginClient(url);
  const link = await askForLink(person);
  assert.equal((await browser.open(link)).status, 200);
  const holding = front.hold(tokens, 'answer');
  const answering = browser.password('plum', name, name);
  const held = await holding;
  return { person, browser, link, answering, pass: () => held.pass() };
}

async function assertNoSession(person: PlaygroundClient): Promise<void> {
  const refused = await person.ask('general', '!st2 list vms', ({ text }) =>
    text.includes('nothing was run'),
  );
  assert.match(refused.text, /not logged in/u);
  assert.equal(front.heard.filter(({ path }) => path.endsWith('/aliasexecution')).length, 0);
}

test('session_end while StackStorm is slow leaves no session', async () => {
  const { person, answering, pass } = await stuckLogin('alice');
  await person.ask('dm', '!session_end', ({ text }) => text.includes('does not work any more'));
  pass();
  const answer = await answering;
  assert.equal(answer.status, 410);
  assert.match(String(answer.body['type']), /login-dead$/u);
  await assertNoSession(person);
});

test('session_cancel while StackStorm is slow leaves no session', async () => {
  const { person, answering, pass } = await stuckLogin('alice');
  const admin = new PlaygroundClient(url, 'admin');
  await admin.ask('dm', '!session_cancel playground:demo:alice', ({ text }) => /ended/iu.test(text));
  pass();
  assert.equal((await answering).status, 410);
  await assertNoSession(person);
});

test('session_start while StackStorm is slow leaves no session, and the new link works', async () => {
  const { person, answering, pass } = await stuckLogin('bob');
  const link = await askForLink(person);
  pass();
  assert.equal((await answering).status, 410);
  await assertNoSession(person);

  const browser = new LoginClient(url);
  assert.equal((await browser.open(link)).status, 200);
  const answer = await browser.password('plum', 'bob', 'bob');
  assert.equal(answer.status, 200);
  assert.equal(answer.body['stackstormUser'], 'bob');
});

test('a live session stands until the new login succeeds', async () => {
  const person = new PlaygroundClient(url, 'bob');
  const { answering, pass } = await stuckLogin('bob');
  const who = await person.ask('dm', '!whoami');
  assert.match(who.text, /bob/u);
  assert.doesNotMatch(who.text, /not logged in/u);
  pass();
  assert.equal((await answering).status, 200);
});

test('StackStorm answers HTML, or nothing, to a login: it is said, no attempt is lost', async () => {
  const person = new PlaygroundClient(url, 'admin');
  const browser = new LoginClient(url);
  const opened = await browser.open(await askForLink(person));
  const { attemptsLeft } = opened.body;
  for (const [what, how] of [
    [tokens, 'html'],
    [tokens, 'cut'],
    [/^GET \/api\/v1\/user$/u, 'html'],
    [/^GET \/api\/v1\/user$/u, 'cut'],
  ] as const) {
    const over = front.trouble(what, how);
    const answer = await browser.password('plum', 'admin', 'admin');
    over();
    assert.equal(answer.status, 502, `${what} ${how}`);
    assert.match(String(answer.body['type']), /stackstorm-unreachable$/u);
  }
  const wrong = await browser.password('plumb', 'admin', 'admin');
  assert.equal(wrong.body['attemptsLeft'], Number(attemptsLeft) - 1);
  assert.equal((await browser.password('plum', 'admin', 'admin')).status, 200);
});
