import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Auth } from '../../src/auth/auth.ts';
import { command, createWorld, grant, intentOf, startBot } from '../support/executions-bot.ts';

for (const [what, becomes] of [
  ['ends', { kind: 'refused', reason: 'no-session' }],
  ['is another one', { ...grant, session: 'another', stackstormUser: 'bob' }],
] as const) {
  test(`a session that ${what} while the audit record is slow: the POST does not leave`, async (context) => {
    const world = await createWorld(context);
    let current: Awaited<ReturnType<Auth['credentialFor']>> = grant;
    const auth: Auth = {
      mode: 'clientside',
      credentialFor: async () => current,
      rejected: async () => undefined,
    };
    const bot = await startBot(world, {}, { auth });
    const record = bot.audit.record;
    bot.audit.record = async (written) => {
      await record(written);
      if (written.event !== 'execution.requested') return;
      bot.clock.advance(50);
      current = becomes;
    };
    const intent = intentOf();
    assert.deepEqual(await command(bot, intent), { kind: 'refused', code: 'not-granted' });
    assert.equal(world.stackstorm.runs.length, 0);
    assert.match(
      world.chat.seen[0]?.post.text ?? '',
      /session ended before .* nothing was run.*!session_start/u,
    );
    assert.equal(await bot.store.get(`run:${intent.correlationId}`), undefined);
    assert.deepEqual(
      bot.records.map(({ event, outcome }) => `${event} ${outcome}`),
      ['execution.requested ok', 'execution.rejected not-granted'],
    );
  });
}
