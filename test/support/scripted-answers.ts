import type { FakeExecution, PostedRun, ScriptedStackStorm } from './scripted-stackstorm.ts';

/** The 201 of an alias execution, as the scripted StackStorm is told to answer it. */
export function aliasAnswer(
  run: PostedRun,
  execution: FakeExecution,
  told: Pick<ScriptedStackStorm, 'alias' | 'ackMessage' | 'ackExtra'>,
): unknown {
  return {
    execution,
    actionalias: {
      id: 'a1',
      name: run.name,
      ref: `wire.${run.name}`,
      pack: 'wire',
      enabled: true,
      action_ref: 'wire.run',
      formats: [run.format],
      ack: {},
      result: {},
      extra: {},
      immutable_parameters: {},
      ...told.alias,
    },
    ...(told.ackMessage === undefined ? {} : { message: told.ackMessage }),
    ...(told.ackExtra === undefined ? {} : { extra: told.ackExtra }),
  };
}

/** A rule as `GET /v1/rules` answers it (openapi.yaml), for a route. */
export function notifyRule(route: string): Record<string, unknown> {
  return {
    ref: 'chatops.notify',
    enabled: true,
    trigger: {
      ref: 'core.st2.generic.notifytrigger',
      type: 'core.st2.generic.notifytrigger',
      parameters: {},
    },
    criteria: { 'trigger.route': { pattern: route, type: 'equals' } },
    action: { ref: 'chatops.post_result', parameters: {} },
  };
}
