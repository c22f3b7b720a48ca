import { about, type SessionContext } from './context.ts';
import type { LoginRef } from './open.ts';

/** How long it is known that a person was told; ms. A login lives for ten minutes at most. */
const toldMs = 3_600_000;

/**
 * A browser with somebody else's certificate came with the link or the login. Nothing ends, since its owner may still
 * use it; they are told once.
 */
export async function refuseCertificate(
  context: SessionContext,
  { user, session }: LoginRef,
  address: string,
): Promise<void> {
  const reason = 'certificate-mismatch' as const;
  await context.auditAnyway({ event: 'login.refused', outcome: reason, ...about(user, session, address) });
  if (await context.marks.add(`certificate-told:${session}`, '', toldMs)) {
    context.tell({ user, session, reason, address }, context.events.onRefused);
  }
}
