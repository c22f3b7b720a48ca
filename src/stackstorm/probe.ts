import { randomBytes } from 'node:crypto';
import { StackStormError } from './errors.ts';
import type { CallOptions, StackStorm } from './stackstorm.ts';

/** The user name of S9's probe, so that StackStorm's operators can tell it in their logs. */
const probeUser = 'bolt-stackstorm-probe';

export type ProbeResult =
  /** StackStorm refuses a wrong password, as it should. */
  | { readonly kind: 'ok' }
  /** It gave a token to a user that nobody made, for a random password: st2auth in proxy mode, reached past its proxy. */
  | { readonly kind: 'open-door' }
  /** It could not be told: password logins must wait until it can. */
  | { readonly kind: 'unknown'; readonly error: StackStormError };

/**
 * Asks StackStorm's auth for a token with a random password (S9). A token that comes is dropped; it lives a second.
 */
export async function probeAuth(
  stackstorm: Pick<StackStorm, 'createToken'>,
  options?: CallOptions,
): Promise<ProbeResult> {
  try {
    await stackstorm.createToken(probeUser, randomBytes(24).toString('base64url'), 1, options);
    return { kind: 'open-door' };
  } catch (error) {
    if (!(error instanceof StackStormError)) throw error;
    if (error.code === 'unauthorized') return { kind: 'ok' };
    // A 2xx that is not the contract's may still be a token in other clothes: never read it as a refusal.
    return { kind: 'unknown', error };
  }
}
