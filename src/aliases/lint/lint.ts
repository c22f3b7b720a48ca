import type { ActionAlias } from '../../stackstorm/wire.ts';
import { AliasIndex } from '../alias-index.ts';
import { representationsOf } from '../representation.ts';
import { byText } from '../text-order.ts';
import { invalidFindings, shadowedFindings } from './alias-findings.ts';
import { type Finding, findingKinds, type LintReport } from './finding.ts';
import { PatternComparison } from './pattern-comparison.ts';

export interface LintOptions {
  /** Steps for all searches together; what they do not suffice for is counted as undecided. */
  readonly steps?: number;
}

/** About half a minute. The hundred aliases of a well-furnished StackStorm take about a second. */
const defaultSteps = 60_000_000;

/**
 * Finds what keeps commands from doing what the authors of these aliases meant, as StackStorm matches them. Every example
 * of a conflict was tried on the bot's own matcher.
 */
export function lintAliases(aliases: readonly ActionAlias[], options: LintOptions = {}): LintReport {
  const index = new AliasIndex();
  index.replaceAll(aliases);
  const setAside = new Set(index.faults.map(({ ref }) => ref));
  const comparison = new PatternComparison(index, { left: options.steps ?? defaultSteps });
  const compared = comparison.findings(
    index.aliases.filter(({ enabled, ref }) => enabled && !setAside.has(ref)),
  );
  const findings = [
    ...index.aliases.flatMap((alias) => [...invalidFindings(alias), ...shadowedFindings(alias, index)]),
    ...compared,
  ].sort(worstFirst);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return {
    aliases: index.size,
    patterns: index.aliases.reduce((sum, alias) => sum + representationsOf(alias).length, 0),
    errors,
    warnings: findings.length - errors,
    undecided: comparison.undecided,
    findings,
  };
}

function worstFirst(one: Finding, other: Finding): number {
  return rank(one) - rank(other) || byText(one.ref, other.ref);
}

function rank({ severity, kind }: Finding): number {
  return (severity === 'error' ? 0 : findingKinds.length) + findingKinds.indexOf(kind);
}
