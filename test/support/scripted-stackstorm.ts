import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { aliasAnswer, notifyRule } from './scripted-answers.ts';
import { type HeardRequest, json, type ScriptedServer, startScripted } from './scripted-server.ts';

const posted = z.looseObject({
  name: z.string(),
  format: z.string(),
  command: z.string(),
  user: z.string(),
  source_channel: z.string(),
  source_context: z.record(z.string(), z.string()),
  notification_route: z.string(),
});
export type PostedRun = z.infer<typeof posted>;

/** What becomes of one `POST /v1/aliasexecution`. */
export type Fate =
  | { readonly kind: 'accept' }
  /** It runs, and the answer is a 500, a cut connection, or none before `release`. */
  | { readonly kind: 'accept-then'; readonly answer: 'server-error' | 'cut' | 'nothing' }
  | { readonly kind: 'refuse'; readonly status: number; readonly faultstring: string }
  | { readonly kind: 'lose' };

export interface FakeExecution {
  readonly id: string;
  status: string;
  result?: unknown;
  elapsed_seconds?: number;
  end_timestamp?: string;
  start_timestamp: string;
  web_url: string;
  action: { ref: string; parameters?: Record<string, unknown>; runner_type?: string };
  parameters?: Record<string, unknown>;
  context: Record<string, unknown>;
  runner?: { name: string };
  parent?: string;
  liveaction: { notify: Record<string, unknown> };
}

/**
 * The few endpoints that running and following need, over real HTTP and in StackStorm's words; a test decides what
 * becomes of a POST and when an execution ends.
 */
export class ScriptedStackStorm {
  readonly runs: PostedRun[] = [];
  readonly tokens: string[] = [];
  readonly executions = new Map<string, FakeExecution>();
  readonly asked: string[] = [];
  /** The tokens of all but the POSTs. */
  readonly readers: string[] = [];
  readonly cancelled: string[] = [];
  /** Which executions were run once more. */
  readonly reruns: string[] = [];
  /** What becomes of a POST for that: the answer, or after it was taken (or not) a cut connection. */
  rerunFate: 'accept' | 'cut' | 'lose' = 'accept';
  /** What waits for an answer, by its execution. */
  readonly inquiries = new Map<string, Record<string, unknown>>();
  /** The bot credential may not look at inquiries. */
  hidesInquiries = false;
  fate: (run: PostedRun) => Fate = () => ({ kind: 'accept' });
  alias: Record<string, unknown> = {};
  /** The text of `message` in the 201. */
  ackMessage: string | undefined;
  ackExtra: Record<string, unknown> | undefined;
  /** What the next execution is given, and what its action's metadata says of it. */
  parameters: Record<string, unknown> | undefined;
  schema: Record<string, unknown> = {};
  /** Its runner. */
  runner: string | undefined;
  /** What is listed as the executions of a workflow's tasks; undefined: StackStorm does not say. */
  tasks: readonly Record<string, unknown>[] | undefined = [];
  rules: unknown[] = [notifyRule('errbot')];
  /** While set, every GET is answered so. */
  outage: { status: number; faultstring: string } | undefined;
  #server: ScriptedServer | undefined;
  readonly #now: () => number;
  #next = 1;

  constructor(now: () => number) {
    this.#now = now;
  }

  get url(): string {
    if (this.#server === undefined) throw new TypeError('not started');
    return this.#server.url;
  }

  async start(): Promise<void> {
    this.#server = await startScripted((request, response) => this.#answer(request, response));
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  /** Ends an execution and answers what the stream says of it. */
  end(id: string, status: string, result: unknown = { stdout: 'done', stderr: '', return_code: 0 }) {
    const execution = this.#get(id);
    execution.status = status;
    execution.result = result;
    execution.elapsed_seconds = 1.234;
    execution.end_timestamp = new Date(this.#now()).toISOString();
    return { name: 'st2.execution__update', data: execution };
  }

  /** A task of that execution that asks; answers what the stream says of it. */
  ask(parent: string, inquiry: Record<string, unknown>) {
    const id = `6b03140b1a5d216f${(this.#next++ + 0xa0000000).toString(16)}`;
    const execution: FakeExecution = {
      id,
      status: 'pending',
      start_timestamp: new Date(this.#now()).toISOString(),
      web_url: `https://st2.example/#/history/${id}/general`,
      action: { ref: 'core.ask' },
      runner: { name: 'inquirer' },
      parent,
      context: { user: 'alice', parent: { execution_id: parent } },
      liveaction: { notify: {} },
    };
    this.executions.set(id, execution);
    this.inquiries.set(id, { id, route: '', ttl: 60, users: [], roles: [], ...inquiry });
    return { name: 'st2.execution__update', data: execution };
  }

  /** Moves an execution on and answers what the stream says of it. */
  update(id: string, status: string) {
    const execution = { ...this.#get(id), status };
    this.executions.set(id, execution);
    return { name: 'st2.execution__update', data: execution };
  }

  /** What the chatops pack announces for an execution, or what anybody announces with its context. */
  announcement(id: string, message: unknown, more: Record<string, unknown> = {}) {
    const data = z
      .looseObject({ data: z.looseObject({ source_context: z.record(z.string(), z.string()) }) })
      .parse(this.#get(id).liveaction.notify['on-complete']).data;
    const payload = {
      message,
      channel: 'C1',
      user: 'U1',
      whisper: false,
      extra: {},
      context: data.source_context,
      ...more,
    };
    return { name: 'st2.announcement__errbot', data: { payload, trace_context: null } };
  }

  /** Starts an execution for a POST body, as StackStorm keeps it. */
  accept(run: PostedRun, user = 'alice'): FakeExecution {
    const id = `6b03140b1a5d216f${(this.#next++).toString(16).padStart(8, '0')}`;
    const { user: apiUser, source_channel, source_context, notification_route } = run;
    const execution: FakeExecution = {
      id,
      status: 'requested',
      start_timestamp: new Date(this.#now()).toISOString(),
      web_url: `https://st2.example/#/history/${id}/general`,
      action: {
        ref: 'wire.run',
        parameters: this.schema,
        ...(this.runner === undefined ? {} : { runner_type: this.runner }),
      },
      ...(this.parameters === undefined ? {} : { parameters: this.parameters }),
      context: { user, api_user: apiUser, source_channel },
      liveaction: {
        notify: {
          'on-complete': {
            data: { user: apiUser, source_channel, source_context },
            routes: [notification_route],
          },
        },
      },
    };
    this.executions.set(id, execution);
    return execution;
  }

  /** Starts an execution as `re_run` does: it names what it repeats, and nothing of ours. */
  rerun(of: string, user = 'alice'): FakeExecution {
    const id = `6b03140b1a5d216f${(this.#next++).toString(16).padStart(8, '0')}`;
    const execution: FakeExecution = {
      ...this.#get(of),
      id,
      status: 'requested',
      start_timestamp: new Date(this.#now()).toISOString(),
      web_url: `https://st2.example/#/history/${id}/general`,
      context: { user, 're-run': { ref: of } },
      liveaction: { notify: {} },
    };
    this.executions.set(id, execution);
    return execution;
  }

  #answer(request: HeardRequest, response: ServerResponse): void {
    const { method, path } = request;
    if (method === 'POST' && path === '/api/v1/aliasexecution') {
      this.#run(request, response);
      return;
    }
    const rerunOf = /^\/api\/v1\/executions\/([^/]+)\/re_run$/.exec(path)?.[1];
    if (rerunOf !== undefined) {
      this.tokens.push(tokenOf(request));
      this.reruns.push(rerunOf);
      const again = this.rerunFate === 'lose' ? undefined : this.rerun(rerunOf);
      if (this.rerunFate === 'accept') json(response, 201, again);
      else response.destroy();
      return;
    }
    this.asked.push(`${method} ${path}`);
    this.readers.push(tokenOf(request));
    const { status, body } = this.#read(request);
    json(response, status, body);
  }

  #read(request: HeardRequest): { status: number; body: unknown } {
    const { method, path } = request;
    if (this.outage !== undefined) {
      return { status: this.outage.status, body: { faultstring: this.outage.faultstring } };
    }
    if (path === '/api/v1/rules') return { status: 200, body: this.rules };
    if (path === '/api/v1/executions' && request.query.has('parent')) {
      return this.tasks === undefined
        ? { status: 403, body: { faultstring: 'no' } }
        : { status: 200, body: this.tasks };
    }
    if (path === '/api/v1/executions') return { status: 200, body: this.#list(request) };
    if (path.startsWith('/api/v1/inquiries')) return this.#inquiry(path.split('/')[4]);
    const id = /^\/api\/v1\/executions\/([^/]+)$/.exec(path)?.[1] ?? '';
    const execution = this.executions.get(id);
    if (execution === undefined) {
      return { status: 404, body: { faultstring: `Unable to identify resource with id "${id}".` } };
    }
    if (method === 'DELETE') {
      this.cancelled.push(execution.id);
      execution.status = 'canceled';
    }
    return { status: 200, body: execution };
  }

  #inquiry(id: string | undefined): { status: number; body: unknown } {
    if (this.hidesInquiries) return { status: 403, body: { faultstring: 'no permission' } };
    const waiting = [...this.inquiries.values()].filter(
      (one) => this.executions.get(String(one['id']))?.status === 'pending',
    );
    if (id === undefined) return { status: 200, body: waiting };
    const found = waiting.find((one) => one['id'] === id);
    if (found !== undefined) return { status: 200, body: found };
    return { status: 400, body: { faultstring: `Inquiry "${id}" has already been responded to.` } };
  }

  #list(request: HeardRequest): FakeExecution[] {
    const after = Date.parse(request.query.get('timestamp_gt') ?? '');
    const action = request.query.get('action');
    return [...this.executions.values()].filter(
      (execution) => execution.action.ref === action && Date.parse(execution.start_timestamp) > after,
    );
  }

  #run(request: HeardRequest, response: ServerResponse): void {
    const run = posted.parse(JSON.parse(request.body));
    this.tokens.push(tokenOf(request));
    this.runs.push(run);
    const fate = this.fate(run);
    if (fate.kind === 'refuse') {
      json(response, fate.status, { faultstring: fate.faultstring });
    } else if (fate.kind === 'lose') {
      response.destroy();
    } else {
      const execution = this.accept(run);
      if (fate.kind === 'accept') json(response, 201, aliasAnswer(run, execution, this));
      else if (fate.answer === 'cut') response.destroy();
      else if (fate.answer === 'server-error') json(response, 500, { faultstring: 'Internal Server Error' });
    }
  }

  #get(id: string): FakeExecution {
    const execution = this.executions.get(id);
    if (execution === undefined) throw new TypeError(`no execution ${id}`);
    return execution;
  }
}

function tokenOf(request: HeardRequest): string {
  const token = request.headers['x-auth-token'];
  return typeof token === 'string' ? token : 'none';
}
