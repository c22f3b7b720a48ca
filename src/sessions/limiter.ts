import { z } from 'zod';
import { type Store, StoreError } from '../storage/store.ts';

/** So many times in so long: `window` in ms. */
export interface Limit {
  readonly count: number;
  readonly window: number;
}

export type Taken =
  | { readonly kind: 'taken'; giveBack(): Promise<void> }
  | { readonly kind: 'limited'; readonly retryAfterMs: number };

const timesSchema = z.array(z.number());
const maxTries = 500;

/**
 * Counts what a subject (an address, a chat user) did, in the Store, so that the count holds over instances and
 * restarts (S6). A sliding window: the times of the last `count` events are kept, never more, and once the limit is
 * reached nothing is written any more. Who would be over it is told how long to wait, at most one window, whatever the
 * clock did meanwhile.
 */
export class Limiter {
  readonly #store: Store;
  readonly #name: string;
  readonly #limit: Limit;
  readonly #now: () => number;

  constructor(store: Store, name: string, limit: Limit, now: () => number) {
    this.#store = store;
    this.#name = name;
    this.#limit = limit;
    this.#now = now;
  }

  /** Takes one of the subject's turns, or tells how long to wait for it. Throws StoreError. */
  async take(subject: string): Promise<Taken> {
    const changed = await this.#change(subject, (times, now) => {
      const first = times[0];
      if (times.length < this.#limit.count || first === undefined) return { next: [...times, now], at: now };
      return { retryAfterMs: Math.max(first + this.#limit.window - now, 1) };
    });
    if ('retryAfterMs' in changed) return { kind: 'limited', retryAfterMs: changed.retryAfterMs };
    return { kind: 'taken', giveBack: () => this.#giveBack(subject, changed.at) };
  }

  async #giveBack(subject: string, at: number): Promise<void> {
    await this.#change(subject, (times) => {
      const index = times.lastIndexOf(at);
      return index < 0 ? { unchanged: true } : { next: times.toSpliced(index, 1) };
    });
  }

  async #change<R extends object>(
    subject: string,
    step: (times: readonly number[], now: number) => R & { readonly next?: readonly number[] },
  ): Promise<R> {
    const key = `limit:${this.#name}:${subject}`;
    for (let tries = 0; tries < maxTries; tries++) {
      const raw = await this.#store.get(key);
      const now = this.#now();
      const answer = step(raw === undefined ? [] : this.#recent(raw, now), now);
      if (answer.next === undefined) return answer;
      const value = JSON.stringify(answer.next);
      const won =
        raw === undefined
          ? await this.#store.add(key, value, this.#limit.window)
          : await this.#store.replace(key, raw, value, this.#limit.window);
      if (won) return answer;
    }
    throw new StoreError('unavailable', `a counter did not hold still for ${maxTries} tries`);
  }

  /** The times that still count. One that lies in the future (the clock was set back) counts as now. */
  #recent(raw: string, now: number): number[] {
    const times = timesSchema.parse(JSON.parse(raw)).map((time) => Math.min(time, now));
    return times.filter((time) => time > now - this.#limit.window);
  }
}
