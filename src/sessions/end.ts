import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import { release } from './bindings.ts';
import type { SessionContext } from './context.ts';
import { auditOf, empty, endAll, tellEnd } from './end-row.ts';
import { sessionId } from './link.ts';
import { isInScope, parseChatUserKey, rowsIn, type Scope, summaries, usersIn } from './list.ts';
import { noteSession } from './notes.ts';
import { type LiveSession, type SessionSummary, summaryOfLive } from './session.ts';

/**
 * The person ends their own session: credential and login on its way are forgotten, at once and at every instance.
 * Undefined where there was nothing. Done even where it cannot be recorded: it only takes power away.
 */
export async function end(context: SessionContext, user: ChatUser): Promise<SessionSummary | undefined> {
  const summary = await empty(context, user);
  if (summary === undefined) return undefined;
  await context.auditAnyway({ event: 'session.ended', outcome: 'ok', ...auditOf(summary) });
  tellEnd(context, summary, 'ended');
  return summary;
}

/**
 * An admin ends somebody's session and the login on its way: `target` is the session's UUID or a chat user key. What is
 * not in the admin's scope is as good as not there. Recorded first, as every act of an admin.
 */
export async function cancel(
  context: SessionContext,
  target: string,
  scope: Scope,
  by: ChatUser,
): Promise<SessionSummary | undefined> {
  const found = await find(context, target, scope);
  if (found === undefined) return undefined;
  await context.audit({
    event: 'session.cancelled',
    outcome: 'ok',
    ...auditOf(found),
    chatUser: chatUserKey(by),
  });
  const summary = await empty(context, found.user, found.id === target ? target : undefined);
  if (summary !== undefined) tellEnd(context, summary, 'cancelled');
  return summary;
}

/** StackStorm no longer takes the session's credential: it ends, if it is still that one. Tells whether this call ended it. */
export async function expired(context: SessionContext, user: ChatUser, session: string): Promise<boolean> {
  const { result: live } = await context.rows.change<LiveSession | undefined>(user, (current) => {
    const { live: before, ...rest } = current ?? { user };
    return before?.id === session ? { next: rest, result: before } : { result: undefined };
  });
  if (live === undefined) return false;
  await noteSession(context, user, { ...live, expiresAt: context.now() }, true);
  const summary = summaryOfLive(user, live);
  release(context, live);
  await context.auditAnyway({ event: 'session.expired', outcome: 'unauthorized', ...auditOf(summary) });
  tellEnd(context, summary, 'expired');
  return true;
}

/** A person, or (without `id`) everyone of a workspace. */
export interface Leaver {
  readonly platform: string;
  readonly workspace: string;
  readonly id?: string;
}

/**
 * Somebody's account in chat is closed, or a workspace has removed the bot: their sessions and logins on their way end.
 * Answers how many. Done even where it cannot be recorded. One that fails keeps no other from ending; then it throws.
 */
export async function left(context: SessionContext, who: Leaver): Promise<number> {
  const users = await leavers(context, who);
  return endAll(context, users, 'left', (session) => ({
    event: 'session.ended',
    outcome: 'left',
    ...auditOf(session),
  }));
}

async function leavers(context: SessionContext, { platform, workspace, id }: Leaver): Promise<ChatUser[]> {
  if (id !== undefined) return [{ platform, workspace, id }];
  return usersIn(context, { kind: 'workspace', platform, workspace });
}

async function find(
  context: SessionContext,
  target: string,
  scope: Scope,
): Promise<SessionSummary | undefined> {
  if (!sessionId.safeParse(target).success) {
    const user = parseChatUserKey(target);
    const row = user && isInScope(user, scope) ? await context.rows.get(user) : undefined;
    return row && summaries(row)[0];
  }
  for await (const row of rowsIn(context, scope)) {
    const found = summaries(row).find(({ id }) => id === target);
    if (found !== undefined) return found;
  }
  return undefined;
}
