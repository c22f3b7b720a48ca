import type { Clock } from '../ops/clock.ts';
import type { Logger } from '../ops/logger.ts';
import type { SessionService } from './service.ts';

/** Due rows name a minute: thrice as often is soon enough. */
const everyMs = 20_000;

/** Looks, again and again, for sessions whose time has come: those to be reminded of, and those that are over. */
export class SessionWatch {
  readonly #sessions: Pick<SessionService, 'settleDue'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #cancel: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(deps: {
    readonly sessions: Pick<SessionService, 'settleDue'>;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#sessions = deps.sessions;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
  }

  start(): void {
    this.#running = this.#look();
  }

  /** Resolves when nothing is being looked at any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#running;
  }

  async #look(): Promise<void> {
    try {
      await this.#sessions.settleDue();
    } catch (error) {
      this.#logger.warn({ err: error }, 'sessions whose time has come could not be looked for');
    }
    if (this.#isStopped) return;
    this.#cancel = this.#clock.after(everyMs, () => this.start());
  }
}
