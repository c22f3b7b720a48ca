import { z } from 'zod';
import { type Call, createCaller, pageSize, withQuery } from './caller.ts';
import type { Credential } from './credential.ts';
import { basicHeaders, credentialHeaders } from './credential-headers.ts';
import type { StackStormErrorCode } from './errors.ts';
import type { CallOptions, StackStorm } from './stackstorm.ts';
import { openStream } from './stream.ts';
import { createTransport, type TransportOptions } from './transport.ts';
import {
  action,
  actionAlias,
  actionParameters,
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
  const { ask, page, pages, text } = createCaller(transport, {
    observe,
    onMalformedRow: options.onMalformedRow,
  });

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
    async action(credential, ref, given) {
      return ask(get('actions.get', credential, `/actions/${encodeURIComponent(ref)}`), action, given);
    },
    async actionParameters(credential, ref, given) {
      const path = `/actions/views/parameters/${encodeURIComponent(ref)}`;
      return (await ask(get('actions.parameters', credential, path), actionParameters, given)).parameters;
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
    async rerun(credential, id, given) {
      const path = `/executions/${encodeURIComponent(id)}/re_run`;
      return ask(
        { ...get('executions.rerun', credential, path), method: 'POST', body: {} },
        execution,
        given,
      );
    },
    output(credential, id, given) {
      const path = `/executions/${encodeURIComponent(id)}/output?output_type=all`;
      return text(get('executions.output', credential, path), given);
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
