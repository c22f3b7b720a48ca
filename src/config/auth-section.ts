import { z } from 'zod';
import { clientCertificateSection } from './client-certificate-section.ts';
import { confirmKeys } from './confirm-keys.ts';
import { duration, oneOf, publicUrl, wholeNumber } from './fields.ts';
import { always, counts, group, has, way } from './group.ts';
import { serversideSection } from './serverside-section.ts';
import { sessionKeys } from './session-keys.ts';

const limit = (times: number, window: string, what: string) =>
  group({
    count: wholeNumber(1, 1_000_000).default(times).describe(`How many ${what}`),
    window: duration('1s', '1d').prefault(window).describe('in how long.'),
  }).prefault({});

const methods = ['password', 'token', 'apiKey'] as const;

const oneMode = 'exactly one of "standalone": {}, "clientside": {} and "serverside": {…}';

export const authSection = group(
  {
    standalone: group({})
      .describe('Everyone runs with the bot credential. Needs access.default.')
      .exactOptional(),
    clientside: group({})
      .describe('Everyone logs in to StackStorm once and runs as themselves.')
      .exactOptional(),
    serverside: serversideSection
      .describe(
        'The bot’s StackStorm account is a service account, which asks StackStorm for everyone’s tokens (docs/serverside.md).',
      )
      .exactOptional(),
    publicUrl: publicUrl()
      .describe(
        'Where browsers reach the login page (and Slack its endpoints) from outside; https except on loopback. Needed unless standalone.',
      )
      .exactOptional(),
    linkTtl: duration('10s', '10m')
      .prefault('10m')
      .describe('How long a login link, and the login it opens, live.'),
    methods: z
      .array(oneOf(methods), { error: 'a list of "password", "token", "apiKey"' })
      .min(1, { error: 'at least one of "password", "token", "apiKey"' })
      .refine((list) => new Set(list).size === list.length, { error: 'each method once' })
      .meta({ uniqueItems: true })
      .prefault([...methods])
      .describe('How people may log in.'),
    ...confirmKeys,
    clientCertificate: clientCertificateSection
      .describe('Logins are bound to client certificates, which the TLS proxy checks (docs/nginx.md).')
      .exactOptional(),
    maxAttempts: wholeNumber(1, 100).default(5).describe('Wrong tries of one login.'),
    sessionTtl: duration('1m', '30d').prefault('12h').describe('How long a session lives at most.'),
    tokenTtl: duration('1m', '30d')
      .describe("The lifetime asked of StackStorm for a person's token. Default: `auth.sessionTtl`.")
      .exactOptional(),
    ...sessionKeys,
    limits: group({
      openFailures: limit(10, '1m', 'unknown or wrong links an address may try'),
      loginFailures: limit(10, '1h', 'failed logins a chat user may have, over all links'),
      links: limit(5, '10m', 'links a chat user may ask for'),
    })
      .prefault({})
      .describe('Guessing is bounded.'),
  },
  `an object with ${oneMode}`,
)
  .refine((value) => counts(value, ['standalone', 'clientside', 'serverside'], 1), {
    ...always,
    error: oneMode,
  })
  .refine((value) => !has(value, 'clientside') || has(value, 'publicUrl'), {
    ...always,
    path: ['publicUrl'],
    error: 'an address such as "https://chatops.example.com" (needed in clientside)',
  })
  .transform(({ standalone, clientside, serverside, publicUrl: address, ...rest }) => {
    const common = { ...rest, tokenTtl: rest.tokenTtl ?? rest.sessionTtl };
    if (serverside !== undefined) {
      return {
        mode: 'serverside' as const,
        serverside,
        ...common,
        ...(address === undefined ? {} : { publicUrl: address }),
      };
    }
    if (standalone !== undefined || clientside === undefined || address === undefined) {
      return {
        mode: 'standalone' as const,
        ...common,
        ...(address === undefined ? {} : { publicUrl: address }),
      };
    }
    return { mode: 'clientside' as const, publicUrl: address, ...common };
  })
  .meta({
    oneOf: [way('standalone'), way('clientside', 'publicUrl'), way('serverside')],
  });
