import { type Asker, ChatError, type ChatUser, chatUserKey, type UserKind } from '../chat/chat.ts';
import type { Scope } from '../sessions/list.ts';
import {
  type AccessRule,
  fitsAsker,
  fitsGroups,
  kindsOf,
  type ReadyRule,
  readyRule,
} from './access-rules.ts';

/** Section `access` of the config. */
export interface AccessOptions {
  /** Chat user keys of people who see and end sessions of their own workspace. */
  readonly admins: readonly string[];
  /** Chat user keys of people who do so for every workspace. */
  readonly globalAdmins: readonly string[];
  /** What holds for an alias that no rule names. */
  readonly default: 'allow' | 'deny';
  readonly rules: readonly AccessRule[];
}

/** Whether something may be run, and why: the rule that decided, or none (the default for that kind of people). */
export interface Decision {
  readonly allowed: boolean;
  readonly rule?: ReadyRule;
  readonly userKind: UserKind;
  /** The person's groups could not be read, and rules that ask for them were taken against them. */
  readonly withoutGroups: boolean;
}

/** What the rules let one person do in one place. */
export interface AccessView {
  readonly userKind: UserKind;
  /** False where nothing at all is for this person: not a member, and no rule lets their kind run anything here. */
  readonly isServed: boolean;
  /** Whether they may run, and so be told of, an alias. */
  alias(ref: string): Decision;
  /** Whether they may use a command of the bot's own. A member may, unless a rule denies it by name. */
  command(name: string): Decision;
}

/** Who may do what, as the config says; never StackStorm's or the platform's own admin flags (design.md, section 1). */
export class Access {
  readonly #options: AccessOptions;
  readonly #rules: readonly ReadyRule[];
  readonly #groupsOf: (user: ChatUser) => Promise<readonly string[]>;

  /** `groupsOf` answers the user groups that a person is in; may throw ChatError. */
  constructor(options: AccessOptions, groupsOf: (user: ChatUser) => Promise<readonly string[]>) {
    this.#options = options;
    this.#rules = options.rules.map(readyRule);
    this.#groupsOf = groupsOf;
  }

  /** The scope of an admin, or undefined for everyone else. */
  adminScope(user: ChatUser): Scope | undefined {
    const key = chatUserKey(user);
    if (this.#options.globalAdmins.includes(key)) return { kind: 'all' };
    if (!this.#options.admins.includes(key)) return undefined;
    return { kind: 'workspace', platform: user.platform, workspace: user.workspace };
  }

  /**
   * What the rules say to this person in this place. At once, unless a rule that could fit them asks for their groups;
   * groups that cannot be read are no failure (see {@link Decision.withoutGroups}).
   */
  viewFor(asker: Asker): AccessView | Promise<AccessView> {
    const rules = this.#rules.filter((rule) => fitsAsker(rule, asker));
    const { userKind } = kindsOf(asker);
    const { default: standard } = this.#options;
    if (rules.every(({ rule }) => rule.groups === undefined)) {
      return new RulesView({ rules, userKind, standard, withoutGroups: false });
    }
    return this.#readGroups(asker.user).then((groups) => {
      const fitting = rules.filter((rule) => fitsGroups(rule, groups));
      return new RulesView({ rules: fitting, userKind, standard, withoutGroups: groups === 'unknown' });
    });
  }

  async #readGroups(user: ChatUser): Promise<readonly string[] | 'unknown'> {
    try {
      return await this.#groupsOf(user);
    } catch (error) {
      if (error instanceof ChatError) return 'unknown';
      throw error;
    }
  }
}

class RulesView implements AccessView {
  readonly userKind: UserKind;
  readonly isServed: boolean;
  readonly #rules: readonly ReadyRule[];
  readonly #standard: 'allow' | 'deny';
  readonly #withoutGroups: boolean;

  constructor(made: {
    /** Those that fit the person and the place, in order. */
    readonly rules: readonly ReadyRule[];
    readonly userKind: UserKind;
    readonly standard: 'allow' | 'deny';
    readonly withoutGroups: boolean;
  }) {
    this.userKind = made.userKind;
    this.#rules = made.rules;
    this.#standard = made.standard;
    this.#withoutGroups = made.withoutGroups;
    this.isServed = made.userKind === 'member' || made.rules.some(({ allows }) => allows);
  }

  alias(ref: string): Decision {
    const rule = this.#rules.find(({ namesAlias }) => namesAlias(ref));
    return this.#decision(rule, this.#standard === 'allow');
  }

  command(name: string): Decision {
    return this.#decision(
      this.#rules.find(({ namesCommand }) => namesCommand(name)),
      true,
    );
  }

  #decision(rule: ReadyRule | undefined, otherwise: boolean): Decision {
    const { userKind } = this;
    const withoutGroups = this.#withoutGroups;
    if (rule === undefined) return { allowed: otherwise && userKind === 'member', userKind, withoutGroups };
    return { allowed: rule.allows, rule, userKind, withoutGroups };
  }
}
