import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { randomPool } from '../ops/random-pool.ts';
import { type Encryption, EncryptionError } from './encryption.ts';

const version = 'v1';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const lengths = { authTagLength: tagBytes };
const nextNonce = randomPool(nonceBytes);

interface SealingKey {
  readonly id: string;
  readonly secret: KeyObject;
}

/**
 * AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D 8.2.2; ASVS v5.0.0-11.3.2 to 11.3.4). What is stored is
 * `v1.<key id>.<base64url of nonce, ciphertext, tag>`; everything before the last dot and the row's key are
 * authenticated with it (S2).
 *
 * @param keys 32 bytes each. The first seals, all open: to rotate, put the new one in front and keep the old ones
 *   until nothing is sealed with them.
 * @throws EncryptionError `invalid-key` where there is no key or one is not 32 bytes.
 */
export function createEncryption(keys: readonly Uint8Array[]): Encryption {
  const known = keys.map(sealingKey);
  const [first] = known;
  if (first === undefined) {
    throw new EncryptionError(
      'invalid-key',
      'No encryption key is configured. Make one: bolt-stackstorm keygen',
    );
  }
  const byId = new Map(known.map((key) => [key.id, key]));
  return {
    seal: (key, plaintext) => seal(first, key, plaintext),
    open: (key, sealed) => open(byId, key, sealed),
  };
}

/**
 * The same for keys as `keygen` prints them. Their bytes stand in no memory of JavaScript's afterwards.
 * @throws EncryptionError `invalid-key`
 */
export function readEncryption(texts: readonly string[]): Encryption {
  const keys = texts.map(parseKey);
  try {
    return createEncryption(keys);
  } finally {
    for (const key of keys) key.fill(0);
  }
}

/** A new key, as {@link parseKey} reads it. */
export function generateKey(): string {
  return randomBytes(keyBytes).toString('base64url');
}

/**
 * The 32 bytes of a key as `keygen` prints it: 43 characters of base64url (RFC 4648 section 5), no padding.
 * @throws EncryptionError `invalid-key`; its message says what was found but never repeats it.
 */
export function parseKey(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== keyBytes || bytes.toString('base64url') !== text) {
    throw new EncryptionError(
      'invalid-key',
      `An encryption key is 43 characters of base64url (32 bytes); found ${text.length} characters that are none. Make one: bolt-stackstorm keygen`,
    );
  }
  return bytes;
}

/** The name of a key, as it stands in what it sealed: part of a hash, which says nothing of the key. */
export function keyId(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest().subarray(0, 6).toString('base64url');
}

/** The name of the key that sealed a text; undefined where the text is not sealed. */
export function sealedBy(text: string): string | undefined {
  const [found, id] = text.split('.', 2);
  return found === version ? (id ?? '') : undefined;
}

function sealingKey(bytes: Uint8Array): SealingKey {
  if (bytes.length !== keyBytes) {
    throw new EncryptionError(
      'invalid-key',
      `An encryption key is ${keyBytes} bytes; found ${bytes.length}. Make one: bolt-stackstorm keygen`,
    );
  }
  return { id: keyId(bytes), secret: createSecretKey(bytes) };
}

function seal(sealing: SealingKey, key: string, plaintext: string): string {
  const header = `${version}.${sealing.id}.`;
  const nonce = nextNonce();
  const cipher = createCipheriv('aes-256-gcm', sealing.secret, nonce, lengths);
  cipher.setAAD(Buffer.from(header + key));
  const parts = [nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return header + Buffer.concat(parts).toString('base64url');
}

function open(known: ReadonlyMap<string, SealingKey>, key: string, sealed: string): string {
  const [found, id, body, ...rest] = sealed.split('.');
  if (found !== version || id === undefined || body === undefined || rest.length > 0) {
    throw damaged(key);
  }
  const opening = known.get(id);
  if (opening === undefined) {
    throw new EncryptionError(
      'unknown-key',
      `A ${kindOf(key)} row was encrypted with the key ${/^[\w-]{8}$/.test(id) ? id : '(damaged id)'}, which is not configured. Put that key back behind the first one in encryption.keys, or use the storage that belongs to these keys.`,
    );
  }
  const bytes = Buffer.from(body, 'base64url');
  if (bytes.length < nonceBytes + tagBytes) {
    throw damaged(key);
  }
  const decipher = createDecipheriv('aes-256-gcm', opening.secret, bytes.subarray(0, nonceBytes), lengths);
  decipher.setAAD(Buffer.from(`${version}.${id}.${key}`));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
  } catch (cause) {
    throw damaged(key, cause);
  }
}

function damaged(key: string, cause?: unknown): EncryptionError {
  return new EncryptionError(
    'damaged',
    `A ${kindOf(key)} row does not decrypt: it was changed, or belongs to another row.`,
    { cause },
  );
}

/** The part of a row's key that may be shown: what follows it can name a person or hold a link's hash. */
function kindOf(key: string): string {
  return key.split(':', 1)[0] ?? '';
}
