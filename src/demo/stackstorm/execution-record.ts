import type { Execution } from './executions.ts';
import { timestamp } from './identifiers.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { actionRecord, runnerRecord } from './packs.ts';
import { effectiveParameters, maskSecrets } from './parameters.ts';

/** The execution as the API and the stream write it. */
export function executionRecord(
  execution: Execution,
  options: { readonly showSecrets: boolean; readonly webUrl: string },
): JsonObject {
  const { action, runner, log, endedAt, parent, children, result } = execution;
  const shown = options.showSecrets
    ? execution.parameters
    : maskSecrets(execution.parameters, effectiveParameters(action, runner));
  const ended = endedAt !== null;
  const hasResult = result !== undefined && ended;
  return {
    action: actionRecord(action),
    runner: runnerRecord(runner),
    liveaction: {
      action: action.ref,
      action_is_workflow: runner.name === 'orquesta',
      parameters: shown,
      callback: {},
      runner_info: execution.started ? { hostname: 'st2-demo', pid: 4711 } : {},
      ...(execution.notify === null ? {} : { notify: execution.notify }),
      id: execution.liveActionId,
    },
    status: execution.status,
    start_timestamp: timestamp(execution.startedAt),
    ...(ended ? { end_timestamp: timestamp(endedAt) } : {}),
    ...(Object.keys(shown).length === 0 ? {} : { parameters: shown }),
    ...(hasResult && execution.started ? { result_size: JSON.stringify(result).length } : {}),
    context: execution.context,
    log: log.map((entry) => ({ timestamp: timestamp(entry.at), status: entry.status })),
    ...(parent === undefined ? {} : { parent: parent.id }),
    ...(children.length === 0 ? {} : { children }),
    web_url: `${options.webUrl}/#/history/${execution.id}/general`,
    id: execution.id,
    ...(hasResult ? { result } : {}),
    ...(ended ? { elapsed_seconds: (endedAt - execution.startedAt) / 1000 } : {}),
  };
}

/** The second record that StackStorm keeps of an execution, as the stream writes it. */
export function liveActionRecord(execution: Execution, record: JsonObject): JsonObject {
  const { liveaction, status, start_timestamp, end_timestamp, context } = record;
  const { id, ...rest } = isJsonObject(liveaction) ? liveaction : {};
  const { action, action_is_workflow, parameters, ...others } = rest;
  return {
    status,
    start_timestamp,
    ...(end_timestamp === undefined ? {} : { end_timestamp }),
    action,
    action_is_workflow,
    parameters,
    context,
    ...others,
    id,
    result: JSON.stringify(execution.result ?? {}),
  };
}
