import type { EmbeddedStackStorm } from '../../src/demo/stackstorm/stackstorm.ts';
import type { AuditRecord } from '../../src/ops/audit.ts';

/** What came of the demo's roll-out: what ran as whom, what was answered, and who decided what. */
export function played({
  stackstorm,
  records,
}: {
  readonly stackstorm: EmbeddedStackStorm;
  readonly records: readonly AuditRecord[];
}) {
  const executions = stackstorm.state.executions.all.toReversed();
  return {
    ran: executions.map(({ action, context }) => [action.ref, context['user']]),
    answers: executions
      .filter(({ action }) => action.ref === 'core.ask')
      .map(({ result }): unknown => Object(result).response),
    decided: records
      .filter(({ event }) => /^step\.|^inquiry\.(?:responded|refused)/u.test(event))
      .map(({ event, outcome, stackstormUser }) =>
        [event, outcome, stackstormUser].filter(Boolean).join(' '),
      ),
  };
}
