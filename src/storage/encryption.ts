/**
 * Encryption at rest (S2). `seal` binds the text to `key` (the row's kind and full key): copied to another row it does
 * not open. Keys rotate: the first seals, all open.
 */
export interface Encryption {
  seal(key: string, plaintext: string): string;
  /** Throws EncryptionError: `unknown-key` (sealed with a key that is not configured) or `damaged`. */
  open(key: string, sealed: string): string;
}
