import { z } from 'zod';
import { type Store, StoreError } from './store.ts';

/** So many times in so long: `window` in ms. */
export interface Limit {
  readonly count: number;
  readonly window: number;
}

export type Taken =
  | { readonly kind: 'taken'; giveBack(): Promise<void> }
  | { readonly kind: 'limited'; readonly retryAfterMs: number };

/** Somebody who waits for a turn. */
interface Turn {
  resolve(taken: Taken): void;
  reject(error: unknown): void;
}

/** What a step makes of a row: the next one (absent: leave it), and what to tell its caller. */
interface Step<R> {
  readonly next?: readonly Burst[];
  readonly result: R;
}

/** Turns that were taken shortly one after another, from `first` to `last` (ms since the epoch). */
const burst = z.object({ first: z.number(), last: z.number(), turns: z.int() });
type Burst = z.infer<typeof burst>;
const bursts = z.array(burst);

/** Turns within this part of the window are kept as one burst, so that a row is small whatever the limit is. */
const burstsInWindow = 64;
const maxTries = 500;

/**
 * Counts what a subject (an address, a chat user) did, in the Store, so that the count holds over instances and
 * restarts (S6). The window slides, and no window of that length ever has more turns than `count`. Once the limit is
 * reached nothing is written any more. Who would be over it is told how long to wait, at most one window, whatever the
 * clock did meanwhile. Parallel turns of one subject are written together.
 */
export class Limiter {
  readonly #store: Pick<Store, 'get' | 'add' | 'replace'>;
  readonly #name: string;
  readonly #limit: Limit;
  readonly #now: () => number;
  readonly #waiting = new Map<string, Turn[]>();

  constructor(store: Pick<Store, 'get' | 'add' | 'replace'>, name: string, limit: Limit, now: () => number) {
    this.#store = store;
    this.#name = name;
    this.#limit = limit;
    this.#now = now;
  }

  /** Takes one of the subject's turns, or tells how long to wait for it. Throws StoreError. */
  take(subject: string): Promise<Taken> {
    return new Promise((resolve, reject) => {
      const turn = { resolve, reject };
      const waiting = this.#waiting.get(subject);
      if (waiting !== undefined) {
        waiting.push(turn);
        return;
      }
      this.#waiting.set(subject, [turn]);
      void this.#serve(subject);
    });
  }

  /** Serves whoever waits for the subject, all at once, until nobody does. */
  async #serve(subject: string): Promise<void> {
    for (;;) {
      const turns = this.#waiting.get(subject)?.splice(0) ?? [];
      if (turns.length === 0) break;
      try {
        const { granted, at, retryAfterMs } = await this.#take(subject, turns.length);
        const giveBack = () => this.#giveBack(subject, at);
        for (const [index, turn] of turns.entries()) {
          turn.resolve(index < granted ? { kind: 'taken', giveBack } : { kind: 'limited', retryAfterMs });
        }
      } catch (error) {
        for (const turn of turns) turn.reject(error);
      }
    }
    this.#waiting.delete(subject);
  }

  #take(subject: string, wanted: number) {
    return this.#change(subject, (before, now) => {
      const used = before.reduce((sum, { turns }) => sum + turns, 0);
      const granted = Math.max(Math.min(wanted, this.#limit.count - used), 0);
      const oldest = before[0]?.last ?? now;
      const result = { granted, at: now, retryAfterMs: Math.max(oldest + this.#limit.window - now, 1) };
      return granted === 0
        ? { result }
        : { result, next: withTurns(before, granted, now, this.#limit.window) };
    });
  }

  async #giveBack(subject: string, at: number): Promise<void> {
    await this.#change(subject, (before) => {
      const index = before.findIndex(({ first, last }) => first <= at && at <= last);
      const found = before[index];
      if (found === undefined) return { result: undefined };
      const rest = found.turns > 1 ? [{ ...found, turns: found.turns - 1 }] : [];
      return { next: before.toSpliced(index, 1, ...rest), result: undefined };
    });
  }

  async #change<R>(subject: string, step: (before: readonly Burst[], now: number) => Step<R>): Promise<R> {
    const key = `limit:${this.#name}:${subject}`;
    for (let tries = 0; tries < maxTries; tries++) {
      const raw = await this.#store.get(key);
      const now = this.#now();
      const { next, result } = step(raw === undefined ? [] : this.#recent(raw, now), now);
      if (next === undefined) return result;
      const value = JSON.stringify(next);
      const won =
        raw === undefined
          ? await this.#store.add(key, value, this.#limit.window)
          : await this.#store.replace(key, raw, value, this.#limit.window);
      if (won) return result;
    }
    throw new StoreError('unavailable', `a counter did not hold still for ${maxTries} tries`);
  }

  /** The bursts that still count. What lies in the future (the clock was set back) counts as now. */
  #recent(raw: string, now: number): Burst[] {
    return bursts
      .parse(JSON.parse(raw))
      .map(({ first, last, turns }) => ({ first: Math.min(first, now), last: Math.min(last, now), turns }))
      .filter(({ last }) => last > now - this.#limit.window);
  }
}

function withTurns(before: readonly Burst[], turns: number, now: number, window: number): Burst[] {
  const newest = before.at(-1);
  return newest !== undefined && now - newest.first < window / burstsInWindow
    ? [...before.slice(0, -1), { first: newest.first, last: now, turns: newest.turns + turns }]
    : [...before, { first: now, last: now, turns }];
}
