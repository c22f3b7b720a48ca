import type { Logger } from '../ops/logger.ts';
import type { ProbeResult } from '../stackstorm/probe.ts';

export interface ProbeGuardOptions {
  readonly probe: () => Promise<ProbeResult>;
  readonly logger: Logger;
  /** Ms between probes, doubled from `min` to `max`, each with jitter. */
  readonly backoff: { readonly min: number; readonly max: number };
  /** 0 to 1. */
  readonly random: () => number;
  /** Calls back after so many ms; what it returns stops that. */
  readonly setTimer: (callback: () => void, ms: number) => () => void;
}

/**
 * Keeps password logins closed until StackStorm's auth has refused a random password (S9): st2auth in proxy mode,
 * reached past its proxy, takes any. `start` tells what the first probe said: on `open-door` the bot must not start.
 */
export class ProbeGuard {
  readonly #options: ProbeGuardOptions;
  #isOpen = false;
  #isStopped = false;
  #tries = 0;
  #stopTimer: (() => void) | undefined;

  constructor(options: ProbeGuardOptions) {
    this.#options = options;
  }

  /** Whether password logins may be taken. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Probes, and goes on by itself until the answer is right. */
  async start(): Promise<ProbeResult> {
    const result = await this.#options.probe();
    this.#isOpen = result.kind === 'ok';
    if (this.#isOpen && this.#tries > 0) this.#options.logger.info('password logins are open now');
    if (!this.#isOpen && !this.#isStopped) {
      this.#report(result);
      this.#again();
    }
    return result;
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopTimer?.();
  }

  #again(): void {
    const { backoff, random, setTimer, logger } = this.#options;
    const longest = Math.min(backoff.max, backoff.min * 2 ** this.#tries++);
    const wait = longest * (0.5 + random() / 2);
    this.#stopTimer = setTimer(() => {
      this.start().catch((error: unknown) => {
        logger.error({ err: error }, 'the probe of password logins failed in an unknown way');
        if (!this.#isStopped) this.#again();
      });
    }, wait);
  }

  #report(result: ProbeResult): void {
    const { logger } = this.#options;
    if (result.kind === 'open-door') {
      logger.error('StackStorm took a random password: password logins stay closed');
    } else if (result.kind === 'unknown') {
      logger.warn(
        { err: result.error },
        'password logins are closed until StackStorm has refused a random password',
      );
    }
  }
}
