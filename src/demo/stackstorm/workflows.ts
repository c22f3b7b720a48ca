import type { Execution, Status } from './executions.ts';
import { objectId } from './identifiers.ts';
import type { JsonObject } from './json.ts';
import type { Outcome, Task, WorkflowRun } from './runners.ts';

/** What a workflow does to executions. */
export interface WorkflowSteps {
  startTask(parent: Execution, task: Task, context: JsonObject): Execution;
  moveTo(execution: Execution, status: Status): void;
  end(execution: Execution, outcome: Pick<Outcome, 'status' | 'result'>): void;
  isEnded(execution: Execution): boolean;
}

/**
 * Executions of orquesta's runner: one task after the other, each an execution of its own, and a pause while one of them
 * is an inquiry. Source: st2common/services/workflows.py, contrib/runners/inquirer_runner.
 */
export class Workflows {
  readonly #steps: WorkflowSteps;
  readonly #running = new Map<
    Execution,
    { readonly run: WorkflowRun; readonly tasks: Map<string, Execution> }
  >();

  constructor(steps: WorkflowSteps) {
    this.#steps = steps;
  }

  begin(workflow: Execution, run: WorkflowRun): void {
    this.#running.set(workflow, { run, tasks: new Map() });
    this.#next(workflow);
  }

  /** A task waits for a person: its workflow, and what that is a task of, pause. */
  taskAsks(task: Execution): void {
    for (let workflow = task.parent; workflow !== undefined; workflow = workflow.parent) {
      this.#steps.moveTo(workflow, 'pausing');
      this.#steps.moveTo(workflow, 'paused');
    }
  }

  /** What follows the end of an execution, its own tasks' and its workflow's. */
  ended(execution: Execution): void {
    const own = this.#running.get(execution);
    this.#running.delete(execution);
    for (const task of own?.tasks.values() ?? [])
      if (!this.#steps.isEnded(task)) this.#steps.end(task, { status: 'canceled', result: canceledResult });
    const workflow = execution.parent;
    if (workflow === undefined || this.#steps.isEnded(workflow)) return;
    if (workflow.status === 'paused') {
      this.#steps.moveTo(workflow, 'resuming');
      this.#steps.moveTo(workflow, 'running');
    }
    this.#next(workflow);
  }

  #next(workflow: Execution): void {
    const state = this.#running.get(workflow);
    if (state === undefined) return;
    const tasks = [...state.tasks];
    const bad = tasks.find(([, task]) => this.#steps.isEnded(task) && task.status !== 'succeeded');
    if (bad !== undefined) {
      this.#steps.end(workflow, failed(...bad));
      return;
    }
    if (tasks.some(([, task]) => !this.#steps.isEnded(task))) return;
    const next = state.run.next(new Map(tasks.map(([name, task]) => [name, task.result])));
    if ('status' in next) {
      this.#steps.end(workflow, next);
      return;
    }
    const context = taskContext(workflow, next);
    state.tasks.set(next.name, this.#steps.startTask(workflow, next, context));
  }
}

const canceledResult = { message: 'Action canceled by user.' };

function failed(name: string, task: Execution): Pick<Outcome, 'status' | 'result'> {
  const error = {
    type: 'error',
    message: 'Execution failed. See result for details.',
    task_id: name,
    result: task.result,
  };
  return {
    status: task.status === 'canceled' ? 'canceled' : 'failed',
    result: { errors: [error], output: null },
  };
}

function taskContext(workflow: Execution, task: Task): JsonObject {
  const { context } = workflow;
  return {
    user: context['user'],
    parent: { ...context, execution_id: workflow.id },
    orquesta: {
      workflow_execution_id: workflow.liveActionId,
      task_execution_id: objectId(workflow.startedAt),
      task_id: task.name,
      task_name: task.name,
      task_route: 0,
    },
  };
}
