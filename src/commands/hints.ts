import type { AliasIndex, AmbiguousCommand, MatchedFormat, RefusedCommand } from '../aliases/alias-index.ts';
import type { CatalogState } from '../aliases/catalog.ts';
import { departures } from '../aliases/departures.ts';
import type { Post } from '../chat/chat.ts';
import { textWidth } from '../chat/table-text.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';
import type { AccessView } from './access.ts';
import type { CommandSyntax } from './parse.ts';
import { failureWords, timeWords } from './words.ts';

/** Patterns that are named at most. */
const shown = 5;

/**
 * Why a text was not run, and what might have been meant. Names only aliases that the person may run (design.md,
 * section 3): whoever asks for hints has made sure that the person may be told of aliases at all.
 */
export class Hints {
  readonly #index: AliasIndex;
  readonly #syntax: CommandSyntax;

  constructor(parts: {
    readonly index: AliasIndex;
    readonly syntax: CommandSyntax;
  }) {
    this.#index = parts.index;
    this.#syntax = parts.syntax;
  }

  /** No alias fits, as far as the catalog can be trusted to say so. */
  noMatch(view: AccessView, text: string, { loadedAt, failure }: CatalogState): Post {
    if (loadedAt === undefined) {
      const reading = 'I have not been able to read the aliases from StackStorm yet, so nothing was run.';
      return {
        text:
          failure === undefined
            ? `${reading} Please try again in a moment.`
            : `${reading} ${failureWords(failure)}`,
      };
    }
    const disabled = this.#index.disabledMatch(text);
    if (disabled !== undefined && allows(view, disabled)) {
      return {
        text: `${disabled.ref} is disabled in StackStorm, so nothing was run. Ask whoever looks after that pack to enable it.`,
      };
    }
    const near = this.near(view, text);
    const stale = `StackStorm does not tell me its aliases at the moment; I know them as of ${timeWords(loadedAt)}.`;
    const help = `${this.#syntax.prefix}help lists what there is.${failure === undefined ? '' : ` ${stale}`}`;
    if (near.length === 0) return { text: `I know no command like that, so nothing was run. ${help}` };
    return listing('I know no command like that, so nothing was run. Did you mean:', near, help);
  }

  /** The patterns nearest to a text, as one types them, each with a line below that marks where the text departs from it. */
  near(view: AccessView, text: string): string[] {
    const misses = this.#index.nearest(text, shown, (alias) => allows(view, alias));
    return misses.flatMap((miss) => {
      const pattern = miss.text.replace(/\s+/g, ' ').trim();
      const start = this.#typed('');
      const marks = marksUnder(pattern, text);
      return [`${start}${pattern}`, ...(marks === '' ? [] : [`${' '.repeat(textWidth(start))}${marks}`])];
    });
  }

  /** More than one pattern fits, so StackStorm would not choose either. */
  ambiguous(view: AccessView, match: AmbiguousCommand): Post {
    const visible = match.candidates.filter(({ alias }) => allows(view, alias));
    const lines = visible.slice(0, shown).map((candidate) => this.#patternLine(candidate));
    const words = `That fits ${match.count} commands, so nothing was run.`;
    if (lines.length === 0) return { text: `${words} None of them is yours to run.` };
    return listing(`${words} They are:`, lines, 'Say more, so that only one fits.');
  }

  /** Matching was not finished, or StackStorm would not finish it (R5). */
  refused(view: AccessView, match: RefusedCommand): Post {
    if (match.reason === 'not-alone') {
      return {
        text: 'That command matches several times, and StackStorm would read something else from each part alone, so nothing was run. Please send the parts one by one.',
      };
    }
    if (match.reason === 'would-blow-up') {
      return {
        text: 'That command has a shape that StackStorm’s own matcher takes very long to read (many key=value pairs with extra spaces between them, and a word after them), so I did not send it. Put one space between the pairs, and nothing behind them.',
      };
    }
    const named = match.alias !== undefined && allows(view, match.alias);
    const which = named && match.alias !== undefined ? `The pattern of ${match.alias.ref}` : 'A pattern';
    return {
      text: `${which} takes too long to compare with that command, so nothing was run. Shorten the command, or ask the pack’s author to simplify the pattern.`,
    };
  }

  /** StackStorm finds aliases by their bare name, so it might run the other one (FACTS.md, Aliases). */
  shadowed(view: AccessView, alias: ActionAlias, named: readonly ActionAlias[]): Post {
    const others = named.filter(({ ref }) => ref !== alias.ref);
    const visible = others.filter((other) => allows(view, other)).map(({ ref }) => ref);
    const rest = visible.length === others.length ? visible : [...visible, 'another pack’s'];
    return {
      text: `${alias.ref} has the same name as ${rest.join(', ')}. StackStorm finds aliases by that name alone and could run the wrong one, so nothing was run. Ask a pack’s author to rename one of them.`,
    };
  }

  /** Of several matches in one command, those that were not run. */
  leftOut(further: readonly string[], notAlone: readonly string[]): Post {
    const lines = [
      ...(further.length === 0
        ? []
        : [`That is more than I run at once. Please send these again: ${further.join('; ')}`]),
      ...(notAlone.length === 0
        ? []
        : [`StackStorm would read something else from these, so they were not run: ${notAlone.join('; ')}`]),
    ];
    return { text: lines.join('\n') };
  }

  #patternLine({ alias, display, representation }: MatchedFormat): string {
    return `${this.#typed(display ?? representation)}  (${alias.ref})`;
  }

  #typed(pattern: string): string {
    const { prefix, pluginPrefix } = this.#syntax;
    return pluginPrefix === '' ? `${prefix}${pattern}` : `${prefix}${pluginPrefix} ${pattern}`;
  }
}

/** Carets under the pieces of a pattern that a text does not have; empty where it has all of them. */
function marksUnder(pattern: string, text: string): string {
  return departures(pattern, text).reduce((line, { start, end }) => {
    const column = textWidth(pattern.slice(0, start)) + Math.max(start - pattern.length, 0);
    return line.padEnd(column) + '^'.repeat(Math.max(textWidth(pattern.slice(start, end)), 1));
  }, '');
}

function allows(view: AccessView, alias: ActionAlias): boolean {
  return view.alias(alias.ref).allowed;
}

function listing(heading: string, lines: readonly string[], footer: string): Post {
  return {
    text: [heading, ...lines, footer].join('\n'),
    parts: [
      { type: 'text', text: heading },
      { type: 'code', text: lines.join('\n') },
      { type: 'context', text: footer },
    ],
  };
}
