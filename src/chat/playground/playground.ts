import type { Logger } from '../../ops/logger.ts';
import type { Encryption } from '../../storage/encryption.ts';
import type { Store } from '../../storage/store.ts';
import {
  ChatError,
  type ChatHandler,
  type ChatMessage,
  type ChatPlatform,
  type ChatProfile,
  type ChatUser,
  type Place,
  type Post,
  type PostRef,
} from '../chat.ts';
import type { StoredMessage } from './change.ts';
import { Dialogs } from './dialogs.ts';
import { MessageLog } from './messages.ts';
import {
  type ChannelName,
  channelId,
  isMember,
  isPerson,
  type PersonName,
  placeOf,
  platformName,
  userOf,
  workspaceName,
} from './places.ts';
import { PlaygroundError } from './playground-error.ts';
import { PlaygroundSignIn } from './sign-in.ts';
import { asChatMessage, contentOf, isVisible, personOf, placeIn, refOf, storing } from './translate.ts';
import type { OutgoingCall, Weather } from './weather.ts';

export interface PlaygroundOptions {
  readonly store: Store;
  readonly encryption: Encryption;
  readonly logger: Logger;
  /** Ms since the epoch. */
  readonly now?: () => number;
  /** How often a waiting reader looks for what other processes wrote, in ms. */
  readonly pollMs?: number;
  /** How many log entries (messages and edits) are kept. */
  readonly keep?: number;
  readonly weather?: Weather;
  /** Where its pages are, if not on the login page's own listener. */
  readonly address?: string;
}

/** What a person types, as the page sends it. */
export interface Typed {
  readonly user: PersonName;
  readonly channel: ChannelName;
  readonly text: string;
  /** The id of a message: the answer goes into its thread. */
  readonly threadTs?: string;
  /** Becomes the event id, so that one message can be sent to two processes and is one. */
  readonly id?: string;
}

export interface Reading {
  readonly user: PersonName;
  /** Absent: every channel that the person sees. */
  readonly channel?: ChannelName;
  /** Only messages after the one with this id; or those new or edited since the answer that had this cursor. */
  readonly after?: string | { readonly cursor: number };
  /** How long to wait for one, in ms. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** At a start, what was typed this short a time ago (ms) is delivered again: the process before may have died of it (R1). */
const redeliveryMs = 120_000;

/** The demo's chat: three people, one channel, and a direct conversation of each of them with the bot. */
export class Playground implements ChatPlatform {
  readonly name = platformName;
  readonly signIn: PlaygroundSignIn;
  readonly #log: MessageLog;
  readonly #dialogs: Dialogs;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #pollMs: number;
  readonly #weather: Weather;
  readonly #stopping = new AbortController();
  #handler: ChatHandler | undefined;

  constructor(options: PlaygroundOptions) {
    const { store, encryption, now = Date.now, keep = 5_000, pollMs = 150, weather = {} } = options;
    this.#log = new MessageLog({ store, encryption, now, keep });
    this.#dialogs = new Dialogs(this.#log, () => this.#listening());
    this.#logger = options.logger;
    this.#now = now;
    this.signIn = new PlaygroundSignIn(options.address, now);
    this.#pollMs = pollMs;
    this.#weather = weather;
  }

  async start(handler: ChatHandler): Promise<void> {
    await this.#log.catchUp();
    this.#handler = handler;
    for (const message of this.#log.changedSince(0)) {
      if (isPerson(message.from) && message.at > this.#now() - redeliveryMs) {
        this.deliver(asChatMessage(message, message.from));
      }
    }
  }

  async stop(): Promise<void> {
    this.#handler = undefined;
    this.#stopping.abort();
  }

  post(place: Place, post: Post, key: string): Promise<PostRef> {
    return this.#outgoing('post', () => this.#write(place, post, key, undefined));
  }

  edit(ref: PostRef, post: Post): Promise<void> {
    return this.#outgoing('edit', async () => {
      const edited = await this.#log.edit(ref.id, contentOf(post));
      if (!edited) throw new ChatError('gone', 'message_not_found');
    });
  }

  react(message: PostRef, mark: string, instead?: string): Promise<void> {
    return this.#outgoing('edit', async () => {
      const marked = await this.#log.react(message.id, mark, instead);
      if (!marked) throw new ChatError('gone', 'message_not_found');
    });
  }

  whisper(
    user: ChatUser,
    post: Post,
    options: { key: string; near?: Place; mustArrive?: boolean },
  ): Promise<PostRef> {
    return this.#outgoing('whisper', async () => {
      const person = personOf(user);
      if (person === undefined) throw new ChatError('cannot-deliver', 'user_not_found');
      const near = options.mustArrive === true && options.near?.kind !== 'direct' ? undefined : options.near;
      const direct: Place = { ...placeIn(channelId('dm', person)), kind: 'direct' };
      const place = near !== undefined && isMember(person, near.channel) ? near : direct;
      return this.#write(place, post, options.key, person);
    });
  }

  async findPost(place: Place, key: string): Promise<PostRef | undefined> {
    const found = await storing(() => this.#log.findKey(key));
    return found?.channel === place.channel ? refOf(found) : undefined;
  }

  async resolveChannel(workspace: string | undefined, channel: string): Promise<Place | undefined> {
    if (workspace !== undefined && workspace !== workspaceName) return undefined;
    return placeOf(channel.replace(/^#/, ''));
  }

  async resolveUser(workspace: string | undefined, id: string): Promise<ChatUser | undefined> {
    if (workspace !== undefined && workspace !== workspaceName) return undefined;
    return isPerson(id) ? userOf(id) : undefined;
  }

  async profile(user: ChatUser): Promise<ChatProfile> {
    if (personOf(user) === undefined) throw new ChatError('gone', 'user_not_found');
    return {
      platformName: 'Playground',
      workspaceName,
      userName: user.id,
      userKind: 'member',
      email: `${user.id}@example.com`,
    };
  }

  async groupsOf(_user: ChatUser): Promise<readonly string[]> {
    return [];
  }

  /** Stores what a person typed and delivers it; a known event id is delivered again, and stored once. */
  async type(typed: Typed): Promise<StoredMessage> {
    this.#listening();
    await this.#log.catchUp();
    const channel = channelId(typed.channel, typed.user);
    const { message } = await this.#log.add({
      from: typed.user,
      channel,
      content: { text: typed.text },
      ...(typed.threadTs === undefined
        ? {}
        : { thread: this.#threadRoot(typed.user, channel, typed.threadTs) }),
      ...(typed.id === undefined ? {} : { eventId: typed.id }),
    });
    if (message.from !== typed.user || message.channel !== channel) throw new PlaygroundError('id-in-use');
    const chatMessage = asChatMessage(message, typed.user);
    for (const delivery of this.#weather.deliveries?.(chatMessage) ?? [{}]) {
      const to = delivery.at ?? this;
      const what = delivery.message ?? chatMessage;
      if (delivery.after === undefined) to.deliver(what);
      else void delivery.after.then(() => to.deliver(what));
    }
    return message;
  }

  /** What a person does but type. */
  get dialogs(): Dialogs {
    return this.#dialogs;
  }

  /** What a person sees, oldest first; waits for something where there is nothing yet. */
  async read(
    reading: Reading,
  ): Promise<{ readonly messages: readonly StoredMessage[]; readonly cursor: number }> {
    const { user, channel, after = '', waitMs } = reading;
    const [afterId, afterChange] = typeof after === 'string' ? [after, 0] : ['', after.cursor];
    const until = performance.now() + waitMs;
    const signal = AbortSignal.any([reading.signal, this.#stopping.signal]);
    for (;;) {
      await this.#log.catchUp();
      const cursor = this.#log.head;
      const messages = this.#log
        .changedSince(afterChange > cursor ? 0 : afterChange)
        .filter((message) => message.id > afterId && isVisible(message, user))
        .filter((message) => channel === undefined || message.channel === channelId(channel, user));
      const left = until - performance.now();
      if (messages.length > 0 || left <= 0 || signal.aborted) return { messages, cursor };
      await this.#log.pause(Math.min(left, this.#pollMs), signal);
    }
  }

  /** Hands a message to the bot, if it listens. */
  deliver(message: ChatMessage): void {
    if (this.#handler !== undefined) this.#handled(message.eventId, this.#handler.message(message));
  }

  #listening(): ChatHandler {
    if (this.#handler === undefined) throw new PlaygroundError('stopped');
    return this.#handler;
  }

  #handled(eventId: string, handling: Promise<unknown>): void {
    handling.catch((err: unknown) => {
      this.#logger.error({ err, eventId }, 'an event of the playground was not handled');
    });
  }

  async #outgoing<T>(call: OutgoingCall, work: () => Promise<T>): Promise<T> {
    const before = this.#weather.before?.(call);
    if (before !== undefined) throw before;
    const done = await storing(work);
    const after = this.#weather.after?.(call);
    if (after !== undefined) throw after;
    return done;
  }

  async #write(place: Place, post: Post, key: string, onlyFor: string | undefined): Promise<PostRef> {
    if (place.platform !== platformName || placeOf(place.channel) === undefined) {
      throw new ChatError('gone', 'channel_not_found');
    }
    await this.#log.catchUp();
    const root = place.thread === undefined ? undefined : this.#log.get(place.thread);
    if (place.thread !== undefined && root?.channel !== place.channel) {
      throw new ChatError('gone', 'thread_not_found');
    }
    const { message } = await this.#log.add({
      from: 'bot',
      channel: place.channel,
      content: contentOf(post),
      key,
      ...(root === undefined ? {} : { thread: root.thread ?? root.id }),
      ...(onlyFor === undefined ? {} : { onlyFor }),
    });
    return refOf(message);
  }

  #threadRoot(user: PersonName, channel: string, id: string): string {
    const root = this.#log.get(id);
    if (root?.channel !== channel || !isVisible(root, user)) throw new PlaygroundError('no-such-message');
    return root.thread ?? root.id;
  }
}
