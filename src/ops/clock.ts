/** Time as a parameter: what waits takes one of these, so that tests move time instead of sleeping. */
export interface Clock {
  /** Ms since the epoch. */
  now(): number;
  /** Calls `run` once after `ms`; the answer calls it off. A pending call keeps no process alive. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
