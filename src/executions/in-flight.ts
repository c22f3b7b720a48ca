import type { Clock } from '../ops/clock.ts';
import { Turns } from '../ops/turns.ts';

/** What waits for quiet waits no longer, in ms: people want their acknowledgement in a long burst too. */
const longestWaitMs = 500;

/** Caps how many jobs are under way; the others wait in the order in which they came. */
export class InFlight {
  readonly #limit: number;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #waiting: (() => void)[] = [];
  readonly #turns = new Turns();
  #patient: (() => void)[] = [];
  #cancelPatience: (() => void) | undefined;
  #count = 0;

  constructor(limit: number, clock: Pick<Clock, 'after'>) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Takes a place at once if there is one. */
  tryEnter(): boolean {
    if (this.#count >= this.#limit) return false;
    this.#count += 1;
    return true;
  }

  /** Resolves with a place. */
  enter(): Promise<void> {
    if (this.tryEnter()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#count -= 1;
    else next();
    if (this.#waiting.length === 0 && this.#patient.length > 0) this.#endPatience();
  }

  /** Does the job when nobody waits for a place any more, so that it keeps no request from leaving (P1). */
  whenQuiet<T>(job: () => Promise<T>): Promise<T> {
    if (this.#waiting.length === 0) return this.#turns.run(job);
    this.#cancelPatience ??= this.#clock.after(longestWaitMs, () => this.#endPatience());
    return new Promise((resolve, reject) => {
      this.#patient.push(() => void this.#turns.run(job).then(resolve, reject));
    });
  }

  #endPatience(): void {
    this.#cancelPatience?.();
    this.#cancelPatience = undefined;
    const patient = this.#patient;
    this.#patient = [];
    for (const go of patient) go();
  }
}
