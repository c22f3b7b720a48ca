import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import { about, type SessionContext } from './context.ts';
import type { EndReason } from './events.ts';
import { sessionId } from './link.ts';
import { isInScope, parseChatUserKey, rowsIn, type Scope, summaries } from './list.ts';
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
  await noteSession(context, user, { id: live.id, expiresAt: context.now() }, true);
  const summary = summaryOfLive(user, live);
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

/** Rows that are emptied at the same time. */
const atOnce = 100;

/**
 * Somebody's account in chat is closed, or a workspace has removed the bot: their sessions and logins on their way end.
 * Answers how many. Done even where it cannot be recorded. One that fails keeps no other from ending; then it throws.
 */
export async function left(context: SessionContext, who: Leaver): Promise<number> {
  const users = await leavers(context, who);
  const failures: unknown[] = [];
  let ended = 0;
  for (let start = 0; start < users.length; start += atOnce) {
    const batch = users.slice(start, start + atOnce).map((user) => leave(context, user));
    for (const one of await Promise.allSettled(batch)) {
      if (one.status === 'rejected') failures.push(one.reason);
      else if (one.value) ended += 1;
    }
  }
  if (failures.length > 0) throw failures[0];
  return ended;
}

async function leavers(context: SessionContext, { platform, workspace, id }: Leaver): Promise<ChatUser[]> {
  if (id !== undefined) return [{ platform, workspace, id }];
  const users: ChatUser[] = [];
  for await (const { user } of rowsIn(context, { kind: 'workspace', platform, workspace })) users.push(user);
  return users;
}

async function leave(context: SessionContext, user: ChatUser): Promise<boolean> {
  const summary = await empty(context, user);
  if (summary === undefined) return false;
  await context.auditAnyway({ event: 'session.ended', outcome: 'left', ...auditOf(summary) });
  tellEnd(context, summary, 'left');
  return true;
}

/** Forgets all that the row holds (only if it holds the session `id`, where given). */
async function empty(
  context: SessionContext,
  user: ChatUser,
  id?: string,
): Promise<SessionSummary | undefined> {
  const { result } = await context.rows.change<SessionSummary | undefined>(user, (current) => {
    if (current === undefined) return { result: undefined };
    const all = summaries(current);
    const summary = id === undefined ? all[0] : all.find((one) => one.id === id);
    return summary === undefined ? { result: undefined } : { next: { user: current.user }, result: summary };
  });
  if (result !== undefined) await context.notes.delete(chatUserKey(user));
  return result;
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

function auditOf({ id, user, stackstormUser }: SessionSummary) {
  return { ...about(user, id), ...(stackstormUser === undefined ? {} : { stackstormUser }) };
}

function tellEnd(context: SessionContext, session: SessionSummary, reason: EndReason): void {
  context.tell({ session, reason }, context.events.onEnded);
}
