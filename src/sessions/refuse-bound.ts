import type { ChatUser } from '../chat/chat.ts';
import { about, type SessionContext } from './context.ts';
import type { LoginRef } from './open.ts';

/** The login is over, and with it what it holds; both chat users are told. */
export async function refuseBound(
  context: SessionContext,
  { user, session }: LoginRef,
  stackstormUser: string,
  others: readonly ChatUser[],
  address: string,
): Promise<void> {
  const { result: isOver } = await context.rows.change(user, (current) => {
    const { pending, ...rest } = current ?? { user };
    return pending?.id === session ? { next: rest, result: true } : { result: false };
  });
  const outcome = 'account-bound' as const;
  if (isOver) {
    context.tell(
      { user, session, reason: outcome, address, stackstormUser, others },
      context.events.onRefused,
    );
  }
  await context.auditAnyway({
    event: 'login.refused',
    outcome,
    stackstormUser,
    ...about(user, session, address),
  });
}
