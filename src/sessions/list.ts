import type { ChatUser } from '../chat/chat.ts';
import type { SessionContext } from './context.ts';
import { type SessionRow, type SessionSummary, summaryOfLive, summaryOfPending } from './session.ts';

/** Whose sessions an admin sees and ends. */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'workspace'; readonly platform: string; readonly workspace: string };

/** The live sessions in a scope, without credentials. Reads every row of it: for people who ask, not for each message. */
export async function list(context: SessionContext, scope: Scope): Promise<SessionSummary[]> {
  const live: SessionSummary[] = [];
  for await (const row of rowsIn(context, scope)) {
    if (row.live !== undefined) live.push(summaryOfLive(row.user, row.live));
  }
  return live;
}

export function rowsIn(context: SessionContext, scope: Scope): AsyncIterable<SessionRow> {
  return context.rows.scan(keyPrefix(scope));
}

function keyPrefix(scope: Scope): string {
  return scope.kind === 'all' ? '' : `${scope.platform}:${scope.workspace}:`;
}

/** Everyone in a scope who has a row, also one that cannot be read. */
export async function usersIn(context: SessionContext, scope: Scope): Promise<ChatUser[]> {
  const users: ChatUser[] = [];
  for await (const key of context.rows.users(keyPrefix(scope))) {
    const user = parseChatUserKey(key);
    if (user !== undefined) users.push(user);
  }
  return users;
}

export function isInScope(user: ChatUser, scope: Scope): boolean {
  return scope.kind === 'all' || (user.platform === scope.platform && user.workspace === scope.workspace);
}

/** The chat user whose key this is (chatUserKey), or undefined where it can be nobody's. */
export function parseChatUserKey(key: string): ChatUser | undefined {
  const [platform, workspace, id, ...rest] = key.split(':');
  return platform && workspace && id && rest.length === 0 ? { platform, workspace, id } : undefined;
}

/** What a row holds, the live session first. */
export function summaries(row: SessionRow): SessionSummary[] {
  return [
    ...(row.live === undefined ? [] : [summaryOfLive(row.user, row.live)]),
    ...(row.pending === undefined ? [] : [summaryOfPending(row.user, row.pending)]),
  ];
}
