/**
 * What waits for the database. Jobs of one `kind` are independent of each other, so any number of them can be asked
 * for in one statement; two jobs on one `key` keep their order.
 */
export interface QueuedJob {
  /** Jobs with an undefined kind are asked for alone. */
  readonly kind: string | undefined;
  readonly key: string;
  /** True if the job changes nothing: several of them on one key may share a statement. */
  readonly reads: boolean;
  /** About how much the job adds to its statement. */
  readonly bytes: number;
}

/** Bounds one statement, and with it how long the event loop is busy with its callers afterwards (P1: under 50 ms). */
const maxRows = 100;
const maxBytes = 512 * 1024;
/** How many waiting jobs are looked at for one statement: the search stays linear in the queue's length. */
const lookAhead = 500;

/**
 * The one queue of a connection (S3): one statement at a time, because node-sqlite3 given 50 at once had two winners
 * for one key when SQLITE_BUSY struck. What is asked in one tick, or while a statement is out, goes into one.
 */
export class StatementQueue<J extends QueuedJob> {
  readonly #run: (jobs: readonly J[]) => Promise<void>;
  #waiting: J[] = [];
  #running: Promise<void> | undefined;

  /** `run` settles the jobs that it is given, and never rejects. */
  constructor(run: (jobs: readonly J[]) => Promise<void>) {
    this.#run = run;
  }

  push(job: J): void {
    this.#waiting.push(job);
    this.#running ??= Promise.resolve().then(() => this.#drain());
  }

  /** Resolves once all that was pushed is settled. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) {
      await this.#running;
    }
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        await this.#run(this.#next());
      }
    } finally {
      this.#running = undefined;
    }
  }

  #next(): J[] {
    const looked = this.#waiting.splice(0, lookAhead);
    const [head] = looked;
    const chosen: J[] = [];
    const left: J[] = [];
    const blocked = new Set<string>();
    let bytes = 0;
    for (const job of looked) {
      const fits = chosen.length === 0 || (chosen.length < maxRows && bytes + job.bytes <= maxBytes);
      const alike = job === head || (job.kind !== undefined && job.kind === head?.kind);
      if (fits && alike && !blocked.has(job.key)) {
        chosen.push(job);
        bytes += job.bytes;
        if (!job.reads) {
          blocked.add(job.key);
        }
      } else {
        left.push(job);
        blocked.add(job.key);
      }
    }
    this.#waiting = left.length === 0 ? this.#waiting : [...left, ...this.#waiting];
    return chosen;
  }
}
