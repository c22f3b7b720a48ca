import { KeyvSqlite } from '@keyv/sqlite';
import { beginningOf, documentOf, parseDocument, type StoredRow } from './row-document.ts';
import { type Hit, SqliteConnection } from './sqlite-connection.ts';
import { isBusy, sqliteError } from './sqlite-errors.ts';
import { fileIdentity, prepareFile } from './sqlite-file.ts';
import { answers, createIndex, firstPage, nextPage, sweepPage, table } from './sqlite-statements.ts';
import { type Store, StoreError } from './store.ts';
import { checkKey, lifetimeMs } from './store-input.ts';
import { claimWalIndex, privateDatabase, releaseWalIndex, watchWalIndex } from './wal-index.ts';

export interface SqliteOptions {
  /** An absolute path, or `:memory:`. */
  readonly path: string;
  /** Ms since the epoch; rows end by this clock. Default the machine's, which all processes on the file share. */
  readonly now?: () => number;
  /** How often expired rows are deleted, in ms; 0: never by itself. Default one minute. */
  readonly sweepEveryMs?: number;
  /** Told when a sweep by the timer fails. */
  readonly onSweepError?: (error: StoreError) => void;
  /** How long to wait for another process's lock, in ms. Default 5 s. */
  readonly busyTimeoutMs?: number;
  /**
   * What a write has outlived when its promise resolves. `process` (the default): the death of the process by any
   * signal; a power failure can lose the last writes (a link used just before could be used again within its life),
   * never the file. `power`: that too; each statement then waits for the disk.
   */
  readonly durability?: 'process' | 'power';
  /** Most pages, of 4,096 bytes, that the file may have; beyond it writes are `full`. Default: SQLite's own limit. */
  readonly maxPages?: number;
  /** Memory for rows that were read lately. Default 64 MiB: some 65,000 sessions, the others are read. */
  readonly cacheBytes?: number;
}

const defaultBusyTimeoutMs = 5_000;
const defaultCacheBytes = 64 * 1024 * 1024;
const defaultSweepEveryMs = 60_000;
const pageRows = 100;
const sweepRows = 500;
const afterAnyKey = '\u{10ffff}';

/**
 * Opens the file, makes it where there is none, and sweeps a page of it (which shows that it can be written).
 *
 * While it is open, no other code of this process may open and close the file, its -wal or its -shm by itself: POSIX
 * would drop SQLite's locks (https://www.sqlite.org/howtocorrupt.html, 2.2).
 * @throws StoreError
 */
export async function openSqlite(options: SqliteOptions): Promise<SqliteStore> {
  const { path, now = Date.now, busyTimeoutMs = defaultBusyTimeoutMs } = options;
  const onDisk = path !== ':memory:';
  if (onDisk) {
    prepareFile(path);
    claimWalIndex(path);
  }
  const adapter = new KeyvSqlite({ uri: `sqlite://${path}`, table, busyTimeout: busyTimeoutMs });
  // The adapter emits a fault of opening, and rejects the first query with it: it is handled there.
  adapter.on('error', () => undefined);
  try {
    if (onDisk) {
      await setWal(adapter, path, busyTimeoutMs);
    }
    await adapter.query(`PRAGMA synchronous = ${options.durability === 'power' ? 'FULL' : 'NORMAL'}`);
    if (options.maxPages !== undefined) {
      await adapter.query(`PRAGMA max_page_count = ${Math.max(1, Math.trunc(options.maxPages))}`);
    }
    await adapter.query(createIndex);
    await adapter.query(sweepPage, now(), sweepRows);
    const watch = onDisk ? watchWalIndex(path) : privateDatabase;
    const cacheBytes = options.cacheBytes ?? defaultCacheBytes;
    return new SqliteStore(new SqliteConnection({ adapter, watch, path, now, cacheBytes }), options);
  } catch (cause) {
    // Where opening failed, closing fails with the same error, which is thrown below.
    await adapter.close().catch(() => undefined);
    if (onDisk) {
      releaseWalIndex(path);
    }
    throw sqliteError(cause, path);
  }
}

/** SQLite does not wait by itself where WAL cannot be set because another process is opening the file too. */
async function setWal(adapter: KeyvSqlite, path: string, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      const answer: unknown = await adapter.query('PRAGMA journal_mode = WAL');
      if (!JSON.stringify(answer).includes('"wal"')) {
        throw new StoreError('unavailable', `The database ${path} cannot use WAL. Put it on a local disk.`);
      }
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** The Store on one SQLite file, which any number of processes of one machine share. */
export class SqliteStore implements Store {
  readonly #connection: SqliteConnection;
  readonly #now: () => number;
  readonly #path: string;
  readonly #identity: string | undefined;
  readonly #sweeper: NodeJS.Timeout | undefined;

  /** Use {@link openSqlite}. */
  constructor(connection: SqliteConnection, options: SqliteOptions) {
    this.#connection = connection;
    this.#now = options.now ?? Date.now;
    this.#path = options.path;
    this.#identity = fileIdentity(options.path);
    const every = options.sweepEveryMs ?? defaultSweepEveryMs;
    if (every > 0) {
      this.#sweeper = setInterval(() => {
        this.sweep().catch((error: unknown) => options.onSweepError?.(sqliteError(error, options.path)));
      }, every).unref();
    }
  }

  async get(key: string): Promise<string | undefined> {
    checkKey(key);
    const remembered = this.#connection.remembered(key);
    return this.#live(remembered ?? (await this.#read(key)));
  }

  async set(key: string, value: string, ttlMs?: number): Promise<void> {
    await this.#write('set', key, value, ttlMs);
  }

  async delete(key: string): Promise<void> {
    await this.#take(key);
  }

  async take(key: string): Promise<string | undefined> {
    return this.#live((await this.#take(key))?.stored);
  }

  async add(key: string, value: string, ttlMs?: number): Promise<boolean> {
    return (await this.#write('add', key, value, ttlMs)) !== undefined;
  }

  async replace(key: string, expected: string, value: string, ttlMs?: number): Promise<boolean> {
    return (await this.#write('replace', key, value, ttlMs, expected)) !== undefined;
  }

  async rewrite(key: string, expected: string, value: string): Promise<boolean> {
    checkKey(key);
    const stored = await this.#read(key);
    if (stored === undefined || this.#live(stored) !== expected) return false;
    const hit = await this.#connection.ask({
      kind: 'replace',
      key,
      row: () => [key, documentOf(value, stored.expires), beginningOf(expected)],
      bytes: key.length + value.length + expected.length,
      changes: expected !== value,
    });
    return hit !== undefined;
  }

  async *scan(prefix: string): AsyncIterable<{ readonly key: string; readonly value: string }> {
    const end = prefix + afterAnyKey;
    let page = await this.#connection.alone(firstPage, () => [prefix, end, pageRows]);
    while (page.length > 0) {
      for (const { key, document } of page) {
        const value = this.#live(document === undefined ? undefined : parseDocument(document));
        if (value !== undefined) {
          yield { key, value };
        }
      }
      const last = page.at(-1)?.key ?? end;
      page =
        page.length < pageRows ? [] : await this.#connection.alone(nextPage, () => [last, end, pageRows]);
    }
  }

  async ping(): Promise<void> {
    if (fileIdentity(this.#path) !== this.#identity) {
      throw new StoreError(
        'unavailable',
        `The database ${this.#path} was moved away or replaced while the bot had it open. Restart the bot.`,
      );
    }
    await this.#connection.alone(answers, () => []);
  }

  /** Deletes the expired rows, page by page, and answers how many they were. */
  async sweep(): Promise<number> {
    let swept = 0;
    for (;;) {
      const page = await this.#connection.alone(sweepPage, () => [this.#now(), sweepRows], true);
      swept += page.length;
      if (page.length < sweepRows) {
        return swept;
      }
    }
  }

  /** What was asked before is done first; what is asked afterwards is `unavailable`. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#connection.close();
  }

  async #read(key: string): Promise<StoredRow | undefined> {
    const question = { kind: 'get', key, row: () => key, bytes: key.length, changes: false } as const;
    return (await this.#connection.ask(question))?.stored;
  }

  #live(row: StoredRow | undefined): string | undefined {
    return row === undefined || (row.expires !== undefined && row.expires <= this.#now())
      ? undefined
      : row.value;
  }

  async #take(key: string): Promise<Hit | undefined> {
    checkKey(key);
    return this.#connection.ask({ kind: 'take', key, row: () => key, bytes: key.length, changes: true });
  }

  async #write(
    kind: 'set' | 'add' | 'replace',
    key: string,
    value: string,
    ttlMs: number | undefined,
    expected?: string,
  ): Promise<Hit | undefined> {
    checkKey(key);
    const lifetime = lifetimeMs(ttlMs);
    const beginning = expected === undefined ? [] : [beginningOf(expected)];
    return this.#connection.ask({
      kind,
      key,
      row: (now) => {
        return [key, documentOf(value, lifetime === undefined ? undefined : now + lifetime), ...beginning];
      },
      bytes: key.length + value.length + (expected?.length ?? 0),
      changes: expected !== value,
    });
  }
}
