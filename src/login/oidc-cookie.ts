import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { serialize } from 'hono/utils/cookie';
import { z } from 'zod';
import { userSchema } from '../sessions/session.ts';
import { type Encryption, EncryptionError } from '../storage/encryption.ts';

const rowKey = 'oidc-cookie';

const cookieValue = z.object({
  state: z.string(),
  nonce: z.string(),
  /** Of PKCE. */
  verifier: z.string(),
  login: z.object({ user: userSchema, session: z.string() }),
});

/** What a browser took along when it went to sign in. */
export type SignInTrip = z.infer<typeof cookieValue>;

/** A trip may take this long, in ms. */
export const tripMs = 10 * 60_000;

/**
 * Binds a sign-in to the browser, and to the login, that began it. Lax, because the platform's page leads back to ours,
 * and for that alone: it opens nothing else. Sealed, HttpOnly; `__Host-` and Secure, but on a plain http public URL, which
 * is on loopback (ASVS v5.0.0-3.3.1 to 3.3.4).
 */
export class OidcCookie {
  readonly #encryption: Encryption;
  readonly #isSecure: boolean;

  constructor(encryption: Encryption, publicUrl: URL) {
    this.#encryption = encryption;
    this.#isSecure = publicUrl.protocol === 'https:';
  }

  given(trip: SignInTrip): string {
    return this.#header(this.#encryption.seal(rowKey, JSON.stringify(trip)), tripMs / 1000);
  }

  /** The Set-Cookie that ends it. */
  get ended(): string {
    return this.#header('', 0);
  }

  /** Undefined where the browser has none of ours, whatever it sent. */
  read(c: Context): SignInTrip | undefined {
    const value = getCookie(c, this.#name);
    if (value === undefined) return undefined;
    try {
      return cookieValue.parse(JSON.parse(this.#encryption.open(rowKey, value)));
    } catch (error) {
      if (error instanceof EncryptionError) return undefined;
      throw error;
    }
  }

  get #name(): string {
    return this.#isSecure ? '__Host-oidc' : 'oidc';
  }

  #header(value: string, maxAge: number): string {
    const secure = this.#isSecure;
    return serialize(this.#name, value, { httpOnly: true, sameSite: 'Lax', secure, path: '/', maxAge });
  }
}
