import { createHash, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Consent } from './oauth-codes.ts';
import { lean } from './wire.ts';
import type { Json, SlackUser } from './world-types.ts';

const LIFETIME_SECONDS = 300;

/** The key pair that signs id_tokens, and its public half as a JSON Web Key Set. */
export interface OpenIdKeys {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwks: Json;
}

/** The keys of this process, made at the first asking: RSA keys take a while. */
export function openIdKeys(): OpenIdKeys {
  keys ??= makeKeys();
  return keys;
}

let keys: OpenIdKeys | undefined;

function makeKeys(): OpenIdKeys {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = 'emulated-slack';
  return {
    kid,
    privateKey,
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] },
  };
}

/** The discovery document (https://slack.com/.well-known/openid-configuration) of an emulator at `url`. */
export function discovery(url: string): Json {
  return {
    issuer: url,
    authorization_endpoint: `${url}/openid/connect/authorize`,
    token_endpoint: `${url}/api/openid.connect.token`,
    userinfo_endpoint: `${url}/api/openid.connect.userInfo`,
    jwks_uri: `${url}/openid/connect/keys`,
    scopes_supported: ['openid', 'profile', 'email'],
    response_types_supported: ['code'],
    response_modes_supported: ['form_post'],
    grant_types_supported: ['authorization_code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    claims_supported: ['sub', 'auth_time', 'iss'],
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: true,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  };
}

/** A signed id_token (https://docs.slack.dev/authentication/sign-in-with-slack#response). `now` in ms. */
export function idToken(
  keys: OpenIdKeys,
  consent: Consent,
  options: { readonly issuer: string; readonly accessToken: string; readonly now: number },
): string {
  const seconds = Math.floor(options.now / 1000);
  const { user, app, nonce, userScopes } = consent;
  const hash = createHash('sha256').update(options.accessToken).digest().subarray(0, 16);
  const claims = lean({
    iss: options.issuer,
    sub: user.id,
    aud: app.clientId,
    exp: seconds + LIFETIME_SECONDS,
    iat: seconds,
    auth_time: seconds,
    nonce,
    at_hash: hash.toString('base64url'),
    'https://slack.com/team_id': consent.team.id,
    'https://slack.com/user_id': user.id,
    ...profileClaims(user, new Set(userScopes)),
    'https://slack.com/team_name': consent.team.name,
    'https://slack.com/team_domain': consent.team.domain,
  });
  const signed = [{ alg: 'RS256', typ: 'JWT', kid: keys.kid }, claims].map(encoded).join('.');
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(keys.privateKey).toString('base64url')}`;
}

/** What openid.connect.userInfo tells of a person. */
export function userInfo(user: SlackUser, scopes: ReadonlySet<string>): Json {
  return {
    sub: user.id,
    'https://slack.com/user_id': user.id,
    'https://slack.com/team_id': user.team.id,
    ...profileClaims(user, scopes),
  };
}

function profileClaims(user: SlackUser, scopes: ReadonlySet<string>): Json {
  return {
    ...(scopes.has('profile') ? { name: user.realName, given_name: user.realName, locale: 'en-US' } : {}),
    ...(scopes.has('email') ? { email: user.email, email_verified: true } : {}),
  };
}

function encoded(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
