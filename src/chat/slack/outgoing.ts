import { z } from 'zod';
import type { Logger } from '../../ops/logger.ts';
import { ChatError, type ChatUser, chatUserKey, type Place, type Post, type PostRef } from '../chat.ts';
import type { Channels } from './channels.ts';
import type { Clients, WebClient } from './clients.ts';
import { isNotThere, isParentGone } from './errors.ts';
import type { Files, Upload } from './files.ts';
import { neverUnfurled, type SlackMessage, slackMessage } from './message.ts';
import { platformName } from './people.ts';
import { findByKey, keyMetadata } from './post-search.ts';
import { threadOf, threadTs } from './threads.ts';
import type { Whereabouts } from './whereabouts.ts';

export interface OutgoingOptions {
  /** Long output is uploaded as a file (scope `files:write`). */
  readonly files: boolean;
  /** `extra.slack` may choose name and icon (scope `chat:write.customize`). */
  readonly customize: boolean;
}

export interface OutgoingDeps {
  readonly clients: Clients;
  readonly channels: Channels;
  readonly whereabouts: Whereabouts;
  readonly files: Files;
  readonly logger: Logger;
}

const posted = z.object({ ts: z.string() });
const whispered = z.object({ message_ts: z.string() });

const mostUnanswered = 10_000;

const parentGoneWords = 'The message that this answers was deleted.';
const pointerWords = 'I have sent you a direct message.';

/** Messages on their way to Slack, each tried once: what fails is chat/delivery.ts's to repeat. Throws ChatError. */
export class Outgoing {
  readonly #deps: OutgoingDeps;
  readonly #options: OutgoingOptions;
  /** Keys of direct messages that may stand, though no answer said so. */
  readonly #unanswered = new Set<string>();

  constructor(deps: OutgoingDeps, options: OutgoingOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** In the thread that the place names; in the conversation, saying so, where the thread's parent was deleted. */
  async post(place: Place, post: Post, key: string): Promise<PostRef> {
    const message = this.#shaped(post, this.#options.files);
    const thread = threadTs(place, message.inThread);
    const upload = await this.#uploaded(place.workspace, message);
    if (upload === 'refused') return this.#send(place, this.#shaped(post, false), key, thread, post);
    const ref = await this.#send(place, message, key, thread, post);
    if (upload !== undefined) await this.#share(ref, upload, post, thread);
    return ref;
  }

  async edit(ref: PostRef, post: Post): Promise<void> {
    const { workspace } = ref.place;
    const message = this.#shaped(post, this.#options.files);
    const upload = await this.#uploaded(workspace, message);
    await this.#update(ref, upload === 'refused' ? this.#shaped(post, false) : message);
    if (upload === undefined || upload === 'refused') return;
    await this.#share(ref, upload, post, threadTs(ref.place, message.inThread));
  }

  /** The new mark first, so that there is always one. */
  async react({ place, id }: PostRef, mark: string, instead?: string): Promise<void> {
    const where = { channel: place.channel, timestamp: id };
    await this.#unless('already_reacted', place, 'reactions.add', { ...where, name: mark });
    if (instead === undefined || instead === mark) return;
    await this.#unless('no_reaction', place, 'reactions.remove', { ...where, name: instead });
  }

  /** The call; that it is `done` already is fine. */
  async #unless(done: string, { workspace }: Place, method: string, args: Record<string, unknown>) {
    try {
      await this.#call(workspace, method, args);
    } catch (error) {
      if (!(error instanceof ChatError) || error.reason !== done) throw error;
    }
  }

  async whisper(
    user: ChatUser,
    post: Post,
    options: { readonly key: string; readonly near?: Place; readonly mustArrive?: boolean },
  ): Promise<PostRef> {
    const { key, near, mustArrive = false } = options;
    if (near === undefined) return this.#tell(user, await this.#deps.whereabouts.of(user), post, key);
    if (near.kind === 'direct') return this.#tellIn(near, post, key);
    if (!mustArrive) {
      try {
        return await this.#ephemeral(user, near, post);
      } catch (error) {
        if (!(error instanceof ChatError) || !(isNotThere(error) || isParentGone(error))) throw error;
        return this.#tell(user, [near.workspace], post, key);
      }
    }
    const ref = await this.#tell(user, [near.workspace], post, key);
    await this.#point(user, near);
    return ref;
  }

  /** The direct conversation with somebody, as seen from an installation. */
  async direct(workspace: string, user: string): Promise<Place> {
    const channel = await this.#deps.channels.direct(workspace, user);
    return { platform: platformName, workspace, channel, kind: 'direct' };
  }

  async #send(
    place: Place,
    message: SlackMessage,
    key: string,
    thread: string | undefined,
    post: Post,
  ): Promise<PostRef> {
    try {
      return await this.#postMessage(place, message, key, thread);
    } catch (error) {
      if (thread === undefined || !(error instanceof ChatError) || !isParentGone(error)) throw error;
      const { thread: _, ...conversation } = place;
      const shaped = this.#shaped(withWords(post, parentGoneWords), this.#options.files);
      return this.#postMessage(conversation, shaped, key, undefined);
    }
  }

  async #postMessage(
    place: Place,
    message: SlackMessage,
    key: string,
    thread: string | undefined,
  ): Promise<PostRef> {
    const answer = await this.#call(place.workspace, 'chat.postMessage', {
      channel: place.channel,
      ...contentOf(message),
      ...(this.#options.customize ? message.sender : {}),
      ...neverUnfurled,
      metadata: keyMetadata(key),
      ...(thread === undefined ? {} : { thread_ts: thread }),
    });
    return { place, id: read(posted, answer).ts };
  }

  async #update(ref: PostRef, message: SlackMessage): Promise<void> {
    await this.#call(ref.place.workspace, 'chat.update', {
      channel: ref.place.channel,
      ts: ref.id,
      blocks: [],
      attachments: [],
      ...contentOf(message),
    });
  }

  async #ephemeral(user: ChatUser, near: Place, post: Post): Promise<PostRef> {
    const thread = threadOf(near);
    const answer = await this.#call(near.workspace, 'chat.postEphemeral', {
      channel: near.channel,
      user: user.id,
      ...contentOf(this.#shaped(post, false)),
      ...(thread?.kind === 'standing' ? { thread_ts: thread.ts } : {}),
    });
    return { place: near, id: read(whispered, answer).message_ts };
  }

  /** In the direct conversation, through the first of these installations that knows the person. */
  async #tell(user: ChatUser, workspaces: readonly string[], post: Post, key: string): Promise<PostRef> {
    let fault = new ChatError('cannot-deliver', 'user_not_found');
    for (const workspace of workspaces) {
      try {
        return await this.#tellIn(await this.direct(workspace, user.id), post, key);
      } catch (error) {
        if (!(error instanceof ChatError) || error.code !== 'gone') throw error;
        this.#deps.channels.forgetDirect(workspace, user.id);
        fault = error;
      }
    }
    throw fault;
  }

  /** Once: where an attempt before had no answer, it is looked for first. */
  async #tellIn(place: Place, post: Post, key: string): Promise<PostRef> {
    if (this.#unanswered.has(key)) {
      const standing = await findByKey(this.#deps.clients, place, key);
      this.#unanswered.delete(key);
      if (standing !== undefined) return standing;
    }
    try {
      return await this.post(place, post, key);
    } catch (error) {
      if (error instanceof ChatError && error.code === 'unavailable') this.#doubt(key);
      throw error;
    }
  }

  #doubt(key: string): void {
    this.#unanswered.add(key);
    const [oldest] = this.#unanswered;
    if (this.#unanswered.size > mostUnanswered && oldest !== undefined) this.#unanswered.delete(oldest);
  }

  /** Says where to look. It may be lost: what it points at has arrived. */
  async #point(user: ChatUser, near: Place): Promise<void> {
    try {
      await this.#ephemeral(user, near, { text: pointerWords });
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      const chatUser = chatUserKey(user);
      this.#deps.logger.debug(
        { chatUser, reason: error.reason },
        'nobody was told to look into a direct message',
      );
    }
  }

  #shaped(post: Post, files: boolean): SlackMessage {
    const message = slackMessage(post, { files });
    if (message.ignoredExtra !== undefined) {
      this.#deps.logger.warn({ reason: message.ignoredExtra }, 'a message went without its extra.slack');
    }
    return message;
  }

  /** The bytes first: a message never names a file that could not be sent. `refused`: the app may not upload. */
  async #uploaded(workspace: string, message: SlackMessage): Promise<Upload | 'refused' | undefined> {
    if (message.file === undefined) return undefined;
    try {
      return await this.#deps.files.upload(workspace, message.file);
    } catch (error) {
      if (!(error instanceof ChatError) || error.code === 'unavailable' || error.code === 'rate-limited')
        throw error;
      this.#deps.logger.warn({ reason: error.reason }, 'Slack takes no file: long output is cut');
      return 'refused';
    }
  }

  /** Under the message; where that fails for good, the message says what it lacks. */
  async #share(ref: PostRef, upload: Upload, post: Post, thread: string | undefined): Promise<void> {
    const { workspace, channel } = ref.place;
    if (await this.#deps.files.share(workspace, upload, { channel, thread: thread ?? ref.id })) return;
    await this.#update(ref, this.#shaped(post, false));
  }

  #call(workspace: string, method: string, args: Record<string, unknown>): Promise<unknown> {
    return this.#deps.clients.call(workspace, (client: WebClient) => client.apiCall(method, args));
  }
}

function contentOf(message: SlackMessage): Record<string, unknown> {
  const { text, blocks, attachments } = message;
  return {
    text,
    ...(blocks === undefined ? {} : { blocks }),
    ...(attachments === undefined ? {} : { attachments }),
  };
}

/** The post with a line in small print before it. */
function withWords(post: Post, words: string): Post {
  return {
    ...post,
    text: `${words}\n${post.text}`,
    parts: [{ type: 'context', text: words }, ...(post.parts ?? [{ type: 'text', text: post.text }])],
  };
}

function read<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (!parsed.success) throw new ChatError('unavailable', 'unreadable_answer', { cause: parsed.error });
  return parsed.data;
}
