import type { Clock } from '../ops/clock.ts';
import type { Logger } from '../ops/logger.ts';
import {
  ChatError,
  type ChatErrorCode,
  type ChatPlatform,
  type ChatUser,
  chatUserKey,
  type Place,
  type Post,
  type PostRef,
} from './chat.ts';
import { cutPost } from './cut-post.ts';
import type { DeadLetters } from './dead-letters.ts';
import { InOrder } from './in-order.ts';

/** What became of a message. */
export type Delivered =
  | { readonly kind: 'posted'; readonly ref: PostRef }
  /** It lies in the dead letters; the person who asked was told where that was possible. */
  | { readonly kind: 'undeliverable'; readonly reason: string };

/** What became of {@link Delivery.revise}. */
export type Revised =
  | { readonly kind: 'revised' }
  /** Not now; where the platform said so, not before `afterMs`. */
  | { readonly kind: 'later'; readonly code: ChatErrorCode | 'busy'; readonly afterMs?: number | undefined }
  | { readonly kind: 'impossible'; readonly reason: string };

/** The bot is stopping: the message was not delivered, and is whoever asked for it to deliver after the restart. */
export class DeliveryStopped extends Error {
  constructor() {
    super('the bot is stopping');
    this.name = 'DeliveryStopped';
  }
}

/**
 * Posts for everyone: tries again where the platform says that a fault passes, keeps the order of what goes to one
 * conversation, cuts what is too long, and ends in a dead letter otherwise. Throws only {@link DeliveryStopped}.
 */
export interface Delivery {
  /** `asker` is told in private where the place does not take the post. `patienceMs` bounds the retries (10 minutes). */
  post(
    place: Place,
    post: Post,
    options: { key: string; asker?: ChatUser; patienceMs?: number },
  ): Promise<Delivered>;
  edit(ref: PostRef, post: Post, options?: { patienceMs?: number }): Promise<Delivered>;
  /**
   * One try to give a message another content, beside what is posted in its place: it delays nothing there, and is never
   * repeated nor a dead letter. With `yields` it does not even begin while something is being posted there.
   */
  revise(ref: PostRef, post: Post, options?: { yields?: boolean }): Promise<Revised>;
  /** `near` and `mustArrive` as {@link ChatPlatform.whisper} has them. */
  whisper(
    user: ChatUser,
    post: Post,
    options: { key: string; near?: Place; mustArrive?: boolean; patienceMs?: number },
  ): Promise<Delivered>;
  /** The post with this key, if the platform can find it; for those who cannot know whether they posted. */
  findPost(place: Place, key: string): Promise<PostRef | undefined>;
  /** From now on nothing waits for another try: what would, fails with {@link DeliveryStopped}. */
  stop(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export interface DeliveryDeps {
  readonly platforms: readonly ChatPlatform[];
  readonly deadLetters: DeadLetters;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Between 0 and 1; spreads the retries of several instances. */
  readonly random: () => number;
}

const defaultPatienceMs = 10 * 60 * 1000;
const firstBackoffMs = 500;
const longestBackoffMs = 60_000;
/** What a too long post is cut to, one after the other. Slack takes about 13,200 over all blocks, others less. */
const cuts = [12_000, 6_000, 3_000, 1_000, 300] as const;

interface Job {
  readonly key: string;
  readonly to: Place | ChatUser;
  readonly asker?: ChatUser;
  readonly patienceMs?: number | undefined;
  readonly send: (post: Post) => Promise<PostRef>;
  /** Finds what an attempt without an answer may have posted. */
  readonly find?: () => Promise<PostRef | undefined>;
}

export function createDelivery(deps: DeliveryDeps): Delivery {
  return new RetryingDelivery(deps);
}

class RetryingDelivery implements Delivery {
  readonly #deps: DeliveryDeps;
  readonly #platforms: ReadonlyMap<string, ChatPlatform>;
  readonly #order = new InOrder();
  readonly #waiting = new Set<() => void>();
  #stopped = false;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.#platforms = new Map(deps.platforms.map((platform) => [platform.name, platform]));
  }

  async post(
    place: Place,
    post: Post,
    options: { key: string; asker?: ChatUser; patienceMs?: number },
  ): Promise<Delivered> {
    const delivered = await this.#order.run(placeKey(place), () =>
      this.#deliver(post, {
        ...options,
        to: place,
        send: (shaped) => this.#platform(place).post(place, shaped, options.key),
        find: () => this.#platform(place).findPost(place, options.key),
      }),
    );
    if (delivered.kind === 'undeliverable' && options.asker !== undefined && place.kind === 'channel') {
      await this.#tellAsker(options.asker, place, post, options.key, delivered.reason);
    }
    return delivered;
  }

  edit(ref: PostRef, post: Post, options: { patienceMs?: number } = {}): Promise<Delivered> {
    return this.#order.run(placeKey(ref.place), () =>
      this.#deliver(post, {
        ...options,
        key: `edit:${ref.id}`,
        to: ref.place,
        send: async (shaped) => {
          await this.#platform(ref.place).edit(ref, shaped);
          return ref;
        },
      }),
    );
  }

  async revise(ref: PostRef, post: Post, { yields = false } = {}): Promise<Revised> {
    if (yields && this.#order.isBusy(placeKey(ref.place))) return { kind: 'later', code: 'busy' };
    try {
      await this.#platform(ref.place).edit(ref, post);
      return { kind: 'revised' };
    } catch (error) {
      const { code, reason, retryAfterMs } = asChatError(error);
      if (code !== 'rate-limited' && code !== 'unavailable') return { kind: 'impossible', reason };
      return { kind: 'later', code, afterMs: retryAfterMs };
    }
  }

  whisper(
    user: ChatUser,
    post: Post,
    options: { key: string; near?: Place; mustArrive?: boolean; patienceMs?: number },
  ): Promise<Delivered> {
    const { patienceMs, ...where } = options;
    const { key } = where;
    return this.#order.run(chatUserKey(user), () =>
      this.#deliver(post, {
        key,
        patienceMs,
        to: user,
        asker: user,
        send: (shaped) => this.#platform(user).whisper(user, shaped, where),
      }),
    );
  }

  async findPost(place: Place, key: string): Promise<PostRef | undefined> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#platform(place).findPost(place, key);
      } catch (error) {
        const fault = asChatError(error);
        if (fault.code !== 'rate-limited' && fault.code !== 'unavailable') return undefined;
        await this.#pause(this.#backoff(fault, attempt));
      }
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const wake of [...this.#waiting]) wake();
  }

  idle(): Promise<void> {
    return this.#order.idle();
  }

  /** One message, until it is posted or dead. */
  async #deliver(post: Post, job: Job): Promise<Delivered> {
    const { clock, logger } = this.#deps;
    const deadline = clock.now() + (job.patienceMs ?? defaultPatienceMs);
    let shaped = post;
    let cut = 0;
    let mayStand = false;
    for (let attempt = 0; ; attempt++) {
      try {
        const standing = mayStand ? await job.find?.() : undefined;
        return { kind: 'posted', ref: standing ?? (await job.send(shaped)) };
      } catch (error) {
        const fault = asChatError(error);
        const limit = cuts[cut];
        if (fault.code === 'too-long' && limit !== undefined) {
          shaped = cutPost(cut === 0 ? post : withoutExtra(post), limit);
          cut += 1;
          continue;
        }
        const passes = fault.code === 'rate-limited' || fault.code === 'unavailable';
        const wait = this.#backoff(fault, attempt);
        if (!passes || clock.now() + wait > deadline) return await this.#bury(shaped, job, fault);
        logger.warn({ code: fault.code, reason: fault.reason, wait, err: fault.cause }, 'a message waits');
        mayStand ||= fault.code === 'unavailable';
        await this.#pause(wait);
      }
    }
  }

  async #bury(post: Post, job: Job, fault: ChatError): Promise<Delivered> {
    const { key, to, asker } = job;
    await this.#deps.deadLetters.bury({
      key,
      to,
      post,
      code: fault.code,
      reason: fault.reason,
      ...(asker === undefined ? {} : { asker }),
    });
    return { kind: 'undeliverable', reason: fault.reason };
  }

  async #tellAsker(user: ChatUser, place: Place, post: Post, key: string, reason: string): Promise<void> {
    const words = `I could not post this in ${place.channel} because ${reason}; here it is.`;
    await this.whisper(
      user,
      {
        ...post,
        text: `${words}\n${post.text}`,
        parts: [{ type: 'text', text: words }, ...(post.parts ?? [{ type: 'text', text: post.text }])],
      },
      { key: `private:${key}` },
    );
  }

  #platform(to: { readonly platform: string }): ChatPlatform {
    const platform = this.#platforms.get(to.platform);
    if (platform === undefined) throw new ChatError('cannot-deliver', 'unknown-platform');
    return platform;
  }

  /** What the platform asks for, else doubling from half a second; with jitter, so that instances spread. */
  #backoff(fault: ChatError, attempt: number): number {
    const spread = this.#deps.random();
    if (fault.retryAfterMs !== undefined) return fault.retryAfterMs + Math.round(spread * 250);
    const ceiling = Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(attempt, 10));
    return Math.round(ceiling / 2 + (spread * ceiling) / 2);
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stopped) throw new DeliveryStopped();
    await new Promise<void>((resolve) => {
      const wake = () => {
        cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      const cancel = this.#deps.clock.after(ms, wake);
      this.#waiting.add(wake);
    });
    if (this.#stopped) throw new DeliveryStopped();
  }
}

/** Order is kept by conversation, as platforms count their limits; threads of one share it. */
function placeKey(place: Place): string {
  return `${place.platform}:${place.workspace}:${place.channel}`;
}

function withoutExtra(post: Post): Post {
  const { extra: _, ...rest } = post;
  return rest;
}

/** What an adapter did not foresee is taken for a fault that passes: patience bounds it. */
function asChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  return new ChatError('unavailable', 'unexpected-fault', { cause: error });
}
