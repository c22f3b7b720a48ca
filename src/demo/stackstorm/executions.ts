import type { EventBus } from './event-bus.ts';
import { executionRecord, liveActionRecord } from './execution-record.ts';
import { StackStormFault } from './fault.ts';
import { objectId } from './identifiers.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import type { Action, Packs, Runner } from './packs.ts';
import { assertParametersFit, effectiveParameters, withDefaults } from './parameters.ts';
import type { Run, Task } from './runners.ts';
import type { After } from './timers.ts';
import { Workflows } from './workflows.ts';

export type Status =
  | 'requested'
  | 'scheduled'
  | 'running'
  | 'pending'
  | 'pausing'
  | 'paused'
  | 'resuming'
  | 'succeeded'
  | 'failed'
  | 'timeout'
  | 'canceled';
const terminal: ReadonlySet<Status> = new Set(['succeeded', 'failed', 'timeout', 'canceled']);

export interface Execution {
  readonly id: string;
  readonly liveActionId: string;
  readonly action: Action;
  readonly runner: Runner;
  readonly parameters: JsonObject;
  readonly context: JsonObject;
  readonly notify: JsonObject | null;
  /** The workflow whose task this is. */
  readonly parent: Execution | undefined;
  readonly children: string[];
  readonly startedAt: number;
  status: Status;
  endedAt: number | null;
  started: boolean;
  result: unknown;
  readonly log: { readonly at: number; readonly status: Status }[];
}

/** How long each step takes, in ms. `null` waits for `advance`. */
export interface Pace {
  readonly scheduledAfter: number | null;
  readonly runningAfter: number;
  /** The usual run time; an action may take longer. */
  readonly runs: number;
}

export interface ExecutionsOptions {
  readonly packs: Packs;
  readonly bus: EventBus;
  readonly now: () => number;
  readonly after: After;
  readonly webUrl: () => string;
  /** By action ref, else by runner. */
  readonly runs: (action: Action) => Run | undefined;
  readonly onEnd: (execution: Execution) => void;
  readonly onAnnouncement: (route: string, payload: JsonObject) => void;
  /** Finished executions beyond this many are forgotten, oldest first. */
  readonly keep?: number;
}

/** Executions from `requested` to their end, told to the stream at each step. */
export class Executions {
  pace: Pace = { scheduledAfter: 40, runningAfter: 20, runs: 300 };
  readonly #all = new Map<string, Execution>();
  /** What calls off an execution's next step. */
  readonly #timers = new Map<string, () => void>();
  readonly #options: ExecutionsOptions;
  readonly #workflows = new Workflows({
    startTask: (parent, task, context) => this.#startTask(parent, task, context),
    moveTo: (execution, status) => this.#moveTo(execution, status),
    end: (execution, { status, result }) => this.#end(execution, status, result),
    isEnded: (execution) => this.isEnded(execution),
  });

  constructor(options: ExecutionsOptions) {
    this.#options = options;
  }

  /** @throws StackStormFault 400 where the parameters do not fit */
  start(
    action: Action,
    parameters: JsonObject,
    context: JsonObject,
    notify: JsonObject | null = null,
    parent?: Execution,
  ): Execution {
    const { packs, now } = this.#options;
    const runner = packs.runner(action.runner_type);
    if (runner === undefined)
      throw new StackStormFault(400, `RunnerType ${action.runner_type} is not found.`);
    assertParametersFit(parameters, action, runner);
    const startedAt = now();
    const execution: Execution = {
      liveActionId: objectId(startedAt),
      id: objectId(startedAt),
      action,
      runner,
      parameters,
      context: { ...context, pack: action.pack },
      notify,
      parent,
      children: [],
      startedAt,
      status: 'requested',
      endedAt: null,
      started: false,
      result: undefined,
      log: [{ at: startedAt, status: 'requested' }],
    };
    this.#all.set(execution.id, execution);
    parent?.children.push(execution.id);
    this.#forgetOldest();
    this.#publish(execution, 'create');
    if (this.pace.scheduledAfter !== null) this.#later(execution, this.pace.scheduledAfter);
    return execution;
  }

  get(id: string): Execution | undefined {
    return this.#all.get(id);
  }

  /** Newest first. */
  get all(): readonly Execution[] {
    return [...this.#all.values()].reverse();
  }

  isEnded(execution: Execution): boolean {
    return terminal.has(execution.status);
  }

  /** Takes the next step now: requested, scheduled, running, and its end. */
  advance(id: string): void {
    const execution = this.#all.get(id);
    if (execution !== undefined && !terminal.has(execution.status)) this.#step(execution);
  }

  /** @throws StackStormFault 200 (as StackStorm answers it) where it has ended */
  cancel(execution: Execution, by: string): void {
    if (terminal.has(execution.status))
      throw new StackStormFault(200, `Action cannot be canceled. State = ${execution.status}.`);
    execution.context['cancelled_by'] = by;
    this.#end(execution, 'canceled', { message: 'Action canceled by user.', user: by });
  }

  /** Its result once it has ended; before that, as much of what it will have written as its time has come. */
  written(execution: Execution): unknown {
    if (execution.status !== 'running') return execution.result;
    const outcome = this.#outcome(execution);
    if (outcome === 'pending' || 'next' in outcome || !isJsonObject(outcome.result)) return undefined;
    const runningFor = this.#options.now() - (execution.log.at(-1)?.at ?? execution.startedAt);
    const share = Math.min(1, runningFor / outcome.takesMs);
    const lines = String(outcome.result['stdout'] ?? '').split('\n');
    return { stdout: lines.slice(0, Math.floor(lines.length * share)).join('\n') };
  }

  /** Ends a pending inquiry with its response. */
  respond(execution: Execution, response: JsonObject): void {
    this.#end(execution, 'succeeded', {
      ...(isJsonObject(execution.result) ? execution.result : {}),
      response,
    });
  }

  /** Ends a pending inquiry as its `ttl` does. */
  expire(execution: Execution): void {
    if (execution.status === 'pending') this.#end(execution, 'timeout', execution.result);
  }

  close(): void {
    for (const callOff of this.#timers.values()) callOff();
    this.#timers.clear();
  }

  /** The execution as the API and the stream write it. */
  record(execution: Execution, options: { showSecrets: boolean } = { showSecrets: false }): JsonObject {
    return executionRecord(execution, { ...options, webUrl: this.#options.webUrl() });
  }

  #later(execution: Execution, ms: number): void {
    if (ms === Number.POSITIVE_INFINITY) return;
    this.#timers.set(
      execution.id,
      this.#options.after(ms, () => this.#step(execution)),
    );
  }

  #step(execution: Execution): void {
    this.#timers.get(execution.id)?.();
    this.#timers.delete(execution.id);
    const manual = this.pace.scheduledAfter === null;
    if (execution.status === 'requested') {
      this.#moveTo(execution, 'scheduled');
      if (!manual) this.#later(execution, this.pace.runningAfter);
    } else if (execution.status === 'scheduled') {
      execution.started = true;
      this.#moveTo(execution, 'running');
      const outcome = this.#outcome(execution);
      if (outcome === 'pending') this.#ask(execution);
      else if ('next' in outcome) this.#workflows.begin(execution, outcome);
      else if (!manual) this.#later(execution, outcome.takesMs);
    } else if (execution.status === 'running') {
      const outcome = this.#outcome(execution);
      if (outcome === 'pending' || 'next' in outcome) return;
      if (outcome.announcement !== undefined)
        this.#options.onAnnouncement(outcome.announcement.route, outcome.announcement.payload);
      this.#end(execution, outcome.status, outcome.result);
    }
  }

  #startTask(parent: Execution, task: Task, context: JsonObject): Execution {
    const action = this.#options.packs.action(task.action);
    if (action === undefined) throw new StackStormFault(400, `Action "${task.action}" cannot be found.`);
    return this.start(action, task.parameters, context, null, parent);
  }

  #outcome(execution: Execution): ReturnType<Run> {
    const run = this.#options.runs(execution.action);
    const parameters = withDefaults(
      execution.parameters,
      effectiveParameters(execution.action, execution.runner),
    );
    if (run === undefined) return { status: 'failed', result: { error: 'no such runner' }, takesMs: 0 };
    return run(parameters, this.pace.runs);
  }

  /** An inquiry waits for a person; what it asks stands in its result meanwhile. */
  #ask(execution: Execution): void {
    const asked = withDefaults(execution.parameters, effectiveParameters(execution.action, execution.runner));
    const { schema, roles, users, route, ttl } = asked;
    execution.result = { schema, roles, users, route, ttl };
    this.#moveTo(execution, 'pending');
    this.#workflows.taskAsks(execution);
    const callOff = this.#options.after(Number(ttl) * 60_000, () => this.expire(execution));
    this.#timers.set(execution.id, callOff);
  }

  #end(execution: Execution, status: Status, result: unknown): void {
    this.#timers.get(execution.id)?.();
    this.#timers.delete(execution.id);
    execution.result = result;
    execution.endedAt = this.#options.now();
    this.#moveTo(execution, status);
    this.#options.onEnd(execution);
    this.#workflows.ended(execution);
  }

  #moveTo(execution: Execution, status: Status): void {
    execution.status = status;
    execution.log.push({ at: this.#options.now(), status });
    this.#publish(execution, 'update');
  }

  #publish(execution: Execution, change: 'create' | 'update'): void {
    const { bus } = this.#options;
    if (!bus.isHeard) return;
    const record = this.record(execution);
    const from = { actionRef: execution.action.ref, executionId: execution.id };
    bus.publish({ name: `st2.execution__${change}`, data: record, ...from });
    bus.publish({ name: `st2.liveaction__${change}`, data: liveActionRecord(execution, record), ...from });
  }

  #forgetOldest(): void {
    const keep = this.#options.keep ?? 5_000;
    if (this.#all.size <= keep) return;
    for (const execution of this.#all.values())
      if (terminal.has(execution.status)) {
        this.#all.delete(execution.id);
        return;
      }
  }
}
