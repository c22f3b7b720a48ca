import type { Grant } from '../auth/auth.ts';
import { chatUserKey } from '../chat/chat.ts';
import type { AuditEvent } from '../ops/audit.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import { origin } from './correlation.ts';
import type { ExecutionsDeps, ExecutionsOptions } from './deps.ts';
import { InFlight } from './in-flight.ts';
import { words } from './messages.ts';
import type { OpenRun, OpenRuns } from './open-runs.ts';
import { refused, type Sent, sentOf } from './outcome.ts';

export type Granted = Grant & { readonly kind: 'granted' };

/** A session that was read longer ago (ms) is read again before the POST: the person may have ended it meanwhile. */
const freshMs = 20;

/**
 * The one POST of a run, with the person's own credential (S7), and what StackStorm made of it. In order: the run is
 * ours beyond doubt, a place in flight, the grant (again, if it had to wait), the audit record (S8), the POST.
 */
export class Sender {
  readonly #deps: ExecutionsDeps;
  readonly #options: ExecutionsOptions;
  readonly #runs: OpenRuns;
  readonly #inFlight: InFlight;

  constructor(deps: ExecutionsDeps, options: ExecutionsOptions, runs: OpenRuns) {
    this.#deps = deps;
    this.#options = options;
    this.#runs = runs;
    this.#inFlight = new InFlight(options.maxInFlight, deps.clock);
  }

  /** Throws StoreError, AuditError or StackStormError of the session check where nothing has left. */
  async send(run: OpenRun, grant: Granted): Promise<Sent> {
    const { clock } = this.#deps;
    let grantedAt = clock.now();
    await this.#runs.ensureOwned(run);
    const hasWaited = !this.#inFlight.tryEnter();
    if (hasWaited) {
      await this.#inFlight.enter();
      grantedAt = clock.now();
    }
    try {
      const current = hasWaited ? await this.#grantAgain(run) : grant;
      if (current === undefined) return this.#notGranted();
      await this.record(run, 'execution.requested', 'ok', { stackstormUser: current.stackstormUser });
      if (clock.now() - grantedAt <= freshMs) return await this.#post(run, current);
      const still = await this.#grantAgain(run);
      const isSame = still !== undefined && still.session === current.session;
      return isSame ? await this.#post(run, still) : this.#notGranted();
    } finally {
      this.#inFlight.leave();
    }
  }

  /** Does the job when no request waits for its place, or a moment later all the same. */
  whenQuiet<T>(job: () => Promise<T>): Promise<T> {
    return this.#inFlight.whenQuiet(job);
  }

  /** The session may have ended while the command waited for its place, or for its audit record. */
  async #grantAgain(run: OpenRun): Promise<Granted | undefined> {
    const again = await this.#deps.auth.credentialFor(run.value.user);
    return again.kind === 'granted' ? again : undefined;
  }

  #notGranted(): Sent {
    return refused('not-granted', words.notGranted(this.#options.loginCommand), true);
  }

  /** Writes an audit record about the run. Throws AuditError. */
  record(
    run: OpenRun,
    event: AuditEvent,
    outcome: string,
    more: { stackstormUser?: string; executionId?: string } = {},
  ): Promise<void> {
    const { place, user, alias } = run.value;
    return this.#deps.audit.record({
      event,
      outcome,
      chatUser: chatUserKey(user),
      channel: place.channel,
      aliasRef: alias.ref,
      correlationId: run.correlationId,
      ...more,
    });
  }

  async #post(run: OpenRun, grant: Granted): Promise<Sent> {
    const { auth } = this.#deps;
    const sent = await this.#attempt(run, grant);
    if (sent.kind !== 'refused' || sent.code !== 'unauthorized') return await this.#checked(run, grant, sent);
    await auth.rejected(run.value.user, grant);
    if (auth.mode === 'clientside') return sent;
    // A credential that is ours to ask for is asked for anew; a 401 has started nothing, so that one more POST is the only one.
    const renewed = await auth.credentialFor(run.value.user);
    if (renewed.kind === 'refused') return sent;
    return await this.#checked(run, renewed, await this.#attempt(run, renewed));
  }

  async #attempt(run: OpenRun, grant: Granted): Promise<Sent> {
    const { alias, format, command, user, place, rerunOf } = run.value;
    const { stackstorm } = this.#deps;
    // Known before the answer, so that a POST without an answer can be named to whoever reads StackStorm's logs.
    const requestId = run.correlationId;
    try {
      if (rerunOf !== undefined) {
        const execution = await stackstorm.rerun(grant.credential, rerunOf, { requestId });
        return { kind: 'accepted', execution };
      }
      const answer = await stackstorm.runAlias(
        grant.credential,
        {
          name: alias.name,
          format,
          command,
          notification_route: this.#options.routeKey,
          ...origin(run.correlationId, user, place),
        },
        { requestId },
      );
      return { kind: 'accepted', execution: answer.execution, answer };
    } catch (error) {
      if (error instanceof StackStormError) return sentOf(error, requestId, this.#options.loginCommand);
      throw error;
    }
  }

  /** StackStorm runs the first alias of that bare name: another pack's is cancelled at once. */
  async #checked(run: OpenRun, grant: Granted, sent: Sent): Promise<Sent> {
    if (sent.kind !== 'accepted' || sent.answer === undefined) return sent;
    const { execution, actionalias } = sent.answer;
    if (actionalias.ref === run.value.alias.ref) return sent;
    const isCancelled = await this.#cancel(run, grant, execution.id);
    const post = words.wrongAlias(run.value.alias.ref, actionalias.ref, execution.id, isCancelled);
    return refused('wrong-alias', post, false);
  }

  async #cancel(run: OpenRun, grant: Granted, executionId: string): Promise<boolean> {
    const { stackstorm, logger } = this.#deps;
    let isCancelled = true;
    try {
      await stackstorm.cancelExecution(grant.credential, executionId);
    } catch (error) {
      if (!(error instanceof StackStormError)) throw error;
      isCancelled = false;
      logger.error({ err: error, executionId }, 'an execution of another alias could not be cancelled');
    }
    await this.recordLate(run, 'execution.cancelled', isCancelled ? 'wrong-alias' : 'failed', {
      executionId,
    });
    return isCancelled;
  }

  /** As record, for what has happened already: a failing audit log is logged, and costs the person nothing. */
  async recordLate(
    run: OpenRun,
    event: AuditEvent,
    outcome: string,
    more: { stackstormUser?: string; executionId?: string } = {},
  ): Promise<void> {
    try {
      await this.record(run, event, outcome, more);
    } catch (error) {
      this.#deps.logger.error({ err: error, correlationId: run.correlationId }, 'a run could not be audited');
    }
  }
}
