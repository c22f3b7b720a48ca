import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { AliasIndex } from '../../src/aliases/alias-index.ts';
import { Catalog } from '../../src/aliases/catalog.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { StackStormError } from '../../src/stackstorm/errors.ts';
import type { BotCredential } from '../../src/stackstorm/stackstorm.ts';
import { type ActionAlias, actionAlias } from '../../src/stackstorm/wire.ts';

const apiKey = { kind: 'apiKey', apiKey: 'a-key' } as const;
const botCredential: BotCredential = { get: async () => apiKey, use: (call) => call(apiKey) };
const hello = actionAlias.parse({
  id: 'a1',
  ref: 'demo.hello',
  pack: 'demo',
  name: 'hello',
  action_ref: 'core.noop',
  enabled: true,
  formats: ['hello'],
});
const refreshMs = 300_000;

interface Load {
  resolve(aliases: ActionAlias[]): void;
  reject(error: StackStormError): void;
}

/** A catalog on timers that the test moves; each load is answered by the test. */
function createRig(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const loads: Load[] = [];
  const catalog = new Catalog({
    stackstorm: {
      aliases: () =>
        new Promise((resolve, reject) => {
          loads.push({ resolve, reject });
        }),
    },
    botCredential,
    index: new AliasIndex(),
    logger: pino({ level: 'silent' }),
    metrics: createMetrics(),
    refreshMs,
    now: () => 0,
    random: () => 0.999,
  });
  t.after(() => catalog.stop());
  return {
    catalog,
    loads,
    async fail() {
      loads.at(-1)?.reject(new StackStormError('unreachable', 'aliases'));
      await nextTurn();
    },
    async succeed() {
      loads.at(-1)?.resolve([hello]);
      await nextTurn();
    },
  };
}

test('a load that failed is tried again with a pause that doubles, until it succeeds (R3)', async (t) => {
  const { catalog, loads, fail, succeed } = createRig(t);
  catalog.start();
  for (const [tries, pause] of [1_000, 2_000, 4_000].entries()) {
    await fail();
    assert.equal(catalog.state.loadedAt, undefined);
    t.mock.timers.tick(pause / 2 - 1);
    assert.equal(loads.length, tries + 1, 'not before half the pause');
    t.mock.timers.tick(pause / 2 + 1);
    assert.equal(loads.length, tries + 2);
  }
  await succeed();
  assert.equal(catalog.index.size, 1);
  t.mock.timers.tick(60_000);
  assert.equal(loads.length, 4, 'then only at its own time');
  t.mock.timers.tick(refreshMs - 67_000);
  assert.equal(loads.length, 5);
});

test('the last catalog stands while StackStorm is down', async (t) => {
  const { catalog, fail, succeed } = createRig(t);
  catalog.start();
  await succeed();
  t.mock.timers.tick(refreshMs);
  await fail();
  assert.equal(catalog.index.size, 1);
  assert.equal(catalog.state.loadedAt, 0);
  assert.notEqual(catalog.state.failure, undefined);
});

test('after stop nothing is tried again', async (t) => {
  const { catalog, loads, fail } = createRig(t);
  catalog.start();
  catalog.stop();
  await fail();
  t.mock.timers.tick(refreshMs);
  assert.equal(loads.length, 1);
});

test('every command that misses while the catalog is being loaded waits for it', async (t) => {
  const { catalog, loads, succeed } = createRig(t);
  catalog.start();
  const misses = [catalog.refreshAfterMiss(), catalog.refreshAfterMiss()];
  await succeed();
  assert.deepEqual(await Promise.all(misses), [true, true]);
  assert.equal(loads.length, 1);

  const next = catalog.refreshAfterMiss();
  await succeed();
  assert.equal(await next, true);
  assert.equal(await catalog.refreshAfterMiss(), false, 'one reload in a while for misses');
  assert.equal(loads.length, 2);
});
