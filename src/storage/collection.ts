import type { Encryption } from './encryption.ts';
import type { Store } from './store.ts';

/**
 * Rows of one kind in the Store, each encrypted as a whole and bound to its kind and full key (S2). A row that was
 * read can be replaced only if nobody changed it meanwhile: `raw` is what the Store compares.
 */
export interface Row<T> {
  readonly id: string;
  readonly value: T;
  /** The stored text; opaque, for {@link Collection.replace}. */
  readonly raw: string;
}

/** Turns what was stored back into the type, or throws: rows are parsed, not trusted. A zod schema has this shape. */
export interface Parser<T> {
  parse(value: unknown): T;
}

/** How long an opened value is kept in memory, and how many. */
const openedForMs = 1_000;
const openedLimit = 1_000;

export class Collection<T> {
  readonly #store: Store;
  readonly #encryption: Encryption;
  readonly #kind: string;
  readonly #parser: Parser<T>;
  readonly #opened: Map<string, Row<T>> | undefined;
  #forgetting: NodeJS.Timeout | undefined;

  /**
   * Rows stand under `<kind>:<id>`. With `reopens: false`, a row that `get` read is not decrypted again for a second
   * while the Store answers the same text: for rows that are read again and again in a burst. Its value is then given to
   * several callers, who may not change it.
   */
  constructor(
    store: Store,
    encryption: Encryption,
    kind: string,
    parser: Parser<T>,
    options: { reopens?: boolean } = {},
  ) {
    this.#store = store;
    this.#encryption = encryption;
    this.#kind = kind;
    this.#parser = parser;
    if (options.reopens === false) this.#opened = new Map();
  }

  async get(id: string): Promise<Row<T> | undefined> {
    const raw = await this.#store.get(this.#key(id));
    if (raw === undefined) return undefined;
    const opened = this.#opened?.get(id);
    if (opened?.raw === raw) return opened;
    const row = this.#row(id, raw);
    this.#remember(row);
    return row;
  }

  /** The new row, or undefined where one stands already. */
  async add(id: string, value: T, ttlMs?: number): Promise<Row<T> | undefined> {
    const raw = this.#seal(id, value);
    return (await this.#store.add(this.#key(id), raw, ttlMs)) ? { id, value, raw } : undefined;
  }

  /** The new row, or undefined where `row` is no longer what stands there. */
  async replace(row: Row<T>, value: T, ttlMs?: number): Promise<Row<T> | undefined> {
    const raw = this.#seal(row.id, value);
    const won = await this.#store.replace(this.#key(row.id), row.raw, raw, ttlMs);
    return won ? { id: row.id, value, raw } : undefined;
  }

  async set(id: string, value: T, ttlMs?: number): Promise<void> {
    await this.#store.set(this.#key(id), this.#seal(id, value), ttlMs);
  }

  async take(id: string): Promise<T | undefined> {
    const raw = await this.#store.take(this.#key(id));
    return raw === undefined ? undefined : this.#row(id, raw).value;
  }

  async delete(id: string): Promise<void> {
    await this.#store.delete(this.#key(id));
  }

  /** Every row whose id starts with `idPrefix`. Throws EncryptionError at the first row that does not decrypt. */
  async *scan(idPrefix = ''): AsyncIterable<Row<T>> {
    const start = this.#key('');
    for await (const { key, value } of this.#store.scan(this.#key(idPrefix))) {
      yield this.#row(key.slice(start.length), value);
    }
  }

  /** The id of every row whose id starts with `idPrefix`; nothing is decrypted. */
  async *ids(idPrefix = ''): AsyncIterable<string> {
    const start = this.#key('');
    for await (const { key } of this.#store.scan(this.#key(idPrefix))) yield key.slice(start.length);
  }

  /** Not for longer, because it may be a credential. */
  #remember(row: Row<T>): void {
    if (this.#opened === undefined) return;
    if (this.#opened.size >= openedLimit) this.#opened.clear();
    this.#opened.set(row.id, row);
    this.#forgetting ??= setTimeout(() => {
      this.#forgetting = undefined;
      this.#opened?.clear();
    }, openedForMs).unref();
  }

  #key(id: string): string {
    return `${this.#kind}:${id}`;
  }

  #seal(id: string, value: T): string {
    return this.#encryption.seal(this.#key(id), JSON.stringify(value));
  }

  #row(id: string, raw: string): Row<T> {
    const opened: unknown = JSON.parse(this.#encryption.open(this.#key(id), raw));
    return { id, value: this.#parser.parse(opened), raw };
  }
}
