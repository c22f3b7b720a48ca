import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { aliasFormat, generateHelp, matchCatalog } from '../../../src/demo/stackstorm/alias-catalog.ts';
import { extractMultipleParameters, extractParameters } from '../../../src/demo/stackstorm/alias-parser.ts';
import { needsShared, readSharedJson } from '../../support/shared.ts';

/** StackStorm's own answers; the Python-only constructs that NOTES.md names may be set aside, and only those. */
const mayBeUnsupported = new Set([
  'possessive repeat',
  'atomic group',
  'verbose mode',
  'conditional group',
  'named character',
  'capture kept between the rounds of a repeat',
]);
const row = z.object({ format: z.string().nullable(), command: z.string().nullable(), expect: z.unknown() });
const aliases = z.array(
  z.looseObject({
    pack: z.string(),
    ref: z.string(),
    enabled: z.boolean(),
    description: z.string().nullish(),
    formats: z.array(aliasFormat),
  }),
);

for (const [file, extract, mostUnsupported] of [
  ['vectors', extractParameters, 0],
  ['quirks', extractParameters, 16],
  ['multiple', extractMultipleParameters, 0],
] as const) {
  test(`the transliteration gives StackStorm's answer for every row of ${file}.json`, needsShared, (t) => {
    const rows = z.array(row).parse(readSharedJson(`stackstorm/aliases/${file}.json`));
    let unsupported = 0;
    for (const { format, command, expect } of rows) {
      const got = extract(format, command);
      if ('construct' in got) {
        assert.ok(mayBeUnsupported.has(got.construct), `${format}: ${got.construct}`);
        unsupported += 1;
      } else assert.deepEqual(plain(got), plain(expect), JSON.stringify({ format, command }));
    }
    assert.ok(unsupported <= mostUnsupported, `${unsupported} rows set aside`);
    t.diagnostic(
      `${rows.length - unsupported} of ${rows.length} rows as StackStorm, ${unsupported} set aside`,
    );
  });
}

test("the whole catalog answers every row of catalog.json as StackStorm's", needsShared, (t) => {
  const catalog = aliases.parse(readSharedJson('stackstorm/aliases/aliases.json'));
  const rows = z
    .array(z.object({ command: z.string(), expect: z.unknown() }))
    .parse(readSharedJson('stackstorm/aliases/catalog.json'));
  for (const { command, expect } of rows) {
    const match = matchCatalog(catalog, command);
    const got =
      'hit' in match
        ? {
            ref: match.hit.alias.ref,
            representation: match.hit.row.representation,
            display: match.hit.row.display,
          }
        : match.error === 'ambiguous'
          ? { error: match.error, count: match.count }
          : match;
    assert.deepEqual(got, expect, command);
  }
  t.diagnostic(`${rows.length} of ${rows.length} rows`);
});

test("help answers every row of help.json as StackStorm's", needsShared, (t) => {
  const catalog = aliases.parse(readSharedJson('stackstorm/aliases/aliases.json'));
  const rows = z
    .array(
      z.object({
        filter: z.string().nullable(),
        pack: z.string().nullable(),
        limit: z.unknown(),
        offset: z.unknown(),
        expect: z.unknown(),
      }),
    )
    .parse(readSharedJson('stackstorm/aliases/help.json'));
  for (const { expect, ...options } of rows)
    assert.deepEqual(generateHelp(catalog, options), expect, JSON.stringify(options));
  t.diagnostic(`${rows.length} of ${rows.length} rows`);
});

test('parameters have no prototype, so that a chat text may name any key', () => {
  const got = extractParameters('go', 'go __proto__=1 constructor=2');
  assert.ok('parameters' in got);
  assert.equal(Object.getPrototypeOf(got.parameters), null);
  assert.deepEqual(Object.entries(got.parameters), [
    ['__proto__', '1'],
    ['constructor', '2'],
  ]);
});

/** Key order and prototype carry no meaning. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, plain(inner)]),
  );
}
