import { isOpened, type Lived, type ProvenCredential } from './attempt.ts';
import { refusedFor } from './bindings.ts';
import { newCode } from './code.ts';
import { about, type SessionContext } from './context.ts';
import type { Undo } from './go-live.ts';
import type { LoginRef } from './open.ts';
import { refuseBound } from './refuse-bound.ts';
import { hashSecret } from './secret.ts';
import type { PendingLogin } from './session.ts';

/** Codes that may be entered for one login (security.md, checklist 5). */
export const codeTries = 3;

/**
 * Holds a login whose credentials StackStorm has taken until its chat user enters the code that only the browser sees
 * (security.md T1). A live session before it stays. Of the code only a hash is stored, and no time but the login's own.
 */
export async function hold(
  context: SessionContext,
  ref: LoginRef,
  { credential, stackstormUser, expiresAt }: ProvenCredential,
  address: string,
  undo: Undo,
): Promise<Lived> {
  const others = await refusedFor(context, stackstormUser, ref.user);
  if (others.length > 0) {
    await undo.forgive();
    await refuseBound(context, ref, stackstormUser, others, address);
    return { kind: 'account-bound' };
  }
  const code = newCode();
  const held = {
    stackstormUser,
    credential,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    address,
    code: await hashSecret(code, context.options.secretCost),
    triesLeft: codeTries,
    failures: 0,
  };
  const { result: before, row } = await context.rows.change<PendingLogin | undefined>(ref.user, (current) => {
    if (current === undefined || !isOpened(current.pending, ref)) return { result: undefined };
    const pending: PendingLogin = { ...current.pending, state: 'provisional', held };
    return { next: { ...current, pending }, result: current.pending };
  });
  if (before === undefined) {
    await undo.forgive();
    const outcome = 'login-dead';
    await context.audit({ event: 'login.failed', outcome, ...about(ref.user, ref.session, address) });
    return { kind: 'dead' };
  }
  try {
    await undo.forgive();
    await context.audit({
      event: 'login.provisional',
      outcome: 'ok',
      stackstormUser,
      ...about(ref.user, ref.session, address),
    });
  } catch (error) {
    if (row !== undefined) await context.rows.putBack(row, { ...row.value, pending: before });
    await undo.giveBack();
    throw error;
  }
  const { user, session } = ref;
  context.tell(
    { user, session, stackstormUser, expiresAt: before.expiresAt, address },
    context.events.onProvisional,
  );
  return { kind: 'provisional', code, expiresAt: before.expiresAt };
}
