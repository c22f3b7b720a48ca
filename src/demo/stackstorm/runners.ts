import { isJsonObject, type JsonObject } from './json.ts';
import { runShell } from './pretend-shell.ts';

/** How an execution ends. */
export interface Outcome {
  readonly status: 'succeeded' | 'failed' | 'timeout' | 'canceled';
  readonly result: unknown;
  /** How long it runs, in ms; Infinity runs until somebody cancels it. */
  readonly takesMs: number;
  /** Sent on the stream when it ends well: the announcement runner. */
  readonly announcement?: { readonly route: string; readonly payload: JsonObject };
}

/** A step of a workflow. */
export interface Task {
  readonly name: string;
  /** A ref. */
  readonly action: string;
  readonly parameters: JsonObject;
}

/** A workflow: what comes next, by the results of the tasks that have succeeded so far. */
export interface WorkflowRun {
  next(results: ReadonlyMap<string, unknown>): Task | Outcome;
}

/** What an execution of an action comes to; `base` is the usual run time in ms. */
export type Run = (parameters: JsonObject, base: number) => Outcome | WorkflowRun | 'pending';

/** Outcomes in the shape of each of StackStorm's runners. Nothing is ever run on the machine. */
export const runs: ReadonlyMap<string, Run> = new Map<string, Run>([
  ['noop', (_, base) => succeeded({ failed: false, succeeded: true, return_code: 0 }, base)],
  ['local-shell-cmd', runLocal],
  ['remote-shell-cmd', runRemote],
  ['python-script', (_, base) => succeeded(python(null), base)],
  ['http-request', runHttp],
  ['announcement', runAnnouncement],
  ['inquirer', () => 'pending'],
]);

export function succeeded(result: unknown, takesMs: number): Outcome {
  return { status: 'succeeded', result, takesMs };
}

/** The result of a Python action. */
export function python(result: unknown, stdout = '', stderr = '', exitCode = 0): JsonObject {
  return { exit_code: exitCode, result, stderr, stdout };
}

function runLocal(parameters: JsonObject, base: number): Outcome {
  const ran = runShell(String(parameters['cmd'] ?? ''), 'localhost');
  const limitMs = Number(parameters['timeout'] ?? 60) * 1000;
  if (ran.seconds * 1000 > limitMs) return timedOut(limitMs);
  const result = shellResult(ran.returnCode, ran.stdout, ran.stderr);
  return {
    status: ran.returnCode === 0 ? 'succeeded' : 'failed',
    result,
    takesMs: base + ran.seconds * 1000,
  };
}

/** Each host has its own result; one failed host fails the execution. */
function runRemote(parameters: JsonObject, base: number): Outcome {
  const limitMs = Number(parameters['timeout'] ?? 60) * 1000;
  const hosts = String(parameters['hosts'] ?? 'localhost')
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
  const ran = hosts.map((host) => [host, runShell(String(parameters['cmd'] ?? ''), host)] as const);
  const seconds = Math.max(0, ...ran.map(([, result]) => result.seconds));
  if (seconds * 1000 > limitMs) return timedOut(limitMs);
  const result = Object.fromEntries(
    ran.map(([host, { returnCode, stdout, stderr }]) => [host, shellResult(returnCode, stdout, stderr)]),
  );
  const failed = ran.some(([, { returnCode }]) => returnCode !== 0);
  return { status: failed ? 'failed' : 'succeeded', result, takesMs: base + seconds * 1000 };
}

function shellResult(returnCode: number, stdout: string, stderr: string): JsonObject {
  return { failed: returnCode !== 0, succeeded: returnCode === 0, return_code: returnCode, stdout, stderr };
}

function timedOut(limitMs: number): Outcome {
  return {
    status: 'timeout',
    result: {
      error: `Action failed to complete in ${limitMs / 1000} seconds`,
      failed: true,
      succeeded: false,
      return_code: -9,
      stdout: '',
      stderr: '',
    },
    takesMs: limitMs,
  };
}

function runHttp(parameters: JsonObject, base: number): Outcome {
  const url = String(parameters['url'] ?? '');
  return succeeded(
    {
      status_code: 200,
      body: { url, demo: true },
      parsed: true,
      headers: { 'Content-Type': 'application/json' },
    },
    base,
  );
}

/** `chatops.post_message` and its like: what is not given stands in the payload as null. */
function runAnnouncement(parameters: JsonObject, base: number): Outcome {
  const { route, experimental: _, ...rest } = parameters;
  const payload = isJsonObject(rest) ? rest : {};
  return {
    ...succeeded({ output: payload, ...payload }, base),
    announcement: { route: String(route), payload },
  };
}
