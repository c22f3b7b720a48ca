import { type ChatProfile, type ChatUser, chatUserKey } from '../chat/chat.ts';
import type { StackStorm } from '../stackstorm/stackstorm.ts';
import { askWithTtl } from '../stackstorm/token-ttl.ts';
import type { Auth, Grant } from './auth.ts';

/** Who a chat user is at StackStorm; exactly one of the three (section `auth.serverside` of the config). */
export interface ServersideMapping {
  /** StackStorm users by chat user key. */
  readonly map?: Readonly<Record<string, string>>;
  readonly email?: {
    readonly domain: string;
    readonly workspaces: readonly string[];
    readonly user: 'name' | 'address';
  };
  readonly nickname?: { readonly origin: string; readonly workspaces: readonly string[] };
}

export interface ServersideOptions {
  readonly mapping: ServersideMapping;
  /** The service account. Nobody is mapped to it. */
  readonly service: { readonly username: string; readonly password: string };
  /** Ms that is asked of StackStorm for each token. */
  readonly tokenTtl: number;
  /** StackStorm allows less than `tokenTtl`; told once. */
  readonly onTtlLowered: (ttlSeconds: number) => void;
}

export interface ServersideDeps {
  readonly stackstorm: Pick<StackStorm, 'createTokenFor' | 'user'>;
  /** What the person's platform says of them. */
  readonly profile: (user: ChatUser) => Promise<ChatProfile>;
  /** Ms since the epoch. */
  readonly now: () => number;
}

type Granted = Grant & { readonly kind: 'granted' };
type Target = Parameters<StackStorm['createTokenFor']>[1];

interface Held {
  readonly target: string;
  readonly grant: Granted;
  /** Ms since the epoch by our own clock, counted from before StackStorm was asked. */
  readonly renewAt: number;
}

const mostHeld = 10_000;
/** What may stand before the `@`: no address with a tag (`alice+x@`) is another way to be alice. */
const localPart = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/**
 * The service account asks StackStorm for a token of each chat user's own StackStorm user, and the chat user runs with
 * that token and no other (S7). Tokens stand in memory until shortly before they end. Who a person is comes from ids and
 * from what the platform vouches for, never from a name, which people choose themselves.
 */
export function createServersideAuth(deps: ServersideDeps, options: ServersideOptions): Auth {
  const held = new Map<string, Held>();
  const asking = new Map<string, Promise<Held>>();
  let isTold = false;

  async function ask(key: string, target: Target, name: string): Promise<Held> {
    const askedAt = deps.now();
    const granted = await askWithTtl(
      (ttl) => deps.stackstorm.createTokenFor(options.service, target, ttl),
      options.tokenTtl / 1000,
    );
    if (granted.lowered && !isTold) {
      isTold = true;
      options.onTtlLowered(granted.ttlSeconds);
    }
    const credential = { kind: 'token', token: granted.token.token } as const;
    const { username: stackstormUser } = await deps.stackstorm.user(credential);
    const lifeMs = granted.ttlSeconds * 1000;
    const fresh: Held = {
      target: name,
      grant: { kind: 'granted', credential, stackstormUser },
      renewAt: askedAt + lifeMs - Math.min(lifeMs / 10, 60_000),
    };
    held.delete(key);
    held.set(key, fresh);
    const [oldest] = held.keys();
    if (held.size > mostHeld && oldest !== undefined) held.delete(oldest);
    return fresh;
  }

  return {
    mode: 'serverside',
    async credentialFor(user) {
      const target = await targetOf(user, deps, options);
      if (target === undefined) return { kind: 'refused', reason: 'not-mapped' };
      const key = chatUserKey(user);
      const name = JSON.stringify(target);
      const known = held.get(key);
      if (known?.target === name && deps.now() < known.renewAt) return known.grant;
      // One request, however many wait.
      const flight = `${key} ${name}`;
      const asked = asking.get(flight) ?? ask(key, target, name).finally(() => asking.delete(flight));
      asking.set(flight, asked);
      return (await asked).grant;
    },
    async rejected(user, grant) {
      const key = chatUserKey(user);
      if (held.get(key)?.grant.credential === grant.credential) held.delete(key);
    },
  };
}

/** Who the person is at StackStorm, as StackStorm is asked for them; undefined where nothing says it. */
async function targetOf(
  user: ChatUser,
  { profile }: ServersideDeps,
  { mapping, service }: ServersideOptions,
): Promise<Target | undefined> {
  const target = await mappedTo(user, mapping, profile);
  return target !== undefined && 'user' in target && target.user === service.username ? undefined : target;
}

async function mappedTo(
  user: ChatUser,
  { map, email, nickname }: ServersideMapping,
  profile: ServersideDeps['profile'],
): Promise<Target | undefined> {
  if (map !== undefined) {
    const key = chatUserKey(user);
    const mapped = Object.hasOwn(map, key) ? map[key] : undefined;
    return mapped === undefined ? undefined : { user: mapped };
  }
  const workspaces = email?.workspaces ?? nickname?.workspaces ?? [];
  if (!workspaces.includes(`${user.platform}:${user.workspace}`)) return undefined;
  const person = await profile(user);
  if (person.userKind !== 'member') return undefined;
  if (nickname !== undefined) return { impersonate_user: user.id, nickname_origin: nickname.origin };
  if (email === undefined) return undefined;
  const address = (person.email ?? '').toLowerCase();
  const [name = '', ...rest] = address.split('@');
  if (rest.length !== 1 || rest[0] !== email.domain || !localPart.test(name)) return undefined;
  return { user: email.user === 'name' ? name : address };
}
