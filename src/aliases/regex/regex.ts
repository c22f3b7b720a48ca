import { compileSyntax } from './compile.ts';
import { type PatternFlags, parsePattern } from './parse.ts';
import type { Program } from './program.ts';
import { type SearchOptions, type StepBudget, search } from './run.ts';
import { Subject } from './subject.ts';
import type { Syntax } from './syntax.ts';

/** One match: where it stands (in code points), and its groups. */
export class Match {
  readonly #spans: Int32Array;
  readonly #subject: Subject;
  readonly #names: ReadonlyMap<string, number>;

  constructor(spans: Int32Array, subject: Subject, names: ReadonlyMap<string, number>) {
    this.#spans = spans;
    this.#subject = subject;
    this.#names = names;
  }

  get start(): number {
    return this.#spans[0] ?? 0;
  }

  get end(): number {
    return this.#spans[1] ?? 0;
  }

  get text(): string {
    return this.#subject.slice(this.start, this.end);
  }

  /** What a group captured; null if it took no part. */
  group(index: number): string | null {
    const start = this.#spans[index * 2] ?? -1;
    const end = this.#spans[index * 2 + 1] ?? -1;
    return start < 0 || end < 0 ? null : this.#subject.slice(start, end);
  }

  /** Every named group, in the order of the pattern. */
  namedGroups(): Map<string, string | null> {
    const groups = new Map<string, string | null>();
    for (const [name, index] of this.#names) groups.set(name, this.group(index));
    return groups;
  }
}

/** A Python regular expression whose every use is bounded by the steps that it is given. */
export class Regex {
  readonly program: Program;

  /** From a pattern, or from one that was parsed. Throws PatternError, UnsupportedPatternError. */
  constructor(pattern: string | Syntax, flags: PatternFlags = {}) {
    this.program = compileSyntax(typeof pattern === 'string' ? parsePattern(pattern, flags) : pattern);
  }

  /** As `re.search`. Throws BudgetExceededError. */
  search(subject: Subject, budget: StepBudget, options: SearchOptions = {}): Match | undefined {
    const spans = search(this.program, subject, budget, options);
    return spans && new Match(spans, subject, this.program.names);
  }

  /** As `re.finditer`: an empty match is tried for a longer one at the same place before going on. Throws BudgetExceededError. */
  *matches(subject: Subject, budget: StepBudget): Generator<Match, void, undefined> {
    let from = 0;
    let mustAdvance = false;
    for (;;) {
      const match = this.search(subject, budget, { from, mustAdvance });
      if (match === undefined) return;
      yield match;
      from = match.end;
      mustAdvance = match.end === match.start;
    }
  }

  /** As `re.sub` with a function. Throws BudgetExceededError. */
  replace(text: string, replacement: (match: Match) => string, budget: StepBudget): string {
    const subject = new Subject(text);
    let result = '';
    let done = 0;
    for (const match of this.matches(subject, budget)) {
      result += subject.slice(done, match.start) + replacement(match);
      done = match.end;
    }
    return result + subject.slice(done, subject.length);
  }
}
