import type { ChatUser } from '../chat/chat.ts';
import { typedCode } from './code.ts';
import { about, type SessionContext } from './context.ts';
import { goLive } from './go-live.ts';
import { codeTries } from './hold.ts';
import type { LoginRef } from './open.ts';
import { checkSecret } from './secret.ts';
import { type HeldLogin, isHeld, type PendingLogin, type SessionSummary } from './session.ts';

export type Confirmed =
  | { readonly kind: 'live'; readonly session: SessionSummary }
  /** It is no code: no try was taken. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  /** The last try was wrong: the login is over. */
  | { readonly kind: 'dead' }
  /** The code was right, but the StackStorm user has meanwhile logged in from another chat account: the login is over. */
  | { readonly kind: 'account-bound' }
  /** No login of this person waits for a code. */
  | { readonly kind: 'none' };

/**
 * The chat user enters a code. A try is taken, by compare and set, before the code is looked at, so that parallel guesses
 * cannot outrun the count; the login becomes live only if it still waits after that.
 */
export async function confirm(context: SessionContext, user: ChatUser, typed: string): Promise<Confirmed> {
  const code = typedCode(typed);
  if (code === undefined) return { kind: 'malformed' };
  const pending = await takeTry(context, user);
  if (pending === undefined) return { kind: 'none' };
  const { id, held } = pending;
  const ref = { user, session: id };
  if (!(await checkSecret(code, held.code))) return wrong(context, ref);

  const undo = { forgive: async () => undefined, giveBack: () => returnTry(context, ref) };
  const lived = await goLive(context, ref, held, held.address, undo, isHeldBy);
  if (lived.kind === 'dead') return { kind: 'none' };
  if (lived.kind === 'account-bound') return lived;
  return { kind: 'live', session: lived.session };
}

/**
 * A code was typed where others can read it. It proves nothing any more, so the login that waits ends. Tells whether one
 * did. Done even where it cannot be recorded: it only takes power away.
 */
export async function spoil(context: SessionContext, user: ChatUser, channel: string): Promise<boolean> {
  const { result: pending } = await context.rows.change<HeldLogin | undefined>(user, (current) => {
    const { pending: before, ...rest } = current ?? { user };
    return isHeld(before) ? { next: rest, result: before } : { result: undefined };
  });
  if (pending === undefined) return false;
  await stopped(context, user, pending, 'not-private', channel);
  return true;
}

function isHeldBy(pending: PendingLogin | undefined, ref: LoginRef): pending is HeldLogin {
  return isHeld(pending) && pending.id === ref.session;
}

async function takeTry(context: SessionContext, user: ChatUser): Promise<HeldLogin | undefined> {
  const { result } = await context.rows.change<HeldLogin | undefined>(user, (current) => {
    const pending = current?.pending;
    if (current === undefined || !isHeld(pending) || pending.held.triesLeft < 1) return { result: undefined };
    const held = { ...pending.held, triesLeft: pending.held.triesLeft - 1 };
    return { next: { ...current, pending: { ...pending, held } }, result: pending };
  });
  return result;
}

async function returnTry(context: SessionContext, ref: LoginRef): Promise<void> {
  await context.rows.change(ref.user, (current) => {
    const pending = current?.pending;
    if (current === undefined || !isHeldBy(pending, ref)) return { result: undefined };
    const held = { ...pending.held, triesLeft: pending.held.triesLeft + 1 };
    return { next: { ...current, pending: { ...pending, held } }, result: undefined };
  });
}

/** The wrong try that makes the count full ends the login, and is the one that tells. */
async function wrong(context: SessionContext, ref: LoginRef): Promise<Confirmed> {
  const { result: pending } = await context.rows.change<HeldLogin | undefined>(ref.user, (current) => {
    const { pending: before, ...rest } = current ?? { user: ref.user };
    if (!isHeldBy(before, ref)) return { result: undefined };
    const failed = { ...before, held: { ...before.held, failures: before.held.failures + 1 } };
    return failed.held.failures < codeTries
      ? { next: { ...rest, pending: failed }, result: failed }
      : { next: rest, result: failed };
  });
  if (pending === undefined) return { kind: 'none' };
  const { failures, triesLeft } = pending.held;
  if (failures >= codeTries) {
    await stopped(context, ref.user, pending, 'wrong-code');
    return { kind: 'dead' };
  }
  await context.audit({
    event: 'login.unconfirmed',
    outcome: 'wrong-code',
    ...about(ref.user, ref.session),
  });
  return { kind: 'wrong', triesLeft };
}

/** The login is over, and its credential forgotten. */
async function stopped(
  context: SessionContext,
  user: ChatUser,
  { id: session, held }: HeldLogin,
  outcome: 'wrong-code' | 'not-private',
  channel?: string,
): Promise<void> {
  const { address, stackstormUser } = held;
  context.tell(
    { user, session, reason: 'not-confirmed' as const, address, stackstormUser },
    context.events.onRefused,
  );
  const place = channel === undefined ? {} : { channel };
  await context.auditAnyway({ event: 'login.unconfirmed', outcome, ...about(user, session), ...place });
  await context.auditAnyway({ event: 'login.dead', outcome, ...about(user, session), ...place });
}
