import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { userSchema } from './session.ts';

/**
 * A link is `<uuid>.<key>`: the UUID v4 names the session, the key (32 random bytes, base64url) authenticates (ASVS
 * v5.0.0-11.5.1). Only the key's SHA-256 is stored: enough for 256 random bits (ASVS v5.0.0-6.5.2).
 * @module
 */

const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The UUID v4 of a session, in lower case as we make it. */
export const sessionId = z.string().regex(uuidV4);

const linkText = z
  .string()
  .regex(/^[0-9a-f-]{36}\.[A-Za-z0-9_-]{43}$/)
  .transform((text) => ({ session: text.slice(0, 36), key: text.slice(37) }))
  .pipe(z.object({ session: sessionId, key: z.string() }));

/** What is stored of a link that works, for as long as it and its tombstone live. */
export const linkRow = z.object({
  user: userSchema,
  /** When it was made, and until when it opens; ms since the epoch. */
  issuedAt: z.number(),
  expiresAt: z.number(),
  used: z.boolean(),
});
export type LinkRow = z.infer<typeof linkRow>;

/** A link as it is named in the Store: `<uuid>:<sha256 of the key>`. A wrong key names another row, which is not there. */
export interface LinkName {
  readonly session: string;
  readonly rowId: string;
}

/** Makes a link; `text` is what the person's browser gets, and nobody else. */
export function newLink(): LinkName & { readonly text: string } {
  const session = randomUUID();
  const key = randomBytes(32).toString('base64url');
  return { ...name(session, key), text: `${session}.${key}` };
}

/** The link that a browser sent, or undefined where it cannot be one of ours. */
export function parseLink(text: string): LinkName | undefined {
  const parsed = linkText.safeParse(text);
  return parsed.success ? name(parsed.data.session, parsed.data.key) : undefined;
}

function name(session: string, key: string): LinkName {
  const hash = createHash('sha256').update(key).digest('base64url');
  return { session, rowId: `${session}:${hash}` };
}
