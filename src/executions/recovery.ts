import { isCompleted } from '../stackstorm/wire.ts';
import type { Row } from '../storage/collection.ts';
import type { ExecutionsDeps } from './deps.ts';
import type { RunRow } from './intent.ts';
import type { Lease } from './lease.ts';
import type { LivingMessages } from './living/living-messages.ts';
import { OpenRun, type OpenRuns, RunLost } from './open-runs.ts';
import { ackKey } from './post-keys.ts';
import type { Results } from './results.ts';
import type { Runner } from './run.ts';
import type { Tracker } from './tracker.ts';

/** How often rows are looked through for runs whose owner has died. */
const scanMs = 15_000;
/** A row of our own that nobody works on after this was left behind by a fault. */
const abandonedMs = 2 * 60_000;

/**
 * Takes over the runs of instances that died (kill -9, a lost machine), at the start and then every 15 seconds. How far
 * a row is says where it goes on:
 *
 * | state    | what may have happened                    | what is done                                              |
 * | -------- | ----------------------------------------- | --------------------------------------------------------- |
 * | intended | POST sent or not                          | dropped if another run has the claim; else searched (R6)  |
 * | accepted | StackStorm runs it, nobody listens        | asked for; acknowledged if no acknowledgement stands      |
 * | ended    | the result is posted, or not              | looked for in chat by its key, else posted                |
 * | posted   | everything but the acknowledgement's end  | that is told                                              |
 */
export class Recovery {
  readonly #deps: ExecutionsDeps;
  readonly #lease: Lease;
  readonly #runs: OpenRuns;
  readonly #runner: Runner;
  readonly #tracker: Tracker;
  readonly #results: Results;
  readonly #living: LivingMessages;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(
    deps: ExecutionsDeps,
    parts: {
      lease: Lease;
      runs: OpenRuns;
      runner: Runner;
      tracker: Tracker;
      results: Results;
      living: LivingMessages;
    },
  ) {
    this.#deps = deps;
    this.#lease = parts.lease;
    this.#runs = parts.runs;
    this.#runner = parts.runner;
    this.#tracker = parts.tracker;
    this.#results = parts.results;
    this.#living = parts.living;
  }

  start(): void {
    this.scan().finally(() => {
      if (this.#stopped) return;
      this.#cancel = this.#deps.clock.after(scanMs, () => this.start());
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** One look through the rows; adopted runs go on in the background. Never throws. */
  async scan(): Promise<void> {
    const alive = new Map<string, boolean>();
    try {
      for await (const { key } of this.#deps.store.scan('run:')) {
        const id = key.slice('run:'.length);
        if (this.#stopped) return;
        if (this.#runs.byCorrelation(id) !== undefined || this.#runs.wasPosted(id)) continue;
        await this.#look(id, alive);
      }
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'open runs could not be looked through');
    }
  }

  /** One row; a row that cannot be read harms only itself. */
  async #look(id: string, alive: Map<string, boolean>): Promise<void> {
    try {
      const row = await this.#runs.rows.get(id);
      if (row === undefined) return;
      const { progress } = row.value;
      const isPosted = progress.state === 'posted';
      if (isPosted && progress.ack === undefined) return this.#runs.rememberPosted(id);
      const run = await this.#takeOver(row, alive);
      if (run === undefined) return;
      if (isPosted) {
        this.#runs.rememberPosted(id);
        return this.#living.ended(run);
      }
      const { state } = run.progress;
      this.#deps.logger.info({ correlationId: id, state }, 'a run was taken over');
      this.#runs.track(run);
      this.#resume(run).catch((error: unknown) => {
        if (error instanceof RunLost) return;
        this.#deps.logger.warn(
          { err: error, correlationId: id },
          'a run that was taken over waits for the next poll',
        );
      });
    } catch (error) {
      this.#deps.logger.error({ err: error, correlationId: id }, 'the row of a run could not be taken over');
    }
  }

  async #takeOver(row: Row<RunRow>, alive: Map<string, boolean>): Promise<OpenRun | undefined> {
    const { owner, intendedAt } = row.value;
    if (owner === this.#lease.owner) {
      const isAbandoned = this.#deps.clock.now() - intendedAt > abandonedMs;
      return isAbandoned ? new OpenRun(row) : undefined;
    }
    const known = alive.get(owner);
    const isAlive = known ?? (await this.#lease.isAlive(owner));
    alive.set(owner, isAlive);
    return isAlive ? undefined : await this.#runs.adopt(row);
  }

  async #resume(run: OpenRun): Promise<void> {
    switch (run.progress.state) {
      case 'intended':
        return await this.#resumeIntended(run);
      case 'accepted':
        return await this.#resumeAccepted(run, run.progress.executionId);
      case 'ended':
        return await this.#results.resume(run);
      case 'posted':
        return;
    }
  }

  /** The claim decides whether this intent is the one of its event (R2). */
  async #resumeIntended(run: OpenRun): Promise<void> {
    const holder = await this.#deps.claims.holder(run.value.eventId);
    if (holder === run.value.claimedAs) this.#runner.search(run);
    else await this.#runs.drop(run);
  }

  async #resumeAccepted(run: OpenRun, executionId: string): Promise<void> {
    const { stackstorm, botCredential, delivery } = this.#deps;
    const { alias, place } = run.value;
    const standing = run.ack ?? (alias.acknowledge ? await delivery.findPost(place, ackKey(run)) : undefined);
    if (standing !== undefined) {
      await this.#runner.acknowledged(run, standing);
    } else if (alias.acknowledge) {
      const execution = await botCredential.use((credential) =>
        stackstorm.execution(credential, executionId),
      );
      // Of one that has ended the result says everything.
      if (!isCompleted(execution.status)) await this.#runner.acknowledgeLate(run, execution);
    }
    this.#tracker.follow(run, true);
  }
}
