import type { ChatHandler } from '../chat/chat.ts';
import type { Clock } from '../ops/clock.ts';
import type { Logger } from '../ops/logger.ts';
import type { SessionService } from '../sessions/service.ts';

/** Tries, with a pause (ms) that doubles between them: some minutes of a storage that does not answer. */
const maxTries = 8;
const firstPauseMs = 1_000;

/** Somebody's account in chat is closed, or a workspace has removed the bot: what they had here ends. */
export class Leaving {
  readonly #sessions: SessionService | undefined;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #pauses = new Set<() => void>();
  #isStopped = false;

  constructor(deps: {
    readonly sessions: SessionService | undefined;
    readonly logger: Logger;
    readonly clock: Clock;
  }) {
    this.#sessions = deps.sessions;
    this.#logger = deps.logger;
    this.#clock = deps.clock;
  }

  /** Tried again while it fails: the platform tells of it once. */
  async left(who: Parameters<ChatHandler['left']>[0]): Promise<void> {
    const about = {
      platform: who.platform,
      workspace: who.workspace,
      ...(who.id === undefined ? {} : { id: who.id }),
    };
    for (let tries = 1; ; tries++) {
      try {
        const ended = (await this.#sessions?.left(who)) ?? 0;
        this.#logger.info({ ...about, ended }, 'left the chat, and their sessions have ended');
        return;
      } catch (error) {
        const isLast = this.#isStopped || tries === maxTries;
        this.#logger[isLast ? 'error' : 'warn'](
          { err: error, ...about },
          'left the chat, but not every session could be ended',
        );
        if (isLast) return;
        await this.#pause(firstPauseMs * 2 ** (tries - 1));
      }
    }
  }

  /** No more waiting: what has failed is tried once more, and told. */
  stop(): void {
    this.#isStopped = true;
    for (const wake of [...this.#pauses]) wake();
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isStopped) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        cancel();
        this.#pauses.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(ms, wake);
      this.#pauses.add(wake);
    });
  }
}
