import { z } from 'zod';
import { duration, httpUrl, routeName, text, yesOrNo } from './fields.ts';
import { always, counts, group, has, way } from './group.ts';

const secretOf = (what: string) =>
  text(`${what}, as a string, "\${ENV_NAME}" or {"file": "/run/secrets/name"}`, 10_000);

const credential = group({
  username: text('a user name')
    .describe('The bot account; its token is renewed before it ends.')
    .exactOptional(),
  password: secretOf('a password').meta({ description: 'Its password.', writeOnly: true }).exactOptional(),
  token: secretOf('a token').meta({ description: 'A user token instead.', writeOnly: true }).exactOptional(),
  apiKey: secretOf('an API key')
    .meta({ description: 'An API key instead.', writeOnly: true })
    .exactOptional(),
})
  .refine(isOneCredential, {
    ...always,
    error: 'exactly one of {"username", "password"}, {"token"} and {"apiKey"}',
  })
  .transform(({ username, password, token, apiKey }) => {
    if (token !== undefined) return { kind: 'token' as const, token };
    if (apiKey !== undefined) return { kind: 'apiKey' as const, apiKey };
    return { kind: 'password' as const, username: username ?? '', password: password ?? '' };
  })
  .meta({
    description: 'The bot credential; StackStorm gets exactly one.',
    oneOf: [way('username', 'password'), way('token'), way('apiKey')],
  });

function isOneCredential(value: unknown): boolean {
  const own = ['token', 'apiKey'];
  return has(value, 'username') || has(value, 'password')
    ? counts(value, ['username', 'password'], 2) && counts(value, own, 0)
    : counts(value, own, 1);
}

export const stackstormSection = group(
  {
    url: httpUrl().describe("The address of StackStorm's nginx; /auth/v1, /api/v1 and /stream/v1 are added."),
    authUrl: httpUrl()
      .describe('The auth service itself, where it is not behind `url`; gets /v1 only.')
      .exactOptional(),
    apiUrl: httpUrl().describe('The API service itself, likewise.').exactOptional(),
    streamUrl: httpUrl().describe('The stream service itself, likewise.').exactOptional(),
    webUrl: httpUrl()
      .describe("StackStorm's web UI for links to executions, where what StackStorm says of itself is wrong.")
      .exactOptional(),
    credential,
    routeKey: routeName()
      .prefault('errbot')
      .describe('The notification route of results; `hubot` shares the stock rule of hubot-stackstorm.'),
    announcementRoutes: z
      .array(routeName(), { error: 'a list of routes' })
      .max(20, { error: 'a list of at most 20 routes' })
      .prefault(['chatops'])
      .describe(
        'Routes whose announcements are posted though no command of ours asked (`chatops.post_message`).',
      ),
    streamIdle: duration('10s', '1h')
      .prefault('240s')
      .describe('Silence on the stream that counts as a fault.'),
    timeout: duration('1s', '10m').prefault('30s').describe('Time for one call to StackStorm.'),
    caFile: text('the path of a PEM file')
      .describe("A PEM file with the CA of StackStorm's certificate, where the system does not know it.")
      .exactOptional(),
    allowInsecureTls: yesOrNo()
      .default(false)
      .describe(
        "Turns verification of StackStorm's certificate off. Everyone on the way can then read credentials.",
      ),
    catalogRefresh: duration('10s', '1d')
      .prefault('5m')
      .describe('How often the aliases are read again (they also follow the stream).'),
  },
  'an object with at least "url" and "credential"',
);
