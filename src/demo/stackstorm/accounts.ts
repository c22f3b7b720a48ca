import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { StackStormFault } from './fault.ts';
import { objectId } from './identifiers.ts';
import type { JsonObject } from './json.ts';

export interface UserSeed {
  readonly name: string;
  /** Without one the account cannot log in. */
  readonly password?: string;
  /** May ask for tokens of other users. */
  readonly isService?: boolean;
  /** Nickname by origin: `{ slack: 'alice.slack' }`. */
  readonly nicknames?: Readonly<Record<string, string>>;
  readonly roles?: readonly string[];
  /** What RBAC allows, where it is on. */
  readonly may?: 'everything' | Permissions;
}

export interface Permissions {
  /** Permission types on whole resources: `action_alias_list`, `execution_view`, ... */
  readonly types: readonly string[];
  /** Refs of the actions that may be executed; `pack.*` is all of a pack, `*` is all. */
  readonly executes: readonly string[];
}

export interface User extends UserSeed {
  readonly id: string;
}

export interface Token {
  readonly id: string;
  readonly token: string;
  readonly user: User;
  /** ms since the epoch. */
  readonly expiresAt: number;
}

export interface ApiKey {
  readonly id: string;
  readonly user: User;
  readonly keyHash: string;
  readonly metadata: JsonObject;
  readonly createdAt: number;
  readonly enabled: boolean;
}

/** Who StackStorm knows, with which tokens and keys, and what each may do. */
export class Accounts {
  readonly #users = new Map<string, User>();
  readonly #tokens = new Map<string, Token>();
  readonly #apiKeys = new Map<string, ApiKey>();
  readonly #now: () => number;
  /** Off: everybody may do everything, and `is_admin` is true for all. */
  rbac: boolean;

  constructor(now: () => number, rbac: boolean) {
    this.#now = now;
    this.rbac = rbac;
  }

  addUser(seed: UserSeed): User {
    const user: User = { ...seed, id: this.#users.get(seed.name)?.id ?? objectId(this.#now()) };
    this.#users.set(seed.name, user);
    return user;
  }

  /** The user of that name, made on first sight as StackStorm makes it. */
  user(name: string): User {
    return this.#users.get(name) ?? this.addUser({ name });
  }

  find(name: string): User | undefined {
    return this.#users.get(name);
  }

  byNickname(nickname: string, origin: string): User | undefined {
    return [...this.#users.values()].find((user) => user.nicknames?.[origin] === nickname);
  }

  passwordFits(name: string, password: string): boolean {
    const known = this.#users.get(name)?.password;
    return known !== undefined && known === password;
  }

  /** `token` is given by seeds only; StackStorm draws it. */
  addToken(user: User, expiresAt: number, token = randomUUID().replaceAll('-', '')): Token {
    const record: Token = { id: objectId(this.#now()), token, user, expiresAt };
    this.#tokens.set(token, record);
    return record;
  }

  token(token: string): Token | undefined {
    return this.#tokens.get(token);
  }

  isLive(token: Token | undefined): token is Token {
    return token !== undefined && token.expiresAt > this.#now();
  }

  /** Makes a user's tokens expire now, as an operator would. */
  expireTokensOf(name: string): void {
    for (const token of [...this.#tokens.values()])
      if (token.user.name === name) this.#tokens.set(token.token, { ...token, expiresAt: this.#now() });
  }

  addApiKey(
    user: User,
    options: { key?: string; metadata?: JsonObject; enabled?: boolean } = {},
  ): { readonly key: string; readonly record: ApiKey } {
    const key =
      options.key ?? Buffer.from(randomBytes(32).toString('hex')).toString('base64').replace(/=+$/, '');
    const keyHash = hashOfKey(key);
    const record: ApiKey = {
      id: objectId(this.#now()),
      user,
      keyHash,
      metadata: options.metadata ?? {},
      createdAt: this.#now(),
      enabled: options.enabled ?? true,
    };
    this.#apiKeys.set(keyHash, record);
    return { key, record };
  }

  get apiKeys(): readonly ApiKey[] {
    return [...this.#apiKeys.values()];
  }

  apiKey(key: string): ApiKey | undefined {
    return this.#apiKeys.get(hashOfKey(key));
  }

  isAdmin(user: User): boolean {
    return !this.rbac || user.may === 'everything';
  }

  /** @throws StackStormFault 403 in the words of StackStorm's RBAC backend */
  assertMay(user: User, permission: string, resourceUid?: string): void {
    if (!this.rbac || user.may === 'everything') return;
    if (resourceUid?.startsWith('action:')) {
      const ref = resourceUid.slice('action:'.length).replace(':', '.');
      const pack = ref.slice(0, ref.indexOf('.'));
      if (user.may?.executes.some((may) => may === '*' || may === ref || may === `${pack}.*`)) return;
    } else if (user.may?.types.includes(permission)) return;
    const on = resourceUid === undefined ? '' : ` on resource "${resourceUid}"`;
    throw new StackStormFault(
      403,
      `User "${user.name}" doesn't have required permission "${permission}"${on}`,
    );
  }
}

/** StackStorm keeps SHA-512 of a key, and prints it where a key is not known. */
export function hashOfKey(key: string): string {
  return createHash('sha512').update(key).digest('hex');
}
