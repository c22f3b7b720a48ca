import type { MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { hashOfKey } from './accounts.ts';
import { StackStormFault } from './fault.ts';
import type { Identity, ServiceContext, ServiceEnv } from './service-app.ts';
import type { StackStormState } from './state.ts';

/**
 * The first credential that is not empty decides, in StackStorm's order; a second is never tried. A good answer to a
 * token echoes it in a cookie. Source: st2common/router.py.
 */
export function authenticated(state: StackStormState): MiddlewareHandler<ServiceEnv> {
  return async (c, next) => {
    const { identity, echo } = identify(c, state);
    c.set('identity', identity);
    await next();
    if (echo !== null && c.res.status < 400)
      c.header('Set-Cookie', cookieOf(echo, identity, state.now()), { append: true });
  };
}

function identify(c: ServiceContext, state: StackStormState): { identity: Identity; echo: string | null } {
  const headerToken = c.req.header('x-auth-token');
  if (headerToken) return { identity: byToken(state, headerToken, 'header'), echo: headerToken };
  const headerKey = c.req.header('st2-api-key');
  if (headerKey) return { identity: byKey(state, headerKey, 'header'), echo: null };
  const queryToken = c.req.query('x-auth-token');
  if (queryToken) return { identity: byToken(state, queryToken, 'query'), echo: queryToken };
  const queryKey = c.req.query('st2-api-key');
  if (queryKey) return { identity: byKey(state, queryKey, 'query'), echo: null };
  const cookie = getCookie(c, 'auth-token');
  if (cookie) return { identity: byToken(state, cookie, 'header'), echo: null };
  throw new StackStormFault(401, 'Unauthorized - One of Token or API key required.');
}

function byToken(state: StackStormState, text: string, location: Identity['location']): Identity {
  const token = state.accounts.token(text);
  if (token === undefined) throw new StackStormFault(401, 'Unauthorized');
  if (!state.accounts.isLive(token)) throw new StackStormFault(401, 'Unauthorized - Token has expired.');
  return { user: token.user, method: 'authentication token', location, expiresAt: token.expiresAt };
}

function byKey(state: StackStormState, text: string, location: Identity['location']): Identity {
  const key = state.accounts.apiKey(text);
  if (key === undefined)
    throw new StackStormFault(401, `Unauthorized - ApiKey with key_hash=${hashOfKey(text)} not found.`);
  if (!key.enabled) throw new StackStormFault(401, 'Unauthorized - API key is disabled.');
  return { user: key.user, method: 'API key', location, expiresAt: null };
}

function cookieOf(token: string, identity: Identity, now: number): string {
  const expires = identity.expiresAt ?? now;
  const age = Math.max(0, Math.floor((expires - now) / 1000));
  const date = new Date(expires).toUTCString().replace(/^(\w+, \d+) (\w+) (\d+)/, '$1-$2-$3');
  return `auth-token=${token}; Max-Age=${age}; Path=/; expires=${date}; secure; HttpOnly; SameSite=lax`;
}
