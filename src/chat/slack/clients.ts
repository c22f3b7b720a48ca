import { webApi } from '@slack/bolt';
import type { Logger } from '../../ops/logger.ts';
import { ChatError } from '../chat.ts';
import type { SlackConnection } from './connection.ts';
import { asChatError, isDeadToken } from './errors.ts';
import type { Installation, Installations } from './installations.ts';
import { slackLogger } from './sdk-logger.ts';

export type WebClient = webApi.WebClient;

export interface ClientsOptions {
  /** Ends with a slash. */
  readonly apiUrl: string;
  readonly connection: SlackConnection;
  readonly installations: Installations;
  readonly logger: Logger;
}

/** One Web API call may take this long; Slack answers in seconds or not at all. */
const callTimeoutMs = 30_000;

/** What `WebClient` and Bolt's App are given. Trying again is chat/delivery.ts's business alone. */
export function clientOptions(
  options: Pick<ClientsOptions, 'apiUrl' | 'connection' | 'logger'>,
): webApi.WebClientOptions {
  return {
    slackApiUrl: options.apiUrl,
    fetch: options.connection.fetch,
    timeout: callTimeoutMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    maxRequestConcurrency: 20,
    allowAbsoluteUrls: false,
    logger: slackLogger(options.logger),
  };
}

/** The Web API, called as an installation. */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #clients = new Map<string, WebClient>();
  /** Why an installation's token is no use; it may be replaced. */
  readonly #dead = new Map<string, string>();

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /** Installations whose token Slack refused at the last call, with its reason. */
  get dead(): ReadonlyMap<string, string> {
    return this.#dead;
  }

  /** The installation that a place's workspace names. Throws ChatError `gone` where there is none. */
  async installation(key: string): Promise<Installation> {
    const installation = await this.#options.installations.get(key);
    if (installation === undefined) throw new ChatError('gone', 'not_installed');
    return installation;
  }

  /**
   * Does one thing with Slack. Throws ChatError only. A token that Slack refuses is fetched anew once: rotation may have
   * replaced it.
   */
  async call<T>(
    key: string,
    work: (client: WebClient, installation: Installation) => Promise<T>,
  ): Promise<T> {
    let refused: string | undefined;
    for (;;) {
      let installation: Installation | undefined;
      try {
        installation = await this.installation(key);
        const done = await work(this.of(installation), installation);
        if (this.#dead.delete(key))
          this.#options.logger.info({ workspace: key }, 'Slack takes the bot’s token again');
        return done;
      } catch (error) {
        const fault = asChatError(error);
        if (installation === undefined || !isDeadToken(fault)) throw fault;
        if (refused === undefined) {
          refused = installation.botToken;
          const current = await this.#current(key);
          if (current !== undefined && current !== refused) continue;
        }
        this.#buried(key, fault);
        throw fault;
      }
    }
  }

  of(installation: Installation): WebClient {
    const { botToken } = installation;
    const known = this.#clients.get(botToken);
    if (known !== undefined) return known;
    const client = new webApi.WebClient(botToken, clientOptions(this.#options));
    // Rotation brings a new token every twelve hours: the old ones' clients go.
    if (this.#clients.size >= 1_000) this.#clients.clear();
    this.#clients.set(botToken, client);
    return client;
  }

  async #current(key: string): Promise<string | undefined> {
    try {
      return (await this.#options.installations.get(key))?.botToken;
    } catch (error) {
      throw asChatError(error);
    }
  }

  #buried(key: string, fault: ChatError): void {
    if (this.#dead.has(key)) return;
    this.#dead.set(key, fault.reason);
    this.#options.logger.error(
      { workspace: key, reason: fault.reason },
      'Slack refuses the bot’s token: install the app there again',
    );
  }
}
