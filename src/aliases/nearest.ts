import type { ActionAlias } from '../stackstorm/wire.ts';
import type { IndexedFormat } from './indexed-format.ts';

/** A pattern that the person may have meant. */
export interface NearMiss {
  readonly alias: ActionAlias;
  readonly representation: string;
  /** What to show: the display, or the pattern itself. */
  readonly text: string;
}

/** UTF-16 units of a text that are compared. */
const compared = 60;
/** How many patterns that share most pairs of letters are compared in full. */
const shortlisted = 60;
/** Of a pattern's pairs of letters, those that the command must have for a closer look. */
const leastShared = 0.3;
/** Less alike than this is no help. */
const leastAlike = 0.45;

/** The patterns most like a command, the most alike first: a cheap sieve over all, then an edit distance for the best. */
export function nearestFormats(
  formats: readonly IndexedFormat[],
  command: string,
  count: number,
): NearMiss[] {
  const typed = normal(command);
  if (typed === '') return [];
  const typedPairs = pairsOf(typed);
  const shortlist: { format: IndexedFormat; share: number }[] = [];
  for (const format of formats) {
    const share = shared(typedPairs, signature(format));
    if (share >= leastShared) shortlist.push({ format, share });
  }
  shortlist.sort((one, other) => other.share - one.share).splice(shortlisted);
  const scored = shortlist
    .map(({ format }) => ({ format, alike: alike(typed, normal(wordsOf(format))) }))
    .filter(({ alike }) => alike >= leastAlike)
    .sort((one, other) => other.alike - one.alike);
  const misses = new Map<string, NearMiss>();
  for (const { format } of scored) {
    if (misses.size >= count) break;
    const text = format.display || format.representation;
    const known = `${format.alias.ref}\n${text}`;
    if (!misses.has(known))
      misses.set(known, { alias: format.alias, representation: format.representation, text });
  }
  return [...misses.values()];
}

function normal(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ').slice(0, compared);
}

/** The words of a pattern as somebody would type them, up to its first parameter. */
function wordsOf({ representation, requirement }: IndexedFormat): string {
  const fixed = /^[^{<[(]*/.exec(representation)?.[0].trim() ?? '';
  return fixed === '' ? requirement.texts.join(' ') : fixed;
}

const signatures = new WeakMap<IndexedFormat, Uint32Array>();

/** The pairs of letters of a pattern, kept for as long as the pattern is. */
function signature(format: IndexedFormat): Uint32Array {
  const known = signatures.get(format);
  if (known !== undefined) return known;
  const made = pairsOf(normal(wordsOf(format)));
  signatures.set(format, made);
  return made;
}

/** One bit for each pair of neighbouring letters, of 128 that pairs are dealt to. */
function pairsOf(text: string): Uint32Array {
  const bits = new Uint32Array(4);
  for (let at = -1; at < text.length; at++) {
    const before = at < 0 ? 0x20 : text.charCodeAt(at);
    const after = at + 1 < text.length ? text.charCodeAt(at + 1) : 0x20;
    const bit = (before * 31 + after) & 127;
    bits[bit >> 5] = (bits[bit >> 5] ?? 0) | (1 << (bit & 31));
  }
  return bits;
}

/** Of the bits of both, how many are shared: 0 to 1. */
function shared(typed: Uint32Array, pattern: Uint32Array): number {
  let both = 0;
  let all = 0;
  for (let word = 0; word < 4; word++) {
    both += bitCount((typed[word] ?? 0) & (pattern[word] ?? 0));
    all += bitCount(pattern[word] ?? 0);
  }
  return all === 0 ? 0 : both / all;
}

function bitCount(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * How alike the beginning of what was typed is to a pattern's words: 1 is the same, 0 nothing alike. What was typed may
 * go on with parameters.
 */
function alike(typed: string, words: string): number {
  if (words === '') return 0;
  let row = Array.from({ length: words.length + 1 }, (_, index) => index);
  let best = words.length;
  for (let typedAt = 1; typedAt <= typed.length; typedAt++) {
    const next = [typedAt];
    for (let at = 1; at <= words.length; at++) {
      const same = typed.charCodeAt(typedAt - 1) === words.charCodeAt(at - 1);
      const replaced = (row[at - 1] ?? 0) + (same ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
    const atWordEnd = typedAt === typed.length || typed.charAt(typedAt) === ' ';
    if (atWordEnd) best = Math.min(best, row[words.length] ?? best);
  }
  return 1 - best / words.length;
}
