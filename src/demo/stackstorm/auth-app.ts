import type { User } from './accounts.ts';
import { authenticated } from './authenticate.ts';
import { StackStormFault } from './fault.ts';
import { timestamp } from './identifiers.ts';
import type { JsonObject } from './json.ts';
import type { Schema } from './json-schema.ts';
import { readBody } from './request-body.ts';
import { createServiceApp, type ServiceApp, type ServiceOptions } from './service-app.ts';
import type { StackStormState } from './state.ts';

const tokenRequest: Schema = {
  type: 'object',
  properties: {
    ttl: { type: ['integer', 'null'], minimum: 1 },
    user: { type: ['string', 'null'] },
    impersonate_user: { type: ['string', 'null'] },
    nickname_origin: { type: ['string', 'null'] },
  },
};
const badCredentials = (): StackStormFault => new StackStormFault(401, 'Invalid or missing credentials');

/** st2auth: tokens for passwords. Source: st2auth/controllers/v1/auth.py. */
export function createAuthApp(state: StackStormState, options: ServiceOptions): ServiceApp {
  const app = createServiceApp('auth', state, options);

  app.post('/tokens', async (c) => {
    const body = await readBody(c, tokenRequest);
    const caller = login(state, c.req.header('authorization'));
    const user = impersonated(state, caller, body) ?? caller;
    const ttl = typeof body['ttl'] === 'number' ? body['ttl'] : state.maxTokenTtl;
    if (ttl > state.maxTokenTtl)
      throw new StackStormFault(
        400,
        `TTL specified ${ttl} is greater than max allowed ${state.maxTokenTtl}.`,
      );
    const token = state.accounts.addToken(user, state.now() + ttl * 1000);
    c.header('X-API-URL', options.publicUrl());
    return c.json(
      {
        user: user.name,
        token: token.token,
        expiry: timestamp(token.expiresAt),
        metadata: {},
        service: false,
        id: token.id,
      },
      201,
    );
  });

  app.post('/tokens/validate', authenticated(state), async (c) => {
    const { token } = await readBody(c, { type: 'object', properties: { token: { type: 'string' } } });
    if (typeof token !== 'string' || token === '') throw new StackStormFault(400, 'Token is not provided.');
    return c.json({ valid: state.accounts.isLive(state.accounts.token(token)) });
  });

  app.get('/sso', (c) => c.json({ enabled: false }));
  return app;
}

function login(state: StackStormState, authorization: string | undefined): User {
  if (!authorization) throw badCredentials();
  const parts = authorization.split(' ');
  if (parts.length === 1) throw new StackStormFault(400, 'not enough values to unpack (expected 2, got 1)');
  if (parts.length > 2) throw new StackStormFault(400, 'too many values to unpack (expected 2)');
  const [scheme = '', encoded = ''] = parts;
  if (scheme.toLowerCase() !== 'basic') throw badCredentials();
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 0) throw badCredentials();
  const name = decoded.slice(0, colon);
  if (!state.proxyMode && !state.accounts.passwordFits(name, decoded.slice(colon + 1)))
    throw badCredentials();
  return state.accounts.user(name);
}

/** The user whom a service account asks for, or null where it asks for itself. */
function impersonated(state: StackStormState, caller: User, body: JsonObject): User | null {
  const { user, impersonate_user: nickname, nickname_origin: origin } = body;
  if (typeof user !== 'string' && typeof nickname !== 'string') return null;
  if (caller.isService !== true)
    throw new StackStormFault(400, 'Current user is not a service and cannot request impersonated tokens');
  if (typeof user === 'string') return state.accounts.user(user);
  const known = state.accounts.byNickname(String(nickname), String(origin));
  if (known === undefined)
    throw new StackStormFault(400, `Could not locate user ${String(nickname)}@${String(origin)}`);
  return known;
}
