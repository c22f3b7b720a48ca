import {
  type App,
  AuthorizationError,
  type Receiver,
  SocketModeReceiver,
  type SocketModeReceiverOptions,
} from '@slack/bolt';
import { z } from 'zod';
import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import { clientOptions } from './clients.ts';
import type { SlackConnection } from './connection.ts';
import { UnknownWorkspaceError } from './installations.ts';
import { slackLogger } from './sdk-logger.ts';
import { SocketLink, type SocketModeClient } from './socket-link.ts';

export interface SocketReceiverOptions {
  readonly appToken: string;
  readonly apiUrl: string;
  /**
   * Connections at once, 2 unless given (Slack allows ten an app): while one is opened anew, what Slack never delivers
   * again (slash commands, buttons) comes over the other.
   */
  readonly connections?: number;
}

export interface SocketReceiverDeps {
  readonly connection: SlackConnection;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Between 0 and 1; spreads the reconnects of several instances. */
  readonly random: () => number;
}

/** What socket-mode emits for each envelope. */
const envelope = z.object({
  ack: z.custom<(response?: unknown) => Promise<void>>((value) => typeof value === 'function'),
  body: z.record(z.string(), z.unknown()),
  retry_num: z.number().optional(),
  retry_reason: z.string().optional(),
});
type Envelope = z.infer<typeof envelope>;

const words = {
  none: 'I do not know this command. In a message to me, `help` lists what I do.',
  unknownWorkspace:
    'I am not installed in this workspace any more. Whoever manages its apps can install me again.',
} as const;

/**
 * Socket Mode: connections of Slack's own client, kept open here, because that client ends the process when Slack cannot
 * be reached at the wrong moment (an unhandled rejection in its reconnect). What was not acknowledged, Slack delivers
 * again.
 */
export class SocketReceiver implements Receiver {
  readonly #options: Required<SocketReceiverOptions>;
  readonly #deps: SocketReceiverDeps;
  readonly #links: SocketLink[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #app: App | undefined;
  #isStopping = false;

  constructor(deps: SocketReceiverDeps, options: SocketReceiverOptions) {
    this.#options = { connections: 2, ...options };
    this.#deps = deps;
  }

  /** Connections that are open. */
  get connected(): number {
    return this.#links.filter((link) => link.isOpen).length;
  }

  /** Why Slack refuses to let the app connect, if it does. */
  get refused(): string | undefined {
    return this.#links.find((link) => link.refused !== undefined)?.refused;
  }

  init(app: App): void {
    this.#app = app;
  }

  /**
   * Resolves when Slack said hello, or, where Slack cannot be reached, while it is tried further. Throws
   * {@link SlackStartError} where Slack refuses.
   */
  async start(): Promise<void> {
    this.#isStopping = false;
    for (let count = this.#links.length; count < this.#options.connections; count++) {
      const link = new SocketLink(this.#client(), this.#deps);
      this.#links.push(link);
      try {
        await link.start();
      } catch (error) {
        await this.stop();
        throw error;
      }
    }
  }

  /** Nothing more is heard once it resolves; what was heard before is acknowledged. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#underWay);
    await Promise.all(this.#links.splice(0).map((link) => link.stop()));
  }

  #client(): SocketModeClient {
    const { appToken, apiUrl } = this.#options;
    const { connection, logger } = this.#deps;
    const options: SocketModeReceiverOptions = {
      appToken,
      dispatcher: connection.dispatcher,
      autoReconnectEnabled: false,
      logger: slackLogger(logger),
      installerOptions: { clientOptions: clientOptions({ apiUrl, connection, logger }) },
    };
    // Of Bolt's receiver only the connection is used: it acknowledges as we want it here.
    const { client } = new SocketModeReceiver(options);
    client.on('slack_event', (heard: unknown) => this.#hear(heard));
    return client;
  }

  #hear(heard: unknown): void {
    // Unacknowledged: Slack gives it to another instance, or to this one after its restart.
    if (this.#isStopping) return;
    const parsed = envelope.safeParse(heard);
    if (!parsed.success) {
      this.#deps.logger.warn('Slack sent an envelope that is none');
      return;
    }
    const handled: Promise<void> = this.#handle(parsed.data).finally(() => this.#underWay.delete(handled));
    this.#underWay.add(handled);
  }

  /** Never rejects. What fails before its acknowledgement is not acknowledged: Slack delivers events again. */
  async #handle({ ack, body, retry_num: retryNum, retry_reason: retryReason }: Envelope): Promise<void> {
    const app = this.#app;
    if (app === undefined) return;
    let isAcknowledged = false;
    const once = async (response?: unknown) => {
      if (isAcknowledged) return;
      await ack(response);
      isAcknowledged = true;
    };
    const say = (text: string) => once('command' in body ? { response_type: 'ephemeral', text } : undefined);
    const { logger } = this.#deps;
    try {
      await app.processEvent({
        body,
        ack: once,
        ...(retryNum === undefined ? {} : { retryNum }),
        ...(retryReason === undefined ? {} : { retryReason }),
      });
      if (!isAcknowledged) await say(words.none);
    } catch (error) {
      if (!(error instanceof AuthorizationError && error.original instanceof UnknownWorkspaceError)) {
        logger.error({ err: error }, 'something from Slack could not be acted on');
        return;
      }
      await say(words.unknownWorkspace).catch((err: unknown) => {
        logger.warn({ err }, 'Slack was not told that a workspace is unknown');
      });
    }
  }
}
