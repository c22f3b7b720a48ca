import { isSpace } from './regex/unicode.ts';
import { findTail } from './trailing-tail.ts';

/** A command, read as far as it is the same for every format (NOTES section 2, steps 1 and 2). */
export interface TrailingPairs {
  /** The end of the command that is only `key=value` pairs; empty if there is none. */
  readonly tail: string;
  /** The pairs in the tail, in order; the later of two with one key counts. */
  readonly pairs: readonly (readonly [key: string, value: string])[];
  /** What the formats are matched against: the command without any occurrence of the tail, a space at both ends. */
  readonly stream: string;
  /** About how many steps StackStorm's own expression takes for this command; may be Infinity. */
  readonly stackstormSteps: number;
}

/** Cuts the trailing pairs off as StackStorm does, in time linear in the command's length. */
export function readTrailingPairs(command: string): TrailingPairs {
  const { start, steps } = findTail(command);
  if (start === undefined) return { tail: '', pairs: [], stream: ` ${command} `, stackstormSteps: steps };
  const tail = command.slice(start);
  const stream = ` ${command.replaceAll(tail, () => '')} `;
  return { tail, pairs: findPairs(tail), stream, stackstormSteps: steps };
}

/**
 * The pairs of a tail. StackStorm finds them anew, from the front, so they are not always those that made it a tail
 * (NOTES Q3); text between two of them is passed over.
 */
function findPairs(tail: string): [string, string][] {
  const pairs: [string, string][] = [];
  const values = new ValueReader(tail);
  let at = 0;
  while (at < tail.length) {
    const keyStart = solidFrom(tail, at);
    const keyEnd = spaceFrom(tail, keyStart);
    // A pair stands behind a space, or at the very beginning.
    const found = at === 0 || keyStart > at ? pairAt(tail, keyStart, keyEnd, values) : undefined;
    if (found === undefined) {
      at = keyEnd;
    } else {
      pairs.push([found.key, found.value]);
      at = found.end;
    }
  }
  return pairs;
}

interface Pair {
  readonly key: string;
  readonly value: string;
  readonly end: number;
}

function pairAt(tail: string, keyStart: number, keyEnd: number, values: ValueReader): Pair | undefined {
  for (
    let sign = tail.indexOf('=', keyStart + 1);
    sign >= 0 && sign < keyEnd;
    sign = tail.indexOf('=', sign + 1)
  ) {
    const value = values.at(sign + 1);
    if (value !== undefined) return { key: tail.slice(keyStart, sign), ...value };
  }
  const behind = solidFrom(tail, keyEnd);
  if (behind === keyEnd || tail.charAt(behind) !== '=') return undefined;
  const value = values.at(behind + 1);
  return value && { key: tail.slice(keyStart, keyEnd), ...value };
}

/** Reads a value where it begins: quoted, braced, or a run of anything but spaces. */
class ValueReader {
  readonly #text: string;
  /** Signs that are known not to come again from some place on, so that no text is searched twice for nothing. */
  readonly #lastFound = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  at(start: number): { value: string; end: number } | undefined {
    const first = this.#text.charAt(start);
    if (first === '"' || first === "'") {
      if (this.#text.charAt(start + 1) === first) return { value: '', end: start + 2 };
      const close = this.#find(first, start + 2);
      if (close >= 0) return { value: this.#text.slice(start + 1, close), end: close + 1 };
    } else if (first === '{') {
      const close = this.#find('}', start + 2);
      if (close >= 0) return { value: this.#text.slice(start, close + 1), end: close + 1 };
    }
    const end = spaceFrom(this.#text, start);
    return end === start ? undefined : { value: this.#text.slice(start, end), end };
  }

  #find(sign: string, from: number): number {
    let last = this.#lastFound.get(sign);
    if (last === undefined) {
      last = this.#text.lastIndexOf(sign);
      this.#lastFound.set(sign, last);
    }
    return from > last ? -1 : this.#text.indexOf(sign, from);
  }
}

function solidFrom(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

function spaceFrom(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isSpace(text.charCodeAt(at))) at++;
  return at;
}
