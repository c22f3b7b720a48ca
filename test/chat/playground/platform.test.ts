import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ChatError, type ChatUser, type Place, type Post } from '../../../src/chat/chat.ts';
import { openSqlite } from '../../../src/storage/sqlite.ts';
import type { Store } from '../../../src/storage/store.ts';
import { PlaygroundClient } from '../../support/playground-client.ts';
import { Ear, startPlayground } from '../../support/playground-server.ts';

const general: Place = { platform: 'playground', workspace: 'demo', channel: 'general', kind: 'channel' };
const directOfAlice: Place = { ...general, channel: 'dm-alice', kind: 'direct' };
const alice: ChatUser = { platform: 'playground', workspace: 'demo', id: 'alice' };

type Context = { after(done: () => Promise<void>): void };

async function memory(t: Context): Promise<Store> {
  const store = await openSqlite({ path: ':memory:' });
  t.after(() => store.close());
  return store;
}

/** Two connections on one file, as two bot processes have. */
async function twoStores(t: Context): Promise<[Store, Store]> {
  const folder = await mkdtemp(join(tmpdir(), 'playground-'));
  const path = join(folder, 'chat.sqlite');
  const stores: [Store, Store] = [await openSqlite({ path }), await openSqlite({ path })];
  t.after(async () => {
    for (const store of stores) await store.close();
    await rm(folder, { recursive: true });
  });
  return stores;
}

function chatError(code: string, reason: string) {
  return (error: unknown) => error instanceof ChatError && error.code === code && error.reason === reason;
}

test('a message in words holds its code and fields, and no URL of a button', async (t) => {
  const server = await startPlayground(t, await memory(t));
  const post: Post = {
    text: 'Log in to StackStorm.',
    parts: [
      { type: 'heading', text: 'Log in to StackStorm.' },
      { type: 'code', text: 'a\n  b' },
      { type: 'fields', fields: [{ label: 'status', value: 'succeeded' }] },
      { type: 'context', text: 'small print' },
      { type: 'buttons', buttons: [{ label: 'Log in', url: 'http://127.0.0.1/login/#uuid.key' }] },
    ],
    extra: { slack: { color: '#fff' } },
  };
  await server.playground.whisper(alice, post, { key: 'k' });
  const [line] = await new PlaygroundClient(server.url, 'alice').read('dm');
  assert.equal(line?.text, 'Log in to StackStorm.\na\n  b\nstatus: succeeded\nsmall print');
  assert.deepEqual(line?.blocks, [...(post.parts ?? []), { type: 'extra', extra: post.extra }]);
  assert.equal(line?.private, true);
  assert.equal(line?.from, 'bot');
});

test('a whisper is seen by its person alone, near where they look, else in their direct conversation', async (t) => {
  const server = await startPlayground(t, await memory(t));
  const [people, bob] = ['alice', 'bob'].map((name) => new PlaygroundClient(server.url, name));
  const near = await server.playground.whisper(alice, { text: 'psst' }, { key: '1', near: general });
  assert.equal(near.place.channel, 'general');
  const elsewhere = { ...general, channel: 'dm-bob', kind: 'direct' as const };
  const sure = await server.playground.whisper(
    alice,
    { text: 'a link' },
    { key: 'sure', near: general, mustArrive: true },
  );
  assert.equal(sure.place.channel, 'dm-alice');
  const far = await server.playground.whisper(alice, { text: 'hey' }, { key: '2', near: elsewhere });
  assert.deepEqual(far.place, directOfAlice);
  assert.deepEqual(
    (await people?.read('general'))?.map((line) => [line.text, line.private]),
    [['psst', true]],
  );
  assert.equal((await bob?.read('general'))?.length, 0);
  assert.equal((await bob?.read('dm'))?.length, 0);
});

test('what cannot be delivered is told apart', async (t) => {
  const { playground } = await startPlayground(t, await memory(t));
  const post = { text: 'x' };
  await assert.rejects(
    playground.post({ ...general, channel: 'ops' }, post, '1'),
    chatError('gone', 'channel_not_found'),
  );
  await assert.rejects(
    playground.post({ ...general, thread: '0000000001.000001' }, post, '2'),
    chatError('gone', 'thread_not_found'),
  );
  await assert.rejects(
    playground.edit({ place: general, id: 'x' }, post),
    chatError('gone', 'message_not_found'),
  );
  await assert.rejects(
    playground.whisper({ ...alice, id: 'mallory' }, post, { key: '3' }),
    chatError('cannot-deliver', 'user_not_found'),
  );
  const long = { text: 'x'.repeat(40_001) };
  await assert.rejects(playground.post(general, long, '4'), chatError('too-long', 'msg_too_long'));
});

test('places and people are found by id, by name and only here', async (t) => {
  const { playground } = await startPlayground(t, await memory(t));
  assert.deepEqual(await playground.resolveChannel(undefined, '#general'), general);
  assert.deepEqual(await playground.resolveChannel('demo', 'general'), general);
  assert.deepEqual(await playground.resolveChannel('demo', 'dm-alice'), directOfAlice);
  for (const unknown of ['ops', 'dm-mallory', '']) {
    assert.equal(await playground.resolveChannel('demo', unknown), undefined);
  }
  assert.equal(await playground.resolveChannel('T024', 'general'), undefined);
  assert.deepEqual(await playground.resolveUser('demo', 'alice'), alice);
  assert.equal(await playground.resolveUser('demo', 'mallory'), undefined);
  assert.equal(await playground.resolveUser('T024', 'alice'), undefined);
  assert.equal((await playground.profile(alice)).userName, 'alice');
});

test('a key is posted once, also by two processes at the same moment', async (t) => {
  const [one, two] = await twoStores(t);
  const first = await startPlayground(t, one);
  const second = await startPlayground(t, two);
  for (let round = 0; round < 20; round++) {
    const refs = await Promise.all(
      [first, second, first, second].map((server, at) =>
        server.playground.post(general, { text: `from ${at}` }, `key-${round}`),
      ),
    );
    assert.equal(new Set(refs.map((ref) => ref.id)).size, 1);
    for (const server of [first, second]) {
      assert.deepEqual(await server.playground.findPost(general, `key-${round}`), refs[0]);
    }
  }
  assert.equal(await first.playground.findPost(directOfAlice, 'key-1'), undefined);
  assert.equal(await first.playground.findPost(general, 'key-99'), undefined);
  const lines = await new PlaygroundClient(first.url, 'alice').read('general');
  assert.equal(lines.length, 20);
});

test('two processes on one file are one chat: same messages, same order, edits seen, waiting readers woken', async (t) => {
  const [one, two] = await twoStores(t);
  const first = await startPlayground(t, one);
  const second = await startPlayground(t, two);
  const [here, there] = [first, second].map((server) => new PlaygroundClient(server.url, 'alice'));
  if (here === undefined || there === undefined) throw new Error('two clients');

  await Promise.all([...Array(30).keys()].map((n) => (n % 2 ? here : there).say('general', `message ${n}`)));
  const lines = await here.read('general');
  assert.deepEqual(await there.read('general'), lines);
  assert.equal(new Set(lines.map((line) => line.id)).size, 30);
  assert.deepEqual(
    lines.map((line) => line.id),
    lines.map((line) => line.id).toSorted(),
  );

  const last = lines.at(-1)?.id ?? '';
  const waiting = there.waitFor('general', last, (line) => line.text === 'later');
  const ref = await first.playground.post(general, { text: 'later' }, 'k');
  assert.equal((await waiting).id, ref.id);
  await second.playground.edit(ref, { text: 'edited over there' });
  assert.equal((await here.read('general')).at(-1)?.text, 'edited over there');
});

test('a mark on a message is seen from both processes, once, in place of the one before', async (t) => {
  const [one, two] = await twoStores(t);
  const first = await startPlayground(t, one);
  const second = await startPlayground(t, two);
  const ref = await first.playground.post(general, { text: 'a command' }, 'k');
  await first.playground.react(ref, 'eyes');
  await second.playground.react(ref, 'eyes');
  await second.playground.react(ref, 'rocket', 'eyes');
  await first.playground.react(ref, 'rocket', 'eyes');
  const { messages } = await first.playground.read({
    user: 'alice',
    channel: 'general',
    waitMs: 0,
    signal: new AbortController().signal,
  });
  assert.deepEqual(messages.at(-1)?.reactions, ['rocket']);
  assert.equal(messages.at(-1)?.edited, false);
  await assert.rejects(
    first.playground.react({ ...ref, id: 'x' }, 'x'),
    chatError('gone', 'message_not_found'),
  );
});

test('one message sent to both processes is one message and one event, heard by both', async (t) => {
  const [one, two] = await twoStores(t);
  const first = await startPlayground(t, one);
  const second = await startPlayground(t, two);
  const ids = await Promise.all(
    [first, second].map((server) => new PlaygroundClient(server.url, 'bob').say('dm', 'help', { id: 'e-1' })),
  );
  assert.equal(ids[0], ids[1]);
  const heard = [...(await first.ear.heard(1)), ...(await second.ear.heard(1))];
  assert.deepEqual(heard[0], heard[1]);
  assert.equal(heard[0]?.eventId, 'e-1');
});

test('a process that starts finds the chat again, and hears what was typed just before once more', async (t) => {
  const store = await memory(t);
  let now = Date.parse('2026-11-22T12:00:00Z');
  const before = await startPlayground(t, store, { now: () => now });
  const alices = new PlaygroundClient(before.url, 'alice');
  await alices.say('general', 'long ago');
  now += 130_000;
  await alices.say('general', '!st2 list vms');
  await before.playground.post(general, { text: 'answer' }, 'k');

  const after = await startPlayground(t, store, { now: () => now, ear: new Ear() });
  assert.deepEqual(
    (await after.ear.heard(1)).map((message) => [message.text, message.eventId]),
    before.ear.messages.slice(1).map((message) => [message.text, message.eventId]),
  );
  assert.equal((await new PlaygroundClient(after.url, 'alice').read('general')).length, 3);
  assert.ok(await after.playground.findPost(general, 'k'));
});

test('a clock that goes back does not put new messages before old ones', async (t) => {
  let now = Date.parse('2026-11-22T12:00:00Z');
  const { playground, url } = await startPlayground(t, await memory(t), { now: () => now });
  const first = await playground.post(general, { text: 'first' }, '1');
  now -= 3_600_000;
  const second = await playground.post(general, { text: 'second' }, '2');
  assert.ok(second.id > first.id);
  const after = await new PlaygroundClient(url, 'alice').read('general', first.id);
  assert.deepEqual(
    after.map((line) => line.text),
    ['second'],
  );
});

test('old messages are forgotten, the newest stay, and their store rows go too', async (t) => {
  const store = await memory(t);
  const { playground, url } = await startPlayground(t, store, { keep: 20 });
  const first = await playground.post(general, { text: 'number 0' }, 'key-0');
  for (let n = 1; n < 60; n++) await playground.post(general, { text: `number ${n}` }, `key-${n}`);
  const lines = await new PlaygroundClient(url, 'alice').read('general');
  assert.equal(lines.at(-1)?.text, 'number 59');
  assert.ok(lines.length >= 20 && lines.length <= 22, String(lines.length));
  await assert.rejects(playground.edit(first, { text: 'x' }), chatError('gone', 'message_not_found'));
  let rows = 0;
  for await (const _ of store.scan('playground:')) rows += 1;
  assert.equal(rows, lines.length);

  const again = await startPlayground(t, store, { keep: 20 });
  const after = await new PlaygroundClient(again.url, 'alice').read('general');
  assert.deepEqual(after, lines);
});

test('nothing that was typed stands readable in the store', async (t) => {
  const store = await memory(t);
  const { url } = await startPlayground(t, store);
  await new PlaygroundClient(url, 'alice').say('dm', '!session_start plumtree');
  for await (const { value } of store.scan('playground:')) assert.doesNotMatch(value, /plumtree/);
});
