import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { allHostile, hostile } from './hostile.ts';

/** The same run after run, so that a red one is red again; another with FUZZ_SEED. */
const seed = Number(process.env['FUZZ_SEED'] ?? 20261122);

/** How a property is run: bounded, and by a seed that the report names. */
export function bounded(t: TestContext, numRuns: number): { seed: number; numRuns: number } {
  const runs = Math.ceil(numRuns * Number(process.env['FUZZ_TIMES'] ?? 1));
  t.diagnostic(`fuzzed ${runs} times from the seed ${seed} (FUZZ_SEED, FUZZ_TIMES)`);
  return { seed, numRuns: runs };
}

/** Words that somebody would try, and what nobody would. */
export const anyWords: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...Object.values(hostile), allHostile),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    'null',
    '-1',
    '1e999',
    'constructor',
    'toString',
    '../../etc/passwd',
    '%00',
    '\ud800',
  ),
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.integer({ min: 100, max: 3_000 }).map((length) => 'a'.repeat(length)),
);

/** Any JSON; its keys are sometimes those of every object. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  anyWords,
  fc.dictionary(fc.oneof(anyWords, fc.constantFrom('__proto__', 'constructor')), anyWords, { maxKeys: 5 }),
  fc.integer({ min: 1, max: 500 }).map((depth) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`)),
);

/**
 * A text for a body: a good one, one whose fields are partly other than they should be, missing or more, JSON that is cut,
 * or none.
 */
export function bodies(...good: readonly Readonly<Record<string, unknown>>[]): fc.Arbitrary<string> {
  const spoilt = fc
    .tuple(
      fc.constantFrom(...good),
      fc.array(fc.tuple(fc.nat(), fc.oneof(anyJson, fc.constant(undefined))), { maxLength: 3 }),
    )
    .map(([body, changes]) => {
      const keys = Object.keys(body);
      const entries = changes.map(([at, value]) => [keys[at % keys.length] ?? '', value] as const);
      return JSON.stringify({ ...body, ...Object.fromEntries(entries) });
    });
  return fc.oneof(
    { weight: 4, arbitrary: spoilt },
    { weight: 2, arbitrary: anyJson.map((json) => JSON.stringify(json) ?? '') },
    { weight: 1, arbitrary: anyWords },
    { weight: 1, arbitrary: fc.tuple(spoilt, fc.nat({ max: 40 })).map(([text, cut]) => text.slice(0, -cut)) },
  );
}
