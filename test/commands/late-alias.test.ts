import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../../src/storage/store.ts';
import { startBot } from '../support/bot.ts';

test('an alias that becomes known while the command waits for its claim is run, not told to be unknown', async (t) => {
  let beforeClaim: (() => Promise<void>) | undefined;
  const rig = await startBot(t, {
    storage: (store): Store => ({
      get: (key) => store.get(key),
      set: (key, value, ttlMs) => store.set(key, value, ttlMs),
      delete: (key) => store.delete(key),
      take: (key) => store.take(key),
      replace: (key, expected, value, ttlMs) => store.replace(key, expected, value, ttlMs),
      rewrite: (key, expected, value) => store.rewrite(key, expected, value),
      scan: (prefix) => store.scan(prefix),
      ping: () => store.ping(),
      close: () => store.close(),
      async add(key, value, ttlMs) {
        if (key.startsWith('claim:')) await beforeClaim?.();
        return store.add(key, value, ttlMs);
      },
    }),
  });
  await rig.logIn('alice');
  // The catalog was asked for a miss just now: it is not asked again for the next.
  assert.match((await rig.alice.ask('general', '!st2 brew tea')).text, /I know no command like that/u);

  beforeClaim = async () => {
    beforeClaim = undefined;
    rig.stackstorm.state.packs.putAlias({
      name: 'brew',
      pack: 'demo',
      action_ref: 'core.noop',
      description: 'Brew',
      formats: ['brew tea'],
    });
    await rig.bot.refresh();
  };
  const asked = await rig.alice.say('general', '!st2 brew tea');
  const first = await rig.alice.waitFor('general', asked, () => true);
  assert.doesNotMatch(first.text, /I know no command/u);
  await rig.alice.waitFor('general', asked, (line) => line.text.includes('succeeded'));
  assert.equal(rig.stackstorm.state.executions.all.length, 1);
});
