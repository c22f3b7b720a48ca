import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import type { AuditRecord } from '../ops/audit.ts';
import { EncryptionError } from '../storage/encryption.ts';
import { release } from './bindings.ts';
import { about, type SessionContext } from './context.ts';
import type { EndReason } from './events.ts';
import { summaries } from './list.ts';
import type { SessionSummary } from './session.ts';

/** Rows that are emptied at the same time. */
const atOnce = 100;

/**
 * Ends what these people have, live and on its way; answers how many had anything. Each is told and, where it can be,
 * recorded. One that fails keeps no other from ending; then it throws.
 */
export async function endAll(
  context: SessionContext,
  users: readonly ChatUser[],
  reason: EndReason,
  record: (session: SessionSummary) => AuditRecord,
): Promise<number> {
  const failures: unknown[] = [];
  let ended = 0;
  for (let start = 0; start < users.length; start += atOnce) {
    const batch = users.slice(start, start + atOnce).map(async (user) => {
      const session = await empty(context, user);
      if (session === undefined) return;
      ended += 1;
      await context.auditAnyway(record(session));
      tellEnd(context, session, reason);
    });
    for (const one of await Promise.allSettled(batch)) {
      if (one.status === 'rejected') failures.push(one.reason);
    }
  }
  if (failures.length > 0) throw failures[0];
  return ended;
}

/**
 * Forgets all that the row holds (only if it holds the session `id`, where given). A row that is damaged is deleted: it
 * cannot be anybody's session again, and else its person could not log in before its time is over.
 */
export async function empty(
  context: SessionContext,
  user: ChatUser,
  id?: string,
): Promise<SessionSummary | undefined> {
  const session = await emptyReadable(context, user, id).catch(async (error: unknown) => {
    if (!(error instanceof EncryptionError) || error.code !== 'damaged') throw error;
    await context.rows.forget(user);
    const now = context.now();
    return { id: unknownId, user, state: 'live' as const, startedAt: now, expiresAt: now };
  });
  if (session !== undefined) {
    await context.notes.delete(chatUserKey(user));
    release(context, session);
  }
  return session;
}

/** Of a session whose row does not say it any more. */
const unknownId = '00000000-0000-0000-0000-000000000000';

async function emptyReadable(
  context: SessionContext,
  user: ChatUser,
  id: string | undefined,
): Promise<SessionSummary | undefined> {
  const { result } = await context.rows.change<SessionSummary | undefined>(user, (current) => {
    if (current === undefined) return { result: undefined };
    const all = summaries(current);
    const summary = id === undefined ? all[0] : all.find((one) => one.id === id);
    return summary === undefined ? { result: undefined } : { next: { user: current.user }, result: summary };
  });
  return result;
}

export function auditOf({ id, user, stackstormUser }: SessionSummary) {
  return { ...about(user, id), ...(stackstormUser === undefined ? {} : { stackstormUser }) };
}

export function tellEnd(context: SessionContext, session: SessionSummary, reason: EndReason): void {
  context.tell({ session, reason }, context.events.onEnded);
}
