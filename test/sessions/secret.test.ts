import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkSecret, hashSecret } from '../../src/sessions/secret.ts';

describe('a secret', () => {
  it('is right only as it was typed', async () => {
    const stored = await hashSecret('Plum tree');
    assert.equal(await checkSecret('Plum tree', stored), true);
    for (const guess of ['plum tree', 'Plum tree ', ' Plum tree', 'Plumtree', '', 'Plum tree\0']) {
      assert.equal(await checkSecret(guess, stored), false, JSON.stringify(guess));
    }
  });

  it('is not to be found in what is stored, and has its own salt', async () => {
    const [one, two] = await Promise.all([hashSecret('plum'), hashSecret('plum')]);
    assert.notEqual(one.hash, two.hash);
    assert.ok(!JSON.stringify(one).includes('plum'));
  });

  it('may be of any script', async () => {
    const stored = await hashSecret('слива 🍑');
    assert.equal(await checkSecret('слива 🍑', stored), true);
    assert.equal(await checkSecret('слива 🍐', stored), false);
  });

  it('leaves the event loop free while it is hashed', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await Promise.all(Array.from({ length: 8 }, () => hashSecret('plum')));
    clearInterval(timer);
    assert.ok(turns > 5, `${turns} turns`);
  });
});
