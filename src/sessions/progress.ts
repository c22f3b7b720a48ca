import type { SessionContext } from './context.ts';
import { type LoginRef, type LoginView, view } from './open.ts';
import { isHeld, type SessionSummary, summaryOfLive } from './session.ts';

/** How far a login has come that a browser holds. */
export type LoginProgress =
  | { readonly kind: 'opened'; readonly login: LoginView }
  | { readonly kind: 'provisional'; readonly login: LoginView; readonly stackstormUser: string }
  | { readonly kind: 'live'; readonly session: SessionSummary };

/** Undefined where the login is over: its time, somebody in chat, or a newer one has ended it. */
export async function progress(context: SessionContext, ref: LoginRef): Promise<LoginProgress | undefined> {
  const row = await context.rows.get(ref.user);
  if (row?.live?.id === ref.session) return { kind: 'live', session: summaryOfLive(ref.user, row.live) };
  const pending = row?.pending;
  if (pending?.id !== ref.session || pending.state === 'asked') return undefined;
  const login = view(ref.user, pending);
  if (!isHeld(pending)) return { kind: 'opened', login };
  return { kind: 'provisional', login, stackstormUser: pending.held.stackstormUser };
}
