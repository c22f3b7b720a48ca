import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { needsShared, readSharedJson } from '../support/shared.ts';
import { outcome } from './support/outcome.ts';

const rows = z.array(z.object({ format: z.string(), command: z.string(), expect: z.unknown() }));

/** Passes every row, or sets it aside by the name of a construct; answers how many were set aside. */
function passes(name: string, multiple: boolean): Map<string, number> {
  const setAside = new Map<string, number>();
  const all = rows.parse(readSharedJson(`stackstorm/aliases/${name}.json`));
  let passed = 0;
  for (const { format, command, expect } of all) {
    const got = outcome(format, command, multiple);
    if ('unsupported' in got) {
      setAside.set(got.unsupported, (setAside.get(got.unsupported) ?? 0) + 1);
      continue;
    }
    assert.deepEqual(got, expect, `${JSON.stringify(format)} | ${JSON.stringify(command)}`);
    passed++;
  }
  const aside = [...setAside].map(([construct, count]) => `${count} × ${construct}`).join(', ');
  console.log(`${name}.json: ${passed} of ${all.length} rows pass; set aside: ${aside || 'none'}`);
  return setAside;
}

test('every row of vectors.json gets the answer of StackStorm', needsShared, () => {
  assert.equal(passes('vectors', false).size, 0);
});

test('every row of quirks.json gets it, but for constructs that only Python has', needsShared, () => {
  assert.deepEqual(
    [...passes('quirks', false).keys()].sort(),
    [
      'atomic group (?>…)',
      'conditional group (?(…)…)',
      'flags for a part of the pattern (?i:…)',
      'inline flag (?m)',
      'inline flag (?x)',
      'named character \\N{…}',
      'possessive quantifier',
    ].sort(),
  );
});

test('every row of multiple.json gets it', needsShared, () => {
  assert.equal(passes('multiple', true).size, 0);
});
