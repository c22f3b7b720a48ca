import { chatUserKey } from '../chat/chat.ts';
import type { ProvenCredential } from './attempt.ts';
import { bind, release } from './bindings.ts';
import { about, type SessionContext } from './context.ts';
import { makeDue } from './due.ts';
import { noteSession } from './notes.ts';
import type { LoginRef } from './open.ts';
import { refuseBound } from './refuse-bound.ts';
import {
  type LiveSession,
  type PendingLogin,
  type SessionRow,
  type SessionSummary,
  summaryOfLive,
} from './session.ts';

/** How a try is undone: `giveBack` returns the attempt as well as the chat user's turn, `forgive` only the turn. */
export interface Undo {
  giveBack(): Promise<void>;
  forgive(): Promise<void>;
}

/**
 * Makes a login the user's live session, only if the row still holds that login as `isReady` wants it: a session_start,
 * session_end or session_cancel that came while StackStorm or the person was asked has won, and the credential is dropped.
 */
export async function goLive(
  context: SessionContext,
  ref: LoginRef,
  proven: ProvenCredential,
  address: string,
  undo: Undo,
  isReady: (pending: PendingLogin | undefined, ref: LoginRef) => boolean,
): Promise<WentLive> {
  const { stackstormUser } = proven;
  const bound = await bind(context, stackstormUser, ref);
  if (bound.kind === 'refused') {
    await undo.forgive();
    await refuseBound(context, ref, stackstormUser, bound.others, address);
    return { kind: 'account-bound' };
  }
  const changed = await context.rows.change<Won | undefined>(ref.user, (current, now) => {
    if (current === undefined || !isReady(current.pending, ref)) return { result: undefined };
    const live: LiveSession = {
      id: ref.session,
      stackstormUser: proven.stackstormUser,
      credential: proven.credential,
      startedAt: now,
      expiresAt: Math.min(now + context.options.sessionTtl, proven.expiresAt ?? Number.POSITIVE_INFINITY),
    };
    return { next: { user: ref.user, live }, result: { live, before: current } };
  });
  const won = changed.result;
  if (won === undefined) {
    // Not released: who has won may be the same login, confirmed twice at once. What is over binds nobody.
    await undo.forgive();
    await context.audit({
      event: 'login.failed',
      outcome: 'login-dead',
      ...about(ref.user, ref.session, address),
    });
    return { kind: 'dead' };
  }
  try {
    await Promise.all([
      undo.forgive(),
      noteSession(context, ref.user, won.live, false),
      makeDue(context, ref.user, won.live),
    ]);
    if (bound.others.length > 0) await recordShared(context, ref, stackstormUser, address);
    await recordStart(context, ref, won, address);
  } catch (error) {
    release(context, won.live);
    await restore(context, won);
    await undo.giveBack();
    throw error;
  }
  const session = summaryOfLive(ref.user, won.live);
  const before = won.before.live;
  const replaced = before === undefined ? {} : { replaced: summaryOfLive(ref.user, before) };
  if (before !== undefined) release(context, before);
  context.tell({ session, stackstormUser, address, ...replaced }, context.events.onStarted);
  const { others } = bound;
  if (others.length > 0) context.tell({ session, stackstormUser, others }, context.events.onShared);
  return { kind: 'live', session };
}

export type WentLive =
  | { readonly kind: 'live'; readonly session: SessionSummary }
  | { readonly kind: 'dead' }
  /** The StackStorm user is logged in from another chat account, and may be so from one alone: the login is over. */
  | { readonly kind: 'account-bound' };

interface Won {
  readonly live: LiveSession;
  readonly before: SessionRow;
}

async function recordStart(context: SessionContext, ref: LoginRef, won: Won, address: string): Promise<void> {
  const replaced = won.before.live;
  if (replaced !== undefined) {
    await context.audit({
      event: 'session.ended',
      outcome: 'replaced',
      stackstormUser: replaced.stackstormUser,
      ...about(ref.user, replaced.id, address),
    });
  }
  await context.audit({
    event: 'session.started',
    outcome: 'ok',
    stackstormUser: won.live.stackstormUser,
    ...about(ref.user, ref.session, address),
  });
}

async function recordShared(
  context: SessionContext,
  { user, session }: LoginRef,
  stackstormUser: string,
  address: string,
): Promise<void> {
  await context.audit({
    event: 'session.shared',
    outcome: 'warned',
    stackstormUser,
    ...about(user, session, address),
  });
}

/** A login that could not be recorded did not happen (S8): what stood before stands again. */
async function restore(context: SessionContext, { live, before }: Won): Promise<void> {
  await context.rows.change(before.user, (current) => {
    if (current?.live?.id !== live.id) return { result: undefined };
    const pending = current.pending ?? before.pending;
    const next: SessionRow = { user: before.user };
    if (pending !== undefined) next.pending = pending;
    if (before.live !== undefined) next.live = before.live;
    return { next, result: undefined };
  });
  if (before.live === undefined) await context.notes.delete(chatUserKey(before.user));
  else await noteSession(context, before.user, before.live, false);
}
