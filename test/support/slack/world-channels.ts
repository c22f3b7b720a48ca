import type { WorldCore } from './world-core.ts';
import type { WorldEvents } from './world-events.ts';
import { sameOrg } from './world-people.ts';
import type { Channel, ChannelKind, SlackUser, Workspace } from './world-types.ts';

export interface ChannelOptions {
  readonly id?: string;
  readonly name?: string;
  readonly kind?: ChannelKind;
  readonly members?: readonly SlackUser[];
  readonly sharedWith?: readonly Workspace[];
  readonly archived?: boolean;
  readonly general?: boolean;
}

const PREFIX = { public: 'C', private: 'G', mpim: 'G', im: 'D' } as const;

/** Conversations of a world. */
export class Channels {
  readonly all: Channel[] = [];
  readonly #core: WorldCore;
  readonly #events: WorldEvents;

  constructor(core: WorldCore, events: WorldEvents) {
    this.#core = core;
    this.#events = events;
  }

  create(team: Workspace, options: ChannelOptions = {}): Channel {
    const kind = options.kind ?? 'public';
    const id = options.id ?? this.#core.id(PREFIX[kind]);
    if (this.find(team, id) !== undefined) throw new Error(`channel ${id} is in ${team.id} already`);
    const members = options.members ?? [];
    const channel: Channel = {
      id,
      team,
      kind,
      name:
        options.name ??
        (kind === 'mpim' ? `mpdm-${members.map((m) => m.name).join('--')}-1` : id.toLowerCase()),
      archived: options.archived ?? false,
      general: options.general ?? false,
      created: Math.floor(this.#core.now() / 1000),
      creator: members[0],
      members: new Set(members),
      sharedWith: new Set(options.sharedWith ?? []),
      messages: new Map(),
    };
    this.all.push(channel);
    this.#core.touch();
    return channel;
  }

  /** The channel of that id that the workspace hosts or takes part in. */
  find(team: Workspace, id: string): Channel | undefined {
    return this.all.find((channel) => channel.id === id && this.touches(channel, team));
  }

  touches(channel: Channel, team: Workspace): boolean {
    return channel.team === team || channel.sharedWith.has(team);
  }

  /** Whether other organisations take part (Slack Connect). */
  isExternal(channel: Channel): boolean {
    return [...channel.sharedWith].some((team) => !sameOrg(team, channel.team));
  }

  /** The direct conversation of two users, made at the first asking. */
  im(team: Workspace, a: SlackUser, b: SlackUser): Channel {
    return (
      this.all.find((one) => one.kind === 'im' && one.members.has(a) && one.members.has(b)) ??
      this.create(team, { kind: 'im', members: [a, b] })
    );
  }

  /** The group DM of exactly these users, made at the first asking. */
  mpim(team: Workspace, users: readonly SlackUser[]): Channel {
    return (
      this.all.find(
        (one) =>
          one.kind === 'mpim' &&
          one.members.size === users.length &&
          users.every((user) => one.members.has(user)),
      ) ?? this.create(team, { kind: 'mpim', members: users })
    );
  }

  join(channel: Channel, user: SlackUser, inviter?: SlackUser): void {
    if (channel.members.has(user)) return;
    channel.members.add(user);
    this.#events.emitInChannel(channel, 'member_joined_channel', {
      user: user.id,
      channel: channel.id,
      channel_type: channel.kind === 'public' ? 'C' : 'G',
      team: user.team.id,
      ...(inviter === undefined ? {} : { inviter: inviter.id }),
    });
    this.#core.touch();
  }

  leave(channel: Channel, user: SlackUser): void {
    if (!channel.members.delete(user)) return;
    this.#events.emitInChannel(channel, 'member_left_channel', {
      user: user.id,
      channel: channel.id,
      channel_type: channel.kind === 'public' ? 'C' : 'G',
      team: user.team.id,
    });
    this.#core.touch();
  }

  archive(channel: Channel): void {
    channel.archived = true;
    this.#core.touch();
  }

  /** Deletes the channel for good: `channel_not_found` from now on. */
  remove(channel: Channel): void {
    this.all.splice(this.all.indexOf(channel), 1);
    this.#core.touch();
  }
}
