import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** The scrypt hash of a secret, with all that is needed to check a guess. `salt` and `hash` are base64url. */
export const secretHash = z.object({
  salt: z.string(),
  hash: z.string(),
  N: z.int(),
  r: z.int(),
  p: z.int(),
});
export type SecretHash = z.infer<typeof secretHash>;

/**
 * 16 MiB and some 40 ms a check. A secret lives ten minutes, and guesses are counted before they come here
 * (`auth.maxAttempts`), so a higher cost would buy nothing but a way to keep the server busy.
 */
const cost = { N: 2 ** 14, r: 8, p: 1 };
const hashBytes = 32;

/** Hashes a secret exactly as typed: nothing is trimmed, folded or normalised. `N` is scrypt's cost. */
export async function hashSecret(secret: string, N: number = cost.N): Promise<SecretHash> {
  const salt = randomBytes(16);
  const hash = await derive(secret, salt, { ...cost, N });
  return { ...cost, N, salt: salt.toString('base64url'), hash: hash.toString('base64url') };
}

/** Whether `guess` is the secret; takes the same time for every wrong guess. */
export async function checkSecret(guess: string, stored: SecretHash): Promise<boolean> {
  const expected = Buffer.from(stored.hash, 'base64url');
  const actual = await derive(guess, Buffer.from(stored.salt, 'base64url'), stored);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/**
 * On libuv's threads: four at a time, the event loop goes on. Of the secret's SHA-256, because HMAC, and so scrypt, takes
 * `plum` and `plum` with a NUL behind it for one (RFC 2104 section 2).
 */
function derive(secret: string, salt: Uint8Array, { N, r, p }: typeof cost): Promise<Buffer> {
  const digest = createHash('sha256').update(secret).digest();
  return new Promise((resolve, reject) => {
    scrypt(digest, salt, hashBytes, { N, r, p }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
