import type { SocketModeReceiver } from '@slack/bolt';
import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import { ChatError } from '../chat.ts';
import { asChatError, isDeadToken, SlackStartError } from './errors.ts';

/** The client of @slack/socket-mode, which Bolt brings. */
export type SocketModeClient = SocketModeReceiver['client'];

export interface SocketLinkDeps {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
}

const firstBackoffMs = 250;
const longestBackoffMs = 30_000;

/** One connection of Socket Mode: opened, and opened anew whenever it ends, until it is stopped. */
export class SocketLink {
  readonly #client: SocketModeClient;
  readonly #deps: SocketLinkDeps;
  #isOpen = false;
  #isStopped = false;
  #refused: string | undefined;
  #ended: Promise<void> = Promise.resolve();
  #end: () => void = () => undefined;
  #wake: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

  /** `client` does not reconnect by itself. */
  constructor(client: SocketModeClient, deps: SocketLinkDeps) {
    this.#client = client;
    this.#deps = deps;
    client.on('connected', () => {
      this.#isOpen = true;
      this.#refused = undefined;
      this.#ended = new Promise((resolve) => {
        this.#end = resolve;
      });
    });
    client.on('disconnected', () => {
      this.#isOpen = false;
      this.#end();
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Slack's reason, where it does not let the app connect. */
  get refused(): string | undefined {
    return this.#refused;
  }

  /** Resolves when it is open or Slack cannot be reached; then it is tried further. Throws {@link SlackStartError}. */
  async start(): Promise<void> {
    const fault = await this.#connect();
    const refusal = fault === undefined ? undefined : startError(fault);
    if (refusal !== undefined) throw refusal;
    this.#running = this.#keep(fault);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    if (this.#isOpen) await this.#client.disconnect();
    await this.#running;
  }

  /** Undefined: it is open. */
  async #connect(): Promise<ChatError | undefined> {
    const { logger } = this.#deps;
    try {
      await this.#client.start();
      return undefined;
    } catch (error) {
      // Where the socket ends before its hello, the client rejects with nothing.
      const fault = error === undefined ? new ChatError('unavailable', 'no_connection') : asChatError(error);
      const isNews = startError(fault) !== undefined && this.#refused === undefined;
      if (isNews) {
        this.#refused = fault.reason;
        logger.error({ reason: fault.reason }, 'Slack refuses to let the app connect');
      } else {
        logger.warn({ reason: fault.reason, err: fault.cause }, 'Slack cannot be reached; trying further');
      }
      return fault;
    }
  }

  /** `before`: how the first try to open ended. */
  async #keep(before: ChatError | undefined): Promise<void> {
    let fault = before;
    let failures = before === undefined ? 0 : 1;
    for (;;) {
      if (fault === undefined) await this.#ended;
      else await this.#pause(this.#backoff(fault, failures));
      if (this.#isStopped) return;
      fault = await this.#connect();
      failures = fault === undefined ? 0 : failures + 1;
      // Stopped while it was being opened.
      if (this.#isStopped && this.#isOpen) await this.#client.disconnect();
    }
  }

  #backoff(fault: ChatError, failures: number): number {
    const spread = this.#deps.random();
    if (fault.retryAfterMs !== undefined) return fault.retryAfterMs + Math.round(spread * 250);
    const ceiling = Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(failures, 10));
    return Math.round(ceiling / 2 + (spread * ceiling) / 2);
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isStopped) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** What the operator has to change before the app can connect; undefined where a fault passes. */
export function startError(fault: ChatError): SlackStartError | undefined {
  if (isDeadToken(fault) || fault.reason === 'not_allowed_token_type' || fault.reason === 'missing_scope')
    return new SlackStartError('app-token-refused', fault.reason, { cause: fault });
  if (fault.reason === 'socket_mode_disabled' || fault.reason === 'link_disabled')
    return new SlackStartError('socket-mode-off', fault.reason, { cause: fault });
  return undefined;
}
