import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { ChatError, type Post } from '../../src/chat/chat.ts';
import { cutPost } from '../../src/chat/cut-post.ts';
import { DeadLetters } from '../../src/chat/dead-letters.ts';
import { createDelivery, DeliveryStopped } from '../../src/chat/delivery.ts';
import { AuditError, type AuditRecord } from '../../src/ops/audit.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { createEncryption } from '../../src/storage/aes-gcm.ts';
import { openStore } from '../../src/storage/open-store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { placeOf, RecordingChat, RecordingPlatform } from '../support/recording-chat.ts';

const alice = { platform: 'test', workspace: 'T1', id: 'U1' };

async function create(context: TestContext) {
  const clock = new ManualClock();
  const chat = new RecordingChat();
  const store = await openStore('sqlite::memory:', { now: () => clock.now() });
  context.after(() => store.close());
  const records: AuditRecord[] = [];
  const state = { auditIsBroken: false };
  const audit = {
    record: async (record: AuditRecord) => {
      if (state.auditIsBroken) throw new AuditError();
      records.push(record);
    },
  };
  const encryption = createEncryption([new Uint8Array(32)]);
  const logger = pino({ level: 'silent' });
  const deadLetters = new DeadLetters(
    { store, encryption, audit, metrics: createMetrics(), logger, clock },
    { ttlMs: 1000 },
  );
  const delivery = createDelivery({
    platforms: [new RecordingPlatform(chat)],
    deadLetters,
    logger,
    clock,
    random: () => 0,
  });
  return { clock, chat, store, records, state, deadLetters, delivery };
}

test('a rate limit is waited out as long as the platform says, and order is kept', async (context) => {
  const { clock, chat, delivery } = await create(context);
  const end = clock.now() + 7_000;
  chat.weather = (_call, key) =>
    key === 'one' && clock.now() < end
      ? new ChatError('rate-limited', 'ratelimited', { retryAfterMs: 7_000 })
      : undefined;
  const posts = ['one', 'two', 'three'].map((text) =>
    delivery.post(placeOf('C1', text), { text }, { key: text }),
  );
  await delivery.post(placeOf('C2'), { text: 'other' }, { key: 'other' });
  await clock.scheduled(7_000);
  clock.advance(6_999);
  assert.deepEqual(chat.texts, ['other'], 'another conversation does not wait');
  clock.advance(1);
  await Promise.all(posts);
  assert.deepEqual(chat.texts, ['other', 'one', 'two', 'three']);
});

test('a platform that is down is tried again with growing pauses', async (context) => {
  const { clock, chat, delivery } = await create(context);
  chat.weather = () => new ChatError('unavailable', 'fatal_error');
  const posted = delivery.post(placeOf('C1'), { text: 'x' }, { key: 'k' });
  for (const pause of [250, 500, 1000, 2000]) {
    await clock.scheduled(pause);
    clock.advance(pause);
  }
  await clock.scheduled(4000);
  chat.weather = () => undefined;
  clock.advance(4000);
  assert.equal((await posted).kind, 'posted');
  assert.equal(chat.seen.length, 1);
});

test('an attempt without an answer that posted all the same is not posted again', async (context) => {
  const { clock, chat, delivery } = await create(context);
  const platform = new RecordingPlatform(chat);
  const place = placeOf('C1');
  chat.weather = (call) => (call === 'post' ? new ChatError('unavailable', 'socket_hang_up') : undefined);
  const posting = delivery.post(place, { text: 'x' }, { key: 'k' });
  await clock.scheduled(250);
  chat.weather = () => undefined;
  const standing = await platform.post(place, { text: 'x' }, 'k');
  clock.advance(250);
  assert.deepEqual(await posting, { kind: 'posted', ref: standing });
  assert.equal(chat.keyed('k').length, 1);
});

test('what a place never takes is kept, counted, audited, and told to the person who asked', async (context) => {
  const { chat, records, state, deadLetters, delivery, store } = await create(context);
  chat.weather = (call) => (call === 'post' ? new ChatError('gone', 'channel_not_found') : undefined);
  const post = { text: 'the result' };
  const delivered = await delivery.post(placeOf('C1', '1.2'), post, { key: 'result:c1', asker: alice });
  assert.deepEqual(delivered, { kind: 'undeliverable', reason: 'channel_not_found' });
  const [told] = chat.seen;
  assert.equal(told?.user, 'U1');
  assert.match(
    told?.post.text ?? '',
    /could not post this in C1 because channel_not_found; here it is\.\nthe result/,
  );
  const [letter] = await deadLetters.list();
  assert.equal(letter?.text, 'the result');
  assert.equal(letter?.thread, '1.2');
  assert.deepEqual(records, [
    { event: 'message.undeliverable', outcome: 'gone', channel: 'C1', chatUser: 'test:T1:U1' },
  ]);
  assert.ok(!(await store.get('dead:result:c1'))?.includes('the result'), 'kept encrypted');

  state.auditIsBroken = true;
  assert.equal((await delivery.post(placeOf('C1'), post, { key: 'other' })).kind, 'undeliverable');
});

test('a person who cannot be reached in private is not told for ever', async (context) => {
  const { chat, deadLetters, delivery } = await create(context);
  chat.weather = () => new ChatError('cannot-deliver', 'account_inactive');
  await delivery.post(placeOf('C1'), { text: 'x' }, { key: 'k', asker: alice });
  assert.equal((await deadLetters.list()).length, 2);
  assert.equal(chat.calls.length, 2);
});

test('a platform that stays down ends in a dead letter when patience ends', async (context) => {
  const { clock, chat, deadLetters, delivery } = await create(context);
  chat.weather = () => Promise.reject(new TypeError('a bug in the adapter'));
  const delivered = delivery.post(placeOf('C1'), { text: 'x' }, { key: 'k', patienceMs: 600 });
  await clock.scheduled(250);
  clock.advance(250);
  assert.deepEqual(await delivered, { kind: 'undeliverable', reason: 'unexpected-fault' });
  assert.equal((await deadLetters.list()).length, 1);
});

test('a post that is too long is cut, with a note, and its extra is given up before its words', async (context) => {
  const { chat, delivery } = await create(context);
  let refusals = 0;
  chat.weather = () => (refusals++ < 2 ? new ChatError('too-long', 'msg_blocks_too_long') : undefined);
  const post: Post = {
    text: 'x'.repeat(20_000),
    parts: [
      { type: 'text', text: 'headline' },
      { type: 'code', text: 'y'.repeat(20_000) },
      { type: 'buttons', buttons: [{ label: 'Open', url: 'https://st2' }] },
    ],
    extra: { slack: {} },
  };
  await delivery.post(placeOf('C1'), post, { key: 'k' });
  const [seen] = chat.seen;
  assert.match(seen?.post.text ?? '', /Cut here: 6000 of 20000 characters/);
  assert.deepEqual(
    seen?.post.parts?.map(({ type }) => type),
    ['text', 'code', 'buttons', 'context'],
  );
  assert.equal(seen?.post.extra, undefined);

  chat.weather = () => new ChatError('too-long', 'msg_too_long');
  assert.equal((await delivery.post(placeOf('C1'), post, { key: 'n' })).kind, 'undeliverable');
});

test('a place of a platform that is not there is a dead letter', async (context) => {
  const { delivery } = await create(context);
  const place = { ...placeOf('C1'), platform: 'irc' };
  assert.deepEqual(await delivery.post(place, { text: 'x' }, { key: 'k' }), {
    kind: 'undeliverable',
    reason: 'unknown-platform',
  });
});

test('a stop ends what waits for another try', async (context) => {
  const { clock, chat, delivery } = await create(context);
  chat.weather = () => new ChatError('unavailable', 'fatal_error');
  const posting = delivery.post(placeOf('C1'), { text: 'x' }, { key: 'k' });
  await clock.scheduled(250);
  delivery.stop();
  await assert.rejects(posting, DeliveryStopped);
  await delivery.idle();
});

test('an edit of a message that is gone is a dead letter', async (context) => {
  const { chat, delivery } = await create(context);
  const posted = await delivery.post(placeOf('C1'), { text: 'x' }, { key: 'k' });
  assert.ok(posted.kind === 'posted');
  chat.weather = () => new ChatError('gone', 'message_not_found');
  assert.equal((await delivery.edit(posted.ref, { text: 'y' })).kind, 'undeliverable');
  chat.weather = () => undefined;
  assert.equal((await delivery.edit(posted.ref, { text: 'y' })).kind, 'posted');
  assert.equal(chat.seen[0]?.post.text, 'y');
});

test('a cut keeps fields whole as far as they fit, and never half a character', () => {
  const cut = cutPost(
    {
      text: `${'a'.repeat(9)}😀`,
      parts: [
        {
          type: 'fields',
          fields: [
            { label: 'one', value: '1' },
            { label: 'two', value: '2'.repeat(50) },
          ],
        },
      ],
    },
    10,
  );
  assert.match(cut.text, /^a{9}\n/);
  assert.deepEqual(cut.parts?.[0], {
    type: 'fields',
    fields: [
      { label: 'one', value: '1' },
      { label: 'two', value: '222' },
    ],
  });
});
