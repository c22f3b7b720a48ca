import { z } from 'zod';
import type { ProvenCredential } from '../sessions/attempt.ts';
import type { Credential } from '../stackstorm/credential.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import type { StackStorm } from '../stackstorm/stackstorm.ts';
import { askWithTtl } from '../stackstorm/token-ttl.ts';

/** The ways to log in; `auth.methods` says which are on. */
export type LoginMethod = 'password' | 'token' | 'apiKey';

/** What goes into a header: visible ASCII. What a paste brought along at its ends is not meant. */
const headerValue = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]{1,2048}$/);

/**
 * What a person types to prove who they are at StackStorm. A user name with a `:` cannot be sent by Basic (RFC 7617
 * section 2); the password is passed on unaltered (ASVS v5.0.0-6.2.8).
 */
export const typedCredentials = z.discriminatedUnion('method', [
  z.object({
    method: z.literal('password'),
    username: z
      .string()
      .max(256)
      .regex(/^[^:\p{Cc}]+$/u),
    password: z.string().min(1).max(1024),
  }),
  z.object({ method: z.literal('token'), token: headerValue }),
  z.object({ method: z.literal('apiKey'), apiKey: headerValue }),
]);
export type TypedCredentials = z.infer<typeof typedCredentials>;

export interface ProofOptions {
  /** Ms that is asked of StackStorm for a new token. */
  readonly tokenTtl: number;
  /** StackStorm allows less than `tokenTtl`. */
  readonly onLowered: (ttlSeconds: number) => void;
  readonly now: () => number;
}

/**
 * Asks StackStorm what the credentials are worth, and who they are (S10). The password ends here: what goes on is the
 * token. Throws StackStormError; `unauthorized` means that StackStorm refused what was typed.
 */
export async function prove(
  stackstorm: Pick<StackStorm, 'createToken' | 'user'>,
  typed: TypedCredentials,
  options: ProofOptions,
): Promise<ProvenCredential> {
  if (typed.method === 'apiKey') {
    return identify(stackstorm, { kind: 'apiKey', apiKey: typed.apiKey }, undefined, options.now());
  }
  if (typed.method === 'token') {
    return identify(stackstorm, { kind: 'token', token: typed.token }, undefined, options.now());
  }
  const granted = await askWithTtl(
    (ttlSeconds) => stackstorm.createToken(typed.username, typed.password, ttlSeconds),
    options.tokenTtl / 1000,
  );
  if (granted.lowered) options.onLowered(granted.ttlSeconds);
  const { token, expiry } = granted.token;
  try {
    return await identify(stackstorm, { kind: 'token', token }, expiry, options.now());
  } catch (error) {
    // StackStorm does not take the token that it has just made: not the person's mistake.
    if (error instanceof StackStormError && error.code === 'unauthorized') {
      throw new StackStormError('unexpected-answer', error.call, {
        status: error.status,
        requestId: error.requestId,
      });
    }
    throw error;
  }
}

async function identify(
  stackstorm: Pick<StackStorm, 'user'>,
  credential: Credential,
  expiry: string | undefined,
  now: number,
): Promise<ProvenCredential> {
  const user = await stackstorm.user(credential);
  const proven = { credential, stackstormUser: user.username };
  const times = [expiry, user.authentication.token_expire].flatMap((time) =>
    time === undefined || time === null ? [] : [Date.parse(time)],
  );
  if (times.length === 0) return proven;
  const expiresAt = Math.min(...times);
  // NaN is no time either; a token that ends before now, which StackStorm takes, means that the clocks differ.
  if (!(expiresAt > now)) throw new StackStormError('unexpected-answer', 'user');
  return { ...proven, expiresAt };
}
