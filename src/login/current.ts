import type { LoginDeps, LoginOptions } from './app.ts';
import { describeLogin, describeUser } from './describe.ts';
import type { Replies } from './replies.ts';
import type { Handler } from './security.ts';

/**
 * `GET /login/api/login`: how far the login has come that this browser holds, so that a reload goes on with it and the
 * page sees when it is confirmed. From the credentials on, only the browser that gave them is told: its cookie holds the code.
 */
export function currentHandler(deps: LoginDeps, options: LoginOptions, replies: Replies): Handler {
  const noLogin = () => replies.problem('no-login', { status: 404 });
  return async (c, client) => {
    const held = deps.cookie.read(c);
    const unproven = held && (await deps.certificates?.refusal(c, held, client.address));
    if (unproven !== undefined) return replies.problem(unproven);
    const at = held && (await deps.sessions.progress(held));
    if (at === undefined) return noLogin();
    if (at.kind === 'opened') return replies.json(await describeLogin(deps, options, at.login));
    if (held?.code === undefined) return noLogin();
    if (at.kind === 'live') {
      const { id, user, stackstormUser, expiresAt } = at.session;
      return replies.json({
        login: id,
        chatUser: await describeUser(deps, user),
        session: { stackstormUser, expiresAt: new Date(expiresAt).toISOString() },
      });
    }
    const described = await describeLogin(deps, options, at.login);
    const { stackstormUser } = at;
    return replies.json({
      ...described,
      stackstormUser,
      confirm: { code: held.code, expiresAt: described.expiresAt },
    });
  };
}
