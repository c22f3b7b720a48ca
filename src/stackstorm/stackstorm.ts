import type { Credential } from './credential.ts';
import type {
  Action,
  ActionAlias,
  AliasExecutionAnswer,
  Execution,
  Inquiry,
  Rule,
  StackStormUser,
  Token,
} from './wire.ts';

/** The body of `POST /v1/aliasexecution`. Ids only in `user`, `source_channel` and `source_context`: the notifier renders them as Jinja. */
export interface AliasExecutionRequest {
  readonly name: string;
  /** A format string or representation of the alias, exactly. */
  readonly format: string;
  readonly command: string;
  readonly user: string;
  readonly source_channel: string;
  readonly source_context: Readonly<Record<string, string>>;
  readonly notification_route: string;
}

/** One event of StackStorm's stream; `data` is parsed JSON, not yet checked. */
export interface StreamEvent {
  /** With StackStorm's `st2.` prefix: `st2.execution__update`. */
  readonly name: string;
  readonly data: unknown;
}

/** Options of one call. */
export interface CallOptions {
  /** Aborting it is `timed-out`. */
  readonly signal?: AbortSignal;
  /** Sent as X-Request-ID; StackStorm echoes it and logs it. */
  readonly requestId?: string;
}

/**
 * StackStorm's HTTP API as the bot uses it. Every method throws StackStormError, never anything of the HTTP library,
 * and repeats nothing that may have happened (R6).
 */
export interface StackStorm {
  /** `POST /auth/v1/tokens` with Basic; `ttlSeconds` above StackStorm's maximum is `rejected` (StackStorm refuses, it does not clamp). */
  createToken(username: string, password: string, ttlSeconds?: number, options?: CallOptions): Promise<Token>;
  /** `POST /auth/v1/tokens` by a service account for somebody else. */
  createTokenFor(
    service: { readonly username: string; readonly password: string },
    target:
      | { readonly user: string }
      | { readonly impersonate_user: string; readonly nickname_origin: string },
    ttlSeconds?: number,
    options?: CallOptions,
  ): Promise<Token>;
  validateToken(credential: Credential, token: string, options?: CallOptions): Promise<boolean>;
  /** `GET /v1/user`: who StackStorm says that the credential is (S10). */
  user(credential: Credential, options?: CallOptions): Promise<StackStormUser>;
  /** Every alias, read in pages of 100 (more needs admin under RBAC). */
  aliases(credential: Credential, options?: CallOptions): Promise<ActionAlias[]>;
  /** `GET /v1/actions/{ref}`, with the action's own parameters alone. */
  action(credential: Credential, ref: string, options?: CallOptions): Promise<Action>;
  /** `GET /v1/actions/views/parameters/{ref}`: its runner's parameters with the action's written over them. */
  actionParameters(
    credential: Credential,
    ref: string,
    options?: CallOptions,
  ): Promise<Readonly<Record<string, unknown>>>;
  runAlias(
    credential: Credential,
    request: AliasExecutionRequest,
    options?: CallOptions,
  ): Promise<AliasExecutionAnswer>;
  /** `GET /v1/executions/{id}`; a result of more than 4 MiB is left out. */
  execution(credential: Credential, id: string, options?: CallOptions): Promise<Execution>;
  /** Executions of an action that started after `startedAfter` (ms since the epoch), newest first, without their results. */
  executionsOf(
    credential: Credential,
    actionRef: string,
    startedAfter: number,
    options?: CallOptions,
  ): Promise<Execution[]>;
  /** The executions of a workflow's tasks, in the order in which they started, at most 100, without their results. */
  tasksOf(credential: Credential, workflowId: string, options?: CallOptions): Promise<Execution[]>;
  /** `DELETE /v1/executions/{id}`; a finished one is `rejected` (StackStorm says so with a 200). */
  cancelExecution(credential: Credential, id: string, options?: CallOptions): Promise<void>;
  /**
   * `POST /v1/executions/{id}/re_run`: the same action with the same parameters, secret ones too, which nobody reads here.
   * The new execution has no notify route: nothing announces its end.
   */
  rerun(credential: Credential, id: string, options?: CallOptions): Promise<Execution>;
  /** `GET /v1/executions/{id}/output`: what an execution has written so far. */
  output(credential: Credential, id: string, options?: CallOptions): Promise<string>;
  /** The inquiries that wait for an answer, at most 100. */
  inquiries(credential: Credential, options?: CallOptions): Promise<Inquiry[]>;
  /** `GET /v1/inquiries/{id}`; one that is answered, timed out or none is `rejected`, an unknown one `not-found`. */
  inquiry(credential: Credential, id: string, options?: CallOptions): Promise<Inquiry>;
  /**
   * `PUT /v1/inquiries/{id}`: answers it as the credential's user. `forbidden` where the inquiry is not for them;
   * `rejected` where it has ended, or the response does not fit its schema (then `instance` names the property).
   */
  respond(
    credential: Credential,
    id: string,
    response: Readonly<Record<string, unknown>>,
    options?: CallOptions,
  ): Promise<void>;
  /** At most 100 of all, and where there are more, those of pack chatops and of the notify trigger beside them. */
  rules(credential: Credential, options?: CallOptions): Promise<Rule[]>;
  /**
   * One connection to `GET /stream/v1/stream`; yields events until it is closed (a normal end) or fails. `onOpen` is
   * called when StackStorm has subscribed us: nothing that happens later is missed. Aborting is a normal end. Malformed frames are reported to `onMalformed` and passed over.
   */
  stream(
    credential: Credential,
    options: {
      readonly events: readonly string[];
      readonly signal: AbortSignal;
      /** Silence longer than this many ms is a fault (FACTS.md: a filtered stream gets no heartbeats; nginx cuts at 200 s). */
      readonly idleMs: number;
      readonly onOpen?: () => void;
      readonly onMalformed?: (reason: string) => void;
    },
  ): AsyncIterable<StreamEvent>;
  close(): Promise<void>;
}

/** Where the bot's own credential comes from; renewed before it expires and once on a 401, by one request however many wait. */
export interface BotCredential {
  /** Throws StackStormError where none can be had. */
  get(): Promise<Credential>;
  /** Runs `call` with the credential; on `unauthorized` renews it once and runs `call` again. */
  use<T>(call: (credential: Credential) => Promise<T>): Promise<T>;
}
