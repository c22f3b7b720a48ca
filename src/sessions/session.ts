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

/** A login on its way. All times are ms since the epoch. */
const pendingSchema = z.object({
  id: z.string(),
  state: z.enum(['asked', 'opened']),
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
});
export type PendingLogin = z.infer<typeof pendingSchema>;

const liveSchema = z.object({
  id: z.string(),
  /** As StackStorm's `GET /v1/user` answered (S10). */
  stackstormUser: z.string(),
  credential: credentialSchema,
  startedAt: z.number(),
  expiresAt: z.number(),
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
  readonly state: 'asked' | 'opened' | 'live';
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
