import { createHash } from 'node:crypto';
import type { Store } from '../storage/store.ts';

/** How long an event that was delivered stays known; platforms redeliver within minutes, never after a day. */
const claimTtlMs = 24 * 60 * 60 * 1000;

/** One event of a platform is acted on once, however often and wherever it is delivered (R2). */
export interface Claims {
  /** True for exactly one caller per event over all instances. Throws StoreError. */
  claim(eventId: string, correlationId: string): Promise<boolean>;
  /** The correlation id that holds the event's claim, if one does. */
  holder(eventId: string): Promise<string | undefined>;
}

export function createClaims(store: Store): Claims {
  return {
    claim: (eventId, correlationId) => store.add(claimKey(eventId), correlationId, claimTtlMs),
    holder: (eventId) => store.get(claimKey(eventId)),
  };
}

/** Platforms choose their event ids; the Store's keys are short ASCII. */
function claimKey(eventId: string): string {
  const plain = /^[A-Za-z0-9:._-]{1,120}$/.test(eventId);
  return `claim:${plain ? eventId : `sha256:${createHash('sha256').update(eventId).digest('base64url')}`}`;
}
