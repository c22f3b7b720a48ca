/** What can be wrong with a pattern, worst first. */
export const findingKinds = ['invalid', 'shadowed', 'unreachable', 'ambiguous', 'unanchored'] as const;
export type FindingKind = (typeof findingKinds)[number];

/** A pattern that stands in the way of another. */
export interface Conflict {
  readonly ref: string;
  readonly representation: string;
  /** A command that shows this one. */
  readonly example: string;
}

export interface Finding {
  readonly kind: FindingKind;
  /** An error: the alias cannot be run, or not by this pattern. A warning: some commands do not do what was meant. */
  readonly severity: 'error' | 'warning';
  readonly ref: string;
  readonly representation: string;
  /** A command that shows it. */
  readonly example: string;
  /** The patterns that it is in conflict with. */
  readonly others: readonly Conflict[];
  /** What is wrong, and what to do. */
  readonly detail: string;
}

export interface LintReport {
  readonly aliases: number;
  readonly patterns: number;
  readonly errors: number;
  readonly warnings: number;
  /** Questions that could not be decided: a construct that hides what a pattern matches, or too many possibilities. */
  readonly undecided: number;
  readonly findings: readonly Finding[];
}
