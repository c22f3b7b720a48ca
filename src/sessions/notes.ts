import { z } from 'zod';
import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import { about, type SessionContext } from './context.ts';

/**
 * A note beside a live session outlives it by a day, without its credential: so a person whose session ran out is told
 * that, and not that they never had one.
 */
export const endNote = z.object({
  session: z.string(),
  expiresAt: z.number(),
  /** The end stands in the audit log. */
  recorded: z.boolean(),
});
export type EndNote = z.infer<typeof endNote>;

const noteTtl = 24 * 60 * 60 * 1_000;

export async function noteSession(
  context: SessionContext,
  user: ChatUser,
  session: { readonly id: string; readonly expiresAt: number },
  recorded: boolean,
): Promise<void> {
  const { id, expiresAt } = session;
  const ttl = Math.max(expiresAt - context.now(), 0) + noteTtl;
  await context.notes.set(chatUserKey(user), { session: id, expiresAt, recorded }, ttl);
}

/** Whether the user's last session ran out by itself; the first to notice, over all instances, records it. */
export async function ranOut(context: SessionContext, user: ChatUser): Promise<boolean> {
  const note = await context.notes.get(chatUserKey(user));
  if (note === undefined || context.now() < note.value.expiresAt) return false;
  if (
    !note.value.recorded &&
    (await context.notes.replace(note, { ...note.value, recorded: true }, noteTtl))
  ) {
    await context.auditAnyway({
      event: 'session.expired',
      outcome: 'ttl',
      ...about(user, note.value.session),
    });
  }
  return true;
}
