import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatError, type ChatErrorCode, type ChatUser, type Place } from '../../../src/chat/chat.ts';
import type { OutgoingCall } from '../../../src/chat/playground/weather.ts';
import { openSqlite } from '../../../src/storage/sqlite.ts';
import { PlaygroundClient } from '../../support/playground-client.ts';
import { startPlayground } from '../../support/playground-server.ts';

const general: Place = { platform: 'playground', workspace: 'demo', channel: 'general', kind: 'channel' };
const alice: ChatUser = { platform: 'playground', workspace: 'demo', id: 'alice' };
const codes: readonly ChatErrorCode[] = ['rate-limited', 'unavailable', 'gone', 'too-long', 'cannot-deliver'];

test('each call throws each fault on request, before anything was done', async (t) => {
  const store = await openSqlite({ path: ':memory:' });
  const due: ChatError[] = [];
  const calls: OutgoingCall[] = [];
  const { playground, url } = await startPlayground(t, store, {
    weather: {
      before: (call) => {
        calls.push(call);
        return due.shift();
      },
    },
  });
  t.after(() => store.close());
  const ref = await playground.post(general, { text: 'stands' }, 'stands');
  for (const code of codes) {
    const fault = new ChatError(code, 'stormy', { retryAfterMs: 30 });
    due.push(fault, fault, fault);
    const isFault = (error: unknown) => error === fault;
    await assert.rejects(playground.post(general, { text: 'lost' }, code), isFault);
    await assert.rejects(playground.edit(ref, { text: 'lost' }), isFault);
    await assert.rejects(playground.whisper(alice, { text: 'lost' }, { key: code }), isFault);
  }
  assert.deepEqual(new Set(calls), new Set(['post', 'edit', 'whisper']));
  const lines = await new PlaygroundClient(url, 'alice').read('general');
  assert.deepEqual(
    lines.map((line) => [line.text, line.edited]),
    [['stands', false]],
  );
});

test('an answer that is lost after the post leaves one post, found by its key', async (t) => {
  const store = await openSqlite({ path: ':memory:' });
  const due = [new ChatError('unavailable', 'answer_lost')];
  const { playground, url } = await startPlayground(t, store, { weather: { after: () => due.shift() } });
  t.after(() => store.close());
  await assert.rejects(playground.post(general, { text: 'once' }, 'k'), ChatError);
  const found = await playground.findPost(general, 'k');
  assert.ok(found);
  assert.deepEqual(await playground.post(general, { text: 'once' }, 'k'), found);
  assert.equal((await new PlaygroundClient(url, 'alice').read('general')).length, 1);
});

test('a message comes twice, late, edited and at another instance on request', async (t) => {
  const store = await openSqlite({ path: ':memory:' });
  const other = await startPlayground(t, store);
  const later = aPromise();
  const { ear, url } = await startPlayground(t, store, {
    weather: {
      deliveries: (message) => [
        {},
        { at: other.playground },
        { message: { ...message, text: 'edited' } },
        { after: later.promise },
      ],
    },
  });
  t.after(() => store.close());
  await new PlaygroundClient(url, 'alice').say('general', 'typed');
  assert.deepEqual(
    (await ear.heard(2)).map((message) => message.text),
    ['typed', 'edited'],
  );
  later.resolve();
  const here = await ear.heard(3);
  const there = await other.ear.heard(1);
  assert.equal(here[2]?.text, 'typed');
  assert.deepEqual(there[0], here[0]);
  assert.equal(new Set(here.map((message) => message.eventId)).size, 1);
});

test('a late message does not come after the stop', async (t) => {
  const store = await openSqlite({ path: ':memory:' });
  const later = aPromise();
  const { ear, playground, url } = await startPlayground(t, store, {
    weather: { deliveries: () => [{ after: later.promise }] },
  });
  t.after(() => store.close());
  await new PlaygroundClient(url, 'alice').say('general', 'typed');
  await playground.stop();
  later.resolve();
  await later.promise;
  assert.equal(ear.messages.length, 0);
});

function aPromise(): { readonly promise: Promise<void>; resolve(): void } {
  const source = new EventTarget();
  const promise = new Promise<void>((done) => {
    source.addEventListener('resolve', () => done());
  });
  return { promise, resolve: () => source.dispatchEvent(new Event('resolve')) };
}
