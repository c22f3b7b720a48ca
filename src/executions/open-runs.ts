import type { PostRef } from '../chat/chat.ts';
import type { Clock } from '../ops/clock.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Execution } from '../stackstorm/wire.ts';
import { Collection, type Row } from '../storage/collection.ts';
import type { Encryption } from '../storage/encryption.ts';
import type { Store } from '../storage/store.ts';
import type { AnnouncementPayload } from './announcement-post.ts';
import { executionIdOf, type Intent, intendedRow, type Progress, type RunRow, runRow } from './intent.ts';
import type { Lease } from './lease.ts';

/** An intent nobody finishes, and an execution nobody ends, are forgotten after this. */
const openTtlMs = 30 * 24 * 60 * 60 * 1000;
/** How long a posted run is remembered. */
const postedTtlMs = 60 * 60 * 1000;
/** As long as somebody may still need the row: to finish the acknowledgement, or to tell of the others under it. */
const sharedTtlMs = 24 * 60 * 60 * 1000;
/** How many posted runs an instance remembers, to count what comes late. */
const recentLimit = 1000;

/** The run is no longer this instance's: another one adopted it, and goes on with it. */
export class RunLost extends Error {
  constructor(correlationId: string) {
    super(`run ${correlationId} belongs to another instance`);
    this.name = 'RunLost';
  }
}

/** A run that this instance owns. Its steps run one after the other. */
export class OpenRun {
  readonly correlationId: string;
  row: Row<RunRow>;
  /** The execution as StackStorm last described it, once it has ended. */
  ended?: Execution;
  /** Announcements that came before StackStorm's answer to the POST was read. */
  early: AnnouncementPayload[] = [];
  /** How many messages the thread was given before the end. */
  messages = 0;
  /** The result is out, though the row may not say so yet. */
  resultIsOut = false;
  /** How far it is, as StackStorm last said while it went on. */
  status = 'requested';
  /** When this instance learnt that it had ended. */
  endedAt: number | undefined;
  /** The acknowledgement says how the run ended, or never will. */
  ackIsFinal = false;
  nextPollAt = 0;
  cancelWait: (() => void) | undefined;
  #tail: Promise<void> | undefined;

  constructor(row: Row<RunRow>) {
    this.correlationId = row.id;
    this.row = row;
  }

  get value(): RunRow {
    return this.row.value;
  }

  get progress(): Progress {
    return this.row.value.progress;
  }

  get executionId(): string | undefined {
    return executionIdOf(this.row.value);
  }

  get ack(): PostRef | undefined {
    const { progress } = this;
    return progress.state === 'intended' ? undefined : progress.ack;
  }

  /** Runs a step when the ones before it are done; in this tick when there are none. */
  step<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#tail === undefined ? job() : this.#tail.then(job, job);
    const done = () => {
      if (this.#tail === tail) this.#tail = undefined;
    };
    const tail: Promise<void> = result.then(done, done);
    this.#tail = tail;
    return result;
  }

  get isBusy(): boolean {
    return this.#tail !== undefined;
  }

  /** Resolves when the steps asked for so far are done, however they ended. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}

/** The runs that have not ended or whose result is not posted: rows in the Store, and in memory those of this instance. */
export class OpenRuns {
  readonly rows: Collection<RunRow>;
  readonly #lease: Lease;
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #byCorrelation = new Map<string, OpenRun>();
  readonly #byExecution = new Map<string, OpenRun>();
  readonly #posted = new Set<string>();

  constructor(deps: { store: Store; encryption: Encryption; clock: Clock; metrics: Metrics }, lease: Lease) {
    this.rows = new Collection(deps.store, deps.encryption, 'run', runRow);
    this.#lease = lease;
    this.#clock = deps.clock;
    this.#metrics = deps.metrics;
  }

  /** Makes the intent durable; the Store is asked in the tick of the call. Throws StoreError. */
  async intend(intent: Intent): Promise<OpenRun> {
    const now = this.#clock.now();
    const row = await this.rows.add(
      intent.correlationId,
      intendedRow(intent, this.#lease.owner, now),
      openTtlMs,
    );
    if (row === undefined) throw new TypeError('two intents with one correlation id');
    return new OpenRun(row);
  }

  /** Forgets a run for good, row and all. */
  async drop(run: OpenRun): Promise<void> {
    this.forget(run);
    await this.rows.delete(run.correlationId);
  }

  /** From now on events find the run. */
  track(run: OpenRun): void {
    this.#byCorrelation.set(run.correlationId, run);
    const { executionId } = run;
    if (executionId !== undefined) this.#byExecution.set(executionId, run);
    this.#metrics.openExecutions.set(this.#byCorrelation.size);
  }

  /** Takes the run out of memory only. */
  forget(run: OpenRun): void {
    run.cancelWait?.();
    this.#byCorrelation.delete(run.correlationId);
    const { executionId } = run;
    if (executionId !== undefined) this.#byExecution.delete(executionId);
    this.#metrics.openExecutions.set(this.#byCorrelation.size);
  }

  byCorrelation(id: string): OpenRun | undefined {
    return this.#byCorrelation.get(id);
  }

  byExecution(id: string): OpenRun | undefined {
    return this.#byExecution.get(id);
  }

  /** Whether StackStorm's answer to a POST is still to be read. */
  get awaitsAnswer(): boolean {
    return this.#byCorrelation.size > this.#byExecution.size;
  }

  wasPosted(correlationId: string): boolean {
    return this.#posted.has(correlationId);
  }

  all(): OpenRun[] {
    return [...this.#byCorrelation.values()];
  }

  /** Writes how far the run is. Throws {@link RunLost} where another instance has adopted it, StoreError where it cannot. */
  async advance(run: OpenRun, progress: Progress, more: Partial<RunRow> = {}): Promise<void> {
    const ttl = ttlOf(progress);
    const value = { ...run.value, ...more, progress };
    const row = await this.rows.replace(run.row, value, ttl);
    if (row === undefined) {
      // A write whose answer was lost may have happened: only another owner's row means that the run is lost.
      await this.#readOwn(run);
      if (run.progress.state !== progress.state) return await this.advance(run, progress, more);
    } else {
      run.row = row;
    }
    if (progress.state === 'posted') {
      this.forget(run);
      this.rememberPosted(run.correlationId);
    } else if (this.#byCorrelation.has(run.correlationId)) {
      this.track(run);
    }
  }

  /** Resolves when the run is this instance's beyond doubt. Throws {@link RunLost} or StoreError. */
  async ensureOwned(run: OpenRun): Promise<void> {
    if (this.#lease.isTrusted) return;
    if (this.#lease.isReleased) throw new RunLost(run.correlationId);
    await this.#lease.renew();
    await this.#readOwn(run);
  }

  /** Takes over a row whose owner is dead; undefined where another instance was faster. */
  async adopt(row: Row<RunRow>): Promise<OpenRun | undefined> {
    const mine = await this.rows.replace(row, { ...row.value, owner: this.#lease.owner }, openTtlMs);
    return mine === undefined ? undefined : new OpenRun(mine);
  }

  async #readOwn(run: OpenRun): Promise<void> {
    const row = await this.rows.get(run.correlationId);
    if (row === undefined || row.value.owner !== this.#lease.owner) {
      this.forget(run);
      throw new RunLost(run.correlationId);
    }
    run.row = row;
  }

  /** So that what comes late is known for what it is. */
  rememberPosted(correlationId: string): void {
    this.#posted.add(correlationId);
    if (this.#posted.size <= recentLimit) return;
    const [oldest] = this.#posted;
    if (oldest !== undefined) this.#posted.delete(oldest);
  }
}

function ttlOf(progress: Progress): number {
  if (progress.state !== 'posted') return openTtlMs;
  return progress.ack === undefined && progress.group === undefined ? postedTtlMs : sharedTtlMs;
}
