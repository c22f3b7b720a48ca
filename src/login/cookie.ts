import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { serialize } from 'hono/utils/cookie';
import { z } from 'zod';
import type { LoginRef } from '../sessions/open.ts';
import { userSchema } from '../sessions/session.ts';
import { type Encryption, EncryptionError } from '../storage/encryption.ts';

const rowKey = 'login-cookie';
const cookieValue = z.object({
  user: userSchema,
  session: z.string(),
  code: z.string().exactOptional(),
});

/** The login that a browser holds. */
export interface HeldByBrowser extends LoginRef {
  /** The code that its page shows, once it has given good credentials. The bot keeps only a hash of it. */
  readonly code?: string;
}

/**
 * The browser's hold on a login. It is sealed with the bot's own key, so a cookie that opens is one that we gave, to the
 * one browser that opened the link. HttpOnly, SameSite=Strict; `__Host-` and Secure, but on a plain http public URL,
 * which is on loopback (ASVS v5.0.0-3.3.1 to 3.3.4).
 */
export class LoginCookie {
  readonly #encryption: Encryption;
  readonly #isSecure: boolean;

  constructor(encryption: Encryption, publicUrl: URL) {
    this.#encryption = encryption;
    this.#isSecure = publicUrl.protocol === 'https:';
  }

  /** The Set-Cookie that makes a browser the holder of a login, for `lifeMs`. */
  given({ user, session, code }: HeldByBrowser, lifeMs: number): string {
    const value = this.#encryption.seal(rowKey, JSON.stringify({ user, session, code }));
    return this.#header(value, Math.max(Math.floor(lifeMs / 1000), 0));
  }

  /** The Set-Cookie that ends that. */
  get ended(): string {
    return this.#header('', 0);
  }

  /** The login that the browser holds; undefined where it has none of ours, whatever it sent. */
  read(c: Context): HeldByBrowser | undefined {
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
    return this.#isSecure ? '__Host-bolt-stackstorm-login' : 'bolt-stackstorm-login';
  }

  #header(value: string, maxAge: number): string {
    const secure = this.#isSecure;
    return serialize(this.#name, value, { httpOnly: true, sameSite: 'Strict', secure, path: '/', maxAge });
  }
}
