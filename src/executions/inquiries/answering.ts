import type { Auth } from '../../auth/auth.ts';
import { chatUserKey } from '../../chat/chat.ts';
import type { Audit, AuditRecord } from '../../ops/audit.ts';
import type { Logger } from '../../ops/logger.ts';
import { StackStormError } from '../../stackstorm/errors.ts';
import type { StackStorm } from '../../stackstorm/stackstorm.ts';
import type { Inquiry } from '../../stackstorm/wire.ts';
import type { Actor, ActorGrant, NotAllowed } from '../acting.ts';
import { webUrlOf } from '../format-result.ts';
import type { Response } from './form-fields.ts';
import type { Inquiries } from './inquiries.ts';
import type { Ending } from './row.ts';

/** What StackStorm lets a person not do, or what is over. */
export type NotRead =
  | NotAllowed
  /** Answered, expired or never an inquiry; `ending` where it was one of ours. */
  | { readonly kind: 'over'; readonly ending: Ending | undefined; readonly words: string | undefined };

export type Read =
  | NotRead
  | { readonly kind: 'inquiry'; readonly inquiry: Inquiry; readonly grant: ActorGrant };

export type Answered =
  | NotRead
  | { readonly kind: 'answered'; readonly stackstormUser: string }
  /** It does not fit the schema, in StackStorm's words; at which property, where it names one. */
  | { readonly kind: 'unfit'; readonly property: string | undefined; readonly words: string }
  /** No answer: it may be answered or not. */
  | { readonly kind: 'uncertain'; readonly requestId: string | undefined };

export interface AnsweringDeps {
  readonly stackstorm: Pick<StackStorm, 'inquiries' | 'inquiry' | 'respond' | 'execution'>;
  readonly auth: Auth;
  readonly audit: Audit;
  readonly logger: Logger;
  readonly inquiries: Pick<Inquiries, 'settle' | 'endingOf'>;
  readonly webUrl?: string | undefined;
}

/**
 * Reading and answering inquiries, always with the credential of the person who asks (S7): whom one is for (`users`,
 * `roles`), RBAC and the schema are StackStorm's to enforce. Every answer is an audit record before it leaves (S8).
 * What is neither a refusal nor an end is thrown as StackStormError.
 */
export class Answering {
  readonly #deps: AnsweringDeps;

  constructor(deps: AnsweringDeps) {
    this.#deps = deps;
  }

  /** The inquiries that wait, as this person may see them. */
  async list(
    who: Actor,
  ): Promise<
    | Exclude<NotRead, { kind: 'unknown' | 'over' }>
    | { kind: 'list'; list: readonly Inquiry[]; grant: ActorGrant }
  > {
    const grant = await this.#deps.auth.credentialFor(who.user);
    if (grant.kind === 'refused') return { kind: 'not-granted', reason: grant.reason };
    try {
      return { kind: 'list', list: await this.#deps.stackstorm.inquiries(grant.credential), grant };
    } catch (error) {
      const refusal = await this.#refusal(error, who, grant);
      if (refusal === undefined) throw error;
      return refusal;
    }
  }

  async read(who: Actor, id: string): Promise<Read> {
    const grant = await this.#deps.auth.credentialFor(who.user);
    if (grant.kind === 'refused') return { kind: 'not-granted', reason: grant.reason };
    try {
      return { kind: 'inquiry', inquiry: await this.#deps.stackstorm.inquiry(grant.credential, id), grant };
    } catch (error) {
      return await this.#notRead(error, who, grant, id);
    }
  }

  /** Answers it. Throws AuditError (nothing has left). */
  async respond(who: Actor, grant: ActorGrant, id: string, response: Response): Promise<Answered> {
    await this.#deps.audit.record(recordOf('inquiry.requested', 'ok', who, grant, id));
    const answered = await this.#respond(who, grant, id, response);
    const isDone = answered.kind === 'answered';
    try {
      // What may have been taken is no refusal.
      const event = isDone || answered.kind === 'uncertain' ? 'inquiry.responded' : 'inquiry.refused';
      await this.#deps.audit.record(recordOf(event, isDone ? 'ok' : answered.kind, who, grant, id));
    } catch (error) {
      // It has left: what came of it must not sound like nothing.
      this.#deps.logger.error(
        { err: error, executionId: id },
        'an answer to an inquiry could not be audited',
      );
    }
    // Its message is told even where this instance does not follow it.
    if (isDone) await this.#deps.inquiries.settle(id, answered.stackstormUser);
    return answered;
  }

  /** How an inquiry of ours ended, if it has. */
  endingOf(id: string): Promise<Ending | undefined> {
    return this.#deps.inquiries.endingOf(id);
  }

  /** StackStorm's own page of an inquiry, if it names one. */
  async pageOf(grant: ActorGrant, id: string): Promise<string | undefined> {
    if (this.#deps.webUrl !== undefined) return webUrlOf({ id, status: 'pending' }, this.#deps.webUrl);
    try {
      return webUrlOf(await this.#deps.stackstorm.execution(grant.credential, id), undefined);
    } catch (error) {
      if (!(error instanceof StackStormError)) throw error;
      return undefined;
    }
  }

  async #respond(who: Actor, grant: ActorGrant, id: string, response: Response): Promise<Answered> {
    try {
      await this.#deps.stackstorm.respond(grant.credential, id, response);
      return { kind: 'answered', stackstormUser: grant.stackstormUser };
    } catch (error) {
      if (!(error instanceof StackStormError)) throw error;
      if (error.mayHaveHappened) return { kind: 'uncertain', requestId: error.requestId };
      if (error.code !== 'rejected') return await this.#notRead(error, who, grant, id);
      // One refusal for what does not fit and for what is over: whether it still waits tells them apart.
      const still = error.instance === undefined ? await this.read(who, id) : undefined;
      if (still !== undefined && still.kind !== 'inquiry') return still;
      return { kind: 'unfit', property: error.instance, words: fitWords(error.faultstring) };
    }
  }

  async #notRead(error: unknown, who: Actor, grant: ActorGrant, id: string): Promise<NotRead> {
    const refusal = await this.#refusal(error, who, grant);
    if (refusal !== undefined) return refusal;
    if (!(error instanceof StackStormError)) throw error;
    if (error.code === 'not-found') return { kind: 'unknown' };
    if (error.code !== 'rejected') throw error;
    await this.#deps.inquiries.settle(id);
    return { kind: 'over', ending: await this.#deps.inquiries.endingOf(id), words: error.faultstring };
  }

  async #refusal(error: unknown, { user }: Actor, grant: ActorGrant) {
    if (!(error instanceof StackStormError)) return undefined;
    if (error.code === 'forbidden')
      return { kind: 'forbidden', stackstormUser: grant.stackstormUser } as const;
    if (error.code !== 'unauthorized') return undefined;
    await this.#deps.auth.rejected(user, grant);
    return { kind: 'not-granted', reason: 'session-expired' } as const;
  }
}

function recordOf(
  event: AuditRecord['event'],
  outcome: string,
  { user, channel }: Actor,
  { stackstormUser, session }: ActorGrant,
  executionId: string,
): AuditRecord {
  return {
    event,
    outcome,
    chatUser: chatUserKey(user),
    channel,
    stackstormUser,
    executionId,
    ...(session === undefined ? {} : { session }),
  };
}

/** StackStorm's words without its preamble, which repeats the id. */
function fitWords(faultstring: string | undefined): string {
  const said = (faultstring ?? '').replace(
    /^Response for inquiry "[^"]*" did not pass schema validation\. /,
    '',
  );
  return said === '' ? 'This does not fit.' : said;
}
