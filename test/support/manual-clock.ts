import type { Clock } from '../../src/ops/clock.ts';

interface Timer {
  readonly ms: number;
  readonly at: number;
  readonly run: () => void;
}

/** Time that stands still until a test moves it. Several clocks may share one `Time`; each has its own timers. */
export class ManualClock implements Clock {
  readonly #time: Time;
  readonly #timers = new Set<Timer>();
  readonly #watchers = new Set<() => void>();

  constructor(time = new Time()) {
    this.#time = time;
    time.clocks.add(this);
  }

  /** Bound, as it is handed over alone too. */
  readonly now = (): number => this.#time.at;

  after(ms: number, run: () => void): () => void {
    const timer = { ms, at: this.now() + ms, run };
    this.#timers.add(timer);
    for (const watch of [...this.#watchers]) watch();
    return () => this.#timers.delete(timer);
  }

  /** Resolves when a timer of that many ms is set. */
  scheduled(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#watchers.delete(watch);
        reject(new Error(`no timer of ${ms} ms; set: ${[...this.#timers].map((timer) => timer.ms)}`));
      }, 10_000);
      const watch = () => {
        if (![...this.#timers].some((timer) => timer.ms === ms)) return;
        clearTimeout(deadline);
        this.#watchers.delete(watch);
        resolve();
      };
      this.#watchers.add(watch);
      watch();
    });
  }

  advance(ms: number): void {
    this.#time.advance(ms);
  }

  /** Lets time pass, a second every few milliseconds, until `work` is done. */
  async passUntil<T>(work: Promise<T>): Promise<T> {
    const ticking = setInterval(() => this.advance(1_000), 10);
    try {
      return await work;
    } finally {
      clearInterval(ticking);
    }
  }

  /** No timer of this clock fires any more: its process is dead. */
  stop(): void {
    this.#time.clocks.delete(this);
  }

  /** The next timer that is due at or before `until`. */
  due(until: number): Timer | undefined {
    const [first] = [...this.#timers].sort((a, b) => a.at - b.at);
    return first !== undefined && first.at <= until ? first : undefined;
  }

  fire(timer: Timer): void {
    this.#timers.delete(timer);
    timer.run();
  }
}

/** The time that clocks of several instances share. */
export class Time {
  at = Date.UTC(2026, 10, 22, 12);
  readonly clocks = new Set<ManualClock>();

  advance(ms: number): void {
    const until = this.at + ms;
    for (;;) {
      const due = [...this.clocks].flatMap((clock) => {
        const timer = clock.due(until);
        return timer === undefined ? [] : [{ clock, timer }];
      });
      const next = due.sort((a, b) => a.timer.at - b.timer.at)[0];
      if (next === undefined) break;
      this.at = Math.max(this.at, next.timer.at);
      next.clock.fire(next.timer);
    }
    this.at = until;
  }
}
