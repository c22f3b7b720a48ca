import type { AliasIndex, AliasMatch } from './alias-index.ts';
import { type CompiledFormat, compileFormat } from './format.ts';
import { FormatKeyError, matchAll, matchFormat, type Parameters, readCommand } from './match.ts';
import { BudgetExceededError, PatternError, UnsupportedPatternError } from './regex/errors.ts';

/** What a command's words become, by name. A null is a group of the pattern that took no part. */
export type ParameterValues = Readonly<Record<string, string | null>>;

/**
 * The bot does not run it although it may match: matching takes too long, here (`too-expensive`) or in StackStorm
 * (`would-blow-up`), or of several matches none can be sent alone (`not-alone`).
 */
export interface RefusedAnswer {
  readonly error: 'refused';
  readonly reason: 'too-expensive' | 'would-blow-up' | 'not-alone';
  readonly ref?: string;
}

/** What StackStorm makes of a command, over a whole catalog. */
export type CatalogAnswer =
  | {
      readonly ref: string;
      readonly representation: string;
      readonly display: string | null;
      readonly parameters: ParameterValues;
      /** Where a match_multiple pattern matches more than once: the parameters of each distinct match, one run for each. */
      readonly runs?: readonly ParameterValues[];
    }
  | { readonly error: 'none' }
  | { readonly error: 'ambiguous'; readonly count: number }
  | RefusedAnswer;

/** What StackStorm makes of a command and one pattern. */
export type FormatAnswer =
  | { readonly match: true; readonly parameters: ParameterValues | readonly ParameterValues[] }
  | { readonly match: false }
  | { readonly error: 're.error' | 'KeyError' }
  | { readonly error: 'unsupported'; readonly construct: string }
  | RefusedAnswer;

export function answerFromCatalog(index: AliasIndex, command: string): CatalogAnswer {
  const match = index.match(command);
  switch (match.kind) {
    case 'match':
      return foundAnswer(match);
    case 'ambiguous':
      return { error: 'ambiguous', count: match.count };
    case 'none':
      return { error: 'none' };
    case 'refused': {
      const { reason, alias } = match;
      return { error: 'refused', reason, ...(alias === undefined ? {} : { ref: alias.ref }) };
    }
  }
}

function foundAnswer(match: Extract<AliasMatch, { kind: 'match' }>): CatalogAnswer {
  const { alias, representation, display, parameters, matches } = match;
  return {
    ref: alias.ref,
    representation,
    display,
    parameters: values(parameters),
    ...(matches.length > 1 ? { runs: matches.map((one) => values(one.parameters)) } : {}),
  };
}

/** Steps for one command and one pattern: ten times what the bot gives it. */
const steps = 7_000_000;

/** One pattern, alone; made ready once. */
export class FormatAnswers {
  readonly #format: CompiledFormat | undefined;
  readonly #multiple: boolean;
  /** Why the pattern cannot be used, and the answer to every command then. */
  readonly fault: { readonly reason: string; readonly answer: FormatAnswer } | undefined;

  /** `multiple`: as a match_multiple pattern, whose answers are lists; empty where nothing matches. */
  constructor(format: string, options: { readonly multiple?: boolean } = {}) {
    this.#multiple = options.multiple ?? false;
    try {
      this.#format = compileFormat(format);
    } catch (error) {
      if (error instanceof PatternError) {
        this.fault = { reason: error.message, answer: { error: error.code } };
      } else if (error instanceof UnsupportedPatternError) {
        const { code, construct, message } = error;
        this.fault = { reason: message, answer: { error: code, construct } };
      } else {
        throw error;
      }
    }
  }

  answer(command: string): FormatAnswer {
    const format = this.#format;
    if (format === undefined) return this.fault?.answer ?? { match: false };
    try {
      return this.#match(format, command);
    } catch (error) {
      if (error instanceof FormatKeyError) return { error: error.code };
      if (error instanceof BudgetExceededError) return { error: 'refused', reason: error.code };
      throw error;
    }
  }

  #match(format: CompiledFormat, text: string): FormatAnswer {
    const command = readCommand(text);
    const budget = { left: steps };
    if (this.#multiple) {
      const all = matchAll(format, command, budget);
      if (all === undefined) return { match: false };
      return { match: true, parameters: all.map(({ parameters }) => values(parameters)) };
    }
    const parameters = matchFormat(format, command, budget);
    return parameters === undefined ? { match: false } : { match: true, parameters: values(parameters) };
  }
}

/** Own properties, whatever their names: `__proto__` is a parameter like any other. */
function values(parameters: Parameters): ParameterValues {
  return Object.fromEntries(parameters);
}
