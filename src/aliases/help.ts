import type { ActionAlias } from '../stackstorm/wire.ts';
import { BudgetExceededError, PatternError, UnsupportedPatternError } from './regex/errors.ts';
import { Regex } from './regex/regex.ts';
import { Subject } from './regex/subject.ts';

export interface HelpQuery {
  /** A Python pattern, searched for in the display, in either case; empty is all. */
  readonly filter?: string | null;
  /** Exactly; empty is all. */
  readonly pack?: string | null;
  /** 0 is all. */
  readonly limit?: number;
  readonly offset?: number;
}

export interface HelpRow {
  readonly pack: string;
  readonly display: string;
  /** Empty where the alias has none (StackStorm's own help answers 500 then). */
  readonly description: string;
  readonly alias: ActionAlias;
}

export interface HelpList {
  /** How many rows there are before `limit` and `offset`. */
  readonly available: number;
  readonly rows: readonly HelpRow[];
}

/** The filter is no pattern (`bad-filter`), has a construct that is not supported, or takes too long (`filter-too-expensive`). */
export class HelpFilterError extends Error {
  readonly code: 'bad-filter' | 'filter-too-expensive';

  constructor(code: HelpFilterError['code'], cause: Error) {
    super(cause.message, { cause });
    this.name = 'HelpFilterError';
    this.code = code;
  }
}

/** Steps for one list; a filter over 5,000 displays takes about a million. */
const filterSteps = 3_000_000;

/**
 * The aliases that can be typed, one row for each format with a display, in the order given. Source: st2common
 * services, generate_helpstring_result, as NOTES section 6 describes it; a negative limit or offset is everything.
 * Throws HelpFilterError; TypeError for a limit or an offset that is no integer.
 */
export function listHelp(aliases: readonly ActionAlias[], query: HelpQuery = {}): HelpList {
  const { pack, limit = 0, offset = 0 } = query;
  if (!Number.isInteger(limit) || !Number.isInteger(offset))
    throw new TypeError('limit or offset is no integer');
  const passes = filterOf(query.filter ?? '');
  const all: HelpRow[] = [];
  for (const alias of aliases) {
    if (!alias.enabled || (pack && pack !== alias.pack)) continue;
    for (const display of displaysOf(alias)) {
      if (!passes(display)) continue;
      all.push({ pack: alias.pack, display, description: alias.description ?? '', alias });
    }
  }
  const windowed = limit >= 0 && offset >= 0;
  const rows = windowed ? all.slice(offset, limit > 0 ? offset + limit : undefined) : all;
  return { available: all.length, rows };
}

/** One for each format, however many representations it has. */
export function displaysOf(alias: ActionAlias): string[] {
  return alias.formats.flatMap((format) => {
    const display = typeof format === 'string' ? format : format.display;
    return display ? [display] : [];
  });
}

function filterOf(filter: string): (display: string) => boolean {
  if (filter === '') return () => true;
  const budget = { left: filterSteps };
  const regex = asFilterError(() => new Regex(filter, { ignoreCase: true }));
  return (display) => asFilterError(() => regex.search(new Subject(display), budget) !== undefined);
}

function asFilterError<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof BudgetExceededError) throw new HelpFilterError('filter-too-expensive', error);
    if (error instanceof PatternError || error instanceof UnsupportedPatternError) {
      throw new HelpFilterError('bad-filter', error);
    }
    throw error;
  }
}
