import { DeliveryStopped } from '../../chat/delivery.ts';
import { InOrder } from '../../chat/in-order.ts';
import {
  type Execution,
  execution as executionSchema,
  type Inquiry,
  isCompleted,
} from '../../stackstorm/wire.ts';
import { Collection, type Row } from '../../storage/collection.ts';
import type { ExecutionsDeps, ExecutionsOptions } from '../deps.ts';
import { webUrlOf } from '../format-result.ts';
import type { Lease } from '../lease.ts';
import type { OpenRun, OpenRuns } from '../open-runs.ts';
import { Asking } from './asking.ts';
import { Closing } from './closing.ts';
import { isInquirer, originOf } from './origin.ts';
import { Reading } from './reading.ts';
import { type Ending, endingOf, type InquiryRow, inquiryRow } from './row.ts';
import { headingOf } from './words.ts';

/** An inquiry that nobody ends is forgotten after this. */
const openTtlMs = 30 * 24 * 60 * 60 * 1000;
/** How many inquiries of others, and of runs that are not known yet, are remembered. */
const rememberedLimit = 5_000;
/** So long after an answer its StackStorm user may still become known: another instance of ours may have given it. */
const namedWithinMs = 1_500;

/**
 * The questions that workflows of ours ask: each is posted once in the thread of its command (R2), and its message says at
 * last how it ended. The stream tells of both; what it did not say is asked at every poll. Following uses the bot
 * credential (S7); answering is {@link Answering}'s, with each person's own.
 */
export class Inquiries {
  readonly #deps: ExecutionsDeps;
  readonly #options: ExecutionsOptions;
  readonly #runs: OpenRuns;
  readonly #lease: Lease;
  readonly #rows: Collection<InquiryRow>;
  readonly #reading: Reading;
  readonly #asking: Asking;
  readonly #closing: Closing;
  readonly #turns = new InOrder();
  /** The inquiries that this instance follows. */
  readonly #open = new Set<string>();
  readonly #foreign = new Set<string>();
  /** Heard of while StackStorm's answer to a POST was still to be read. */
  readonly #unclaimed = new Set<string>();
  #cancel: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #looksAgain = false;
  #stopped = false;

  constructor(deps: ExecutionsDeps, options: ExecutionsOptions, parts: { runs: OpenRuns; lease: Lease }) {
    this.#deps = deps;
    this.#options = options;
    this.#runs = parts.runs;
    this.#lease = parts.lease;
    this.#rows = new Collection(deps.store, deps.encryption, 'inquiry', inquiryRow);
    this.#reading = new Reading(deps);
    this.#closing = new Closing(deps, this.#rows);
    const tools = { rows: this.#rows, reading: this.#reading, closing: this.#closing, lease: this.#lease };
    this.#asking = new Asking(deps, tools, { respondCommand: options.respondCommand, openTtlMs });
  }

  start(): void {
    void this.look();
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** Resolves when what is under way is done. */
  async idle(): Promise<void> {
    await this.#looking;
    await this.#turns.idle();
  }

  /** `st2.execution__update`; `data` is not yet checked. Never throws. */
  onExecution(data: unknown): void {
    if (typeof data !== 'object' || data === null || !('id' in data) || !('status' in data)) return;
    const { id, status } = data;
    if (typeof id !== 'string' || typeof status !== 'string') return;
    const isPending = status === 'pending';
    if (!isPending && !(this.#open.has(id) && isCompleted(status))) return;
    const parsed = executionSchema.safeParse(data);
    if (!parsed.success) return;
    this.#background(id, () => (isPending ? this.#consider(parsed.data) : this.#ended(parsed.data)));
  }

  /** A run is followed from now on; one that was taken over may have asked while nobody listened. */
  followed(wasTakenOver: boolean): void {
    if (wasTakenOver) this.#foreign.clear();
    if (wasTakenOver || this.#unclaimed.size > 0) void this.look();
  }

  /** Somebody answered, or found that it is over: its message says so. Never throws. */
  async settle(id: string, by?: string): Promise<void> {
    await this.#background(id, async () => {
      if (by !== undefined) return await this.#close(id, { kind: 'answered', by });
      await this.#ended(await this.#reading.execution(id));
    });
  }

  /** How an inquiry of ours ended, if it has. */
  async endingOf(id: string): Promise<Ending | undefined> {
    const progress = (await this.#rows.get(id))?.value.progress;
    return progress?.state === 'closed' ? progress.ending : undefined;
  }

  /** Asks StackStorm what waits, and takes over what a dead instance left. Never throws. */
  async look(): Promise<void> {
    if (this.#looking !== undefined) {
      this.#looksAgain = true;
      return await this.#looking;
    }
    this.#looking = this.#look()
      .catch((error: unknown) => this.#log(error, undefined))
      .finally(() => {
        this.#looking = undefined;
        if (!this.#looksAgain || this.#stopped) return;
        this.#looksAgain = false;
        void this.look();
      });
    await this.#looking;
  }

  async #look(): Promise<void> {
    if (this.#stopped) return;
    await this.#takeOver();
    this.#unclaimed.clear();
    if (this.#open.size === 0 && this.#runs.all().length === 0) return;
    const pending = new Set((await this.#reading.pending()).map(({ id }) => id));
    for (const id of pending) {
      if (this.#open.has(id) || this.#foreign.has(id)) continue;
      await this.#background(id, async () => this.#consider(await this.#reading.execution(id)));
    }
    for (const id of [...this.#open]) {
      if (pending.has(id)) continue;
      await this.#background(id, async () => this.#ended(await this.#reading.execution(id)));
    }
  }

  async #takeOver(): Promise<void> {
    for await (const { key } of this.#deps.store.scan('inquiry:')) {
      const id = key.slice('inquiry:'.length);
      if (this.#stopped) return;
      if (this.#open.has(id)) continue;
      await this.#background(id, async () => {
        const row = await this.#adopted(await this.#rows.get(id));
        if (row === undefined) return;
        this.#deps.logger.info({ executionId: id }, 'an inquiry was taken over');
        await this.#follow(row);
      });
    }
  }

  /** The row as this instance's own, where it is to be followed and nobody alive does. */
  async #adopted(row: Row<InquiryRow> | undefined): Promise<Row<InquiryRow> | undefined> {
    if (row === undefined || row.value.progress.state === 'closed') return undefined;
    const { owner } = row.value;
    if (owner === this.#lease.owner) return row;
    if (await this.#lease.isAlive(owner)) return undefined;
    return await this.#rows.replace(row, { ...row.value, owner: this.#lease.owner }, openTtlMs);
  }

  /** A pending execution: asked in the thread where a run of ours asks. */
  async #consider(execution: Execution): Promise<void> {
    const { id } = execution;
    if (this.#open.has(id) || this.#foreign.has(id)) return;
    if (execution.status !== 'pending' || !isInquirer(execution)) return;
    const run = await this.#originOf(execution);
    if (run === undefined) return;
    const inquiry = await this.#reading.inquiry(id);
    if (inquiry === 'over') return;
    const row = await this.#rows.add(id, this.#rowOf(run, execution, inquiry), openTtlMs);
    if (row !== undefined) return await this.#follow(row, { inquiry });
    const left = await this.#adopted(await this.#rows.get(id));
    if (left !== undefined) await this.#follow(left);
  }

  /** The run of ours that asks. Where one of the runs is not known by its execution yet, it may be that one's. */
  async #originOf(execution: Execution): Promise<OpenRun | undefined> {
    const mayBeOurs = this.#runs.awaitsAnswer;
    const byExecution = (id: string) => this.#runs.byExecution(id);
    const find = () => originOf(execution, { ...this.#deps, byExecution });
    const run = (await find()) ?? (mayBeOurs && !this.#runs.awaitsAnswer ? await find() : undefined);
    if (run === undefined) remember(this.#runs.awaitsAnswer ? this.#unclaimed : this.#foreign, execution.id);
    return run;
  }

  #rowOf(run: OpenRun, execution: Execution, inquiry: Inquiry | undefined): InquiryRow {
    const { user, place, alias } = run.value;
    const url = webUrlOf(execution, this.#options.webUrl);
    return {
      owner: this.#lease.owner,
      correlationId: run.correlationId,
      user,
      place,
      aliasRef: alias.ref,
      heading: headingOf(alias.ref, inquiry),
      ...(url === undefined ? {} : { url }),
      progress: { state: 'asking' },
    };
  }

  /** From now on its end is heard. Posts the question if it does not stand yet; `fresh`: the row was made just now. */
  async #follow(row: Row<InquiryRow>, fresh?: { readonly inquiry: Inquiry | undefined }): Promise<void> {
    const { id, value } = row;
    this.#open.add(id);
    try {
      if (value.progress.state !== 'asking' || (await this.#asking.ask(row, fresh))) return;
      await this.#ended(await this.#reading.execution(id));
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  /** The execution has ended, or stands as it was. */
  async #ended(execution: Execution): Promise<void> {
    const { id, status } = execution;
    if (!isCompleted(status)) return;
    if (status !== 'succeeded') return await this.#close(id, endingOf(status));
    // Whoever answered through us says at once who it was.
    this.#deps.clock.after(
      namedWithinMs,
      () => void this.#background(id, () => this.#close(id, { kind: 'answered' })),
    );
  }

  async #close(id: string, ending: Ending): Promise<void> {
    await this.#closing.close(id, ending);
    this.#open.delete(id);
  }

  #schedule(): void {
    this.#cancel = this.#deps.clock.after(this.#options.pollInterval, () => {
      void this.look().finally(() => {
        if (!this.#stopped) this.#schedule();
      });
    });
  }

  /** One after the other for each inquiry; what fails is tried again at the next poll. */
  #background(id: string, job: () => Promise<void>): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return this.#turns.run(id, job).catch((error: unknown) => this.#log(error, id));
  }

  #log(error: unknown, executionId: string | undefined): void {
    if (error instanceof DeliveryStopped) return;
    this.#deps.logger.warn({ err: error, executionId }, 'an inquiry waits for the next poll');
  }
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  const [oldest] = ids;
  if (ids.size > rememberedLimit && oldest !== undefined) ids.delete(oldest);
}
