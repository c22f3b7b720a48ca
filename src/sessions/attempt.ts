import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import type { Credential } from '../stackstorm/credential.ts';
import { about, type SessionContext } from './context.ts';
import { goLive } from './go-live.ts';
import { hold } from './hold.ts';
import type { LoginRef } from './open.ts';
import { checkSecret } from './secret.ts';
import type { PendingLogin, SessionSummary } from './session.ts';

/** What StackStorm said of the credentials that a person typed. */
export interface ProvenCredential {
  readonly credential: Credential;
  /** Of `GET /v1/user` (S10). */
  readonly stackstormUser: string;
  /** When StackStorm ends it by itself, ms since the epoch. */
  readonly expiresAt?: number;
}

export type Lived =
  | { readonly kind: 'live'; readonly session: SessionSummary }
  /** It is live once its chat user has entered the code, until `expiresAt` (ms since the epoch). */
  | { readonly kind: 'provisional'; readonly code: string; readonly expiresAt: number }
  | { readonly kind: 'dead' }
  /** StackStorm's user is logged in from another chat account: the login is over. */
  | { readonly kind: 'account-bound' };

export type Failed =
  | { readonly kind: 'failed'; readonly attemptsLeft: number }
  /** The login ended meanwhile: there is nothing left to fail. */
  | { readonly kind: 'dead' };

/** One try of a login whose secret was right. Exactly one of its methods ends it. */
export interface Attempt {
  /**
   * The login becomes a live session, or provisional where it is to be confirmed, if it is still its own (S3). What stood
   * before it ends once it is live.
   */
  succeed(proven: ProvenCredential): Promise<Lived>;
  /** StackStorm refused the credentials: the attempt stays taken. */
  fail(): Promise<Failed>;
  /** It could not be told: the attempt is given back. `outcome` is a code for the audit log. */
  giveBack(outcome: string): Promise<void>;
}

export type Attempted =
  | { readonly kind: 'right-secret'; readonly attempt: Attempt }
  | { readonly kind: 'wrong-secret'; readonly attemptsLeft: number }
  | { readonly kind: 'dead' }
  /** The browser's person has not been proven yet: no try was taken. */
  | { readonly kind: 'sign-in-required' }
  | { readonly kind: 'limited'; readonly retryAfterMs: number };

/**
 * One try: an attempt is taken, by compare and set, *before* the secret is looked at, so that parallel guesses cannot
 * outrun the count. The chat user's hourly count comes second: it never hides that a login is dead.
 */
export async function attempt(
  context: SessionContext,
  ref: LoginRef,
  guess: string,
  address: string,
): Promise<Attempted> {
  const record = (outcome: string) =>
    context.audit({ event: 'login.failed', outcome, ...about(ref.user, ref.session, address) });

  const pending = await takeAttempt(context, ref);
  if (pending === undefined) {
    await record('login-dead');
    return { kind: 'dead' };
  }
  if (pending === 'sign-in-required') {
    await record(pending);
    return { kind: pending };
  }
  const turn = await context.limits.loginFailures.take(chatUserKey(ref.user));
  if (turn.kind === 'limited') {
    await returnAttempt(context, ref);
    await record('too-many-requests');
    await tellTooMany(context, ref.user, address);
    return turn;
  }
  const giveBack = async () => {
    await Promise.all([returnAttempt(context, ref), turn.giveBack()]);
  };
  if (!(await checkSecret(guess, pending.secret))) {
    const failed = await fail(context, ref, 'wrong-secret', address);
    return failed.kind === 'dead' ? failed : { kind: 'wrong-secret', attemptsLeft: failed.attemptsLeft };
  }
  return {
    kind: 'right-secret',
    attempt: {
      succeed(proven) {
        const undo = { giveBack, forgive: turn.giveBack };
        return context.options.confirm === 'code'
          ? hold(context, ref, proven, address, undo)
          : goLive(context, ref, proven, address, undo, isOpened);
      },
      fail: () => fail(context, ref, 'wrong-credentials', address),
      async giveBack(outcome) {
        await giveBack();
        await record(outcome);
      },
    },
  };
}

/** Once in the window of the count: more tries tell nobody anything. */
async function tellTooMany(context: SessionContext, user: ChatUser, address: string): Promise<void> {
  const { count, window } = context.options.limits.loginFailures;
  if (!(await context.marks.add(`told:login-failures:${chatUserKey(user)}`, '1', window))) return;
  const at = context.now();
  context.tell({ user, failures: count, window, address, at }, context.events.onTooManyFailures);
}

async function takeAttempt(
  context: SessionContext,
  ref: LoginRef,
): Promise<PendingLogin | 'sign-in-required' | undefined> {
  const mustSignIn = context.options.confirm === 'slack';
  const { result } = await context.rows.change<Awaited<ReturnType<typeof takeAttempt>>>(
    ref.user,
    (current) => {
      const pending = current?.pending;
      if (current === undefined || !isOpened(pending, ref) || pending.attemptsLeft < 1) {
        return { result: undefined };
      }
      if (mustSignIn && pending.signedInAt === undefined) return { result: 'sign-in-required' };
      const taken = { ...pending, attemptsLeft: pending.attemptsLeft - 1 };
      return { next: { ...current, pending: taken }, result: pending };
    },
  );
  return result;
}

async function returnAttempt(context: SessionContext, ref: LoginRef): Promise<void> {
  await context.rows.change(ref.user, (current) => {
    const pending = current?.pending;
    if (current === undefined || !isOpened(pending, ref)) return { result: undefined };
    const returned = { ...pending, attemptsLeft: pending.attemptsLeft + 1 };
    return { next: { ...current, pending: returned }, result: undefined };
  });
}

/** The try that makes the count full ends the login, and is the one that tells. */
async function fail(
  context: SessionContext,
  ref: LoginRef,
  outcome: 'wrong-secret' | 'wrong-credentials',
  address: string,
): Promise<Failed> {
  const { maxAttempts } = context.options;
  const { result: pending } = await context.rows.change<PendingLogin | undefined>(ref.user, (current) => {
    const { pending: before, ...rest } = current ?? { user: ref.user };
    if (!isOpened(before, ref)) return { result: undefined };
    const failed = { ...before, failures: before.failures + 1 };
    return failed.failures < maxAttempts
      ? { next: { ...rest, pending: failed }, result: failed }
      : { next: rest, result: failed };
  });
  const failures = pending?.failures ?? 0;
  const isLast = failures >= maxAttempts;
  if (isLast) {
    const { user, session } = ref;
    context.tell({ user, session, failures, at: context.now(), address }, context.events.onDead);
  }
  await context.audit({ event: 'login.failed', outcome, ...about(ref.user, ref.session, address) });
  if (isLast) await context.audit({ event: 'login.dead', outcome, ...about(ref.user, ref.session, address) });
  return pending === undefined ? { kind: 'dead' } : { kind: 'failed', attemptsLeft: pending.attemptsLeft };
}

/** Whether the user's login is still the one that this browser opened. */
export function isOpened(pending: PendingLogin | undefined, ref: LoginRef): pending is PendingLogin {
  return pending?.id === ref.session && pending.state === 'opened';
}
