import { z } from 'zod';
import type { ChatUser } from '../chat/chat.ts';
import { secretHash } from './secret.ts';

/**
 * A chat user's session is one row, so that each of its moves (asked → opened → live → ended) is one compare and set,
 * and nothing about a person can be half changed. A live session and the login that is to follow it stand side by side
 * in it: the old one lives until the new one succeeds.
 * @module
 */

export const userSchema = z.object({ platform: z.string(), workspace: z.string(), id: z.string() });

const credentialSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('token'), token: z.string() }),
  z.object({ kind: z.literal('apiKey'), apiKey: z.string() }),
]);

/** What a login holds whose credentials StackStorm has taken, until its code is entered in chat (security.md T1). */
const heldSchema = z.object({
  /** As StackStorm's `GET /v1/user` answered (S10). */
  stackstormUser: z.string(),
  credential: credentialSchema,
  /** When StackStorm ends the credential by itself. */
  expiresAt: z.number().exactOptional(),
  /** Of the browser. */
  address: z.string(),
  code: secretHash,
  /** Codes that nobody has tried yet. One is taken before the code is looked at. */
  triesLeft: z.int(),
  /** Codes that were wrong. */
  failures: z.int(),
});

/** A login on its way. All times are ms since the epoch. */
const pendingSchema = z.object({
  id: z.string(),
  state: z.enum(['asked', 'opened', 'provisional']),
  /** When the link was made: the login's time runs from here. */
  startedAt: z.number(),
  /** Link and login together live no longer than this (ASVS v5.0.0-6.5.5). */
  expiresAt: z.number(),
  /** When and where the person asked, as the chat platform told it; shown on the page. */
  askedAt: z.number(),
  placeName: z.string().optional(),
  secret: secretHash,
  /** Tries that nobody has taken yet. One is taken before the secret is looked at. */
  attemptsLeft: z.int(),
  /** Tries that ended wrong. At `maxAttempts` the login is dead. */
  failures: z.int(),
  /** When the browser's person was proven to be this chat user (`auth.confirm: "slack"`). */
  signedInAt: z.number().exactOptional(),
  /** Only while it is provisional. */
  held: heldSchema.exactOptional(),
});
export type PendingLogin = z.infer<typeof pendingSchema>;
/** A login that waits for its code. */
export type HeldLogin = PendingLogin & { held: z.infer<typeof heldSchema> };

export function isHeld(pending: PendingLogin | undefined): pending is HeldLogin {
  return pending?.state === 'provisional' && pending.held !== undefined;
}

const liveSchema = z.object({
  id: z.string(),
  /** As StackStorm's `GET /v1/user` answered (S10). */
  stackstormUser: z.string(),
  credential: credentialSchema,
  startedAt: z.number(),
  expiresAt: z.number(),
  /** When it was used last, to a tenth of `auth.idleTtl`; absent: not since it started, or no such limit. */
  usedAt: z.number().exactOptional(),
  /** Its person was told that it ends soon. */
  reminded: z.literal(true).exactOptional(),
});
export type LiveSession = z.infer<typeof liveSchema>;

export const sessionRow = z.object({
  user: userSchema,
  pending: pendingSchema.optional(),
  live: liveSchema.optional(),
});
export type SessionRow = z.infer<typeof sessionRow>;

/** A session without what is secret in it: for people, lists and events. */
export interface SessionSummary {
  readonly id: string;
  readonly user: ChatUser;
  readonly state: 'asked' | 'opened' | 'provisional' | 'live';
  /** Only once it is live. */
  readonly stackstormUser?: string;
  readonly startedAt: number;
  readonly expiresAt: number;
}

export function summaryOfLive(user: ChatUser, live: LiveSession): SessionSummary {
  const { id, stackstormUser, startedAt, expiresAt } = live;
  return { id, user, state: 'live', stackstormUser, startedAt, expiresAt };
}

export function summaryOfPending(user: ChatUser, pending: PendingLogin): SessionSummary {
  const { id, state, startedAt, expiresAt } = pending;
  return { id, user, state, startedAt, expiresAt };
}

/** How far the clocks of two instances may differ before a time in the future means that a clock was set back. */
const clockTolerance = 60_000;

/**
 * Whether something that began and ends at these times is alive. What seems to begin in the future was made before the
 * clock was set back: it is not alive, else it would outlive its time. Nothing is deleted for it, so a clock that is set
 * right again loses nothing.
 */
export function isAlive(times: { readonly startedAt: number; readonly expiresAt: number }, now: number) {
  return times.startedAt <= now + clockTolerance && now < times.expiresAt;
}

/** The last time that a session was used, as far as it was noted. */
export function lastUse({ usedAt, startedAt }: LiveSession): number {
  return usedAt ?? startedAt;
}

/** Whether a session is alive and was used within `idleTtl`: the same rule, with the last use as its beginning. */
export function isInUse(live: LiveSession, now: number, idleTtl: number | undefined): boolean {
  if (!isAlive(live, now)) return false;
  const used = lastUse(live);
  return idleTtl === undefined || isAlive({ startedAt: used, expiresAt: used + idleTtl }, now);
}
