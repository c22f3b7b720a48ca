import type { Execution } from '../../stackstorm/wire.ts';
import { dataSections, isObject } from './data.ts';
import { line, type Section } from './section.ts';
import { hostSections, isHosts, isShell, shellSections } from './shell.ts';
import { isWorkflow, looksLikeWorkflow, type Task, workflowSections } from './workflow.ts';

/** Workflows of workflows of workflows: what is deeper is shown as data. */
const deepest = 3;

type Result = Readonly<Record<string, unknown>>;

/**
 * What came out of an execution, for people: by its runner where the result's shape alone would not tell, else by the
 * shape, so that a pack's own runner that answers like one of StackStorm's reads as well.
 */
export function sectionsOf(execution: Execution, tasks: readonly Task[] = []): Section[] {
  const { result } = execution;
  const runner = execution.action?.runner_type ?? execution.runner?.name ?? '';
  if (isWorkflow(execution) && isObject(result)) {
    return workflowSections(result, tasks, (inner) => shaped(inner, 1));
  }
  if (runner === 'inquirer' && isObject(result)) return inquirySections(result, execution.status);
  if (runner === 'announcement' && isObject(result)) return announcementSections(result);
  return shaped(result, 0);
}

function shaped(result: unknown, depth: number): Section[] {
  if (!isObject(result)) return dataSections('', result);
  if (isShell(result)) return shellSections(result);
  if (isHosts(result)) return hostSections(result);
  if ('exit_code' in result && 'result' in result) return pythonSections(result);
  if ('status_code' in result && 'body' in result) return httpSections(result);
  if (depth < deepest && looksLikeWorkflow(result)) {
    return workflowSections(result, [], (inner) => shaped(inner, depth + 1));
  }
  if ('error' in result) {
    const { error, traceback, ...rest } = result;
    return [
      ...dataSections('error', error),
      ...dataSections('traceback', traceback),
      ...dataSections('', Object.fromEntries(Object.entries(rest).filter(([name]) => !flags.has(name)))),
    ];
  }
  if ('output' in result) return dataSections('output', result['output']);
  return dataSections('', result);
}

/** They say no more than the status does. */
const flags = new Set(['failed', 'succeeded']);

/** The exit code and what was logged come first where it failed: a traceback stands in stderr. */
function pythonSections(result: Result): Section[] {
  const value = dataSections('result', result['result']);
  const stdout = dataSections('stdout', result['stdout']);
  const stderr = dataSections('stderr', result['stderr']);
  const error = [
    ...dataSections('error', result['error']),
    ...dataSections('traceback', result['traceback']),
  ];
  const exit = result['exit_code'];
  if (exit === 0 || exit === undefined || exit === null) return [...error, ...value, ...stdout, ...stderr];
  return [...error, line(`exit code ${String(exit)}`), ...stderr, ...value, ...stdout];
}

/** Status and body; headers are one click away. */
function httpSections(result: Result): Section[] {
  return [line(`HTTP ${String(result['status_code'])}`), ...dataSections('body', result['body'])];
}

/** What was answered; the schema is what was asked, and no result. */
function inquirySections(result: Result, status: string): Section[] {
  const answer = dataSections('answer', result['response']);
  if (answer.length > 0) return answer;
  const { ttl } = result;
  if (status === 'timeout' && typeof ttl === 'number') return [line(`nobody answered within ${ttl} minutes`)];
  return [line('not answered'), ...dataSections('error', result['error'])];
}

function announcementSections(result: Result): Section[] {
  const { message, channel, user } = result;
  return dataSections('', {
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof channel === 'string' ? { channel } : {}),
    ...(typeof user === 'string' ? { user } : {}),
  });
}
