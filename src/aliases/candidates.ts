import { isSpace } from './regex/unicode.ts';
import { longestPiece, pieceKey, type Requirement, splitAtSpaces, wordKey } from './requirement.ts';

/** Something that matches only texts that meet its requirement. */
export interface Candidate {
  readonly requirement: Requirement;
}

/**
 * Finds, among thousands of patterns, those that a text may match, by one rare word or piece of text of each. Adding and
 * removing one costs the same however many there are.
 */
export class CandidateIndex<T extends Candidate> {
  /** How many candidates have a key among their choices: the rarest is the one they are found by. */
  readonly #counts = new Map<string, number>();
  readonly #found = new Map<string, Set<T>>();
  readonly #keys = new Map<T, readonly string[]>();
  /** Those of which nothing is known. */
  readonly #always = new Set<T>();
  /** Of each length of a piece, how many are in use. */
  readonly #pieceLengths: number[] = Array.from({ length: longestPiece + 1 }, () => 0);

  /** Adds all, choosing keys with all of them known. */
  addAll(candidates: readonly T[]): void {
    for (const candidate of candidates) this.#count(candidate, 1);
    for (const candidate of candidates) this.#place(candidate);
  }

  remove(candidate: T): void {
    const keys = this.#keys.get(candidate);
    if (keys === undefined) return;
    this.#count(candidate, -1);
    this.#keys.delete(candidate);
    this.#always.delete(candidate);
    for (const key of keys) {
      const found = this.#found.get(key);
      found?.delete(candidate);
      if (found?.size !== 0) continue;
      this.#found.delete(key);
      this.#countPiece(key, -1);
    }
  }

  /** Those that the text may match; all that it does match are among them. */
  of(text: string): Set<T> {
    const found = new Set<T>();
    const firstSolid = skipSpaces(text);
    for (const candidate of this.#always) if (meets(candidate, text, firstSolid)) found.add(candidate);
    for (const key of this.#keysOf(text)) {
      for (const candidate of this.#found.get(key) ?? []) {
        if (!found.has(candidate) && meets(candidate, text, firstSolid)) found.add(candidate);
      }
    }
    return found;
  }

  #keysOf(text: string): Set<string> {
    const keys = new Set<string>();
    for (const word of splitAtSpaces(text)) if (word !== '') keys.add(wordKey(word));
    for (let length = 1; length <= longestPiece; length++) {
      if (this.#pieceLengths[length] === 0) continue;
      for (let at = 0; at + length <= text.length; at++) keys.add(pieceKey(text.slice(at, at + length)));
    }
    return keys;
  }

  #place(candidate: T): void {
    let rarest: readonly string[] | undefined;
    let least = Infinity;
    for (const choice of candidate.requirement.choices) {
      const weight = choice.reduce((sum, key) => sum + (this.#counts.get(key) ?? 0), 0);
      if (weight < least) {
        least = weight;
        rarest = choice;
      }
    }
    this.#keys.set(candidate, rarest ?? []);
    if (rarest === undefined) this.#always.add(candidate);
    for (const key of rarest ?? []) {
      const found = this.#found.get(key);
      if (found !== undefined) {
        found.add(candidate);
        continue;
      }
      this.#found.set(key, new Set([candidate]));
      this.#countPiece(key, 1);
    }
  }

  #countPiece(key: string, change: number): void {
    if (!key.startsWith(pieceKey(''))) return;
    const length = key.length - pieceKey('').length;
    this.#pieceLengths[length] = (this.#pieceLengths[length] ?? 0) + change;
  }

  #count(candidate: T, change: number): void {
    for (const key of new Set(candidate.requirement.choices.flat())) {
      const count = (this.#counts.get(key) ?? 0) + change;
      if (count === 0) this.#counts.delete(key);
      else this.#counts.set(key, count);
    }
  }
}

function meets({ requirement }: Candidate, text: string, firstSolid: number): boolean {
  let at = 0;
  for (const [index, required] of requirement.texts.entries()) {
    if (index === 0 && requirement.atStart) {
      if (!text.startsWith(required, firstSolid)) return false;
      at = firstSolid + required.length;
      continue;
    }
    const found = text.indexOf(required, at);
    if (found < 0) return false;
    at = found + required.length;
  }
  return true;
}

function skipSpaces(text: string): number {
  let at = 0;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}
