import { z } from 'zod';
import { sessionId } from '../sessions/link.ts';
import type { LoginDeps } from './app.ts';
import type { Replies } from './replies.ts';
import type { BodyHandler } from './security.ts';

const refuseBody = z.object({ login: sessionId });

/** `POST /login/api/refuse`: whoever holds the login says that it is not their chat account, and it ends. */
export function refuseHandler(deps: LoginDeps, replies: Replies): BodyHandler {
  return async (c, client, json) => {
    const body = refuseBody.safeParse(json);
    if (!body.success) return replies.problem('malformed-body');
    const ref = deps.cookie.read(c);
    if (ref === undefined || ref.session !== body.data.login) return replies.problem('no-login');
    const cookie = deps.cookie.ended;
    if (!(await deps.sessions.refuse(ref, client.address))) return replies.problem('login-dead', { cookie });
    deps.metrics.logins.inc({ outcome: 'refused' });
    return replies.json({ refused: true }, { cookie });
  };
}
