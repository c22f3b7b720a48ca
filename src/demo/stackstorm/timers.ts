/** Does `work` after so many ms; answers what calls it off. */
export type After = (ms: number, work: () => void) => () => void;

/** Longer than this and Node fires at once. */
const longest = 2 ** 31 - 1;

/** The machine's own timers; they keep no process alive. */
export const afterTimeout: After = (ms, work) => {
  const timer = setTimeout(work, Math.min(ms, longest));
  timer.unref();
  return () => clearTimeout(timer);
};
