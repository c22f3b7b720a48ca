import { chatUserKey } from '../chat/chat.ts';
import { release } from './bindings.ts';
import { about, type SessionContext } from './context.ts';
import type { LoginRef } from './open.ts';
import { isNew } from './progress.ts';
import type { LiveSession, PendingLogin } from './session.ts';

/**
 * The browser's person says that it is not their chat account (security.md T1): the login ends with all that it holds,
 * and so does the session that it has just become. False where it was over already. Done even where it cannot be recorded: it
 * only takes power away.
 */
export async function refuse(
  context: SessionContext,
  { user, session }: LoginRef,
  address: string,
): Promise<boolean> {
  const { result: ended } = await context.rows.change<PendingLogin | LiveSession | undefined>(
    user,
    (current, now) => {
      const { pending, live } = current ?? { user };
      if (pending?.id === session && pending.state !== 'asked') {
        return { next: { user, ...(live === undefined ? {} : { live }) }, result: pending };
      }
      if (!isNew(context, live, session, now)) return { result: undefined };
      return { next: { user, ...(pending === undefined ? {} : { pending }) }, result: live };
    },
  );
  if (ended === undefined) return false;
  const stackstormUser = 'stackstormUser' in ended ? ended.stackstormUser : ended.held?.stackstormUser;
  const known = stackstormUser === undefined ? {} : { stackstormUser };
  context.tell({ user, session, reason: 'not-me' as const, address, ...known }, context.events.onRefused);
  const record = { outcome: 'not-me', ...about(user, session, address), ...known };
  await context.auditAnyway({ event: 'login.refused', ...record });
  if ('credential' in ended) {
    release(context, ended);
    await context.notes.delete(chatUserKey(user));
    await context.auditAnyway({ event: 'session.ended', ...record });
  }
  return true;
}
