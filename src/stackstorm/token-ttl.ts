import { StackStormError } from './errors.ts';
import type { Token } from './wire.ts';

/** A token, and the lifetime that it was given. */
export interface GrantedToken {
  readonly token: Token;
  readonly ttlSeconds: number;
  /** True where StackStorm allows less than was asked: worth one warning. */
  readonly lowered: boolean;
}

/** st2common/services/access.py; refused, never clamped (FACTS.md, Auth service). */
const tooLong = /^TTL specified \d+ is greater than max allowed (\d+)\b/;

/**
 * Asks for a token that lives `ttlSeconds` (whole seconds, at least 1), and where StackStorm says that its maximum is
 * lower, once more with that maximum. Throws what `ask` throws.
 */
export async function askWithTtl(
  ask: (ttlSeconds: number) => Promise<Token>,
  ttlSeconds: number,
): Promise<GrantedToken> {
  const wanted = Math.max(1, Math.floor(ttlSeconds));
  try {
    return { token: await ask(wanted), ttlSeconds: wanted, lowered: false };
  } catch (error) {
    const allowed = maximumOf(error);
    if (allowed === undefined || allowed < 1 || allowed >= wanted) throw error;
    return { token: await ask(allowed), ttlSeconds: allowed, lowered: true };
  }
}

function maximumOf(error: unknown): number | undefined {
  if (!(error instanceof StackStormError) || error.code !== 'rejected') return undefined;
  const digits = tooLong.exec(error.faultstring ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
