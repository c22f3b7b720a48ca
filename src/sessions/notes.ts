import { z } from 'zod';
import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import { release } from './bindings.ts';
import { about, type SessionContext } from './context.ts';
import { type LiveSession, summaryOfLive } from './session.ts';

/**
 * A note beside a live session outlives it by a day, without its credential: so a person whose session ran out is told
 * that, and not that they never had one.
 */
export const endNote = z.object({
  session: z.string(),
  stackstormUser: z.string().exactOptional(),
  startedAt: z.number().exactOptional(),
  expiresAt: z.number(),
  /** The end stands in the audit log. */
  recorded: z.boolean(),
});
export type EndNote = z.infer<typeof endNote>;

const noteTtl = 24 * 60 * 60 * 1_000;

/** `session` is the live one, or one that has just ended (`expiresAt` is when). */
export async function noteSession(
  context: SessionContext,
  user: ChatUser,
  session: Pick<LiveSession, 'id' | 'stackstormUser' | 'startedAt' | 'expiresAt'>,
  recorded: boolean,
): Promise<void> {
  const { id, stackstormUser, startedAt, expiresAt } = session;
  const ttl = Math.max(expiresAt - context.now(), 0) + noteTtl;
  const note = { session: id, stackstormUser, startedAt, expiresAt, recorded };
  await context.notes.set(chatUserKey(user), note, ttl);
}

/**
 * Whether the user's last session ran out by itself, or ended because nobody used it. The first to notice, over all
 * instances, records it and tells.
 */
export async function ranOut(context: SessionContext, user: ChatUser): Promise<boolean> {
  if (await endIdle(context, user)) return true;
  const note = await context.notes.get(chatUserKey(user));
  if (note === undefined || context.now() < note.value.expiresAt) return false;
  const { recorded, session: id, stackstormUser, expiresAt, startedAt = expiresAt } = note.value;
  if (!recorded && (await context.notes.replace(note, { ...note.value, recorded: true }, noteTtl))) {
    const known = stackstormUser === undefined ? {} : { stackstormUser };
    await context.auditAnyway({ event: 'session.expired', outcome: 'ttl', ...known, ...about(user, id) });
    const session = { id, user, state: 'live' as const, ...known, startedAt, expiresAt };
    release(context, session);
    context.tell({ session, reason: 'ran-out' as const }, context.events.onEnded);
  }
  return true;
}

/** Ends the user's session if nobody used it for `auth.idleTtl`. Tells whether this call did. */
async function endIdle(context: SessionContext, user: ChatUser): Promise<boolean> {
  const live = await context.rows.dropIdle(user);
  if (live === undefined) return false;
  await noteSession(context, user, { ...live, expiresAt: context.now() }, true);
  const session = summaryOfLive(user, live);
  const record = { stackstormUser: live.stackstormUser, ...about(user, live.id) };
  await context.auditAnyway({ event: 'session.expired', outcome: 'idle', ...record });
  release(context, session);
  context.tell({ session, reason: 'idle' as const }, context.events.onEnded);
  return true;
}
