import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomPool } from '../../src/ops/random-pool.ts';

test('draws have their size, and no two of many are the same', () => {
  const draw = randomPool(12);
  const seen = new Set<string>();
  for (let number = 0; number < 1_050; number++) {
    const drawn = draw();
    assert.equal(drawn.length, 12);
    seen.add(drawn.toString('hex'));
  }
  assert.equal(seen.size, 1_050);
});
