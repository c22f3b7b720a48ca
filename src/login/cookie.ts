import { z } from 'zod';
import { userSchema } from '../sessions/session.ts';
import type { Encryption } from '../storage/encryption.ts';
import { SealedCookie } from './sealed-cookie.ts';

/** The login that a browser holds. */
const held = z.object({
  user: userSchema,
  session: z.string(),
  /** The code that its page shows, once it has given good credentials. The bot keeps only a hash of it. */
  code: z.string().exactOptional(),
});

/** A browser's hold on a login: of the one browser that opened the link, and never sent along from another site. */
export type LoginCookie = SealedCookie<typeof held>;

export function createLoginCookie(encryption: Encryption, publicUrl: URL): LoginCookie {
  return new SealedCookie(encryption, publicUrl, {
    name: 'bolt-stackstorm-login',
    rowKey: 'login-cookie',
    schema: held,
    sameSite: 'Strict',
  });
}
