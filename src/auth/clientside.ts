import type { SessionService } from '../sessions/service.ts';
import type { Auth } from './auth.ts';

/** Each chat user runs with the credential that they logged in with, and with no other (S7). */
export function createClientsideAuth(
  sessions: Pick<SessionService, 'current' | 'ranOut' | 'awaitsCode' | 'expired'>,
): Auth {
  return {
    mode: 'clientside',
    async credentialFor(user) {
      const session = await sessions.current(user);
      if (session === undefined) {
        if (await sessions.awaitsCode(user)) return { kind: 'refused', reason: 'code-awaited' };
        const reason = (await sessions.ranOut(user)) ? 'session-expired' : 'no-session';
        return { kind: 'refused', reason };
      }
      const { id, credential, stackstormUser, startedAt, expiresAt } = session;
      return { kind: 'granted', credential, stackstormUser, session: id, startedAt, expiresAt };
    },
    async rejected(user, grant) {
      if (grant.session !== undefined) await sessions.expired(user, grant.session);
    },
  };
}
