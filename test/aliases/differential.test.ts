import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AliasIndex } from '../../src/aliases/alias-index.ts';
import { matchCatalog } from '../../src/demo/stackstorm/alias-catalog.ts';
import { extractParameters } from '../../src/demo/stackstorm/alias-parser.ts';
import type { ActionAlias } from '../../src/stackstorm/wire.ts';
import { aliasCases } from '../support/alias-arbitraries.ts';
import { anAlias } from './support/aliases.ts';
import { plain } from './support/outcome.ts';

/** `npm run bench R5-pairs` asks for a million. */
const runs = Number(process.env['ALIAS_PAIRS'] ?? 20_000);

function patternsOf(alias: ActionAlias): string[] {
  return alias.formats.flatMap((format) =>
    typeof format === 'string' ? [format] : [format.representation ?? []].flat(),
  );
}

/** What the transliteration answers, in the form of `ours`. */
function theirs(aliases: readonly ActionAlias[], command: string): unknown {
  const found = matchCatalog(aliases, command);
  if (!('hit' in found)) {
    return found.error === 'ambiguous' ? { error: found.error, count: found.count } : { error: found.error };
  }
  const { alias, row } = found.hit;
  const extracted = extractParameters(row.representation, command);
  const parameters = 'parameters' in extracted ? { ...extracted.parameters } : undefined;
  return { ref: alias.ref, representation: row.representation, parameters };
}

function ours(index: AliasIndex, command: string): unknown {
  const found = index.match(command);
  switch (found.kind) {
    case 'match':
      return {
        ref: found.alias.ref,
        representation: found.representation,
        parameters: { ...plain(found.parameters) },
      };
    case 'ambiguous':
      return { error: 'ambiguous', count: found.count };
    case 'none':
      return { error: 'none' };
    case 'refused':
      return { error: found.reason };
  }
}

test(`the matcher and the plain transliteration agree on ${runs} catalogs and commands`, () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(aliasCases, ({ catalog, command }) => {
      const aliases = catalog.map(({ name, formats }) => anAlias(`p.${name}`, [...formats]));
      const index = new AliasIndex();
      index.replaceAll(aliases);
      const aside = new Set(index.faults.map(({ ref }) => ref));
      for (const { ref, representation, code } of index.faults) {
        if (code === 're.error') {
          const error = extractParameters(representation, command);
          assert('error' in error, `${ref} ${representation} is good there`);
        }
      }
      const good = aliases.filter(({ ref }) => !aside.has(ref));
      for (const pattern of good.flatMap(patternsOf)) {
        const answer = extractParameters(pattern, command);
        // What only the transliteration does not have says nothing about the matcher.
        if ('error' in answer && answer.error === 'unsupported') return;
      }
      const mine = ours(index, command);
      const kind =
        typeof mine === 'object' && mine !== null && 'error' in mine ? String(mine.error) : 'match';
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      // StackStorm's match knows nothing of sending each of several matches alone.
      if (kind === 'not-alone') return;
      assert.deepEqual(mine, theirs(good, command));
    }),
    { numRuns: runs, seed: 20_261_122, verbose: 1 },
  );
  console.log(`compared: ${[...seen].map(([kind, count]) => `${count} × ${kind}`).join(', ')}`);
  assert((seen.get('match') ?? 0) > runs / 4, 'too few of the cases match anything');
});
