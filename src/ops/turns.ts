/** How long jobs are begun one after the other before everything else gets its turn, in ms. */
const turnMs = 5;

/**
 * Begins jobs in their order, and lets the event loop breathe between them: what comes in a burst is not all begun
 * before the first of it may go on (P1: no pause over 50 ms). A job that comes alone is begun in the same tick.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #endsAt: number | undefined;

  run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#waiting.length === 0 && this.#hasTime()) return job();
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => job().then(resolve, reject));
    });
  }

  #hasTime(): boolean {
    if (this.#endsAt === undefined) {
      this.#endsAt = performance.now() + turnMs;
      setImmediate(() => this.#next());
      return true;
    }
    return performance.now() < this.#endsAt;
  }

  #next(): void {
    this.#endsAt = undefined;
    let begun = 0;
    for (; begun < this.#waiting.length && this.#hasTime(); begun++) this.#waiting[begun]?.();
    this.#waiting.splice(0, begun);
  }
}
