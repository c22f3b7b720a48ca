import type { ChatUser } from '../chat/chat.ts';
import type { SessionContext } from './context.ts';
import { type LoginRef, type LoginView, view } from './open.ts';
import { isHeld, type LiveSession, type SessionSummary, summaryOfLive } from './session.ts';

/** How far a login has come that a browser holds. */
export type LoginProgress =
  | { readonly kind: 'opened'; readonly login: LoginView }
  | { readonly kind: 'provisional'; readonly login: LoginView; readonly stackstormUser: string }
  | { readonly kind: 'live'; readonly session: SessionSummary };

/** Undefined where the login is over: its time, somebody in chat, or a newer one has ended it. */
export async function progress(context: SessionContext, ref: LoginRef): Promise<LoginProgress | undefined> {
  const row = await context.rows.get(ref.user);
  if (isNew(context, row?.live, ref.session, context.now())) {
    return { kind: 'live', session: summaryOfLive(ref.user, row.live) };
  }
  const pending = row?.pending;
  if (pending?.id !== ref.session || pending.state === 'asked') return undefined;
  const login = view(ref.user, pending);
  if (!isHeld(pending)) return { kind: 'opened', login };
  return { kind: 'provisional', login, stackstormUser: pending.held.stackstormUser };
}

/** Whether a login of the user's waits for the code that its page shows. */
export async function awaitsCode(context: SessionContext, user: ChatUser): Promise<boolean> {
  const pending = (await context.rows.get(user))?.pending;
  return pending !== undefined && isHeld(pending) && pending.expiresAt > context.now();
}

/** Whether the login has become this session just now: its page has no say in it once a login's time is over. */
export function isNew(
  { options }: SessionContext,
  live: LiveSession | undefined,
  session: string,
  now: number,
): live is LiveSession {
  return live?.id === session && now < live.startedAt + options.linkTtl;
}
