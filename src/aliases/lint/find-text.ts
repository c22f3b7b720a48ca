import { type Automaton, dead, won } from './automaton.ts';
import type { Language } from './language.ts';

export interface TextQuery {
  /** The text is in all of these … */
  readonly all: readonly Automaton[];
  /** … and in none of these. */
  readonly none?: readonly Automaton[];
  /** The last word on a text that was found. */
  readonly confirm: (text: string) => boolean;
}

/** Steps that searches may still take; a million takes about half a second. */
export interface SearchBudget {
  left: number;
}

/** `unsure`: texts were found but not confirmed, or the budget was used up. */
export type TextFound =
  | { readonly kind: 'found'; readonly text: string }
  | { readonly kind: 'none' | 'unsure' };

const space = 0x20;
/** Steps for one search. */
const stepsPerSearch = 200_000;
const largestInNumber = 2 ** 17;
const stepsUsedUp: TextFound = { kind: 'unsure' };

/**
 * A shortest text, as somebody would type it, that all and none of the patterns match, found by walking them side by
 * side. They see it as StackStorm does: with a space at both ends.
 */
export function findText({ all, none = [], confirm }: TextQuery, budget: SearchBudget): TextFound {
  const automata = [...all, ...none];
  const characters = alphabetOf(automata.map(({ language }) => language));
  const begun = automata.map((automaton) => automaton.step(automaton.start, space));
  const seen = new Set([keyOf(begun)]);
  const places = [begun];
  const came: { readonly from: number; readonly by: number }[] = [{ from: -1, by: 0 }];
  const most = Math.min(stepsPerSearch, budget.left);
  const next = [...begun];
  let steps = 0;
  let unsure = false;
  const wanted = (place: readonly number[], end: (automaton: Automaton, state: number) => boolean) =>
    automata.every((automaton, index) => end(automaton, place[index] ?? dead) === index < all.length);
  for (let at = 0; at < places.length; at++) {
    const place = places[at] ?? [];
    if (wanted(place, (automaton, state) => automaton.accepts(automaton.step(state, space)))) {
      const text = textOf(came, at);
      if (confirm(text)) return done({ kind: 'found', text });
      unsure = true;
    }
    for (const by of narrowed(characters, all, place)) {
      if (++steps > most) return done(stepsUsedUp);
      // Written anew for each character: most lead nowhere.
      let going = true;
      for (let index = 0; going && index < automata.length; index++) {
        const state = automata[index]?.step(place[index] ?? dead, by) ?? dead;
        next[index] = state;
        going = state !== (index < all.length ? dead : won);
      }
      if (!going) continue;
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      places.push([...next]);
      came.push({ from: at, by });
    }
  }
  return done({ kind: unsure ? 'unsure' : 'none' });

  function done(found: TextFound): TextFound {
    budget.left -= steps;
    return found;
  }
}

/** Those of the characters that lead on, in their order. */
function narrowed(
  characters: readonly number[],
  all: readonly Automaton[],
  place: readonly number[],
): readonly number[] {
  for (const [index, automaton] of all.entries()) {
    const only = automaton.only(place[index] ?? dead);
    if (only !== undefined) return only.size === 1 ? [...only] : characters.filter((one) => only.has(one));
  }
  return characters;
}

/** A number where they fit into one: it is looked up faster. */
function keyOf(place: readonly number[]): number | string {
  if (place.length > 3 || place.some((state) => state >= largestInNumber)) return place.join();
  let key = 0;
  for (const state of place) key = key * largestInNumber + state;
  return key;
}

function textOf(came: readonly { readonly from: number; readonly by: number }[], end: number): string {
  const codePoints: number[] = [];
  for (let at = end; at > 0; at = came[at]?.from ?? 0) codePoints.push(came[at]?.by ?? 0);
  return String.fromCodePoint(...codePoints.reverse());
}

const letters = [...'xyzabcdefghijklmnopqrstuvwXYZABCDEFGHIJKLMNOPQRSTUVW0123456789'].map(codePointOf);
/** One of each kind that classes and boundaries tell apart. */
const kinds = [...'x7_-\u00e9\u0663\u00a0\n'].map(codePointOf);

/**
 * Characters that stand for all: each that a pattern names, one letter that none names, and one of each kind where they
 * ask for kinds. The likeliest to be typed come first.
 */
function alphabetOf(languages: readonly Language[]): number[] {
  const named = new Set<number>([space]);
  for (const { characters } of languages) for (const codePoint of characters) named.add(codePoint);
  const other = letters.find((letter) => !named.has(letter)) ?? codePointOf('\u00a7');
  const alphabet = new Set([other, ...[...named].sort(likelierFirst)]);
  if (languages.some(({ hasClasses }) => hasClasses)) for (const kind of kinds) alphabet.add(kind);
  return [...alphabet];
}

function likelierFirst(one: number, other: number): number {
  return unlikeliness(one) - unlikeliness(other) || one - other;
}

function unlikeliness(codePoint: number): number {
  const text = String.fromCodePoint(codePoint);
  if (/[a-z]/.test(text)) return 0;
  if (/[A-Z0-9]/.test(text)) return 1;
  if (/[!-~]/.test(text)) return 2;
  return codePoint === space ? 3 : 4;
}

function codePointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
