import type { KeyvSqlite } from '@keyv/sqlite';
import { RowCache } from './row-cache.ts';
import { parseDocument, type StoredRow } from './row-document.ts';
import { sqliteError } from './sqlite-errors.ts';
import { type AnsweredRow, parseAnswer, type StatementKind, statements } from './sqlite-statements.ts';
import { type QueuedJob, StatementQueue } from './statement-queue.ts';
import { StoreError } from './store.ts';
import type { ChangeWatch } from './wal-index.ts';

/** One key's part in a statement for many. */
export interface Question {
  readonly kind: StatementKind;
  readonly key: string;
  /** The parameter of this key, made when the statement leaves: a time to live counts from then. */
  readonly row: (now: number) => unknown;
  /** About how many bytes that is. */
  readonly bytes: number;
  /** False where a hit might leave the very bytes that it found, which SQLite does not commit. */
  readonly changes: boolean;
}

/** A row that was hit; `stored` only from `get` and `take`. */
export interface Hit {
  readonly stored: StoredRow | undefined;
}

interface Job extends QueuedJob {
  readonly ask:
    | { readonly many: Question }
    | { readonly sql: string; readonly parameters: () => readonly unknown[]; readonly changes: boolean };
  /** `current`: nobody has committed since the rows were read. A throw rejects the job. */
  readonly settle: (rows: readonly AnsweredRow[], current: boolean) => void;
  readonly reject: (error: StoreError) => void;
}

export interface ConnectionOptions {
  readonly adapter: KeyvSqlite;
  readonly watch: ChangeWatch;
  readonly path: string;
  readonly now: () => number;
  readonly cacheBytes: number;
}

/** One connection to a SQLite file: its queue, and what it remembers of rows that cannot have changed. */
export class SqliteConnection {
  readonly #options: ConnectionOptions;
  readonly #cache: RowCache;
  readonly #queue = new StatementQueue<Job>((jobs) => this.#run(jobs));
  /** How many writes on a key wait or are out: its row is not remembered until they are settled. */
  readonly #writes = new Map<string, number>();
  /** Reads that wait for their statement: who asks for the same key meanwhile shares it. */
  readonly #reads = new Map<string, Promise<Hit | undefined>>();
  /** What the watch said in this synchronous run: nothing from outside can have reached us since. */
  #isUnchanged: boolean | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#cache = new RowCache(options.cacheBytes);
  }

  /** The row as it stands at this moment, where that is known without a statement. */
  remembered(key: string): StoredRow | undefined {
    const row = this.#cache.get(key);
    return row !== undefined && this.#closed === undefined && this.#unchanged() ? row : undefined;
  }

  /** Puts the question into the next statement of its kind. */
  ask(question: Question): Promise<Hit | undefined> {
    const { kind, key, bytes } = question;
    const reads = kind === 'get';
    const shared = reads ? this.#reads.get(key) : undefined;
    if (shared !== undefined) return shared;
    const asked = new Promise<Hit | undefined>((resolve, reject) => {
      const settle: Job['settle'] = ([row], current) => {
        const stored = row?.document === undefined ? undefined : parseDocument(row.document);
        if (reads && current && stored !== undefined && !this.#writes.has(key)) {
          this.#cache.set(key, stored);
        }
        resolve(row && { stored });
      };
      if (this.#accepts(reject)) {
        if (!reads) {
          this.#reads.delete(key);
          this.#cache.delete(key);
          this.#writes.set(key, (this.#writes.get(key) ?? 0) + 1);
        }
        this.#queue.push({ kind, key, reads, bytes, ask: { many: question }, settle, reject });
      }
    });
    if (reads && this.#closed === undefined) this.#reads.set(key, asked);
    return asked;
  }

  /** A statement by itself, after all that was asked before. `changes`: every row that it returns was changed. */
  alone(sql: string, parameters: () => readonly unknown[], changes = false): Promise<readonly AnsweredRow[]> {
    return new Promise((resolve, reject) => {
      if (this.#accepts(reject)) {
        const ask = { sql, parameters, changes };
        this.#queue.push({ kind: undefined, key: '', reads: true, bytes: 0, ask, settle: resolve, reject });
      }
    });
  }

  /** What was asked before is done first. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#queue.idle();
    try {
      await this.#options.adapter.close();
    } catch (cause) {
      throw sqliteError(cause, this.#options.path);
    } finally {
      this.#options.watch.close();
      this.#cache.clear();
    }
  }

  #accepts(reject: (error: StoreError) => void): boolean {
    if (this.#closed !== undefined) {
      reject(new StoreError('unavailable', `The database ${this.#options.path} is closed.`));
    }
    return this.#closed === undefined;
  }

  #unchanged(): boolean {
    if (this.#isUnchanged !== undefined) return this.#isUnchanged;
    try {
      this.#isUnchanged = this.#options.watch.unchanged();
    } catch (cause) {
      throw sqliteError(cause, this.#options.path);
    }
    queueMicrotask(() => {
      this.#isUnchanged = undefined;
    });
    return this.#isUnchanged;
  }

  async #run(jobs: readonly Job[]): Promise<void> {
    try {
      const { rows, current } = await this.#query(jobs);
      const byKey = new Map(rows.map((row) => [row.key, row]));
      for (const job of jobs) {
        const own = byKey.get(job.key);
        this.#settle(job, 'sql' in job.ask ? rows : own === undefined ? [] : [own], current);
      }
    } catch (cause) {
      this.#cache.clear();
      for (const job of jobs) {
        this.#fail(job, cause);
      }
    }
  }

  async #query(jobs: readonly Job[]): Promise<{ rows: readonly AnsweredRow[]; current: boolean }> {
    for (const { key, reads } of jobs) if (reads) this.#reads.delete(key);
    const { sql, parameters } = statementFor(jobs, this.#options.now());
    const rows = parseAnswer(await this.#options.adapter.query(sql, ...parameters));
    const current = this.#options.watch.settle(commitsOf(jobs, rows));
    if (!current) {
      this.#cache.clear();
    }
    return { rows, current };
  }

  #settle(job: Job, rows: readonly AnsweredRow[], current: boolean): void {
    try {
      this.#forgetWrite(job);
      job.settle(rows, current);
    } catch (cause) {
      job.reject(sqliteError(cause, this.#options.path));
    }
  }

  #fail(job: Job, cause: unknown): void {
    this.#forgetWrite(job);
    job.reject(sqliteError(cause, this.#options.path));
  }

  #forgetWrite(job: Job): void {
    const count = job.reads ? undefined : this.#writes.get(job.key);
    if (count === 1) {
      this.#writes.delete(job.key);
    } else if (count !== undefined) {
      this.#writes.set(job.key, count - 1);
    }
  }
}

function statementFor(jobs: readonly Job[], now: number): { sql: string; parameters: readonly unknown[] } {
  const [first] = jobs;
  if (first === undefined) {
    throw new RangeError('A statement needs a job');
  }
  if ('sql' in first.ask) {
    return { sql: first.ask.sql, parameters: first.ask.parameters() };
  }
  const { kind } = first.ask.many;
  const rows = jobs.flatMap(({ ask }) => ('many' in ask ? [ask.many.row(now)] : []));
  const timed = kind === 'add' || kind === 'replace';
  return { sql: statements[kind], parameters: timed ? [JSON.stringify(rows), now] : [JSON.stringify(rows)] };
}

/** How many commits the statement made: none where it changed nothing, undefined where that cannot be told. */
function commitsOf(jobs: readonly Job[], rows: readonly AnsweredRow[]): 0 | 1 | undefined {
  const [first] = jobs;
  if (rows.length === 0 || first === undefined) {
    return 0;
  }
  if ('sql' in first.ask) {
    return first.ask.changes ? 1 : 0;
  }
  if (first.ask.many.kind === 'get') {
    return 0;
  }
  return jobs.every(({ ask }) => 'many' in ask && ask.many.changes) ? 1 : undefined;
}
