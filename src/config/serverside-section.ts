import { z } from 'zod';
import { chatUserKey, oneOf, text } from './fields.ts';
import { always, counts, group, has, way } from './group.ts';
import type { Config } from './schema.ts';

const homePattern = /^[a-z][a-z0-9-]{0,31}:[A-Za-z0-9._-]{1,64}$/;
const domainPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;
const originPattern = /^[A-Za-z0-9._-]{1,64}$/;

function workspaces() {
  const error = 'a list of workspaces such as "slack:T024BE7LD" (the beginning of the chat user keys there)';
  const one = z.string({ error }).regex(homePattern, { error }).meta({ title: 'platform:workspace' });
  return z
    .array(one, { error })
    .min(1, { error })
    .describe('Only full members of these workspaces: never guests, nor people of Slack Connect.');
}

function domain() {
  const error = 'one domain in small letters, such as "example.com"';
  return z.string({ error }).regex(domainPattern, { error }).meta({ title: 'a domain' });
}

const stackstormUser = () => text('the name of a StackStorm user, 256 characters at most', 256);

/** Who a chat user is at StackStorm, where the bot's service account asks for their tokens. */
export const serversideSection = group(
  {
    map: z
      .record(chatUserKey(), stackstormUser(), {
        error: 'an object such as {"slack:T024BE7LD:U0G9QF9C6": "alice"}',
      })
      .meta({ title: 'StackStorm users by chat user key' })
      .describe('Each chat user key with its StackStorm user; who is not in it is refused.')
      .exactOptional(),
    email: group({
      domain: domain().describe('The one domain whose addresses count.'),
      workspaces: workspaces(),
      user: oneOf(['name', 'address'])
        .prefault('name')
        .describe('What the StackStorm user is called: the part before the `@`, or the whole address.'),
    })
      .describe('Or: by the confirmed e-mail address that the chat platform says.')
      .exactOptional(),
    nickname: group({
      origin: z
        .string({ error: 'a name such as "slack"' })
        .regex(originPattern, { error: 'a name such as "slack"' })
        .meta({ title: 'a name' })
        .describe('Where the nickname is from, as it stands in StackStorm (`nickname_origin`).'),
      workspaces: workspaces(),
    })
      .describe(
        'Or: by the nickname that the StackStorm user has for `origin`, which must be the chat user’s id.',
      )
      .exactOptional(),
  },
  'an object with exactly one of "map", "email" and "nickname"',
)
  .refine((value) => counts(value, ['map', 'email', 'nickname'], 1), {
    ...always,
    error: 'exactly one of "map", "email" and "nickname"',
  })
  .meta({ oneOf: [way('map'), way('email'), way('nickname')] });

/** Whether a config, as far as it can be read, has the account that serverside asks with: its password is needed. */
export function hasServiceAccount({ auth, stackstorm }: Unread): boolean {
  if (!isServerside(auth)) return true;
  const credential = at(stackstorm, 'credential');
  if (credential === undefined) return true;
  return has(credential, 'username') || at(credential, 'kind') === 'password';
}

export const serviceAccountFault =
  '{"username", "password"} of a StackStorm service account (auth.serverside asks for everyone’s tokens with it; a token or an API key cannot)';

/** Whether nobody is mapped to the service account itself. */
export function mapsNobodyToService({ auth, stackstorm }: Unread): boolean {
  if (!isServerside(auth)) return true;
  const username = at(at(stackstorm, 'credential'), 'username');
  const map = at(at(auth, 'serverside'), 'map');
  if (typeof map !== 'object' || map === null || typeof username !== 'string') return true;
  return !Object.values(map).includes(username);
}

export const serviceMappedFault =
  'other StackStorm users than stackstorm.credential.username: who runs as the service account can be anyone';

interface Unread {
  readonly auth: unknown;
  readonly stackstorm: unknown;
}

function isServerside(auth: unknown): boolean {
  return has(auth, 'serverside') && at(auth, 'serverside') !== undefined;
}

function at(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

/** What serverside means, for `check` and every start. */
export function serversideWarnings({ auth }: Config): string[] {
  if (auth.mode !== 'serverside') return [];
  return [
    "auth.serverside: the bot's StackStorm account is a service account, which can be any StackStorm user, so whoever has its password or this machine has them all. Give people the least rights, and keep this machine as you keep StackStorm's own.",
  ];
}
