import type { Auth, RefusalReason } from '../../auth/auth.ts';
import { chatUserKey } from '../../chat/chat.ts';
import type { Audit, AuditEvent } from '../../ops/audit.ts';
import type { Logger } from '../../ops/logger.ts';
import { StackStormError } from '../../stackstorm/errors.ts';
import type { StackStorm } from '../../stackstorm/stackstorm.ts';
import type { Execution } from '../../stackstorm/wire.ts';
import type { Actor, ActorGrant, NotAllowed } from '../acting.ts';

export type Shown = { readonly kind: 'execution'; readonly execution: Execution; readonly grant: ActorGrant };

export type Output = Shown & {
  /** What it has written so far, as it came; undefined where it is more than is read. */
  readonly written: string | undefined;
};

export type Cancelled =
  | { readonly kind: 'cancelled'; readonly stackstormUser: string }
  /** It has ended already, in StackStorm's words. */
  | { readonly kind: 'over'; readonly words: string | undefined }
  /** No answer: it may be canceled or not. */
  | { readonly kind: 'uncertain'; readonly requestId: string | undefined };

export interface ControlsDeps {
  readonly stackstorm: Pick<StackStorm, 'execution' | 'output' | 'cancelExecution'>;
  readonly auth: Auth;
  readonly audit: Audit;
  readonly logger: Logger;
}

/**
 * Looking at executions and cancelling them, always with the credential of the person who asks (S7): which ones they may
 * see or end is StackStorm's to say. What is neither a refusal nor an end is thrown as StackStormError.
 */
export class Controls {
  readonly #deps: ControlsDeps;

  constructor(deps: ControlsDeps) {
    this.#deps = deps;
  }

  /** `signal` bounds how long StackStorm may take. */
  read(who: Actor, id: string, signal?: AbortSignal): Promise<NotAllowed | Shown> {
    return this.#as(who, id, async (grant) => ({
      kind: 'execution',
      execution: await this.#deps.stackstorm.execution(grant.credential, id, signal && { signal }),
      grant,
    }));
  }

  output(who: Actor, id: string, signal?: AbortSignal): Promise<NotAllowed | Output> {
    const { stackstorm } = this.#deps;
    const options = signal && { signal };
    return this.#as(who, id, async (grant) => {
      const execution = await stackstorm.execution(grant.credential, id, options);
      try {
        const written = await stackstorm.output(grant.credential, id, options);
        return { kind: 'execution', execution, grant, written };
      } catch (error) {
        if (!(error instanceof StackStormError) || error.code !== 'unexpected-answer') throw error;
        return { kind: 'execution', execution, grant, written: undefined };
      }
    });
  }

  /** Asks StackStorm to cancel it; an audit record stands before anything leaves (S8). Throws AuditError. */
  cancel(who: Actor, id: string): Promise<NotAllowed | Cancelled> {
    return this.#as(who, id, async (grant) => {
      await this.#deps.audit.record(this.#record('execution.cancel_requested', 'ok', who, id, grant));
      const cancelled = await this.#cancel(grant, id);
      try {
        await this.#deps.audit.record(this.#record('execution.cancelled', cancelled.kind, who, id, grant));
      } catch (error) {
        // It has left: what came of it must not sound like nothing.
        this.#deps.logger.error({ err: error, executionId: id }, 'a cancel could not be audited');
      }
      return cancelled;
    });
  }

  async #cancel(grant: ActorGrant, id: string): Promise<Cancelled> {
    try {
      await this.#deps.stackstorm.cancelExecution(grant.credential, id);
      return { kind: 'cancelled', stackstormUser: grant.stackstormUser };
    } catch (error) {
      if (!(error instanceof StackStormError)) throw error;
      if (error.mayHaveHappened) return { kind: 'uncertain', requestId: error.requestId };
      if (error.code === 'rejected') return { kind: 'over', words: error.faultstring };
      throw error;
    }
  }

  async #as<T>(who: Actor, id: string, act: (grant: ActorGrant) => Promise<T>): Promise<NotAllowed | T> {
    const { auth } = this.#deps;
    const grant = await auth.credentialFor(who.user);
    if (grant.kind === 'refused') return await this.#refused(who, id, grant.reason);
    try {
      return await act(grant);
    } catch (error) {
      if (!(error instanceof StackStormError)) throw error;
      switch (error.code) {
        case 'unauthorized':
          await auth.rejected(who.user, grant);
          return await this.#refused(who, id, 'session-expired');
        case 'forbidden':
          await this.#deps.audit.record(this.#record('execution.refused', 'forbidden', who, id, grant));
          return { kind: 'forbidden', stackstormUser: grant.stackstormUser };
        case 'not-found':
          return { kind: 'unknown' };
        default:
          throw error;
      }
    }
  }

  async #refused(who: Actor, id: string, reason: RefusalReason): Promise<NotAllowed> {
    await this.#deps.audit.record(this.#record('command.refused', reason, who, id));
    return { kind: 'not-granted', reason };
  }

  #record(
    event: AuditEvent,
    outcome: string,
    { user, channel }: Actor,
    executionId: string,
    grant?: ActorGrant,
  ) {
    return {
      event,
      outcome,
      chatUser: chatUserKey(user),
      channel,
      executionId,
      ...(grant === undefined ? {} : { stackstormUser: grant.stackstormUser }),
      ...(grant?.session === undefined ? {} : { session: grant.session }),
    };
  }
}
