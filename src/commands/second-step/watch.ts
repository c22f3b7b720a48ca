import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import type { SecondSteps } from './second-steps.ts';

const everyMs = 20_000;

/** Looks, again and again, for second steps whose time has passed, and for those that a dead instance left. */
export class StepWatch {
  readonly #deps: { readonly secondSteps: SecondSteps; readonly clock: Clock; readonly logger: Logger };
  #cancel: () => void = () => undefined;
  #looking: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(deps: { readonly secondSteps: SecondSteps; readonly clock: Clock; readonly logger: Logger }) {
    this.#deps = deps;
  }

  start(): void {
    this.#looking = this.#look();
  }

  /** Resolves when nothing is being looked at any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#looking;
  }

  async #look(): Promise<void> {
    try {
      await this.#deps.secondSteps.settle();
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'second steps whose time has passed could not be looked for');
    }
    if (this.#isStopped) return;
    this.#cancel = this.#deps.clock.after(everyMs, () => this.start());
  }
}
