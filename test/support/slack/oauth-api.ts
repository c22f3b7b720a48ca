import { Hono } from 'hono';
import { z } from 'zod';
import type { Consent, OAuthCodes } from './oauth-codes.ts';
import { idToken, type OpenIdKeys, userInfo } from './openid.ts';
import { lean } from './wire.ts';
import type { SlackWorld } from './world.ts';
import { ROTATED_TOKEN_SECONDS } from './world-apps.ts';
import type { Installation, Json, SlackApp } from './world-types.ts';

const exchange = z.object({
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  code: z.string().optional(),
  redirect_uri: z.string().optional(),
  grant_type: z.string().optional(),
  refresh_token: z.string().optional(),
  code_verifier: z.string().optional(),
});

type Exchange = z.infer<typeof exchange>;

const SECRETS = ['client_secret', 'code', 'refresh_token', 'code_verifier', 'token'];

/**
 * `oauth.v2.access`, `openid.connect.token` and `openid.connect.userInfo`: the Web API methods that need an app's
 * credentials, or a person's token, in place of a bot's.
 */
export function oauthApi(
  world: SlackWorld,
  codes: OAuthCodes,
  keys: () => OpenIdKeys,
  issuer: () => string,
): Hono {
  const api = new Hono();
  const answer = (method: string, args: Json, app: SlackApp | undefined, body: Json): Response => {
    const shown = Object.fromEntries(Object.entries(args).filter(([name]) => !SECRETS.includes(name)));
    world.calls.push({
      method,
      at: world.now(),
      token: undefined,
      app,
      installation: undefined,
      args: shown,
      httpStatus: 200,
      answer: body,
      cut: false,
    });
    world.core.touch();
    return Response.json(body);
  };
  const fail = (error: string): Json => ({ ok: false, error });

  api.post('/api/oauth.v2.access', async (c) => {
    const args = exchange.parse(await bodyOf(c.req.raw));
    const app = authenticate(world, args, c.req.header('authorization'));
    if (typeof app === 'string') return answer('oauth.v2.access', args, undefined, fail(app));
    const given =
      args.grant_type === 'refresh_token' ? refreshed(world, app, args) : installed(world, codes, app, args);
    return answer('oauth.v2.access', args, app, typeof given === 'string' ? fail(given) : given);
  });

  api.post('/api/openid.connect.token', async (c) => {
    const args = exchange.parse(await bodyOf(c.req.raw));
    const app = authenticate(world, args, c.req.header('authorization'));
    if (typeof app === 'string') return answer('openid.connect.token', args, undefined, fail(app));
    const consent = takeCode(codes, app, 'openid', args);
    if (typeof consent === 'string') return answer('openid.connect.token', args, app, fail(consent));
    const token = world.apps.issue('user', app, { scopes: consent.userScopes, user: consent.user });
    return answer('openid.connect.token', args, app, {
      ok: true,
      access_token: token.value,
      token_type: 'Bearer',
      id_token: idToken(keys(), consent, { issuer: issuer(), accessToken: token.value, now: world.now() }),
    });
  });

  api.on(['GET', 'POST'], '/api/openid.connect.userInfo', async (c) => {
    const value = c.req.header('authorization')?.replace(/^Bearer /, '') ?? '';
    const token = world.apps.tokens.get(value);
    if (token?.kind !== 'user' || token.user === undefined || token.state !== 'live')
      return answer('openid.connect.userInfo', {}, undefined, fail('invalid_auth'));
    if (!token.scopes.has('openid'))
      return answer('openid.connect.userInfo', {}, token.app, {
        ...fail('missing_scope'),
        needed: 'openid',
        provided: [...token.scopes].join(','),
      });
    return answer('openid.connect.userInfo', {}, token.app, {
      ok: true,
      ...userInfo(token.user, token.scopes),
    });
  });
  return api;
}

function installed(world: SlackWorld, codes: OAuthCodes, app: SlackApp, args: Exchange): Json | string {
  const consent = takeCode(codes, app, 'install', args);
  if (typeof consent === 'string') return consent;
  const authed = lean({ id: consent.user.id, ...userToken(world, consent) });
  if (consent.scopes.length === 0)
    return { ok: true, app_id: app.id, authed_user: authed, ...placeOf(consent) };
  const installation = world.apps.install(app, consent.where, {
    installer: consent.user,
    scopes: consent.scopes,
  });
  return { ok: true, authed_user: authed, ...botAnswer(installation) };
}

function refreshed(world: SlackWorld, app: SlackApp, args: Exchange): Json | string {
  const installation = world.apps.refresh(app, args.refresh_token ?? '');
  return installation === undefined ? 'invalid_refresh_token' : { ok: true, ...botAnswer(installation) };
}

function botAnswer(installation: Installation): Json {
  const { app, team, enterprise, bot, refreshToken } = installation;
  return lean({
    app_id: app.id,
    scope: [...installation.scopes].join(','),
    token_type: 'bot',
    access_token: installation.botToken,
    bot_user_id: bot.id,
    refresh_token: refreshToken,
    expires_in: refreshToken === undefined ? undefined : ROTATED_TOKEN_SECONDS,
    team: team === undefined ? null : { id: team.id, name: team.name },
    enterprise: enterprise === undefined ? null : { id: enterprise.id, name: enterprise.name },
    is_enterprise_install: installation.isEnterpriseInstall,
  });
}

function userToken(world: SlackWorld, consent: Consent): Json {
  const { app, user, userScopes } = consent;
  if (userScopes.length === 0) return {};
  const token = world.apps.issue('user', app, { scopes: userScopes, user });
  return { scope: userScopes.join(','), access_token: token.value, token_type: 'user' };
}

function placeOf(consent: Consent): Json {
  const { team, where } = consent;
  const { enterprise } = team;
  return {
    team: where === team ? { id: team.id, name: team.name } : null,
    enterprise: enterprise === undefined ? null : { id: enterprise.id, name: enterprise.name },
    is_enterprise_install: where !== team,
  };
}

function takeCode(codes: OAuthCodes, app: SlackApp, flow: Consent['flow'], args: Exchange): Consent | string {
  if (args.grant_type !== undefined && args.grant_type !== 'authorization_code') return 'invalid_grant_type';
  if (args.code === undefined || args.code === '') return 'invalid_code';
  return codes.take({
    flow,
    app,
    code: args.code,
    redirectUri: args.redirect_uri,
    codeVerifier: args.code_verifier,
  });
}

/** The app whose id and secret these are, from HTTP Basic or from the body. A string is Slack's error. */
function authenticate(
  world: SlackWorld,
  args: Exchange,
  authorization: string | undefined,
): SlackApp | string {
  const basic = authorization?.match(/^Basic (.+)$/)?.[1];
  const [id, secret] =
    basic === undefined
      ? [args.client_id, args.client_secret]
      : Buffer.from(basic, 'base64').toString('utf8').split(':');
  const app = [...world.apps.apps.values()].find((one) => one.clientId === id);
  if (app === undefined) return 'invalid_client_id';
  return app.clientSecret === secret ? app : 'bad_client_secret';
}

async function bodyOf(request: Request): Promise<unknown> {
  if ((request.headers.get('content-type') ?? '').includes('json')) return request.json();
  return Object.fromEntries(new URLSearchParams(await request.text()));
}
