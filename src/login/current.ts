import type { LoginDeps, LoginOptions } from './app.ts';
import { describeLogin } from './describe.ts';
import type { Replies } from './replies.ts';
import type { Handler } from './security.ts';

/** `GET /login/api/login`: the login that this browser holds, so that a reload goes on with it. */
export function currentHandler(deps: LoginDeps, options: LoginOptions, replies: Replies): Handler {
  return async (c) => {
    const ref = deps.cookie.read(c);
    const login = ref && (await deps.sessions.openLogin(ref));
    return login === undefined
      ? replies.problem('no-login', { status: 404 })
      : replies.json(await describeLogin(deps, options, login));
  };
}
