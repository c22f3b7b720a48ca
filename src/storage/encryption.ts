/**
 * `unknown-key`: sealed with a key that is not configured. `damaged`: not what was sealed for this row (changed, cut,
 * or copied from another one). `invalid-key`: a configured key that is none.
 */
export type EncryptionErrorCode = 'unknown-key' | 'damaged' | 'invalid-key';

/** Names neither the key, nor the row's id, nor what the row holds. */
export class EncryptionError extends Error {
  readonly code: EncryptionErrorCode;

  constructor(code: EncryptionErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'EncryptionError';
    this.code = code;
  }
}

/**
 * Encryption at rest (S2). `seal` binds the text to `key` (the row's kind and full key): copied to another row it does
 * not open. Keys rotate: the first seals, all open.
 */
export interface Encryption {
  seal(key: string, plaintext: string): string;
  /** Throws EncryptionError: `unknown-key` (sealed with a key that is not configured) or `damaged`. */
  open(key: string, sealed: string): string;
}
