/**
 * Runs jobs of one key one after the other, in the order in which they came, and jobs of different keys side by side.
 * A job whose key is idle starts in the same tick.
 */
export class InOrder {
  readonly #tails = new Map<string, Promise<unknown>>();

  run<T>(key: string, job: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    // A job that failed has told its own caller; it does not hold up the next.
    const result = before === undefined ? job() : before.then(job, job);
    const done = () => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    };
    const tail: Promise<void> = result.then(done, done);
    this.#tails.set(key, tail);
    return result;
  }

  isBusy(key: string): boolean {
    return this.#tails.has(key);
  }

  /** Resolves when no job is left. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.allSettled(this.#tails.values());
  }
}
