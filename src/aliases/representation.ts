import type { ActionAlias } from '../stackstorm/wire.ts';

/** One pattern of an alias, with the text that stands for it in help. */
export interface Representation {
  readonly alias: ActionAlias;
  readonly representation: string;
  /** Null where the format has none. */
  readonly display: string | null;
  /** Every match in a command counts, not only the first. */
  readonly multiple: boolean;
}

/**
 * The patterns of an alias, in its order. A format with a display and no representation stands for the empty pattern.
 * Source: st2common models/utils/action_alias_utils.py and NOTES section 5.
 */
export function representationsOf(alias: ActionAlias): Representation[] {
  return alias.formats.flatMap((format): Representation[] => {
    if (typeof format === 'string') {
      return [{ alias, representation: format, display: format, multiple: false }];
    }
    const display = format.display ?? null;
    const given = format.representation ?? [];
    const patterns = typeof given === 'string' ? [given] : given;
    const multiple = format.match_multiple === true;
    if (patterns.length === 0 && display !== null && display !== '') {
      return [{ alias, representation: '', display, multiple }];
    }
    return patterns.map((representation) => ({ alias, representation, display, multiple }));
  });
}

/** In which of StackStorm's two passes an alias is tried, with all its formats (NOTES section 5). */
export interface Passes {
  readonly first: boolean;
  readonly second: boolean;
}

export function passesOf(alias: ActionAlias): Passes {
  const marks = alias.formats.flatMap((format) =>
    typeof format !== 'string' && 'match_multiple' in format ? [format.match_multiple] : [],
  );
  return { first: marks.length === 0 || marks.includes(false), second: marks.includes(true) };
}
