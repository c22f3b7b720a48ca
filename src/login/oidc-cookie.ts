import { z } from 'zod';
import { userSchema } from '../sessions/session.ts';
import type { Encryption } from '../storage/encryption.ts';
import { SealedCookie } from './sealed-cookie.ts';

const trip = z.object({
  state: z.string(),
  nonce: z.string(),
  /** Of PKCE. */
  verifier: z.string(),
  login: z.object({ user: userSchema, session: z.string() }),
});

/** What a browser took along when it went to sign in. */
export type SignInTrip = z.infer<typeof trip>;

/** A trip may take this long, in ms. */
export const tripMs = 10 * 60_000;

/**
 * Binds a sign-in to the browser, and to the login, that began it. Lax, because the platform's page leads back to ours,
 * and for that alone: it opens nothing else.
 */
export type OidcCookie = SealedCookie<typeof trip>;

export function createOidcCookie(encryption: Encryption, publicUrl: URL): OidcCookie {
  return new SealedCookie(encryption, publicUrl, {
    name: 'oidc',
    rowKey: 'oidc-cookie',
    schema: trip,
    sameSite: 'Lax',
  });
}
