import type { Credential } from './credential.ts';
import { StackStormError } from './errors.ts';
import type { BotCredential, StackStorm } from './stackstorm.ts';
import { askWithTtl } from './token-ttl.ts';

export interface BotCredentialOptions {
  readonly stackstorm: Pick<StackStorm, 'createToken'>;
  /** What the config gives; a token or API key is used as it is, a password asks for tokens. */
  readonly source:
    | Credential
    | { readonly kind: 'password'; readonly username: string; readonly password: string };
  /** The lifetime to ask for, in seconds; a day by default, StackStorm's own maximum. */
  readonly ttlSeconds?: number;
  /** Told once, where StackStorm allows less. */
  readonly onTtlLowered?: (allowedSeconds: number) => void;
  /** Told of a renewal that failed while the token at hand is still good. */
  readonly onRenewalFailed?: (error: unknown) => void;
  /** Ms since the epoch. */
  readonly now?: () => number;
}

interface Held {
  readonly credential: Credential;
  /** Ms since the epoch by our own clock, counted from before we asked: StackStorm's clock may differ. */
  readonly expiresAt: number;
  readonly renewAt: number;
}

/** A wrong password is not tried again for so long (ms): directories lock accounts. */
const wrongPasswordHoldMs = 15_000;
/** After a renewal ahead of time failed, ms until the next. */
const renewalHoldMs = 30_000;

/**
 * The bot's own credential. With a password: a token, renewed ahead of its end (at a tenth of its life or five minutes
 * before, whichever is later) while calls go on with the old one, and on a 401, by one request however many wait.
 */
export function createBotCredential(options: BotCredentialOptions): BotCredential {
  const { source } = options;
  if (source.kind !== 'password') {
    return { get: async () => source, use: (call) => call(source) };
  }
  const { username, password } = source;
  const now = options.now ?? Date.now;
  let held: Held | undefined;
  let asking: Promise<Credential> | undefined;
  let wrong: { readonly error: StackStormError; readonly until: number } | undefined;
  let noRenewalBefore = Number.NEGATIVE_INFINITY;
  let told = false;

  async function ask(): Promise<Credential> {
    if (wrong !== undefined && now() < wrong.until) throw wrong.error;
    const askedAt = now();
    try {
      const granted = await askWithTtl(
        (ttl) => options.stackstorm.createToken(username, password, ttl),
        options.ttlSeconds ?? 86_400,
      );
      const lifeMs = granted.ttlSeconds * 1000;
      const expiresAt = askedAt + lifeMs;
      held = {
        credential: { kind: 'token', token: granted.token.token },
        expiresAt,
        renewAt: expiresAt - Math.min(lifeMs / 10, 300_000),
      };
      wrong = undefined;
      if (granted.lowered && !told) {
        told = true;
        options.onTtlLowered?.(granted.ttlSeconds);
      }
      return held.credential;
    } catch (error) {
      if (error instanceof StackStormError && error.code === 'unauthorized') {
        wrong = { error, until: now() + wrongPasswordHoldMs };
      }
      throw error;
    }
  }

  /** One request for all who wait. */
  function renew(): Promise<Credential> {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  async function get(): Promise<Credential> {
    const current = held;
    if (current === undefined || now() >= current.expiresAt) return renew();
    if (now() >= current.renewAt && now() >= noRenewalBefore && asking === undefined) {
      renew().catch((error: unknown) => {
        noRenewalBefore = now() + renewalHoldMs;
        options.onRenewalFailed?.(error);
      });
    }
    return current.credential;
  }

  return {
    get,
    async use(call) {
      const used = await get();
      try {
        return await call(used);
      } catch (error) {
        if (!(error instanceof StackStormError) || error.code !== 'unauthorized') throw error;
        // Somebody who got the same 401 may have renewed it already.
        const other = held !== undefined && held.credential !== used ? held.credential : undefined;
        return call(other ?? (await renew()));
      }
    },
  };
}
