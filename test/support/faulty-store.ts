import { type Store, StoreError, type StoreErrorCode } from '../../src/storage/store.ts';

/** A Store in front of another one, that fails from `breakWith` to `mend` as a storage does that has that fault. */
export class FaultyStore implements Store {
  readonly #store: Store;
  #code: StoreErrorCode | undefined;
  readonly #waiting = new Map<string, () => void>();

  constructor(store: Store) {
    this.#store = store;
  }

  breakWith(code: StoreErrorCode): void {
    this.#code = code;
  }

  mend(): void {
    this.#code = undefined;
  }

  /** Resolves when a write to a key that starts so has failed. */
  refused(prefix: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(prefix, resolve));
  }

  async get(key: string): Promise<string | undefined> {
    this.#read();
    return this.#store.get(key);
  }

  async set(key: string, value: string, ttlMs?: number): Promise<void> {
    this.#write(key);
    await this.#store.set(key, value, ttlMs);
  }

  async delete(key: string): Promise<void> {
    this.#write(key);
    await this.#store.delete(key);
  }

  async take(key: string): Promise<string | undefined> {
    this.#write(key);
    return this.#store.take(key);
  }

  async add(key: string, value: string, ttlMs?: number): Promise<boolean> {
    this.#write(key);
    return this.#store.add(key, value, ttlMs);
  }

  async replace(key: string, expected: string, value: string, ttlMs?: number): Promise<boolean> {
    this.#write(key);
    return this.#store.replace(key, expected, value, ttlMs);
  }

  async rewrite(key: string, expected: string, value: string): Promise<boolean> {
    this.#write(key);
    return this.#store.rewrite(key, expected, value);
  }

  scan(prefix: string): AsyncIterable<{ readonly key: string; readonly value: string }> {
    this.#read();
    return this.#store.scan(prefix);
  }

  async ping(): Promise<void> {
    this.#read();
    await this.#store.ping();
  }

  async close(): Promise<void> {
    await this.#store.close();
  }

  /** A storage that is full, or read-only, can still be read. */
  #read(): void {
    if (this.#code === 'damaged' || this.#code === 'unavailable') this.#fail(this.#code);
  }

  #write(key: string): void {
    if (this.#code === undefined) return;
    for (const [prefix, told] of this.#waiting) if (key.startsWith(prefix)) told();
    this.#fail(this.#code);
  }

  #fail(code: StoreErrorCode): never {
    throw new StoreError(code, `The storage is ${code}, by order of the test.`);
  }
}
