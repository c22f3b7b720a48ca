import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Asked, noAnswer, readAnswer, unexpected } from './answers.ts';
import type { Credential } from './credential.ts';
import { basicHeaders, credentialHeaders } from './credential-headers.ts';
import { StackStormError, type StackStormErrorCode } from './errors.ts';
import type { CallOptions, StackStorm } from './stackstorm.ts';
import { openStream } from './stream.ts';
import { type Answer, createTransport, NoAnswer, type Outgoing, type TransportOptions } from './transport.ts';
import { shapeFault, transportFault } from './transport-fault.ts';
import {
  actionAlias,
  aliasExecutionAnswer,
  type Execution,
  execution,
  inquiry,
  type Rule,
  rule,
  stackstormUser,
  token,
} from './wire.ts';

export interface StackStormOptions extends TransportOptions {
  /** Told of each call: its name, `ok` or the error's code, and how long it took (for the stream: to its opening). */
  readonly observe?:
    | ((call: string, outcome: 'ok' | StackStormErrorCode, seconds: number) => void)
    | undefined;
  /** Told of a row of a list that is not as StackStorm's contract says; the other rows are used (R5). `reason` holds no values. */
  readonly onMalformedRow?: ((call: string, reason: string) => void) | undefined;
  /** The longest frame of the stream, in characters; 16 Mi by default. */
  readonly maxFrameLength?: number | undefined;
}

/** The client, and what only `check` asks. */
export interface StackStormClient extends StackStorm {
  /** The newest execution of all, if there is one. */
  latestExecution(credential: Credential, options?: CallOptions): Promise<Execution | undefined>;
}

interface Call {
  readonly call: string;
  readonly service: 'auth' | 'api';
  readonly method: Outgoing['method'];
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** Rows of one page; above 100 RBAC asks for an admin (st2api/controllers/resource.py). */
const pageSize = 100;
/** An execution whose result is larger is read without it: the tracker needs its status (bytes; StackStorm's own limit is 14 MiB). */
const maxResultBytes = 4 * 1024 * 1024;
const notifyTrigger = 'core.st2.generic.notifytrigger';
const validation = z.looseObject({ valid: z.boolean() });
const anything = z.unknown();

/**
 * StackStorm over HTTP: pools, proxies, limits and the stream; see {@link StackStorm} for what each call promises.
 * Throws TypeError at once where an address is none. `close` lets calls in flight end.
 */
export function createStackStorm(options: StackStormOptions): StackStormClient {
  const transport = createTransport(options);
  const observe = options.observe ?? (() => undefined);

  async function observed<T>(call: string, run: () => Promise<T>): Promise<T> {
    const start = performance.now();
    let outcome: 'ok' | StackStormErrorCode = 'ok';
    try {
      return await run();
    } catch (error) {
      outcome = error instanceof StackStormError ? error.code : 'unreachable';
      throw error;
    } finally {
      observe(call, outcome, (performance.now() - start) / 1000);
    }
  }

  async function exchange(asked: Asked, made: Call, signal: AbortSignal | undefined): Promise<Answer> {
    const { body } = made;
    try {
      return await transport.send({
        service: made.service,
        method: made.method,
        path: made.path,
        headers: {
          accept: 'application/json',
          'user-agent': 'bolt-stackstorm',
          'x-request-id': asked.requestId,
          ...made.headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal,
      });
    } catch (error) {
      throw noAnswer(
        asked,
        error instanceof NoAnswer ? error : new NoAnswer(transportFault(error), true, undefined),
      );
    }
  }

  function ask<T>(made: Call, schema: z.ZodType<T>, given: CallOptions | undefined): Promise<T> {
    return observed(made.call, async () => {
      const { asked, answer } = await answered(made, given);
      return check(asked, answer, schema, readAnswer(asked, answer));
    });
  }

  async function answered(
    made: Call,
    given: CallOptions | undefined,
  ): Promise<{ asked: Asked; answer: Answer }> {
    const asked: Asked = {
      call: made.call,
      requestId: given?.requestId ?? randomUUID(),
      changes: made.method !== 'GET',
    };
    return { asked, answer: await exchange(asked, made, given?.signal) };
  }

  /** One page: its good rows, how many rows there were, and how many there are in all if StackStorm said. */
  function page<T>(
    made: Call,
    schema: z.ZodType<T>,
    given: CallOptions | undefined,
  ): Promise<{ rows: T[]; count: number; total: number | undefined }> {
    return observed(made.call, async () => {
      const { asked, answer } = await answered(made, given);
      const all = check(asked, answer, z.array(anything), readAnswer(asked, answer));
      const rows: T[] = [];
      for (const one of all) {
        const parsed = schema.safeParse(one);
        if (parsed.success) rows.push(parsed.data);
        else options.onMalformedRow?.(made.call, shapeFault(parsed.error).message);
      }
      return { rows, count: all.length, total: answer.totalCount };
    });
  }

  /** Every row, page after page. A row that moved to the next page while we read is not given twice. */
  async function pages<T extends { id: string }>(
    made: Call,
    schema: z.ZodType<T>,
    given: CallOptions | undefined,
  ): Promise<T[]> {
    const byId = new Map<string, T>();
    for (let offset = 0; ; ) {
      const path = withQuery(made.path, { limit: String(pageSize), offset: String(offset) });
      const { rows, count, total } = await page({ ...made, path }, schema, given);
      for (const one of rows) byId.set(one.id, one);
      offset += count;
      if (count === 0 || (total === undefined ? count < pageSize : offset >= total))
        return [...byId.values()];
    }
  }

  const get = (call: string, credential: Credential, path: string): Call => ({
    call,
    service: 'api',
    method: 'GET',
    path,
    headers: credentialHeaders(call, credential),
  });
  const createToken = (headers: Record<string, string>, body: object): Call => ({
    call: 'tokens',
    service: 'auth',
    method: 'POST',
    path: '/tokens',
    headers,
    body,
  });

  return {
    async createToken(username, password, ttlSeconds, given) {
      const body = ttlSeconds === undefined ? {} : { ttl: ttlSeconds };
      return ask(createToken(basicHeaders('tokens', username, password), body), token, given);
    },
    async createTokenFor(service, target, ttlSeconds, given) {
      const body = { ...target, ...(ttlSeconds === undefined ? {} : { ttl: ttlSeconds }) };
      return ask(createToken(basicHeaders('tokens', service.username, service.password), body), token, given);
    },
    async validateToken(credential, candidate, given) {
      const headers = credentialHeaders('tokens.validate', credential);
      const made: Call = {
        call: 'tokens.validate',
        service: 'auth',
        method: 'POST',
        path: '/tokens/validate',
        headers,
        body: { token: candidate },
      };
      return (await ask(made, validation, given)).valid;
    },
    async user(credential, given) {
      return ask(get('user', credential, '/user'), stackstormUser, given);
    },
    async aliases(credential, given) {
      return pages(get('actionalias', credential, '/actionalias'), actionAlias, given);
    },
    async runAlias(credential, request, given) {
      const made: Call = {
        ...get('aliasexecution', credential, '/aliasexecution'),
        method: 'POST',
        body: request,
      };
      return ask(made, aliasExecutionAnswer, given);
    },
    async execution(credential, id, given) {
      const path = withQuery(`/executions/${encodeURIComponent(id)}`, {
        max_result_size: String(maxResultBytes),
      });
      return ask(get('executions.get', credential, path), execution, given);
    },
    async executionsOf(credential, actionRef, startedAfter, given) {
      const path = withQuery('/executions', {
        action: actionRef,
        timestamp_gt: new Date(startedAfter).toISOString(),
        exclude_attributes: 'result,trigger_instance',
      });
      const found = await pages(get('executions.list', credential, path), execution, given);
      return found.sort((a, b) => (b.start_timestamp ?? '').localeCompare(a.start_timestamp ?? ''));
    },
    async tasksOf(credential, workflowId, given) {
      const path = withQuery('/executions', {
        parent: workflowId,
        limit: String(pageSize),
        exclude_attributes: 'result,trigger_instance',
      });
      const { rows } = await page(get('executions.list', credential, path), execution, given);
      return rows.sort((a, b) => (a.start_timestamp ?? '').localeCompare(b.start_timestamp ?? ''));
    },
    async latestExecution(credential, given) {
      const path = withQuery('/executions', { limit: '1', exclude_attributes: 'result,trigger_instance' });
      return (await page(get('executions.list', credential, path), execution, given)).rows[0];
    },
    async cancelExecution(credential, id, given) {
      const path = `/executions/${encodeURIComponent(id)}`;
      const made: Call = { ...get('executions.cancel', credential, path), method: 'DELETE' };
      await ask(made, anything, given);
    },
    async inquiries(credential, given) {
      const path = withQuery('/inquiries', { limit: String(pageSize) });
      return (await page(get('inquiries', credential, path), inquiry, given)).rows;
    },
    async inquiry(credential, id, given) {
      return ask(get('inquiries.get', credential, `/inquiries/${encodeURIComponent(id)}`), inquiry, given);
    },
    async respond(credential, id, response, given) {
      const path = `/inquiries/${encodeURIComponent(id)}`;
      const made: Call = {
        ...get('inquiries.respond', credential, path),
        method: 'PUT',
        body: { id, response },
      };
      await ask(made, anything, given);
    },
    async rules(credential, given) {
      const read = (filter: Record<string, string>) =>
        page(
          get('rules', credential, withQuery('/rules', { limit: String(pageSize), ...filter })),
          rule,
          given,
        );
      const first = await read({});
      if (first.total === undefined ? first.count < pageSize : first.total <= first.count) return first.rows;
      // Rules have no pages; of more than 100, those that may be about chat are asked for by name.
      const byRef = new Map<string, Rule>(first.rows.map((one) => [one.ref, one]));
      for (const filter of [{ trigger: notifyTrigger }, { pack: 'chatops' }]) {
        for (const one of (await read(filter)).rows) byRef.set(one.ref, one);
      }
      return [...byRef.values()];
    },
    stream(credential, given) {
      return openStream(transport, credential, {
        ...given,
        maxFrameLength: options.maxFrameLength ?? 16 * 1024 * 1024,
        observe: (outcome, seconds) => observe('stream', outcome, seconds),
      });
    },
    close: () => transport.close(),
  };
}

function check<T>(asked: Asked, answer: Answer, schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw unexpected(asked, answer, shapeFault(parsed.error));
}

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const [plain, given] = path.split('?', 2);
  const all = new URLSearchParams(given);
  for (const [key, value] of Object.entries(query)) all.set(key, value);
  return `${plain}?${all}`;
}
