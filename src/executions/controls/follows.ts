import { type ChatUser, chatUserKey, type Place, type Post, type PostRef } from '../../chat/chat.ts';
import { type Delivery, DeliveryStopped } from '../../chat/delivery.ts';
import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import { StackStormError } from '../../stackstorm/errors.ts';
import { isCompleted } from '../../stackstorm/wire.ts';
import type { Actor } from '../acting.ts';
import type { Controls, Output } from './controls.ts';

/** How often StackStorm is asked, and so the message edited, at most; in ms. */
const lookMs = 3_000;
/** A message is followed for so long, in ms. */
const followMs = 2 * 60_000;
/** At most so many at once, over all people. */
const mostFollowed = 20;

/** Why a message is not kept up any longer. */
export type FollowEnd = 'ended' | 'busy' | 'time' | 'replaced' | 'stopped' | 'no-answer' | 'not-allowed';

export interface FollowsDeps {
  readonly controls: Pick<Controls, 'output'>;
  readonly delivery: Delivery;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The message as it is to stand; `end` once nothing edits it any more. */
  readonly postOf: (output: Output, end: FollowEnd | undefined) => Post;
}

interface Follow {
  readonly who: Actor;
  readonly id: string;
  readonly ref: PostRef;
  readonly until: number;
  last: Output;
  shown: string;
  cancel?: () => void;
}

/**
 * What a running execution writes, kept up in one message to the person who asked: looked at every 3 seconds for 2 minutes,
 * with their own credential each time, and then told to be no longer followed. One a person: a new one takes the place of
 * the old one. It lives in memory alone; a restart ends it, and the message says so.
 */
export class Follows {
  readonly #deps: FollowsDeps;
  readonly #byUser = new Map<string, Follow>();
  readonly #active = new Set<Promise<void>>();
  #isStopped = false;

  constructor(deps: FollowsDeps) {
    this.#deps = deps;
  }

  /** Sends the message, and keeps it up while the execution runs. Throws DeliveryStopped. */
  async begin(who: Actor, near: Place, first: Output, key: string): Promise<void> {
    const { delivery, clock, postOf } = this.#deps;
    const { user } = who;
    const isOver = isCompleted(first.execution.status);
    const isFull = this.#byUser.size >= mostFollowed && !this.#byUser.has(chatUserKey(user));
    const end = isOver ? 'ended' : isFull || this.#isStopped ? 'busy' : undefined;
    const post = postOf(first, end);
    // What is over is shown where it was asked for; what is kept up has to be a message that can be edited.
    const isFollowed = end === undefined;
    const delivered = await delivery.whisper(user, post, {
      key,
      near,
      ...(isFollowed ? { mustArrive: true } : {}),
    });
    if (!isFollowed || delivered.kind !== 'posted') return;
    const follow: Follow = {
      who,
      id: first.execution.id,
      ref: delivered.ref,
      until: clock.now() + followMs,
      last: first,
      shown: JSON.stringify(post),
    };
    await this.#replace(user, follow);
    this.#later(follow);
  }

  /** No more looks: every message that is followed says so. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.allSettled([...this.#byUser.values()].map((follow) => this.#end(follow, 'stopped')));
    await Promise.allSettled(this.#active);
  }

  async #replace(user: ChatUser, follow: Follow): Promise<void> {
    const key = chatUserKey(user);
    const before = this.#byUser.get(key);
    this.#byUser.set(key, follow);
    if (before !== undefined) await this.#end(before, 'replaced');
  }

  #later(follow: Follow): void {
    if (!this.#isCurrent(follow)) return;
    follow.cancel = this.#deps.clock.after(lookMs, () => {
      const work = this.#look(follow).catch((error: unknown) => {
        if (error instanceof DeliveryStopped) return;
        this.#deps.logger.warn({ err: error, executionId: follow.id }, 'an output could not be followed');
      });
      this.#active.add(work);
      void work.finally(() => this.#active.delete(work));
    });
  }

  #isCurrent(follow: Follow): boolean {
    return !this.#isStopped && this.#byUser.get(chatUserKey(follow.who.user)) === follow;
  }

  async #look(follow: Follow): Promise<void> {
    const { controls, clock } = this.#deps;
    let output: Awaited<ReturnType<Controls['output']>>;
    try {
      output = await controls.output(follow.who, follow.id, AbortSignal.timeout(2 * lookMs));
    } catch (error) {
      if (!(error instanceof StackStormError)) throw error;
      if (clock.now() >= follow.until) return await this.#end(follow, 'no-answer');
      return this.#later(follow);
    }
    // Meanwhile another one has taken its place, or the bot stops: its last words stand.
    if (!this.#isCurrent(follow)) return;
    if (output.kind !== 'execution') return await this.#end(follow, 'not-allowed');
    follow.last = output;
    if (isCompleted(output.execution.status)) return await this.#end(follow, 'ended');
    if (clock.now() >= follow.until) return await this.#end(follow, 'time');
    await this.#show(follow, undefined);
    this.#later(follow);
  }

  async #end(follow: Follow, end: FollowEnd): Promise<void> {
    follow.cancel?.();
    const key = chatUserKey(follow.who.user);
    if (this.#byUser.get(key) === follow) this.#byUser.delete(key);
    await this.#show(follow, end);
  }

  async #show(follow: Follow, end: FollowEnd | undefined): Promise<void> {
    const post = this.#deps.postOf(follow.last, end);
    const text = JSON.stringify(post);
    if (text === follow.shown) return;
    if (end === undefined) {
      // An edit that the platform has no room for now is made up for by the next.
      const revised = await this.#deps.delivery.revise(follow.ref, post);
      if (revised.kind === 'revised') follow.shown = text;
    } else {
      await this.#deps.delivery.edit(follow.ref, post, { patienceMs: 30_000 });
    }
  }
}
