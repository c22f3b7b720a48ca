import type { Logger } from '../../ops/logger.ts';
import { StackStormError } from '../../stackstorm/errors.ts';
import type { BotCredential, StackStorm } from '../../stackstorm/stackstorm.ts';
import type { Execution, Inquiry } from '../../stackstorm/wire.ts';

/** What is followed of inquiries, read with the bot credential (S7). Throws StackStormError. */
export class Reading {
  readonly #stackstorm: Pick<StackStorm, 'inquiries' | 'inquiry' | 'execution'>;
  readonly #botCredential: BotCredential;
  readonly #logger: Logger;

  constructor(deps: {
    readonly stackstorm: Pick<StackStorm, 'inquiries' | 'inquiry' | 'execution'>;
    readonly botCredential: BotCredential;
    readonly logger: Logger;
  }) {
    this.#stackstorm = deps.stackstorm;
    this.#botCredential = deps.botCredential;
    this.#logger = deps.logger;
  }

  /** What waits for an answer; nothing where the bot credential may not list it. */
  async pending(): Promise<readonly Inquiry[]> {
    try {
      return await this.#botCredential.use((credential) => this.#stackstorm.inquiries(credential));
    } catch (error) {
      if (!(error instanceof StackStormError) || error.code !== 'forbidden') throw error;
      // The stream tells of most, and each that is followed is asked for by its own.
      this.#logger.warn(
        'the bot credential may not list inquiries: what is asked while it is away is missed',
      );
      return [];
    }
  }

  /** What is asked; undefined where the bot credential may not know, `over` where it waits no more. */
  async inquiry(id: string): Promise<Inquiry | undefined | 'over'> {
    try {
      return await this.#botCredential.use((credential) => this.#stackstorm.inquiry(credential, id));
    } catch (error) {
      if (!(error instanceof StackStormError)) throw error;
      if (error.code === 'rejected' || error.code === 'not-found') return 'over';
      if (error.code !== 'forbidden') throw error;
      return undefined;
    }
  }

  /** The inquiry's execution; one that StackStorm does not know any more is `abandoned`. */
  async execution(id: string): Promise<Execution> {
    try {
      return await this.#botCredential.use((credential) => this.#stackstorm.execution(credential, id));
    } catch (error) {
      if (!(error instanceof StackStormError) || error.code !== 'not-found') throw error;
      return { id, status: 'abandoned' };
    }
  }
}
