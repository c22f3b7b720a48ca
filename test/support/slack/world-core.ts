import { randomBytes } from 'node:crypto';

/** How long {@link WorldCore.until} waits before it gives up, in ms of real time. */
const PATIENCE = 10_000;

const ID_LETTERS = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** Clock, ids and change notification of a Slack world. */
export class WorldCore {
  /** Milliseconds since the epoch. A test may put a clock that stands still here. */
  now: () => number;
  #counter = 0;
  #lastSecond = 0;
  readonly #watchers = new Set<() => void>();

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  /** An id such as `U0A1B2C3D4`, unique in the world. */
  id(prefix: string): string {
    const bytes = randomBytes(9);
    return prefix + [...bytes].map((byte) => ID_LETTERS[byte % ID_LETTERS.length]).join('');
  }

  /** A secret word, as part of a token. */
  word(): string {
    return randomBytes(18).toString('base64url').replace(/[-_]/g, 'x');
  }

  /** A message ts, greater than all before it. */
  ts(): string {
    this.#counter += 1;
    const seconds = Math.max(Math.floor(this.now() / 1000), this.#lastSecond);
    this.#lastSecond = seconds;
    return `${seconds}.${String(this.#counter).padStart(6, '0')}`;
  }

  /** Says that something changed: wakes whoever waits in {@link until}. */
  touch(): void {
    for (const watch of [...this.#watchers]) watch();
  }

  /** Called at every change, until the answered function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /**
   * Resolves with what `look` answers as soon as it is neither undefined nor false: at once, or after a change.
   * @throws Error after `patienceMs` (10 s), saying `what` did not come.
   */
  until<T>(
    look: () => T | undefined | false,
    what = 'what the test waits for',
    patienceMs = PATIENCE,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        clearTimeout(deadline);
        this.#watchers.delete(check);
        done();
      };
      const deadline = setTimeout(
        () => settle(() => reject(new Error(`Slack emulator: ${what} did not come within ${patienceMs} ms`))),
        patienceMs,
      );
      const check = () => {
        try {
          const found = look();
          if (found !== undefined && found !== false) settle(() => resolve(found));
        } catch (error) {
          settle(() => reject(error));
        }
      };
      this.#watchers.add(check);
      check();
    });
  }
}
