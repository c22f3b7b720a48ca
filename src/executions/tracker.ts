import { DeliveryStopped } from '../chat/delivery.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import { type Execution, execution as executionSchema, isCompleted } from '../stackstorm/wire.ts';
import type { ExecutionsDeps, ExecutionsOptions } from './deps.ts';
import type { LivingMessages } from './living/living-messages.ts';
import { type OpenRun, type OpenRuns, RunLost } from './open-runs.ts';
import type { Results } from './results.ts';

/** So many executions are asked for at once. */
const pollWidth = 8;
/** A run that takes long is asked for less often, at least every so many intervals. */
const slowestPoll = 8;
/** How many executions are remembered whose news came before StackStorm's answer to our POST was read. */
const unclaimedLimit = 5_000;

/**
 * Follows open executions with the bot credential (S7): the stream says when one ends; a GET says it after every
 * (re)connect, because the stream replays nothing, and every `pollInterval`, because streams lie.
 */
export class Tracker {
  readonly #deps: ExecutionsDeps;
  readonly #options: ExecutionsOptions;
  readonly #runs: OpenRuns;
  readonly #results: Results;
  readonly #living: LivingMessages;
  readonly #onFollow: (wasTakenOver: boolean) => void;
  /** How far executions came while an answer to a POST was still to be read: one of them may be ours. By their ids. */
  readonly #unclaimed = new Map<string, string>();
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(
    deps: ExecutionsDeps,
    options: ExecutionsOptions,
    parts: {
      runs: OpenRuns;
      results: Results;
      living: LivingMessages;
      /** Told of each run that is followed from now on. */
      onFollow: (wasTakenOver: boolean) => void;
    },
  ) {
    this.#deps = deps;
    this.#options = options;
    this.#runs = parts.runs;
    this.#results = parts.results;
    this.#living = parts.living;
    this.#onFollow = parts.onFollow;
  }

  start(): void {
    this.#cancel = this.#deps.clock.after(this.#options.pollInterval, () => {
      this.poll(false).finally(() => {
        if (!this.#stopped) this.start();
      });
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** A run that StackStorm accepted; with `asksNow`, one that may have ended while nobody listened. */
  follow(run: OpenRun, asksNow = false): void {
    this.#runs.track(run);
    run.nextPollAt = this.#deps.clock.now() + this.#options.pollInterval;
    this.#guard(run, this.#results.accepted(run));
    const { executionId } = run;
    const status = executionId === undefined ? undefined : this.#unclaimed.get(executionId);
    if (executionId !== undefined) this.#unclaimed.delete(executionId);
    if (status !== undefined && !isCompleted(status)) this.#living.heard(run, status);
    if (asksNow || (status !== undefined && isCompleted(status))) this.#guard(run, this.ask(run));
    this.#onFollow(asksNow);
  }

  /** `st2.execution__update`, and what else carries an execution; `data` is not yet checked. */
  onExecution(data: unknown): void {
    if (typeof data !== 'object' || data === null || !('id' in data) || !('status' in data)) return;
    const { id, status } = data;
    if (typeof id !== 'string' || typeof status !== 'string') return;
    const run = this.#runs.byExecution(id);
    if (run === undefined) {
      if (this.#runs.awaitsAnswer) this.#keep(id, status);
      return;
    }
    if (!isCompleted(status)) {
      this.#living.heard(run, status);
      return;
    }
    const parsed = executionSchema.safeParse(data);
    if (!parsed.success) {
      this.#deps.logger.warn(
        { executionId: id },
        'an execution on the stream is not in StackStorm’s contract',
      );
      return;
    }
    this.#guard(run, this.#results.ended(run, parsed.data));
  }

  /** Asks for the open executions that are due, or for all of them. Never throws. */
  async poll(all: boolean): Promise<void> {
    const now = this.#deps.clock.now();
    const due = this.#runs.all().filter((run) => !run.isBusy && (all || run.nextPollAt <= now));
    const next = due.values();
    const worker = async () => {
      for (const run of next) await this.#ask(run, now);
    };
    await Promise.all(Array.from({ length: Math.min(pollWidth, due.length) }, worker));
    if (!this.#runs.awaitsAnswer) this.#unclaimed.clear();
  }

  async #ask(run: OpenRun, now: number): Promise<void> {
    const { pollInterval } = this.#options;
    const age = now - run.value.intendedAt;
    run.nextPollAt = now + Math.min(Math.max(age / 4, pollInterval), slowestPoll * pollInterval);
    const work = run.progress.state === 'accepted' ? this.ask(run) : this.#unfinished(run);
    await this.#guard(run, work);
  }

  /** An ended run whose announcement is not awaited any more is one that a fault has stopped. */
  #unfinished(run: OpenRun): Promise<void> {
    const isStuck = run.progress.state === 'ended' && run.cancelWait === undefined;
    return isStuck ? this.#results.resume(run) : Promise.resolve();
  }

  /** Asks StackStorm how an accepted run is. */
  async ask(run: OpenRun): Promise<void> {
    const { stackstorm, botCredential, clock } = this.#deps;
    const id = run.executionId;
    if (id === undefined) return;
    try {
      const execution = await botCredential.use((credential) => stackstorm.execution(credential, id));
      await this.#results.ended(run, execution, endedAt(execution, clock.now()));
    } catch (error) {
      if (!(error instanceof StackStormError) || error.code !== 'not-found') throw error;
      await this.#results.gone(run);
    }
  }

  #keep(id: string, status: string): void {
    this.#unclaimed.set(id, status);
    if (this.#unclaimed.size <= unclaimedLimit) return;
    const [oldest] = this.#unclaimed.keys();
    if (oldest !== undefined) this.#unclaimed.delete(oldest);
  }

  /** A step that fails leaves its run as it was; the next poll goes on with it. */
  async #guard(run: OpenRun, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (error instanceof RunLost || error instanceof DeliveryStopped) return;
      this.#deps.logger.warn(
        { err: error, correlationId: run.correlationId },
        'a run waits for the next poll',
      );
    }
  }
}

/** When it ended, in our own time as far as that can be told: an end long past waits for no announcement. */
function endedAt(execution: Execution, now: number): number {
  const end = Date.parse(execution.end_timestamp ?? '');
  return Number.isNaN(end) ? now : Math.min(end, now);
}
