import type { FoundAlias } from '../../aliases/alias-index.ts';
import type { AccessRule } from '../access-rules.ts';
import type { PassedSteps } from '../alias-request.ts';
import type { Step } from './second-steps.ts';

/** The next step that the rule wants and that the request has not behind it. */
export function missingStep(
  { confirm, approve }: AccessRule,
  passed: PassedSteps | undefined,
): Step | undefined {
  if (confirm === true && passed?.isConfirmed !== true) return { step: 'confirm' };
  if (approve !== undefined && (passed?.approvals ?? 0) < approve.count) return { step: 'approve', approve };
  return undefined;
}

/** Whether what was confirmed or approved is what would run now. */
export function isFor(passed: PassedSteps, match: FoundAlias): boolean {
  return passed.aliasRef === match.alias.ref && passed.format === match.representation;
}
