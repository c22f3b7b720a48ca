import type { Context } from 'hono';
import { z } from 'zod';
import type { LoginDeps, LoginOptions } from './app.ts';
import { describeLogin } from './describe.ts';
import type { Replies } from './replies.ts';
import type { BodyHandler } from './security.ts';

const openBody = z.object({ link: z.string() });

/** `POST /login/api/open`: consumes a link; the browser that wins holds the login. */
export function openHandler(deps: LoginDeps, options: LoginOptions, replies: Replies): BodyHandler {
  return async (c: Context, client, json) => {
    const body = openBody.safeParse(json);
    if (!body.success) return replies.problem('malformed-body');
    const isTheirs = deps.certificates?.shownBy(c);
    if (isTheirs === 'missing') return replies.problem('certificate-required');
    const opened = await deps.sessions.open(body.data.link, client.address, isTheirs);
    deps.metrics.logins.inc({ outcome: `open-${opened.kind}` });
    switch (opened.kind) {
      case 'unknown':
        return replies.problem('link-unknown');
      case 'used':
        return replies.problem('link-used');
      case 'expired':
        return replies.problem('link-expired');
      case 'not-theirs':
        return replies.problem('certificate-mismatch');
      case 'limited':
        return replies.problem('too-many-requests', { retryAfterMs: opened.retryAfterMs });
      case 'opened': {
        const cookie = deps.cookie.given(opened.login, opened.login.expiresAt - deps.now());
        return replies.json(await describeLogin(deps, options, opened.login), { cookie });
      }
    }
  };
}
