import { isSpace } from './regex/unicode.ts';

/**
 * An attempt of a part of StackStorm's expression at one place: how many steps it takes, positive where it succeeds all
 * the way to the command's end, negative where it fails.
 */
type Attempt = number;

const failed: Attempt = -1;

/** `second` is tried only where `first` fails, as a backtracking matcher does. */
function either(first: Attempt, second: Attempt): Attempt {
  if (first > 0) return first;
  return second > 0 ? second - first : second + first;
}

const equals = 0x3d;
const newline = 0x0a;
const doubleQuote = 0x22;
const singleQuote = 0x27;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Where the trailing pairs begin (undefined if there are none), and about how many steps StackStorm's own expression
 * takes to find that out:
 *
 *     .*?(((?:^|\s+)\s*(\S+?)\s*=(""|''|"(.+?)"|'(.+?)'|({.+?})|(\S+))\s*)*)$
 *
 * A backtracking matcher tries its parts at the same place again and again, exponentially often for some commands
 * (NOTES section 7). Each part leads only to places further on; so, from the end backwards, each is worked out here
 * once for each place.
 */
export function findTail(command: string): { readonly start: number | undefined; readonly steps: number } {
  return new TailFinder(command).find();
}

class TailFinder {
  readonly #command: string;
  /** `((?:^|\s+)…)*$`: more pairs, or the end. */
  readonly #pairs: Float64Array;
  /** `\s*` behind a value, and what follows. */
  readonly #afterValue: Float64Array;
  /** `(\S+?)\s*=` and what follows, its first character read. */
  readonly #key: Float64Array;
  readonly #value: Float64Array;
  /** `(\S+)` and what follows. */
  readonly #word: Float64Array;
  /** `.+?"` and what follows, its first character read; likewise for the others. */
  readonly #closing: ReadonlyMap<number, Float64Array>;
  /** Of the spaces that begin at the place now worked at. */
  #spaces = 0;

  constructor(command: string) {
    this.#command = command;
    const table = () => new Float64Array(command.length + 3).fill(failed);
    this.#pairs = table();
    this.#afterValue = table();
    this.#key = table();
    this.#value = table();
    this.#word = table();
    this.#closing = new Map([doubleQuote, singleQuote, closeBrace].map((sign) => [sign, table()]));
  }

  find(): { start: number | undefined; steps: number } {
    const length = this.#command.length;
    for (let at = length; at >= 0; at--) {
      const code = this.#code(at);
      const space = at < length && isSpace(code);
      this.#spaces = space ? this.#spaces + 1 : 0;
      if (at < length && !space) this.#atSolid(at, code);
      else this.#key[at] = this.#equalsBehindSpaces(at);
      for (const [sign, attempts] of this.#closing) {
        if (at < length) {
          const here = code === sign ? this.#get(this.#afterValue, at + 1) : failed;
          attempts[at] = either(here, this.#get(attempts, at + 1));
        }
      }
      this.#pairs[at] = this.#pairsFrom(at);
      const pairs = this.#get(this.#pairs, at);
      this.#afterValue[at] = space ? either(this.#get(this.#afterValue, at + 1), pairs) : pairs;
    }
    return this.#first();
  }

  /** `.*?`: the first place from which the rest is pairs. The end, and a newline before it, are such a place without any. */
  #first(): { start: number | undefined; steps: number } {
    const length = this.#command.length;
    let steps = 0;
    let start = 0;
    while (start < length && this.#get(this.#pairs, start) < 0) {
      steps -= this.#get(this.#pairs, start);
      start++;
    }
    const none = start === length || (start === length - 1 && this.#code(start) === newline);
    return { start: none ? undefined : start, steps: steps + this.#get(this.#pairs, start) };
  }

  #code(at: number): number {
    return at < this.#command.length ? this.#command.charCodeAt(at) : -1;
  }

  #get(attempts: Float64Array | undefined, at: number): Attempt {
    return attempts?.[at] ?? failed;
  }

  /** At a character that is no space. */
  #atSolid(at: number, code: number): void {
    const next = this.#code(at + 1);
    const stop = this.#get(this.#afterValue, at + 1);
    this.#word[at] = next < 0 || isSpace(next) ? stop : either(this.#get(this.#word, at + 1), stop);
    this.#value[at] = either(this.#enclosed(at, code, next), this.#get(this.#word, at));
    const sign = code === equals ? this.#get(this.#value, at + 1) : failed;
    this.#key[at] = either(sign, this.#get(this.#key, at + 1));
  }

  /** A value in quotes or braces. */
  #enclosed(at: number, code: number, next: number): Attempt {
    if (code === openBrace) return this.#get(this.#closing.get(closeBrace), at + 2);
    if (code !== doubleQuote && code !== singleQuote) return failed;
    const empty = next === code ? this.#get(this.#afterValue, at + 2) : failed;
    return either(empty, this.#get(this.#closing.get(code), at + 2));
  }

  /** At the space or the end that ends a key: the sign may stand behind spaces. */
  #equalsBehindSpaces(at: number): Attempt {
    const behind = at + this.#spaces;
    const sign =
      this.#spaces > 0 && this.#code(behind) === equals ? this.#get(this.#value, behind + 1) : failed;
    return either(sign, -1 - this.#spaces);
  }

  #pairsFrom(at: number): Attempt {
    const length = this.#command.length;
    const keyStart = at + this.#spaces;
    const key = keyStart < length ? this.#get(this.#key, keyStart + 1) : failed;
    const first = at === 0 ? afterSpaces(key, 1, this.#spaces) : failed;
    const later = this.#spaces > 0 ? afterSpaces(key, this.#spaces, this.#spaces) : failed;
    const atEnd = at === length || (at === length - 1 && this.#code(at) === newline);
    return either(either(first, later), atEnd ? 1 : failed);
  }
}

/** A key behind spaces that `\s+\s*` can share out in so many ways; each is tried while the key fails. */
function afterSpaces(key: Attempt, ways: number, spaces: number): Attempt {
  return key > 0 ? key + 1 : ways * key - ways - (spaces * (spaces - 1)) / 2;
}
