import { randomUUID } from 'node:crypto';
import { repliesOf, wireMessage } from './wire.ts';
import type { Channels } from './world-channels.ts';
import type { WorldCore } from './world-core.ts';
import type { WorldEvents } from './world-events.ts';
import type {
  Channel,
  Installation,
  Json,
  Message,
  Metadata,
  SlackFile,
  SlackUser,
  Workspace,
} from './world-types.ts';

/** A message as it comes into the world: from a person (with a client_msg_id), or from an app. */
export interface NewMessage {
  readonly text: string;
  readonly blocks?: readonly Json[];
  readonly attachments?: readonly Json[];
  readonly metadata?: Metadata;
  readonly threadTs?: string;
  readonly broadcast?: boolean;
  readonly files?: readonly SlackFile[];
  readonly username?: string;
  readonly icon?: { readonly emoji?: string; readonly url?: string };
  readonly unfurlLinks?: boolean;
  readonly unfurlMedia?: boolean;
  readonly clientMsgId?: string;
  /** The workspace from which a Grid user or a Slack Connect guest writes; default: the user's own. */
  readonly sourceTeam?: Workspace;
}

type Patch = Partial<Pick<Message, 'text' | 'blocks' | 'attachments' | 'metadata'>>;

/** Messages, ephemeral ones, reactions, and the events that they cause. */
export class Messages {
  /** Ephemeral messages, deleted ones marked; never in a channel's history. */
  readonly ephemerals: Message[] = [];
  readonly files: SlackFile[] = [];
  readonly #core: WorldCore;
  readonly #channels: Channels;
  readonly #events: WorldEvents;

  constructor(core: WorldCore, channels: Channels, events: WorldEvents) {
    this.#core = core;
    this.#channels = channels;
    this.#events = events;
  }

  /** A person writes, as Slack's client sends it. Events go out; whether they may write there is the caller's business. */
  say(user: SlackUser, channel: Channel, message: NewMessage): Message {
    return this.#add(user, channel, { clientMsgId: randomUUID(), ...message });
  }

  /** An app's bot writes. */
  post(installation: Installation, channel: Channel, message: NewMessage): Message {
    return this.#add(installation.bot, channel, message);
  }

  /** Only `to` sees it. */
  whisper(installation: Installation, channel: Channel, to: SlackUser, message: NewMessage): Message {
    const made = this.#make(installation.bot, channel, message, to);
    this.ephemerals.push(made);
    this.#core.touch();
    return made;
  }

  /** Changes a message; `message_changed` goes out, and `app_mention` (with `edited`) for a bot that it names only now. */
  edit(message: Message, editor: SlackUser, patch: Patch): void {
    const before = wireMessage(message);
    const named = this.#mentioned(message);
    Object.assign(message, patch);
    if (message.ephemeralTo === undefined) {
      message.edited = { user: editor, ts: this.#core.ts() };
      const event = { message: wireMessage(message), previous_message: before, hidden: true };
      this.#changed(message, 'message_changed', event);
      for (const installation of this.#mentioned(message))
        if (!named.includes(installation)) this.#mention(message, installation);
    }
    this.#core.touch();
  }

  /** Deletes a message; one with replies leaves a tombstone. */
  delete(message: Message): void {
    const before = wireMessage(message);
    message.deleted = true;
    const { channel } = message;
    if (message.ephemeralTo === undefined) {
      if (repliesOf(message).length === 0) {
        channel.messages.delete(message.ts);
        this.#changed(message, 'message_deleted', {
          deleted_ts: message.ts,
          previous_message: before,
          hidden: true,
        });
      } else {
        const event = { message: wireMessage(message), previous_message: before, hidden: true };
        this.#changed(message, 'message_changed', event);
      }
    }
    this.#core.touch();
  }

  react(message: Message, user: SlackUser, name: string): boolean {
    const users = message.reactions.get(name) ?? new Set();
    if (users.has(user)) return false;
    users.add(user);
    message.reactions.set(name, users);
    this.#events.emitInChannel(message.channel, 'reaction_added', {
      user: user.id,
      reaction: name,
      item_user: message.user.id,
      item: { type: 'message', channel: message.channel.id, ts: message.ts },
    });
    this.#core.touch();
    return true;
  }

  unreact(message: Message, user: SlackUser, name: string): boolean {
    const users = message.reactions.get(name);
    if (users?.delete(user) !== true) return false;
    if (users.size === 0) message.reactions.delete(name);
    this.#core.touch();
    return true;
  }

  /**
   * What this user can see in a channel now: the living messages, and ephemeral ones for them, oldest first. "Ephemeral
   * messages in threads are only shown if there is already an active thread" (chat.postEphemeral).
   */
  seenBy(user: SlackUser, channel: Channel): Message[] {
    const isShown = ({ threadTs }: Message) => {
      if (threadTs === undefined) return true;
      const parent = channel.messages.get(threadTs);
      return parent !== undefined && repliesOf(parent).length > 0;
    };
    const whispers = this.ephemerals.filter(
      (one) => one.channel === channel && one.ephemeralTo === user && isShown(one),
    );
    return [...(channel.members.has(user) ? channel.messages.values() : []), ...whispers]
      .filter((one) => !one.deleted)
      .sort((a, b) => (a.ts < b.ts ? -1 : 1));
  }

  /** Any living message by its ts, ephemeral ones included. */
  find(channel: Channel, ts: string): Message | undefined {
    const found =
      channel.messages.get(ts) ?? this.ephemerals.find((one) => one.channel === channel && one.ts === ts);
    return found?.deleted === true ? undefined : found;
  }

  #add(user: SlackUser, channel: Channel, input: NewMessage): Message {
    const message = this.#make(user, channel, input, undefined);
    channel.messages.set(message.ts, message);
    for (const file of message.files) file.shares.push({ channel, message });
    const event = { ...wireMessage(message), event_ts: message.ts };
    this.#events.emitMessage(channel, event, message.sourceTeam);
    for (const installation of this.#mentioned(message)) this.#mention(message, installation);
    this.#core.touch();
    return message;
  }

  #make(user: SlackUser, channel: Channel, input: NewMessage, to: SlackUser | undefined): Message {
    const subtype =
      input.broadcast === true ? 'thread_broadcast' : input.files !== undefined ? 'file_share' : undefined;
    return {
      channel,
      ts: this.#core.ts(),
      user,
      app: user.bot?.app,
      sourceTeam: input.sourceTeam ?? (user.teams.has(channel.team.id) ? channel.team : user.team),
      text: input.text,
      blocks: input.blocks,
      attachments: input.attachments,
      metadata: input.metadata,
      threadTs: input.threadTs,
      broadcast: input.broadcast ?? false,
      clientMsgId: input.clientMsgId,
      username: input.username,
      icon: input.icon,
      unfurlLinks: input.unfurlLinks,
      unfurlMedia: input.unfurlMedia,
      files: [...(input.files ?? [])],
      reactions: new Map(),
      edited: undefined,
      deleted: false,
      ephemeralTo: to,
      subtype,
    };
  }

  #changed(message: Message, subtype: string, event: Json): void {
    const ts = this.#core.ts();
    this.#events.emitMessage(message.channel, { subtype, ts, event_ts: ts, ...event }, message.sourceTeam);
  }

  /** Installations whose bot user the text names and who are in the conversation. */
  #mentioned(message: Message): Installation[] {
    const { channel, text } = message;
    return this.#events
      .installations()
      .filter((one) => channel.members.has(one.bot) && new RegExp(`<@${one.bot.id}(\\|[^>]*)?>`).test(text));
  }

  #mention(message: Message, installation: Installation): void {
    const { subtype: _, ...event } = wireMessage(message);
    const team = this.#channels.touches(message.channel, message.sourceTeam)
      ? message.sourceTeam
      : message.channel.team;
    this.#events.emitMention(message.channel, installation, { ...event, event_ts: message.ts }, team);
  }
}
