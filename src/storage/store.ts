/**
 * The Store port: where everything lives that must outlast a message. Keys are 1 to 512 printable ASCII characters,
 * values are strings; TTLs are finite milliseconds, at least 1 (anything else is a RangeError, less is 1); an expired row
 * is as good as none. Every method throws {@link StoreError} when the store
 * cannot do it: a caller never mistakes a fault for "not there" (security.md T4, checklist 27).
 * @module
 */

export type StoreErrorCode = 'unavailable' | 'read-only' | 'full' | 'damaged';

/** The store could not do what was asked; nothing was changed unless `code` is `unavailable` (then it is not known). */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}

export interface Store {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, ttlMs?: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Gets and deletes in one statement: of any number of concurrent callers, one gets the value (S3). */
  take(key: string): Promise<string | undefined>;
  /** Sets only if the key is absent or expired, in one statement: of any number of concurrent callers, one gets true (S3). */
  add(key: string, value: string, ttlMs?: number): Promise<boolean>;
  /** Compare and set in one statement: true if the value was `expected` and is now `value` (S3). */
  replace(key: string, expected: string, value: string, ttlMs?: number): Promise<boolean>;
  /** The same, and the row ends when it would have. For the same content in other words, such as another key's. */
  rewrite(key: string, expected: string, value: string): Promise<boolean>;
  /** Every live row whose key starts with `prefix`, by key; read in pages, so rows that change meanwhile may be seen or not. */
  scan(prefix: string): AsyncIterable<{ readonly key: string; readonly value: string }>;
  /** Resolves when the store answers, else throws {@link StoreError}. For readiness. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
