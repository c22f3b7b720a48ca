import type { Execution } from '../../stackstorm/wire.ts';
import { isCompleted } from '../../stackstorm/wire.ts';
import { dataSections, isObject } from './data.ts';
import { line, prefixed, type Section } from './section.ts';
import { cleanText, durationWords } from './text.ts';

/** One task of a workflow. */
export interface Task {
  readonly name: string;
  readonly status: string;
  readonly action: string;
  readonly seconds?: number | undefined;
  /** What came out of it, where that is known. */
  readonly result?: unknown;
}

/** How to read what came out of one task. */
export type ReadResult = (result: unknown) => Section[];

/** A failed task's own sections are enough of these; the rest is one click away. */
const mostDetails = 3;

const workflowRunners = new Set(['orquesta', 'mistral-v2', 'mistral', 'action-chain']);

export function isWorkflow(execution: Execution): boolean {
  return workflowRunners.has(execution.action?.runner_type ?? execution.runner?.name ?? '');
}

/** A task's execution: the name of the task stands in its context, by the runner that started it. */
export function taskOf(child: Execution): Task {
  const { action, status, elapsed_seconds: seconds, result } = child;
  const names = [
    field(child.context?.['orquesta'], 'task_name'),
    field(child.context?.['chain'], 'name'),
    field(child.context?.['mistral'], 'task_name'),
  ];
  const ref = action?.ref ?? '';
  const name = names.find((one) => typeof one === 'string' && one !== '');
  return {
    name: typeof name === 'string' ? name : ref,
    status,
    action: ref,
    seconds: seconds ?? undefined,
    result,
  };
}

/** `tasks`, `errors` or `output` of a workflow's result. */
export function looksLikeWorkflow(result: Readonly<Record<string, unknown>>): boolean {
  const { tasks } = result;
  return (Array.isArray(tasks) && tasks.every(isObject)) || Array.isArray(result['errors']);
}

/**
 * The failed tasks and why, the workflow's own errors, the tasks, the output. `children` are what StackStorm lists as
 * the workflow's executions (Orquesta's result names only those that failed); action chains list their tasks themselves.
 */
export function workflowSections(
  result: Readonly<Record<string, unknown>>,
  children: readonly Task[],
  read: ReadResult,
): Section[] {
  const tasks = children.length > 0 ? children : listedTasks(result['tasks']);
  const errors = errorsOf(result['errors']);
  const failed = tasks.filter(({ status }) => isFailure(status));
  return [
    ...dataSections('error', result['error']),
    ...summary(tasks, failed),
    ...errors.flatMap((error) => errorSections(error, read)),
    ...failed
      .filter(({ name }) => !errors.some(({ task }) => task === name))
      .slice(0, mostDetails)
      .flatMap((task) => (task.result === undefined ? [] : prefixed(task.name, read(task.result)))),
    ...taskTable(tasks),
    ...dataSections('output', result['output'] ?? result['published']),
    ...dataSections('traceback', result['traceback']),
  ];
}

function summary(tasks: readonly Task[], failed: readonly Task[]): Section[] {
  if (tasks.length === 0) return [];
  if (failed.length > 0) {
    const names = failed.map(({ name }) => name).join(', ');
    return [line(`${failed.length} of ${tasks.length} tasks failed: ${names}`)];
  }
  const done = tasks.filter(({ status }) => status === 'succeeded').length;
  return [line(`${done} of ${tasks.length} tasks succeeded`)];
}

function taskTable(tasks: readonly Task[]): Section[] {
  if (tasks.length === 0) return [];
  const rows = tasks.map(({ name, status, action, seconds }) => [
    cleanText(name),
    status,
    cleanText(action),
    seconds === undefined ? '' : durationWords(seconds),
  ]);
  return [{ kind: 'table', label: 'tasks', columns: ['task', 'status', 'action', 'time'], rows }];
}

/** Tasks as action chains and Mistral list them: `{name, state | status, action, result, created_at, updated_at}`. */
function listedTasks(value: unknown): Task[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).map((task) => ({
    name: words(task['name'] ?? task['id']),
    status: statusOf(task['state'] ?? task['status']),
    action: words(task['action']),
    seconds: secondsBetween(task['created_at'], task['updated_at']),
    result: task['result'],
  }));
}

/** Mistral has its own words. */
function statusOf(state: unknown): string {
  const mistral: Readonly<Record<string, string>> = {
    SUCCESS: 'succeeded',
    ERROR: 'failed',
    CANCELLED: 'canceled',
  };
  const said = words(state);
  return mistral[said] ?? said.toLowerCase();
}

function isFailure(status: string): boolean {
  return isCompleted(status) && status !== 'succeeded';
}

interface WorkflowError {
  readonly task: string | undefined;
  readonly message: string;
  readonly result: unknown;
}

/** Orquesta's: `{type, message, task_id?, result?}`; with items, several of one task. */
function errorsOf(value: unknown): WorkflowError[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).map((error) => {
    const task = words(error['task_id']);
    return {
      task: task === '' ? undefined : task,
      message: words(error['message']),
      result: error['result'],
    };
  });
}

/** What the task itself said is better than Orquesta's "Execution failed. See result for details.". */
function errorSections({ task, message, result }: WorkflowError, read: ReadResult): Section[] {
  const details = result === undefined || result === null ? [] : read(result);
  const isHollow = /^Execution failed\. See result for details\.$/.test(message) && details.length > 0;
  const said = isHollow || message === '' ? [] : [line(cleanText(message))];
  const all = [...said, ...details];
  return task === undefined ? all : prefixed(cleanText(task), all);
}

function secondsBetween(from: unknown, to: unknown): number | undefined {
  const ms = Date.parse(words(to)) - Date.parse(words(from));
  return Number.isNaN(ms) || ms < 0 ? undefined : ms / 1000;
}

function words(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function field(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}
