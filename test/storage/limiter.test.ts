import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { Limiter } from '../../src/storage/limiter.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { type Store, StoreError } from '../../src/storage/store.ts';
import { TestClock } from '../support/sessions.ts';

async function rig(t: { after(done: () => Promise<void>): void }) {
  const clock = new TestClock();
  const store = await openSqlite({ path: ':memory:', now: clock.now });
  t.after(() => store.close());
  return { clock, limiter: new Limiter(store, 'test', { count: 3, window: 1_000 }, clock.now) };
}

describe('a limit', () => {
  it('lets so many through in any window, and tells the rest how long to wait', async (t) => {
    const { clock, limiter } = await rig(t);
    for (const pass of [0, 300, 300]) {
      clock.pass(pass);
      assert.equal((await limiter.take('a')).kind, 'taken');
    }
    clock.pass(300);
    assert.deepEqual(await limiter.take('a'), { kind: 'limited', retryAfterMs: 100 });
    assert.equal((await limiter.take('b')).kind, 'taken', 'others are not held up');
    clock.pass(100);
    assert.equal((await limiter.take('a')).kind, 'taken');
    assert.equal((await limiter.take('a')).kind, 'limited', 'the window slides, it does not begin anew');
  });

  it('holds against parallel tries', async (t) => {
    const { limiter } = await rig(t);
    const taken = await Promise.all(Array.from({ length: 50 }, () => limiter.take('a')));
    assert.equal(taken.filter(({ kind }) => kind === 'taken').length, 3);
  });

  it('gets back what is given back, once', async (t) => {
    const { limiter } = await rig(t);
    const first = await limiter.take('a');
    await limiter.take('a');
    await limiter.take('a');
    assert.ok(first.kind === 'taken');
    await first.giveBack();
    assert.equal((await limiter.take('a')).kind, 'taken');
    assert.equal((await limiter.take('a')).kind, 'limited');
  });

  it('of millions stays one small row, and takes what comes at once in few writes', async (t) => {
    const clock = new TestClock();
    const store = await openSqlite({ path: ':memory:', now: clock.now });
    t.after(() => store.close());
    const limiter = new Limiter(store, 'test', { count: 1_000_000, window: 60_000 }, clock.now);
    for (let round = 0; round < 200; round++) {
      clock.pass(300);
      const taken = await Promise.all(Array.from({ length: 50 }, () => limiter.take('a')));
      assert.ok(taken.every(({ kind }) => kind === 'taken'));
    }
    const row = (await store.get('limit:test:a')) ?? '';
    assert.ok(row.length < 5_000, `${row.length} characters`);
    assert.equal(
      z
        .array(z.object({ turns: z.number() }))
        .parse(JSON.parse(row))
        .reduce((sum, { turns }) => sum + turns, 0),
      10_000,
    );
  });

  it('fails everyone who waits where the store fails, and works again when it does', async (t) => {
    const clock = new TestClock();
    const store = await openSqlite({ path: ':memory:', now: clock.now });
    t.after(() => store.close());
    let isDown = true;
    const flaky: Pick<Store, 'get' | 'add' | 'replace'> = {
      get: (key) => (isDown ? Promise.reject(new StoreError('unavailable', 'down')) : store.get(key)),
      add: (...given) => store.add(...given),
      replace: (...given) => store.replace(...given),
    };
    const limiter = new Limiter(flaky, 'test', { count: 3, window: 1_000 }, clock.now);
    const failed = await Promise.allSettled([limiter.take('a'), limiter.take('a'), limiter.take('b')]);
    assert.ok(failed.every(({ status }) => status === 'rejected'));
    isDown = false;
    assert.equal((await limiter.take('a')).kind, 'taken');
  });

  it('never asks for more than one window, whatever the clock does', async (t) => {
    const { clock, limiter } = await rig(t);
    for (let i = 0; i < 3; i++) await limiter.take('a');
    clock.pass(-24 * 60 * 60 * 1_000);
    const limited = await limiter.take('a');
    assert.ok(limited.kind === 'limited' && limited.retryAfterMs <= 1_000);
    clock.pass(48 * 60 * 60 * 1_000);
    assert.equal((await limiter.take('a')).kind, 'taken');
  });
});
