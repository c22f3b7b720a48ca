import { EventEmitter, once } from 'node:events';
import {
  ChatError,
  type ChatHandler,
  type ChatUser,
  type Place,
  type Post,
  type PostRef,
} from '../../src/chat/chat.ts';
import { Playground } from '../../src/chat/playground/playground.ts';

/** A playground that tells what the bot asked of it, and gives tests the bot's ear for what only other platforms hear. */
export class HeardPlayground extends Playground {
  /** Whose page was to be shown anew. */
  readonly refreshed: ChatUser[] = [];
  /** How each whisper was to be brought. */
  readonly whispers: { readonly user: ChatUser; readonly post: Post; readonly mustArrive: boolean }[] = [];
  /** The user groups of each person, by id, or why they cannot be told. Asked so often. */
  readonly groups = new Map<string, readonly string[] | ChatError>();
  groupsAsked = 0;
  readonly #heard = new EventEmitter();
  #ear: ChatHandler | undefined;

  /** The bot's ear; throws where the bot has not started. */
  get ear(): ChatHandler {
    if (this.#ear === undefined) throw new Error('the bot does not listen yet');
    return this.#ear;
  }

  override async start(handler: ChatHandler): Promise<void> {
    this.#ear = handler;
    await super.start(handler);
  }

  override whisper(
    user: ChatUser,
    post: Post,
    options: { key: string; near?: Place; mustArrive?: boolean },
  ): Promise<PostRef> {
    this.whispers.push({ user, post, mustArrive: options.mustArrive === true });
    this.#heard.emit('whisper');
    return super.whisper(user, post, options);
  }

  override async groupsOf(user: ChatUser): Promise<readonly string[]> {
    this.groupsAsked++;
    const groups = this.groups.get(user.id) ?? [];
    if (groups instanceof ChatError) throw groups;
    return groups;
  }

  async refreshHome(user: ChatUser): Promise<void> {
    this.refreshed.push(user);
    this.#heard.emit('refresh');
  }

  /** Resolves when `count` pages were to be shown anew. */
  async refreshes(count: number): Promise<readonly ChatUser[]> {
    while (this.refreshed.length < count) await once(this.#heard, 'refresh');
    return this.refreshed;
  }
}
