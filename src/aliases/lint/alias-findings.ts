import type { ActionAlias } from '../../stackstorm/wire.ts';
import type { AliasIndex } from '../alias-index.ts';
import { FormatCache } from '../indexed-format.ts';
import { representationsOf } from '../representation.ts';
import type { Finding } from './finding.ts';
import { typedWords } from './pattern.ts';
import * as words from './words.ts';

/** What shows on an alias alone. Patterns that can be used have none of code `invalid`. */
export function invalidFindings(alias: ActionAlias): Finding[] {
  const severity = alias.enabled ? 'error' : 'warning';
  const finding = (representation: string, detail: string): Finding => ({
    kind: 'invalid',
    severity,
    ref: alias.ref,
    representation,
    example: typedWords(representation),
    others: [],
    detail,
  });
  const cache = new FormatCache(1);
  const faults = representationsOf(alias).flatMap(({ representation }) => {
    const read = cache.requirementOf(representation);
    return 'reason' in read ? [finding(representation, words.invalid(read, alias.enabled))] : [];
  });
  const texts = alias.formats.flatMap((format) =>
    typeof format !== 'string' && typeof format.representation === 'string'
      ? [finding(format.representation, words.notAList)]
      : [],
  );
  return [...faults, ...texts];
}

/** An enabled alias whose bare name another pack's alias also has, enabled or not. */
export function shadowedFindings(alias: ActionAlias, index: AliasIndex): Finding[] {
  const others = alias.enabled ? index.shadowedBy(alias) : [];
  if (others.length === 0) return [];
  return [
    {
      kind: 'shadowed',
      severity: 'error',
      ref: alias.ref,
      representation: firstOf(alias),
      example: typedWords(firstOf(alias)),
      others: others.map((other) => ({
        ref: other.ref,
        representation: firstOf(other),
        example: typedWords(firstOf(other)),
      })),
      detail: words.shadowed,
    },
  ];
}

function firstOf(alias: ActionAlias): string {
  return representationsOf(alias)[0]?.representation ?? '';
}
