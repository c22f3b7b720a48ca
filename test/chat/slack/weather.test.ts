/** Slack's weather with the delivery that every message goes through: tried again, or a dead letter with its reason. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { DeadLetters } from '../../../src/chat/dead-letters.ts';
import { createDelivery } from '../../../src/chat/delivery.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { createMetrics } from '../../../src/ops/metrics.ts';
import { createEncryption } from '../../../src/storage/aes-gcm.ts';
import { openStore } from '../../../src/storage/open-store.ts';
import type { Blow } from '../../support/slack/weather.ts';
import { slackAdapter } from '../../support/slack-adapter.ts';

const general = { platform: 'slack', workspace: 'T024', channel: 'C0GENERAL', kind: 'channel' } as const;
const asker = { platform: 'slack', workspace: 'T024', id: 'U0ALICE' };

async function delivering(t: TestContext) {
  const rig = await slackAdapter(t);
  const store = await openStore('sqlite::memory:', { now: Date.now });
  t.after(() => store.close());
  const logger = pino({ level: 'silent' });
  const deadLetters = new DeadLetters(
    {
      store,
      encryption: createEncryption([new Uint8Array(32)]),
      audit: { record: async () => undefined },
      metrics: createMetrics(),
      logger,
      clock: systemClock,
    },
    { ttlMs: 60_000 },
  );
  const platforms = [rig.adapter.platform];
  const delivery = createDelivery({ platforms, deadLetters, logger, clock: systemClock, random: () => 0 });
  await rig.start();
  return { ...rig, delivery, deadLetters };
}

const posts = (rig: { slack: { calls: readonly { method: string; cut: boolean }[] } }) =>
  rig.slack.calls.filter(({ method }) => method === 'chat.postMessage').length;

for (const blow of [
  { status: 429, retryAfter: 0 },
  { status: 500 },
  { error: 'internal_error' },
  { status: 200, body: '<html>busy</html>' },
  { cut: 'before' },
  { cut: 'after' },
] as const satisfies readonly Blow[]) {
  test(`${JSON.stringify(blow)} passes: the message stands there once, and those after it follow`, async (t) => {
    const rig = await delivering(t);
    rig.slack.world.weather.on('chat.postMessage', blow);
    const texts = ['one', 'two', 'three'];
    const delivered = await Promise.all(
      texts.map((text) => rig.delivery.post(general, { text }, { key: text, asker })),
    );
    assert.deepEqual(
      delivered.map(({ kind }) => kind),
      ['posted', 'posted', 'posted'],
    );
    assert.deepEqual(
      rig.alice.seesNow(rig.general).map(({ text }) => text),
      texts,
    );
    assert.deepEqual(await rig.deadLetters.list(), []);
  });
}

for (const reason of [
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'account_inactive',
  'invalid_auth',
  'invalid_blocks',
]) {
  test(`${reason} ends in a dead letter, and whoever asked is told in private`, async (t) => {
    const rig = await delivering(t);
    const when = (args: Readonly<Record<string, unknown>>) => args['channel'] === 'C0GENERAL';
    rig.slack.world.weather.on('chat.postMessage', { error: reason }, { when });
    const delivered = await rig.delivery.post(general, { text: 'the result' }, { key: 'result:1', asker });
    assert.deepEqual(delivered, { kind: 'undeliverable', reason });
    assert.equal(posts(rig), 2, 'tried once there, told once in private');
    const letters = await rig.deadLetters.list();
    assert.deepEqual(
      letters.map((letter) => [letter.key, letter.reason, letter.channel, letter.text]),
      [['result:1', reason, 'C0GENERAL', 'the result']],
    );
    const told = await rig.alice.sees(rig.alice.dmWith(rig.app), 'the result');
    assert.match(told.text, new RegExp(`could not post this in C0GENERAL because ${reason}`));
  });
}

test('msg_too_long is cut until it fits', async (t) => {
  const rig = await delivering(t);
  rig.slack.world.weather.on('chat.postMessage', { error: 'msg_too_long' }, { times: 2 });
  const delivered = await rig.delivery.post(general, { text: 'x'.repeat(8_000) }, { key: 'k' });
  assert.equal(delivered.kind, 'posted');
  const [message] = rig.alice.seesNow(rig.general);
  assert.ok((message?.text.length ?? 0) > 0);
  assert.match(JSON.stringify(message?.blocks), /Cut here/);
});
