/**
 * Resolves when the process is asked to stop (SIGINT, SIGTERM). A second time while it stops ends it at once: an
 * operator who presses twice means it.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = () => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
