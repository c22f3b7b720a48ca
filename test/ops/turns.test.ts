import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '../../src/ops/turns.ts';

function busy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('a job that comes alone is begun in the same tick, and its answer and fault are the caller’s', async () => {
  const turns = new Turns();
  let begun = false;
  const job = turns.run(async () => {
    begun = true;
    return 7;
  });
  assert.equal(begun, true);
  assert.equal(await job, 7);
  await assert.rejects(
    turns.run(() => Promise.reject(new Error('no'))),
    /no/,
  );
});

test('a burst is begun in order, in slices between which everything else goes on', async () => {
  const turns = new Turns();
  const begun: number[] = [];
  const all = Array.from({ length: 30 }, (_, number) =>
    turns.run(async () => {
      begun.push(number);
      busy(1);
      if (number === 20) throw new Error('one fails');
    }),
  );
  const settled = Promise.allSettled(all);
  assert.ok(begun.length >= 1 && begun.length <= 6, `${begun.length} begun at once`);
  const seen: number[] = [];
  while (begun.length < 30) {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(begun.length);
  }
  assert.ok(seen.length >= 4, `${seen.length} slices`);
  assert.deepEqual(
    begun,
    Array.from({ length: 30 }, (_, number) => number),
  );
  const outcomes = (await settled).map(({ status }) => status);
  assert.deepEqual(outcomes.indexOf('rejected'), 20);
  assert.equal(outcomes.filter((status) => status === 'rejected').length, 1);
});
