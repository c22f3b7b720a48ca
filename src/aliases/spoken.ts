import { setImmediate } from 'node:timers/promises';
import type { AliasIndex } from './alias-index.ts';
import type { CompiledFormat } from './format.ts';
import { matchFormat, type Parameters, readCommand, sameParameters } from './match.ts';
import { BudgetExceededError } from './regex/errors.ts';
import { isSpace } from './regex/unicode.ts';
import { neededNames, type Style, writeFormat } from './written.ts';

/** A command that says certain parameters, or the parameters whose values no command of this alias can say. */
export type Spoken =
  | { readonly kind: 'command'; readonly text: string; readonly representation: string }
  /** Empty: no values whatever can be said. */
  | { readonly kind: 'unsayable'; readonly names: readonly string[] };

/** A pattern that something can be said with. */
export interface SpokenFormat {
  readonly representation: string;
  readonly display: string | null;
  readonly compiled: CompiledFormat;
}

/** Steps for one command; about seven milliseconds. */
const stepsForAll = 500_000;
/** Steps that a character costs where a text is read, and where it is held against the whole catalog. */
const readingSteps = 25;
const matchingSteps = 200;
/** Texts that are tried, of one pattern. */
const maxTexts = 24;
/** Texts that are held against the whole catalog. */
const maxMatches = 8;

/**
 * The command of an alias that gives StackStorm exactly these values, and what the pattern's own defaults add to them.
 * Nothing is answered that the matcher does not read so, as a command of this very alias: how a value has to be quoted,
 * and whether it can be said at all, is tried and not supposed. `fits` says whether a text may be typed at all; with
 * `only`, a representation, in the words of that pattern. Others have their turn between any two texts that are tried.
 */
export async function sayCommand(
  index: AliasIndex,
  ref: string,
  values: ReadonlyMap<string, string>,
  fits: (text: string) => boolean = () => true,
  only?: string,
): Promise<Spoken> {
  const said = await new Saying(index, ref, fits, only).say(values);
  if (said !== undefined) return said;
  // Whose value it is shows where a harmless one in its place can be said.
  const odd = [...values].filter(([, value]) => !isPlain(value)).map(([name]) => name);
  if (odd.length === 0) return { kind: 'unsayable', names: [] };
  const finding = new Saying(index, ref, fits, only);
  const harmless = new Map([...values].map(([name, value]) => [name, isPlain(value) ? value : 'x']));
  if ((await finding.say(harmless)) === undefined) return { kind: 'unsayable', names: [] };
  const alone: string[] = [];
  for (const name of odd) {
    if ((await finding.say(new Map([...values, [name, 'x']]))) !== undefined) alone.push(name);
  }
  return { kind: 'unsayable', names: alone.length > 0 ? alone : odd };
}

/** Looks for texts, with what it takes bounded over all that it is asked. */
class Saying {
  readonly #index: AliasIndex;
  readonly #ref: string;
  readonly #fits: (text: string) => boolean;
  readonly #budget = { left: stepsForAll };
  readonly #only: string | undefined;
  #matchesLeft = maxMatches;

  constructor(index: AliasIndex, ref: string, fits: (text: string) => boolean, only: string | undefined) {
    this.#index = index;
    this.#only = only;
    this.#ref = ref;
    this.#fits = fits;
  }

  /** In the words of the pattern that has a place for most of the values, where one can say them in their places. */
  async say(values: ReadonlyMap<string, string>): Promise<Extract<Spoken, { kind: 'command' }> | undefined> {
    const usable = this.#index
      .formatsOf(this.#ref)
      .filter(({ representation }) => this.#only === undefined || representation === this.#only);
    for (const formats of formatsFor(usable, values)) {
      for (const stylesOf of [stylesInPlace, stylesWithPairs]) {
        for (const format of formats) {
          const expected = expectedOf(format.compiled, values);
          for (const styles of stylesOf(format.compiled, values)) {
            const text = textOf(format.compiled, values, styles);
            if (text === undefined || !(await this.#isSaid(format, text, expected))) continue;
            return { kind: 'command', text, representation: format.representation };
          }
        }
      }
    }
    return undefined;
  }

  async #isSaid(
    { representation, compiled }: SpokenFormat,
    text: string,
    expected: Parameters,
  ): Promise<boolean> {
    if (!this.#fits(text) || this.#budget.left <= 0 || this.#matchesLeft <= 0) return false;
    await setImmediate();
    this.#budget.left -= text.length * readingSteps;
    try {
      const read = matchFormat(compiled, readCommand(text), this.#budget);
      if (read === undefined || !sameParameters(read, expected)) return false;
    } catch (error) {
      if (error instanceof BudgetExceededError) return false;
      throw error;
    }
    this.#matchesLeft -= 1;
    await setImmediate();
    this.#budget.left -= text.length * matchingSteps;
    const match = this.#index.match(text);
    return (
      match.kind === 'match' &&
      match.alias.ref === this.#ref &&
      match.representation === representation &&
      match.matches.length === 1 &&
      match.notAlone.length === 0 &&
      sameParameters(match.parameters, expected)
    );
  }
}

/**
 * Those that need nothing that is missing, by how many of the values they have a place for, most first; of as many, first
 * those that help shows.
 */
function formatsFor(
  formats: readonly SpokenFormat[],
  values: ReadonlyMap<string, string>,
): readonly (readonly SpokenFormat[])[] {
  const names = [...values.keys()];
  const byPlaces = new Map<number, SpokenFormat[]>();
  const isHidden = ({ display }: SpokenFormat) => display === null || display === '';
  for (const format of formats.toSorted((one, other) => Number(isHidden(one)) - Number(isHidden(other)))) {
    const { syntax } = format.compiled;
    if (![...neededNames(format.compiled)].every((name) => values.has(name))) continue;
    const places = names.filter((name) => syntax.names.has(name)).length;
    byPlaces.set(places, [...(byPlaces.get(places) ?? []), format]);
  }
  return [...byPlaces].toSorted(([one], [other]) => other - one).map(([, group]) => group);
}

/** What StackStorm is to read: the values, a default for what is not said, null where the pattern's group takes no part. */
function expectedOf({ syntax, defaults }: CompiledFormat, values: ReadonlyMap<string, string>): Parameters {
  return new Map<string, string | null>([
    ...[...syntax.names.keys()].map((name): [string, null] => [name, null]),
    ...defaults,
    ...values,
  ]);
}

/** Each value in its place: first all as they are, then the odd ones in quotes, at last every mixture. */
function* stylesInPlace(
  { syntax }: CompiledFormat,
  values: ReadonlyMap<string, string>,
): Generator<ReadonlyMap<string, Style>> {
  const odd = [...values].filter(([name, value]) => syntax.names.has(name) && !isPlain(value));
  const all = (styleOf: (value: string) => Style) =>
    new Map(odd.map(([name, value]) => [name, styleOf(value)]));
  yield all(() => 'bare');
  if (odd.length === 0) return;
  yield all((value) => (value.includes('"') ? 'single' : 'double'));
  yield all((value) => (value.includes('"') ? 'double' : 'single'));
  if (odd.length === 1) return;
  yield* mixtures(
    odd.map(([name]) => name),
    ['bare', 'double', 'single'],
  );
}

/** Some of the values as pairs at the end, which are read in place of what stands before them. */
function* stylesWithPairs(
  { syntax }: CompiledFormat,
  values: ReadonlyMap<string, string>,
): Generator<ReadonlyMap<string, Style>> {
  const placed = [...values].filter(([name]) => syntax.names.has(name));
  const odd = placed.filter(([, value]) => !isPlain(value)).map(([name]) => name);
  for (const name of odd) yield new Map([[name, 'pair']]);
  for (const name of odd)
    yield new Map(odd.map((other): [string, Style] => [other, other === name ? 'pair' : 'double']));
  if (odd.length > 1) yield new Map(odd.map((name) => [name, 'pair']));
  yield new Map(placed.map(([name]) => [name, 'pair']));
}

function* mixtures(
  names: readonly string[],
  styles: readonly Style[],
): Generator<ReadonlyMap<string, Style>> {
  const count = Math.min(styles.length ** names.length, maxTexts);
  for (let mixture = 0; mixture < count; mixture++) {
    yield new Map(
      names.map((name, at): [string, Style] => [
        name,
        styles[Math.floor(mixture / styles.length ** at) % styles.length] ?? 'bare',
      ]),
    );
  }
}

/** The pattern's words, and behind them what has no place in it. */
function textOf(
  compiled: CompiledFormat,
  values: ReadonlyMap<string, string>,
  styles: ReadonlyMap<string, Style>,
): string | undefined {
  const written = writeFormat(compiled, values, styles);
  if (written === undefined) return undefined;
  const pieces = [written.text.trim()];
  for (const [name, value] of values) {
    if (written.placed.has(name)) continue;
    const pair = pairOf(name, value);
    if (pair === undefined) return undefined;
    pieces.push(pair);
  }
  return pieces.filter((piece) => piece !== '').join(' ');
}

/** `name=value`, in quotes where it has to be. */
function pairOf(name: string, value: string): string | undefined {
  if (name === '' || !hasNoSpace(name) || name.includes('=')) return undefined;
  if (value !== '' && hasNoSpace(value) && !/^["'{]/.test(value)) return `${name}=${value}`;
  if (/^\{[^}]+\}$/.test(value)) return `${name}=${value}`;
  if (!value.includes('"')) return `${name}="${value}"`;
  return value.includes("'") ? undefined : `${name}='${value}'`;
}

/** Nothing in it that a matcher could take for anything but text. */
function isPlain(value: string): boolean {
  return value !== '' && hasNoSpace(value) && !/["'={}]/.test(value);
}

function hasNoSpace(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (isSpace(text.charCodeAt(at))) return false;
  return true;
}
