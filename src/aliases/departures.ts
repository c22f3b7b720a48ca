import { editDistance } from './edit-distance.ts';

/** A piece of a pattern, from `start` up to `end` in UTF-16 units; empty where something is too much before it. */
export interface Departure {
  readonly start: number;
  readonly end: number;
}

/** What is longer is compared so far only. */
const longestPattern = 300;
const longestTyped = 600;
const mostWords = 16;
const longestWord = 16;

interface Piece extends Departure {
  readonly word: string;
  /** `any`: what stands there is the person's own. */
  readonly kind: 'word' | 'any' | 'any-or-none';
}

/**
 * Where a typed text departs from a pattern, as help shows it: words that are written otherwise, that are missing, and
 * places before which there are too many. Parameters stand for one word or several. Nothing where both go together, as
 * far as words can tell. In bounded time, however long the two are.
 */
export function departures(pattern: string, typed: string): readonly Departure[] {
  const pieces = piecesOf(pattern.slice(0, longestPattern));
  const words = wordsOf(typed, !pattern.includes('='));
  const rest = costs(pieces, words);
  const found: Departure[] = [];
  let at = 0;
  let word = 0;
  /** A parameter has taken a word, and may take more. */
  let isOpen = false;
  while (at < pieces.length || word < words.length) {
    const step = cheapest(pieces, words, rest, { at, word, isOpen });
    const piece = pieces[at];
    if (step.departs) found.push(piece !== undefined && step.at > at ? piece : before(piece, pattern));
    isOpen = step.isOpen;
    at = step.at;
    word = step.word;
  }
  return merged(found);
}

interface State {
  /** Pieces and words that are behind us. */
  readonly at: number;
  readonly word: number;
  readonly isOpen: boolean;
}

interface Step extends State {
  readonly cost: number;
  readonly departs: boolean;
}

/** What the rest costs from each state: how unlike it is. */
type Costs = (state: State) => number;

function costs(pieces: readonly Piece[], words: readonly string[]): Costs {
  const width = words.length + 1;
  const table = new Float64Array((pieces.length + 1) * width * 2);
  const index = ({ at, word, isOpen }: State) => (at * width + word) * 2 + (isOpen ? 1 : 0);
  const rest: Costs = (state) => table[index(state)] ?? 0;
  for (let at = pieces.length; at >= 0; at--) {
    for (let word = words.length; word >= 0; word--) {
      for (const isOpen of [true, false]) {
        if (at === pieces.length && word === words.length) continue;
        const state = { at, word, isOpen };
        const step = cheapest(pieces, words, rest, state);
        table[index(state)] = step.cost + rest(step);
      }
    }
  }
  return rest;
}

/** The best way on; of equal ones the first. */
function cheapest(
  pieces: readonly Piece[],
  words: readonly string[],
  rest: Costs,
  { at, word, isOpen }: State,
): Step {
  const piece = pieces[at];
  const typed = words[word];
  const steps: Step[] = [];
  const closed = { isOpen: false };
  if (typed !== undefined) {
    if (piece?.kind === 'word') {
      const cost = piece.word === typed ? 0 : 0.4 + unlike(piece.word, typed);
      steps.push({ at: at + 1, word: word + 1, ...closed, cost, departs: cost > 0 });
    } else if (piece !== undefined) {
      steps.push({ at: at + 1, word: word + 1, isOpen: true, cost: 0, departs: false });
    }
    if (isOpen) steps.push({ at, word: word + 1, isOpen, cost: 0.01, departs: false });
    else steps.push({ at, word: word + 1, ...closed, cost: 1, departs: true });
  }
  if (piece !== undefined) {
    const isOptional = piece.kind === 'any-or-none';
    // Who leaves one out has rather left out a parameter.
    const cost = isOptional ? 0.01 : piece.kind === 'any' ? 0.9 : 1;
    steps.push({ at: at + 1, word, ...closed, cost, departs: !isOptional });
  }
  const [first, ...others] = steps;
  if (first === undefined) throw new RangeError('nothing is left');
  return others.reduce(
    (best, step) => (step.cost + rest(step) < best.cost + rest(best) ? step : best),
    first,
  );
}

/** 0 to 1. */
function unlike(one: string, other: string): number {
  const [a, b] = [one.slice(0, longestWord).toLowerCase(), other.slice(0, longestWord).toLowerCase()];
  return editDistance(a, b) / Math.max(a.length, b.length);
}

const chunk = /(?:\{\{[^{}]*\}\}|<[^<>]*>|\[[^[\]]*\]|\([^()]*\)|\S)+/g;

function piecesOf(pattern: string): Piece[] {
  return [...pattern.matchAll(chunk)].slice(0, mostWords).map(({ 0: word, index }) => {
    const isWord = !/[{}<>()[\]\\|*+?^$]/.test(word);
    const isOptional = /^\[|=|\)\?$|^\S*\*$/.test(word);
    const kind = isWord ? 'word' : isOptional ? 'any-or-none' : 'any';
    return { word, kind, start: index, end: index + word.length };
  });
}

/** `name=value` at the end may follow any pattern. */
function wordsOf(typed: string, withoutPairs: boolean): string[] {
  const words = typed
    .slice(0, longestTyped)
    .split(/\s+/)
    .filter((word) => word !== '');
  const last = words.findLastIndex((word) => !/^[^="']+=/.test(word));
  return words.slice(0, withoutPairs ? last + 1 : undefined).slice(0, mostWords);
}

function before(piece: Piece | undefined, pattern: string): Departure {
  const start = piece?.start ?? pattern.length + 1;
  return { start: Math.max(start - 1, 0), end: Math.max(start - 1, 0) };
}

/** Neighbours as one. */
function merged(found: readonly Departure[]): Departure[] {
  const all: Departure[] = [];
  for (const one of found) {
    const last = all.at(-1);
    if (last !== undefined && one.start <= last.end + 1) {
      all[all.length - 1] = { start: last.start, end: Math.max(last.end, one.end) };
    } else all.push(one);
  }
  return all;
}
