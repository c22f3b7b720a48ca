import type { ChatUser } from '../chat/chat.ts';
import { isOpened } from './attempt.ts';
import { about, type SessionContext } from './context.ts';
import type { LoginRef } from './open.ts';
import type { PendingLogin } from './session.ts';

export type SignedIn = { readonly kind: 'signed-in' | 'other-person' | 'dead' };

/**
 * The chat platform has said who the browser's person is (security.md T1). Is it the login's own chat user, that is noted
 * on this login, once and for it alone; without it no credentials are taken where `confirm` is `slack`. Is it anybody
 * else, the login ends: whoever opened it was sent it.
 */
export async function signIn(
  context: SessionContext,
  ref: LoginRef,
  proven: ChatUser,
  address: string,
): Promise<SignedIn> {
  return isSamePerson(proven, ref.user) ? note(context, ref, address) : stop(context, ref, address);
}

/** A sign-in came to nothing; `outcome` is a code for the audit log. */
export async function signInFailed(
  context: SessionContext,
  ref: LoginRef,
  outcome: string,
  address: string,
): Promise<void> {
  await context.audit({ event: 'login.failed', outcome, ...about(ref.user, ref.session, address) });
}

async function note(context: SessionContext, ref: LoginRef, address: string): Promise<SignedIn> {
  const { result: before, row } = await context.rows.change<PendingLogin | undefined>(
    ref.user,
    (current, now) => {
      const pending = current?.pending;
      if (current === undefined || !isOpened(pending, ref)) return { result: undefined };
      return { next: { ...current, pending: { ...pending, signedInAt: now } }, result: pending };
    },
  );
  if (before === undefined) {
    await signInFailed(context, ref, 'login-dead', address);
    return { kind: 'dead' };
  }
  try {
    await context.audit({
      event: 'login.signed_in',
      outcome: 'ok',
      ...about(ref.user, ref.session, address),
    });
  } catch (error) {
    if (row !== undefined) await context.rows.putBack(row, { ...row.value, pending: before });
    throw error;
  }
  return { kind: 'signed-in' };
}

/** Done even where it cannot be recorded: it only takes power away. */
async function stop(context: SessionContext, ref: LoginRef, address: string): Promise<SignedIn> {
  const { user, session } = ref;
  const { result: isStopped } = await context.rows.change<boolean>(user, (current) => {
    const { pending, ...rest } = current ?? { user };
    return isOpened(pending, ref) ? { next: rest, result: true } : { result: false };
  });
  const outcome = 'sign-in-mismatch';
  if (isStopped) context.tell({ user, session, reason: outcome, address }, context.events.onRefused);
  await context.auditAnyway({ event: 'login.refused', outcome, ...about(user, session, address) });
  return { kind: 'other-person' };
}

function isSamePerson(one: ChatUser, other: ChatUser): boolean {
  return one.platform === other.platform && one.workspace === other.workspace && one.id === other.id;
}
