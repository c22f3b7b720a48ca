import type { ActionAlias } from '../stackstorm/wire.ts';
import type { CandidateIndex } from './candidates.ts';
import type { CompiledFormat } from './format.ts';
import type { FormatCache, IndexedFormat } from './indexed-format.ts';
import {
  matchAll,
  matchFormat,
  type Parameters,
  type ReadCommand,
  readCommand,
  sameParameters,
} from './match.ts';
import { BudgetExceededError } from './regex/errors.ts';
import { search } from './regex/run.ts';

/** Bounds of matching, in steps; about 70,000 take a millisecond. */
export interface MatchLimits {
  readonly stepsPerFormat: number;
  readonly stepsPerCommand: number;
  /** Steps that a command may cost StackStorm itself, for its one format. */
  readonly stackstormSteps: number;
}

/** One POST: a text from which StackStorm reads exactly these parameters. */
export interface SingleMatch {
  readonly text: string;
  readonly parameters: Parameters;
}

export interface MatchedFormat {
  readonly alias: ActionAlias;
  readonly representation: string;
  /** Null where the format has none. */
  readonly display: string | null;
}

export interface FoundAlias extends MatchedFormat {
  readonly kind: 'match';
  /** Of the first match in the command. */
  readonly parameters: Parameters;
  /** What to run, at least one: the command itself, or, for match_multiple, each distinct match in it. */
  readonly matches: readonly SingleMatch[];
  /** Texts of further matches from which, alone, StackStorm would read something else: they must not be sent. */
  readonly notAlone: readonly string[];
}

export interface AmbiguousCommand {
  readonly kind: 'ambiguous';
  /** How many patterns match, as StackStorm counts them: two of one alias count twice. */
  readonly count: number;
  readonly candidates: readonly MatchedFormat[];
}

/**
 * Why a command is not run although it may match. `too-expensive`: a pattern of `alias` used up its steps.
 * `would-blow-up`: StackStorm's own matcher would, on that pattern, or, where no alias is named, on the command whatever
 * it asks for. `not-alone`: of several matches none can be sent alone.
 */
export interface RefusedCommand {
  readonly kind: 'refused';
  readonly reason: 'too-expensive' | 'would-blow-up' | 'not-alone';
  readonly alias?: ActionAlias;
}

export type AliasMatch = FoundAlias | AmbiguousCommand | RefusedCommand | { readonly kind: 'none' };

const defaults: MatchLimits = {
  stepsPerFormat: 700_000,
  stepsPerCommand: 1_400_000,
  stackstormSteps: 1_000_000,
};

/** Steps under which no shape of a command is any matter: a third of a millisecond of StackStorm's time. */
const harmlessSteps = 15_000;
/** Ordinary commands take less than one step for each two characters; ones that grow faster than that blow up. */
const stepsPerSquare = 8;

/** Answers what StackStorm's `match` answers, over its two passes (NOTES section 5). */
export class CommandMatcher {
  readonly #candidates: CandidateIndex<IndexedFormat>;
  readonly #cache: FormatCache;
  readonly #limits: MatchLimits;

  constructor(candidates: CandidateIndex<IndexedFormat>, cache: FormatCache, limits: Partial<MatchLimits>) {
    this.#candidates = candidates;
    this.#cache = cache;
    this.#limits = { ...defaults, ...limits };
  }

  match(text: string): AliasMatch {
    const command = readCommand(text);
    if (this.#blowsUp(command)) return { kind: 'refused', reason: 'would-blow-up' };
    return new Matching(command, this.#cache, this.#limits).over(this.#candidates.of(command.stream));
  }

  /** Whether StackStorm would take long to find the trailing pairs (FACTS.md, "CPU bomb"; NOTES section 7). */
  #blowsUp({ stackstormSteps, command }: ReadCommand): boolean {
    if (stackstormSteps > this.#limits.stackstormSteps) return true;
    return stackstormSteps > harmlessSteps && stackstormSteps > stepsPerSquare * command.length ** 2;
  }
}

interface Hit {
  readonly indexed: IndexedFormat;
  readonly compiled: CompiledFormat;
  readonly parameters: Parameters;
}

/** One command's way through the candidates. */
class Matching {
  readonly #command: ReadCommand;
  readonly #cache: FormatCache;
  readonly #limits: MatchLimits;
  /** Many aliases can have the same pattern. */
  readonly #read = new Map<string, Parameters | undefined>();
  #stepsLeft: number;

  constructor(command: ReadCommand, cache: FormatCache, limits: MatchLimits) {
    this.#command = command;
    this.#cache = cache;
    this.#limits = limits;
    this.#stepsLeft = limits.stepsPerCommand;
  }

  over(candidates: ReadonlySet<IndexedFormat>): AliasMatch {
    for (const pass of ['first', 'second'] as const) {
      const hits: Hit[] = [];
      for (const indexed of candidates) {
        if (!indexed.passes[pass]) continue;
        const hit = this.#within(() => this.#try(indexed));
        if (hit === 'too-expensive') return { kind: 'refused', reason: hit, alias: indexed.alias };
        if (hit !== undefined) hits.push(hit);
      }
      const [only, second] = hits;
      if (second !== undefined) {
        return {
          kind: 'ambiguous',
          count: hits.length,
          candidates: hits.map(({ indexed }) => named(indexed)),
        };
      }
      if (only !== undefined) return this.#found(only);
    }
    return { kind: 'none' };
  }

  #try(indexed: IndexedFormat): Hit | undefined {
    const { representation } = indexed;
    const compiled = this.#cache.get(representation);
    if (!this.#read.has(representation)) {
      this.#read.set(
        representation,
        this.#counted((budget) => matchFormat(compiled, this.#command, budget)),
      );
    }
    const parameters = this.#read.get(representation);
    return parameters && { indexed, compiled, parameters };
  }

  #found({ indexed, compiled, parameters }: Hit): AliasMatch {
    const { alias } = indexed;
    if (this.#costsStackStorm(compiled)) return { kind: 'refused', reason: 'would-blow-up', alias };
    if (!indexed.multiple) {
      const matches = [{ text: this.#command.command, parameters }];
      return { kind: 'match', ...named(indexed), parameters, matches, notAlone: [] };
    }
    const several = this.#within(() => this.#several(compiled));
    if (several === 'too-expensive') return { kind: 'refused', reason: several, alias };
    if (several.matches.length === 0) return { kind: 'refused', reason: 'not-alone', alias };
    return { kind: 'match', ...named(indexed), parameters, ...several };
  }

  /** Each distinct match of a match_multiple pattern, with a text of its own that reads the same. */
  #several(compiled: CompiledFormat): Pick<FoundAlias, 'matches' | 'notAlone'> {
    const all = this.#counted((budget) => matchAll(compiled, this.#command, budget)) ?? [];
    const distinct = new Map(all.map((one) => [JSON.stringify([...one.parameters]), one]));
    const matches: SingleMatch[] = [];
    const notAlone: string[] = [];
    for (const { text, parameters } of distinct.values()) {
      const texts = [text.trim(), text].map((part) => part + this.#command.tail);
      const same = texts.find((one) => this.#reads(compiled, one, parameters));
      if (same === undefined) notAlone.push(text.trim());
      else matches.push({ text: same, parameters });
    }
    return { matches, notAlone };
  }

  #reads(compiled: CompiledFormat, command: string, parameters: Parameters): boolean {
    const read = this.#counted((budget) => matchFormat(compiled, readCommand(command), budget));
    return read !== undefined && sameParameters(read, parameters);
  }

  /** StackStorm's matcher forgets what it tried: the same search without a memory shows what it takes. */
  #costsStackStorm({ regex }: CompiledFormat): boolean {
    try {
      search(
        regex.program,
        this.#command.subject,
        { left: this.#limits.stackstormSteps },
        { remember: false },
      );
      return false;
    } catch (error) {
      if (error instanceof BudgetExceededError) return true;
      throw error;
    }
  }

  #counted<T>(run: (budget: { left: number }) => T): T {
    const given = Math.min(this.#limits.stepsPerFormat, this.#stepsLeft);
    const budget = { left: given };
    try {
      return run(budget);
    } finally {
      this.#stepsLeft -= given - budget.left;
    }
  }

  #within<T>(run: () => T): T | 'too-expensive' {
    try {
      return run();
    } catch (error) {
      if (error instanceof BudgetExceededError) return error.code;
      throw error;
    }
  }
}

function named({ alias, representation, display }: IndexedFormat): MatchedFormat {
  return { alias, representation, display };
}
