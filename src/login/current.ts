import type { Context } from 'hono';
import type { LoginDeps, LoginOptions } from './app.ts';
import { describeLogin } from './describe.ts';
import { problem } from './problems.ts';
import type { LoginEnv } from './security.ts';

/** `GET /login/api/login`: the login that this browser holds, so that a reload goes on with it. */
export function currentHandler(deps: LoginDeps, options: LoginOptions) {
  return async (c: Context<LoginEnv>): Promise<Response> => {
    const ref = deps.cookie.read(c);
    const login = ref && (await deps.sessions.openLogin(ref));
    return login === undefined
      ? problem(c, 'no-login', { status: 404 })
      : c.json(await describeLogin(deps, options, login));
  };
}
