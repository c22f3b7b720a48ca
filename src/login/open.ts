import type { Context } from 'hono';
import { z } from 'zod';
import type { LoginDeps, LoginOptions } from './app.ts';
import { describeLogin } from './describe.ts';
import { problem } from './problems.ts';
import { jsonBody, type LoginEnv } from './security.ts';

const openBody = z.object({ link: z.string() });

/** `POST /login/api/open`: consumes a link; the browser that wins holds the login. */
export function openHandler(deps: LoginDeps, options: LoginOptions) {
  return async (c: Context<LoginEnv>): Promise<Response> => {
    const body = openBody.safeParse(await jsonBody(c));
    if (!body.success) return problem(c, 'malformed-body');
    const opened = await deps.sessions.open(body.data.link, c.get('client').address);
    deps.metrics.logins.inc({ outcome: `open-${opened.kind}` });
    switch (opened.kind) {
      case 'unknown':
        return problem(c, 'link-unknown');
      case 'used':
        return problem(c, 'link-used');
      case 'expired':
        return problem(c, 'link-expired');
      case 'limited':
        return problem(c, 'too-many-requests', { retryAfterMs: opened.retryAfterMs });
      case 'opened':
        deps.cookie.give(c, opened.login, opened.login.expiresAt - deps.now());
        return c.json(await describeLogin(deps, options, opened.login));
    }
  };
}
