import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import type { Scope } from '../sessions/list.ts';

/** Section `access` of the config. */
export interface AccessOptions {
  /** Chat user keys of people who see and end sessions of their own workspace. */
  readonly admins: readonly string[];
  /** Chat user keys of people who do so for every workspace. */
  readonly globalAdmins: readonly string[];
  /** What holds for an alias that no rule names. */
  readonly default: 'allow' | 'deny';
}

/** Who may do what, as the config says; never StackStorm's or the platform's own admin flags (design.md, section 1). */
export class Access {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** The scope of an admin, or undefined for everyone else. */
  adminScope(user: ChatUser): Scope | undefined {
    const key = chatUserKey(user);
    if (this.#options.globalAdmins.includes(key)) return { kind: 'all' };
    if (!this.#options.admins.includes(key)) return undefined;
    return { kind: 'workspace', platform: user.platform, workspace: user.workspace };
  }

  /** Whether this person may run, and so may be told of, an alias. */
  allows(_user: ChatUser, _aliasRef: string): boolean {
    return this.#options.default === 'allow';
  }
}
