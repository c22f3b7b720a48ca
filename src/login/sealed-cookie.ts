import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { serialize } from 'hono/utils/cookie';
import type { z } from 'zod';
import { type Encryption, EncryptionError } from '../storage/encryption.ts';

export interface SealedCookieOptions<T extends z.ZodType> {
  /** On https it has `__Host-` before it. */
  readonly name: string;
  /** What the value is sealed for: no other value of ours opens as one. */
  readonly rowKey: string;
  readonly schema: T;
  readonly sameSite: 'Strict' | 'Lax';
}

/**
 * What a browser keeps for us. It is sealed with the bot's own key, so a cookie that opens is one that we gave. HttpOnly;
 * `__Host-` and Secure, but on a plain http public URL, which is on loopback (ASVS v5.0.0-3.3.1 to 3.3.4).
 */
export class SealedCookie<T extends z.ZodType> {
  readonly #options: SealedCookieOptions<T>;
  readonly #encryption: Encryption;
  readonly #isSecure: boolean;

  constructor(encryption: Encryption, publicUrl: URL, options: SealedCookieOptions<T>) {
    this.#encryption = encryption;
    this.#isSecure = publicUrl.protocol === 'https:';
    this.#options = options;
  }

  /** The Set-Cookie that has a browser keep the value for `lifeMs`. */
  given(value: z.input<T>, lifeMs: number): string {
    const { rowKey, schema } = this.#options;
    // Parsed, so that nothing else of what was given goes along.
    const sealed = this.#encryption.seal(rowKey, JSON.stringify(schema.parse(value)));
    return this.#header(sealed, Math.max(Math.floor(lifeMs / 1000), 0));
  }

  /** The Set-Cookie that ends that. */
  get ended(): string {
    return this.#header('', 0);
  }

  /** What the browser keeps; undefined where it has none of ours, whatever it sent. */
  read(c: Context): z.output<T> | undefined {
    const value = getCookie(c, this.#name);
    if (value === undefined) return undefined;
    const { rowKey, schema } = this.#options;
    try {
      return schema.parse(JSON.parse(this.#encryption.open(rowKey, value)));
    } catch (error) {
      if (error instanceof EncryptionError) return undefined;
      throw error;
    }
  }

  get #name(): string {
    return this.#isSecure ? `__Host-${this.#options.name}` : this.#options.name;
  }

  #header(value: string, maxAge: number): string {
    const { sameSite } = this.#options;
    return serialize(this.#name, value, {
      httpOnly: true,
      sameSite,
      secure: this.#isSecure,
      path: '/',
      maxAge,
    });
  }
}
