import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Asked, noAnswer, readAnswer, readText, unexpected } from './answers.ts';
import { StackStormError, type StackStormErrorCode } from './errors.ts';
import type { CallOptions } from './stackstorm.ts';
import { type Answer, NoAnswer, type Outgoing, type Transport } from './transport.ts';
import { shapeFault, transportFault } from './transport-fault.ts';

/** One call, but for what every call has. `call` is its name in errors and metrics. */
export interface Call {
  readonly call: string;
  readonly service: 'auth' | 'api';
  readonly method: Outgoing['method'];
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** What is told of calls; see StackStormOptions. */
export interface CallsHeard {
  readonly observe: (call: string, outcome: 'ok' | StackStormErrorCode, seconds: number) => void;
  readonly onMalformedRow: ((call: string, reason: string) => void) | undefined;
}

/** Rows of one page; above 100 RBAC asks for an admin (st2api/controllers/resource.py). */
export const pageSize = 100;
const anything = z.unknown();

/** Calls whose answers are checked against their schema. Every one throws StackStormError. */
export function createCaller(transport: Transport, { observe, onMalformedRow }: CallsHeard) {
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
        else onMalformedRow?.(made.call, shapeFault(parsed.error).message);
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

  /** An answer in plain text, whole. */
  function text(made: Call, given: CallOptions | undefined): Promise<string> {
    return observed(made.call, async () => {
      const { asked, answer } = await answered(made, given);
      return readText(asked, answer);
    });
  }

  return { ask, page, pages, text };
}

function check<T>(asked: Asked, answer: Answer, schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw unexpected(asked, answer, shapeFault(parsed.error));
}

/** The path with more in its query. */
export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const [plain, given] = path.split('?', 2);
  const all = new URLSearchParams(given);
  for (const [key, value] of Object.entries(query)) all.set(key, value);
  return `${plain}?${all}`;
}
