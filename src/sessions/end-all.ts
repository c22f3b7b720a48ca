import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import { othersBoundTo, release } from './bindings.ts';
import type { SessionContext } from './context.ts';
import { end } from './end.ts';
import { auditOf, endAll, tellEnd } from './end-row.ts';
import { type Scope, usersIn } from './list.ts';
import { type LiveSession, type SessionSummary, summaryOfLive } from './session.ts';

export interface EndedEverywhere {
  /** The person's own, as {@link end} answers it. */
  readonly own: SessionSummary | undefined;
  /** Sessions of other chat accounts that ran as the same StackStorm user. */
  readonly others: number;
}

/**
 * The person ends their own session, the login on its way, and the session of every other chat account that is logged in
 * as the same StackStorm user: their live session is the proof that they are that user. Done even where it cannot be
 * recorded: it only takes power away.
 */
export async function endEverywhere(context: SessionContext, user: ChatUser): Promise<EndedEverywhere> {
  const stackstormUser = (await context.rows.get(user))?.live?.stackstormUser;
  const holders = stackstormUser === undefined ? [] : await othersBoundTo(context, stackstormUser, user);
  const own = await end(context, user);
  let others = 0;
  for (const holder of holders) {
    const { result: live } = await context.rows.change<LiveSession | undefined>(holder.user, (current) => {
      const { live: before, ...rest } = current ?? { user: holder.user };
      return before?.id === holder.session ? { next: rest, result: before } : { result: undefined };
    });
    if (live === undefined) continue;
    others += 1;
    await context.notes.delete(chatUserKey(holder.user));
    release(context, live);
    const session = summaryOfLive(holder.user, live);
    await context.auditAnyway({ event: 'session.ended', outcome: 'ended-elsewhere', ...auditOf(session) });
    tellEnd(context, session, 'ended-elsewhere');
  }
  return { own, others };
}

/**
 * An admin ends every session and login of their scope; answers how many people had one. Recorded first, as every act of
 * an admin, then each as it ends. What cannot be read ends like the rest, or the call throws once all others have ended.
 */
export async function cancelAll(context: SessionContext, scope: Scope, by: ChatUser): Promise<number> {
  const admin = chatUserKey(by);
  await context.audit({ event: 'session.cancelled', outcome: 'all', chatUser: admin });
  const counts = new Map<string, number>();
  const count = (session: SessionSummary) => {
    const workspace = `${session.user.platform}:${session.user.workspace}`;
    counts.set(workspace, (counts.get(workspace) ?? 0) + 1);
  };
  try {
    return await endAll(context, await usersIn(context, scope), 'cancelled-all', (session) => {
      count(session);
      return { event: 'session.cancelled', outcome: 'ok', ...auditOf(session), chatUser: admin };
    });
  } finally {
    for (const [where, ended] of counts) {
      const [platform = '', workspace = ''] = where.split(':');
      const event = { by, platform, workspace, count: ended, at: context.now() };
      context.tell(event, context.events.onAllCancelled);
    }
  }
}
