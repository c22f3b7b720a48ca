import { z } from 'zod';
import { extractParameters, type FormatError } from './alias-parser.ts';
import { translatePythonRegex } from './python-regex.ts';
import { PythonRegexError } from './python-regex-tree.ts';

/**
 * How StackStorm finds the alias of a command among all, and writes the help of all.
 * Source: st2common/util/actionalias_matching.py and actionalias_helpstring.py.
 * @module
 */

const formatObject = z.looseObject({
  display: z.string().nullish(),
  representation: z.union([z.array(z.string()), z.string()]).nullish(),
  match_multiple: z.unknown().optional(),
});
/** One entry of an alias's `formats`, as API and packs write it. */
export const aliasFormat = z.union([z.string(), formatObject]);
export type AliasFormat = z.infer<typeof aliasFormat>;

export interface CatalogAlias {
  readonly pack: string;
  readonly ref: string;
  readonly enabled: boolean;
  readonly description?: string | null | undefined;
  readonly formats: readonly AliasFormat[];
}

export interface FormatRow {
  readonly display: string | null;
  readonly representation: string;
  /** Undefined where the format has no such key: `match_and_execute` then fails. */
  readonly matchMultiple: unknown;
}

/** `list_format_strings_from_aliases`: one row for each representation. */
export function formatRows(formats: readonly AliasFormat[]): FormatRow[] {
  return formats.flatMap((format): FormatRow[] => {
    if (typeof format === 'string')
      return [{ display: format, representation: format, matchMultiple: false }];
    const display = format.display ?? null;
    const written = format.representation ?? [];
    const representations = typeof written === 'string' ? [written] : written;
    const rows = representations.length === 0 ? [''] : representations;
    return rows.map((representation) => ({ display, representation, matchMultiple: format.match_multiple }));
  });
}

export interface CatalogHit<A extends CatalogAlias> {
  readonly alias: A;
  readonly row: FormatRow;
}
export type CatalogMatch<A extends CatalogAlias> =
  | { readonly hit: CatalogHit<A> }
  | { readonly error: 'none' }
  | { readonly error: 'ambiguous'; readonly count: number; readonly multiple: boolean }
  /** One bad pattern fails the search for everyone: HTTP 500. */
  | { readonly error: 'failed'; readonly ref: string; readonly cause: FormatError };

/** `get_matching_alias`: ordinary aliases first, those with match_multiple only where none of them matched. */
export function matchCatalog<A extends CatalogAlias>(
  aliases: readonly A[],
  command: string,
): CatalogMatch<A> {
  for (const pass of [ordinary, multiple]) {
    const hits: CatalogHit<A>[] = [];
    for (const alias of aliases) {
      if (!alias.enabled || !pass(alias.formats)) continue;
      for (const row of formatRows(alias.formats)) {
        const extracted = extractParameters(row.representation, command);
        if ('error' in extracted) return { error: 'failed', ref: alias.ref, cause: extracted };
        if (extracted.match) hits.push({ alias, row });
      }
    }
    const [hit] = hits;
    if (hits.length > 1) return { error: 'ambiguous', count: hits.length, multiple: pass === multiple };
    if (hit !== undefined) return { hit };
  }
  return { error: 'none' };
}

function matchMultipleKeys(formats: readonly AliasFormat[]): unknown[] {
  return formats.flatMap((format) =>
    typeof format !== 'string' && 'match_multiple' in format ? [format.match_multiple] : [],
  );
}

function ordinary(formats: readonly AliasFormat[]): boolean {
  const keys = matchMultipleKeys(formats);
  return keys.length === 0 || keys.includes(false);
}

function multiple(formats: readonly AliasFormat[]): boolean {
  return matchMultipleKeys(formats).includes(true);
}

export interface HelpRow {
  readonly pack: string;
  readonly display: string;
  readonly description: string | null;
}
export interface HelpAnswer {
  readonly available: number;
  readonly helpstrings: readonly HelpRow[];
}
export type HelpError =
  | { readonly error: 're.error' | 'TypeError' }
  /** An alias without a description that no filter and no window skips: HTTP 500. */
  | { readonly error: 'KeyError' };

/** `generate_helpstring_result`. Negative windows mean everything; one that is no integer is Python's TypeError. */
export function generateHelp(
  aliases: readonly CatalogAlias[],
  options: { filter?: string | null; pack?: string | null; limit?: unknown; offset?: unknown },
): HelpAnswer | HelpError {
  const matches = helpFilter(options.filter ?? '');
  if (matches === null) return { error: 're.error' };
  const limit = options.limit ?? 0;
  const offset = options.offset ?? 0;
  if (!isInteger(limit) || !isInteger(offset)) return { error: 'TypeError' };
  const helpstrings: HelpRow[] = [];
  let available = 0;
  for (const alias of aliases) {
    if (!alias.enabled || (options.pack && alias.pack !== options.pack)) continue;
    for (const format of alias.formats) {
      const display = typeof format === 'string' ? format : format.display;
      if (!display || !matches(display)) continue;
      available += 1;
      if (!inWindow(available, offset, limit)) continue;
      if (alias.description === undefined) return { error: 'KeyError' };
      helpstrings.push({ pack: alias.pack, display, description: alias.description });
    }
  }
  return { available, helpstrings };
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}

/** `count` is 1-based. */
function inWindow(count: number, offset: number, limit: number): boolean {
  if (offset === 0 && limit > 0) return count <= limit;
  if (offset > 0 && limit === 0) return count > offset;
  if (offset > 0 && limit > 0) return count > offset && count <= offset + limit;
  return true;
}

function helpFilter(filter: string): ((display: string) => boolean) | null {
  if (filter === '') return () => true;
  try {
    const { source, flags } = translatePythonRegex(filter, { ignoreCase: true });
    const regex = new RegExp(source, flags);
    return (display) => regex.test(display);
  } catch (error) {
    if (error instanceof PythonRegexError) return null;
    throw error;
  }
}
