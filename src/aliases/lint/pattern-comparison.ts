import type { ActionAlias } from '../../stackstorm/wire.ts';
import type { AliasIndex } from '../alias-index.ts';
import { matchFormat, readCommand } from '../match.ts';
import { BudgetExceededError } from '../regex/errors.ts';
import type { Automaton } from './automaton.ts';
import { findText, type SearchBudget, type TextQuery } from './find-text.ts';
import type { Conflict, Finding } from './finding.ts';
import { byHub, findOverlaps, type Overlap } from './overlaps.ts';
import { automatonFor, type LintPattern, lintPatternsOf, typedWords } from './pattern.ts';
import * as words from './words.ts';

/** Steps for one match of an example. */
const matchSteps = 700_000;
/** A command that ends in pairs is matched without them (NOTES section 2, step 1). */
const pairsAtEnd = String.raw`\s\S+?\s*=(?:""|''|".+?"|'.+?'|\{.+?\}|\S+)\s*$`;
const sign = '='.charCodeAt(0);

/** What shows when the texts that patterns match are compared. */
export class PatternComparison {
  readonly #index: AliasIndex;
  readonly #budget: SearchBudget;
  /** As somebody types it: something, with no space at its ends. */
  readonly #typed = automatonFor(String.raw`^ (?:\S|\S.*\S) $`);
  readonly #endsInPairs = automatonFor(pairsAtEnd);
  readonly #anythingBefore = automatonFor('^ please ');
  readonly #anythingBehind = automatonFor(' please $');
  /** Of each pattern that something matches, a command that it does. */
  readonly #examples = new Map<LintPattern, string>();
  readonly #findings: Finding[] = [];
  undecided = 0;

  /** `index` has the last word on every example. */
  constructor(index: AliasIndex, budget: SearchBudget) {
    this.#index = index;
    this.#budget = budget;
  }

  /** Of enabled aliases none of whose patterns is wrong. */
  findings(aliases: readonly ActionAlias[]): Finding[] {
    const patterns = aliases.flatMap(lintPatternsOf);
    this.#compare(patterns.filter((pattern) => this.#isMatchable(pattern)));
    for (const pattern of patterns) this.#unanchored(pattern);
    return this.#findings;
  }

  /** Whether some command matches the pattern, were it the only one. */
  #isMatchable(pattern: LintPattern): boolean {
    const { representation, pass, automaton } = pattern;
    if (pass === undefined) {
      this.#unreachable(pattern, typedWords(representation), [], words.neverTried);
      return false;
    }
    if (automaton === undefined) {
      this.undecided++;
      return false;
    }
    const found = this.#find([automaton, this.#typed], (text) => this.#matches(pattern, text));
    if (found.kind === 'unsure') this.undecided++;
    if (found.kind === 'found') this.#examples.set(pattern, found.text);
    if (found.kind !== 'none') return true;
    const detail = representation.trim() === '' ? words.empty : words.neverMatches;
    this.#unreachable(pattern, typedWords(representation), [], detail);
    return false;
  }

  #compare(patterns: readonly LintPattern[]): void {
    const overlaps = findOverlaps(patterns, (one, other) => this.#common(one, other));
    const rivals = new Map<LintPattern, LintPattern[]>();
    const rival = (of: LintPattern, other: LintPattern) => {
      // What the first pass matches never comes to the second.
      if (of.pass === 'first' && other.pass === 'second') return;
      rivals.set(of, [...(rivals.get(of) ?? []), other]);
    };
    for (const { one, other } of overlaps) {
      rival(one, other);
      rival(other, one);
    }
    const samePass = overlaps.filter(({ one, other }) => one.pass === other.pass);
    this.undecided += samePass.filter(({ example }) => example === undefined).length;
    for (const [hub, conflicts] of byHub(samePass)) this.#ambiguous(hub, conflicts);
    for (const [pattern, others] of rivals) this.#reachable(pattern, others);
  }

  /** A command that two patterns match; undefined where there is none. */
  #common(one: LintPattern, other: LintPattern): Pick<Overlap, 'example'> | undefined {
    if (one.automaton === undefined || other.automaton === undefined) return undefined;
    const found = this.#find(
      [one.automaton, other.automaton, this.#typed],
      (text) => one.pass !== other.pass || this.#isAmbiguous(text, one, other),
    );
    if (found.kind === 'none') return undefined;
    return { example: found.kind === 'found' ? found.text : undefined };
  }

  #ambiguous(pattern: LintPattern, others: readonly Conflict[]): void {
    const [first] = others;
    if (first === undefined) return;
    this.#findings.push({
      kind: 'ambiguous',
      severity: 'warning',
      ...nameOf(pattern),
      example: first.example,
      others,
      detail: words.ambiguous,
    });
  }

  /** Looks for a command that only this pattern matches. */
  #reachable(pattern: LintPattern, rivals: readonly LintPattern[]): void {
    const example = this.#examples.get(pattern);
    if (pattern.automaton === undefined || (example !== undefined && this.#runs(example, pattern))) return;
    const takers = example === undefined ? [] : rivals.filter((rival) => this.#matches(rival, example));
    // Mostly the few that take the first example take all.
    let found = this.#findApart(pattern, pattern.automaton, takers);
    if (found === 'unsure') found = this.#findApart(pattern, pattern.automaton, rivals);
    if (found === 'found') return;
    if (found === 'unsure' || example === undefined) {
      this.undecided++;
      return;
    }
    const isAmbiguous = this.#index.match(example).kind === 'ambiguous';
    this.#unreachable(pattern, example, takers, isAmbiguous ? words.alwaysAmbiguous : words.alwaysTaken);
  }

  /** `none` is certain. */
  #findApart(pattern: LintPattern, automaton: Automaton, rivals: readonly LintPattern[]) {
    const against = rivals.flatMap((rival) => rival.automaton ?? []);
    const runs = (text: string) => this.#runs(text, pattern);
    const { kind } = this.#find([automaton, this.#typed], runs, against);
    return kind === 'none' && against.some(({ language }) => !language.exact) ? 'unsure' : kind;
  }

  #unanchored(pattern: LintPattern): void {
    const { automaton, open, multiple, pass } = pattern;
    if (automaton === undefined || pass === undefined) return;
    // Anywhere is what match_multiple means, as long as it does not come in the way of the first pass.
    if (multiple && pass === 'second') return;
    if (!open.before && !open.behind) return;
    const before = open.before ? [this.#anythingBefore] : [];
    const behind = open.behind ? [this.#anythingBehind] : [];
    const matches = (text: string) => this.#matches(pattern, text);
    let found = this.#find([automaton, this.#typed, ...before, ...behind], matches);
    // Open before in one alternative, behind in another.
    if (found.kind === 'none')
      found = this.#find([automaton, this.#typed, ...(open.before ? before : behind)], matches);
    if (found.kind === 'unsure') this.undecided++;
    if (found.kind !== 'found') return;
    this.#findings.push({
      kind: 'unanchored',
      severity: 'warning',
      ...nameOf(pattern),
      example: found.text,
      others: [],
      detail: multiple ? words.unanchoredMultiple : words.unanchored(open),
    });
  }

  #unreachable(pattern: LintPattern, example: string, rivals: readonly LintPattern[], detail: string): void {
    this.#findings.push({
      kind: 'unreachable',
      severity: 'error',
      ...nameOf(pattern),
      example,
      others: rivals.map((rival) => ({ ...nameOf(rival), example })),
      detail,
    });
  }

  #find(all: readonly Automaton[], confirm: TextQuery['confirm'], against: readonly Automaton[] = []) {
    const hasSign = [...all, ...against].some(({ language }) => language.characters.has(sign));
    // Only with the sign among the characters can a text have pairs.
    const none = hasSign ? [...against, this.#endsInPairs] : against;
    return findText({ all, none, confirm }, this.#budget);
  }

  #matches({ format }: LintPattern, text: string): boolean {
    try {
      return matchFormat(format, readCommand(text), { left: matchSteps }) !== undefined;
    } catch (error) {
      if (error instanceof BudgetExceededError) return false;
      throw error;
    }
  }

  #isAmbiguous(text: string, one: LintPattern, other: LintPattern): boolean {
    const match = this.#index.match(text);
    if (match.kind !== 'ambiguous') return false;
    const hits = (pattern: LintPattern) =>
      match.candidates.filter(({ alias, representation }) => isOf(pattern, alias.ref, representation)).length;
    const isSame = isOf(one, other.alias.ref, other.representation);
    return isSame ? hits(one) > 1 : hits(one) > 0 && hits(other) > 0;
  }

  #runs(text: string, pattern: LintPattern): boolean {
    const match = this.#index.match(text);
    return match.kind === 'match' && isOf(pattern, match.alias.ref, match.representation);
  }
}

function isOf({ alias, representation }: LintPattern, ref: string, other: string): boolean {
  return alias.ref === ref && representation === other;
}

function nameOf({ alias, representation }: LintPattern) {
  return { ref: alias.ref, representation };
}
