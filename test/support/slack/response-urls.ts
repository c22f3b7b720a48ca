import { z } from 'zod';
import { checkResponse } from './check-message.ts';
import type { SlackWorld } from './world.ts';
import type { Channel, Installation, Json, Message, SlackUser } from './world-types.ts';

/** A response_url takes five posts in thirty minutes. */
const MOST_POSTS = 5;
const LIFETIME_MS = 30 * 60_000;

const block = z.record(z.string(), z.unknown());

const responseMessage = z.object({
  text: z.string().optional(),
  blocks: z.array(block).optional(),
  attachments: z.array(block).optional(),
  response_type: z.enum(['ephemeral', 'in_channel']).default('ephemeral'),
  replace_original: z.boolean().default(false),
  delete_original: z.boolean().default(false),
  thread_ts: z.string().optional(),
});

/** What a response may answer to: a slash command, or a press on a message. */
export interface ResponseContext {
  readonly installation: Installation;
  readonly user: SlackUser;
  readonly channel: Channel;
  /** The message whose element was used. */
  readonly original?: Message;
}

interface Grant {
  readonly context: ResponseContext;
  readonly expiresAt: number;
  posts: number;
}

/** The response_urls of a world, and what is said through them (or in the acknowledgement of a slash command). */
export class ResponseUrls {
  readonly #world: SlackWorld;
  readonly #base: () => string;
  readonly #grants = new Map<string, Grant>();

  constructor(world: SlackWorld, base: () => string) {
    this.#world = world;
    this.#base = base;
  }

  create(context: ResponseContext): string {
    const id = this.#world.core.word();
    this.#grants.set(id, { context, expiresAt: this.#world.now() + LIFETIME_MS, posts: 0 });
    return `${this.#base()}/actions/${context.installation.team?.id ?? 'org'}/${id}`;
  }

  /** Answers a POST to a response_url. */
  post(id: string, body: unknown): { status: number; answer: string | Json } {
    const grant = this.#grants.get(id);
    if (grant === undefined) return { status: 404, answer: { ok: false, error: 'invalid_url' } };
    if (this.#world.now() > grant.expiresAt)
      return { status: 404, answer: { ok: false, error: 'expired_url' } };
    if (grant.posts >= MOST_POSTS) return { status: 404, answer: { ok: false, error: 'used_url' } };
    const error = this.say(grant.context, body, 'response_url');
    if (error !== undefined) return { status: 400, answer: { ok: false, error } };
    grant.posts += 1;
    return { status: 200, answer: 'ok' };
  }

  /** Says what an app answered; undefined, or Slack's error. An empty answer says nothing. */
  say(context: ResponseContext, body: unknown, method: string): string | undefined {
    const message = responseMessage.safeParse(typeof body === 'string' ? { text: body } : body);
    if (!message.success) return 'invalid_payload';
    const { installation, user, channel, original } = context;
    const { text = '', blocks, attachments } = message.data;
    const { messages } = this.#world;
    if (message.data.delete_original) {
      if (original === undefined) return 'invalid_payload';
      messages.delete(original);
      return undefined;
    }
    if (text === '' && blocks === undefined && attachments === undefined)
      return method === 'response_url' ? 'no_text' : undefined;
    const content = {
      text,
      ...(blocks === undefined ? {} : { blocks }),
      ...(attachments === undefined ? {} : { attachments }),
    };
    const error = checkResponse(this.#world, content, method);
    if (error !== undefined) return error;
    if (message.data.replace_original && original !== undefined) {
      messages.edit(original, installation.bot, { attachments: undefined, blocks: undefined, ...content });
      return undefined;
    }
    const threaded = {
      ...content,
      ...(message.data.thread_ts === undefined ? {} : { threadTs: message.data.thread_ts }),
    };
    if (message.data.response_type === 'in_channel') messages.post(installation, channel, threaded);
    else messages.whisper(installation, channel, user, threaded);
    return undefined;
  }
}
