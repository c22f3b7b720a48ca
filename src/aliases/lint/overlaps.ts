import { byText } from '../text-order.ts';
import type { Conflict } from './finding.ts';
import type { LintPattern } from './pattern.ts';

/** Two patterns that some command matches. */
export interface Overlap {
  readonly one: LintPattern;
  readonly other: LintPattern;
  /** Such a command; undefined where none could be confirmed. */
  readonly example: string | undefined;
}

/** Every two patterns for which `common` answers, each two once. */
export function findOverlaps(
  patterns: readonly LintPattern[],
  common: (one: LintPattern, other: LintPattern) => Pick<Overlap, 'example'> | undefined,
): Overlap[] {
  const overlaps: Overlap[] = [];
  for (const [one, other] of candidatePairs(patterns)) {
    const found = common(one, other);
    if (found !== undefined) overlaps.push({ one, other, ...found });
  }
  return overlaps;
}

/** Two patterns that each begin with a fixed text have no command in common unless one text begins with the other. */
function* candidatePairs(patterns: readonly LintPattern[]): Generator<[LintPattern, LintPattern]> {
  const fixed: { readonly start: string; readonly pattern: LintPattern }[] = [];
  const free: LintPattern[] = [];
  for (const pattern of patterns) {
    const { atStart, texts } = pattern.requirement;
    const [start] = texts;
    if (atStart && start !== undefined) fixed.push({ start, pattern });
    else free.push(pattern);
  }
  fixed.sort((one, other) => byText(one.start, other.start));
  for (const [at, { start, pattern }] of fixed.entries()) {
    for (let next = at + 1; fixed[next]?.start.startsWith(start) === true; next++) {
      const other = fixed[next]?.pattern;
      if (other !== undefined) yield [pattern, other];
    }
  }
  for (const [at, one] of free.entries()) {
    for (const other of free.slice(at + 1)) yield [one, other];
    for (const { pattern } of fixed) yield [one, pattern];
  }
}

/**
 * The confirmed overlaps, told of the pattern of the two that overlaps with more: one that takes any text is named once,
 * not once for each that it disturbs.
 */
export function byHub(overlaps: readonly Overlap[]): Map<LintPattern, Conflict[]> {
  const counts = new Map<LintPattern, number>();
  const count = (pattern: LintPattern) => counts.get(pattern) ?? 0;
  for (const { one, other } of overlaps) {
    counts.set(one, count(one) + 1);
    counts.set(other, count(other) + 1);
  }
  const hubs = new Map<LintPattern, Conflict[]>();
  for (const { one, other, example } of overlaps) {
    if (example === undefined) continue;
    const [hub, rest] = count(one) >= count(other) ? [one, other] : [other, one];
    const conflict = { ref: rest.alias.ref, representation: rest.representation, example };
    const known = hubs.get(hub);
    if (known === undefined) hubs.set(hub, [conflict]);
    else known.push(conflict);
  }
  return hubs;
}
