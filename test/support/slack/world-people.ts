import type { WorldCore } from './world-core.ts';
import type { Channel, Enterprise, SlackApp, SlackUser, UserGroup, Workspace } from './world-types.ts';

export interface UserOptions {
  readonly id?: string;
  readonly name?: string;
  readonly realName?: string;
  readonly displayName?: string;
  readonly email?: string;
  readonly deleted?: boolean;
  readonly guest?: boolean | 'single-channel';
  readonly admin?: boolean;
  readonly isBot?: boolean;
  readonly bot?: { readonly id: string; readonly app: SlackApp };
  /** Further workspaces of the same org. */
  readonly alsoIn?: readonly Workspace[];
}

/** Whether two workspaces are one organisation: the same, or of one Grid org. */
export function sameOrg(a: Workspace, b: Workspace): boolean {
  return a.id === b.id || (a.enterprise !== undefined && a.enterprise.id === b.enterprise?.id);
}

/** Orgs, workspaces, users and user groups. User ids are unique in an org, not in the world. */
export class People {
  readonly enterprises = new Map<string, Enterprise>();
  readonly workspaces = new Map<string, Workspace>();
  readonly users: SlackUser[] = [];
  readonly usergroups: UserGroup[] = [];
  readonly #core: WorldCore;

  constructor(core: WorldCore) {
    this.#core = core;
  }

  enterprise(id: string, name = id): Enterprise {
    const known = this.enterprises.get(id);
    if (known !== undefined) return known;
    const enterprise = { id, name };
    this.enterprises.set(id, enterprise);
    return enterprise;
  }

  workspace(options: { id?: string; name?: string; domain?: string; enterprise?: string } = {}): Workspace {
    const id = options.id ?? this.#core.id('T');
    const name = options.name ?? id;
    const workspace: Workspace = {
      id,
      name,
      domain: options.domain ?? name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
      enterprise: options.enterprise === undefined ? undefined : this.enterprise(options.enterprise),
    };
    this.workspaces.set(id, workspace);
    this.#core.touch();
    return workspace;
  }

  user(team: Workspace, options: UserOptions = {}): SlackUser {
    const id = options.id ?? this.#core.id('U');
    if (this.users.some((user) => user.id === id && sameOrg(user.team, team)))
      throw new Error(`user ${id} is in ${team.id} already`);
    const name = options.name ?? id.toLowerCase();
    const user: SlackUser = {
      id,
      team,
      enterprise: team.enterprise,
      teams: new Set([team.id, ...(options.alsoIn ?? []).map((other) => other.id)]),
      name,
      realName: options.realName ?? name,
      displayName: options.displayName ?? name,
      email: options.email ?? `${name.toLowerCase().replace(/[^a-z0-9]+/g, '.')}@${team.domain}.example`,
      deleted: options.deleted ?? false,
      restricted: options.guest !== undefined && options.guest !== false,
      ultraRestricted: options.guest === 'single-channel',
      admin: options.admin ?? false,
      isBot: options.isBot ?? options.bot !== undefined,
      bot: options.bot,
    };
    this.users.push(user);
    this.#core.touch();
    return user;
  }

  usergroup(
    team: Workspace,
    options: { id?: string; handle: string; name?: string; users?: readonly SlackUser[]; enabled?: boolean },
  ): UserGroup {
    const group: UserGroup = {
      id: options.id ?? this.#core.id('S'),
      team,
      handle: options.handle,
      name: options.name ?? options.handle,
      enabled: options.enabled ?? true,
      users: new Set(options.users ?? []),
    };
    this.usergroups.push(group);
    return group;
  }

  /** The members of a workspace, bots and deactivated ones included. */
  membersOf(team: Workspace): SlackUser[] {
    return this.users.filter((user) => user.teams.has(team.id));
  }

  /** The workspace's own user of that id, or one of its org, or one from a channel that it shares. */
  visible(team: Workspace, id: string, channels: Iterable<Channel>): SlackUser | undefined {
    const own = this.users.find(
      (user) => user.id === id && (user.teams.has(team.id) || sameOrg(user.team, team)),
    );
    if (own !== undefined) return own;
    for (const channel of channels) {
      if (channel.team !== team && !channel.sharedWith.has(team)) continue;
      for (const member of channel.members) if (member.id === id) return member;
    }
    return undefined;
  }
}
