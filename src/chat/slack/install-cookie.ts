import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { serialize } from 'hono/utils/cookie';
import { randomWord } from './install-state.ts';

/**
 * Binds an install to the browser that began it. HttpOnly; SameSite=Lax, because Slack's page leads back to ours;
 * `__Host-` and Secure, but on a plain http public URL, which is on loopback (ASVS v5.0.0-3.3.1 to 3.3.4).
 */
export class InstallCookie {
  readonly #isSecure: boolean;
  readonly #maxAge: number;

  constructor(publicUrl: URL, ttlMs: number) {
    this.#isSecure = publicUrl.protocol === 'https:';
    this.#maxAge = Math.ceil(ttlMs / 1000);
  }

  /** What the browser holds; undefined where that is nothing of ours. */
  read(c: Context): string | undefined {
    const value = getCookie(c, this.#name);
    return value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value) ? value : undefined;
  }

  /** What the browser holds from now on, so that two tabs do not end one another's install; and its Set-Cookie. */
  given(c: Context): { readonly browser: string; readonly header: string } {
    const browser = this.read(c) ?? randomWord();
    const header = serialize(this.#name, browser, {
      httpOnly: true,
      sameSite: 'Lax',
      secure: this.#isSecure,
      path: '/',
      maxAge: this.#maxAge,
    });
    return { browser, header };
  }

  get #name(): string {
    return this.#isSecure ? '__Host-bolt-stackstorm-install' : 'bolt-stackstorm-install';
  }
}
