import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { AppRequest, Dispatcher, Outcome, Patience, RequestType } from './dispatch.ts';

/** Slack's limit of open connections of one app (node-slack-sdk#1654). */
const MAX_SOCKETS = 10;

/** After a disconnect message Slack closes the connection itself; a client that minds has left before. */
const CLOSE_AFTER_MS = 10_000;
const PING_EVERY_MS = 10_000;
const HANDSHAKE_MS = 1000;

export type DisconnectReason = 'warning' | 'refresh_requested' | 'too_many_websockets' | 'link_disabled';

/** An envelope as it went over a socket. */
export interface SentEnvelope {
  readonly id: string;
  readonly type: RequestType;
  readonly payload: AppRequest['payload'];
  /** 0 for the first delivery. */
  readonly attempt: number;
  /** Counts the app's connections from 1. */
  readonly socket: number;
  acknowledged: boolean;
}

const acknowledgement = z.object({ envelope_id: z.string(), payload: z.unknown().optional() });

interface Link {
  readonly socket: WebSocket;
  readonly number: number;
  /** Slack gives nothing more to a connection that it asked to be refreshed. */
  draining: boolean;
}

interface Pending {
  readonly request: AppRequest;
  readonly settle: (outcome: Outcome) => void;
  attempt: number;
  retryReason: string | undefined;
}

interface InFlight {
  readonly pending: Pending;
  readonly link: Link;
  readonly envelope: SentEnvelope;
  readonly timer: NodeJS.Timeout;
}

/**
 * The Socket Mode connections of one app, as Slack serves them
 * (https://docs.slack.dev/apis/events-api/using-socket-mode): an envelope goes to one open connection, in turn; an
 * event that nobody acknowledged (time over, connection gone) is delivered again in a new envelope, a slash command or
 * an interaction never. An event for which no connection is open waits for the next one.
 */
export class AppSockets implements Dispatcher {
  /** Every envelope that was sent, oldest first. */
  readonly sent: SentEnvelope[] = [];
  readonly #appId: string;
  readonly #patience: Patience;
  readonly #changed: () => void;
  readonly #links: Link[] = [];
  readonly #waiting: Pending[] = [];
  readonly #inFlight = new Map<string, InFlight>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #opened = 0;
  #turn = 0;
  #cutAfter = Number.POSITIVE_INFINITY;

  /** `changed` is called when a connection or an envelope came or went. */
  constructor(appId: string, patience: Patience, changed: () => void) {
    this.#appId = appId;
    this.#patience = patience;
    this.#changed = changed;
  }

  /** Open connections. */
  get open(): number {
    return this.#links.length;
  }

  /** Connections ever opened. */
  get opened(): number {
    return this.#opened;
  }

  /** Requests without an outcome: sent and unacknowledged, or waiting for a connection. */
  get unsettled(): number {
    return this.#inFlight.size + this.#waiting.length;
  }

  /** Takes a connection whose ticket was good: says hello, then gives it what waits. */
  attach(socket: WebSocket): void {
    if (this.#links.length >= MAX_SOCKETS) {
      socket.send(disconnectMessage('too_many_websockets'));
      socket.close(1000);
      return;
    }
    this.#opened += 1;
    const link: Link = { socket, number: this.#opened, draining: false };
    this.#links.push(link);
    const ping = setInterval(() => socket.ping('Ping from Slack'), PING_EVERY_MS);
    ping.unref();
    socket.on('message', (data) => this.#heard(link, data.toString()));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearInterval(ping);
      this.#lost(link);
    });
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.#links.length,
        connection_info: { app_id: this.#appId },
        debug_info: { host: `applink-${link.number}`, build_number: 1, approximate_connection_time: 18_060 },
      }),
    );
    this.#changed();
    this.#flush();
  }

  send(request: AppRequest): Promise<Outcome> {
    return new Promise((settle) => {
      this.#dispatch({ request, settle, attempt: 0, retryReason: undefined });
    });
  }

  /** Breaks the TCP connections, without a close frame, as a network does. */
  cut(): void {
    for (const link of [...this.#links]) {
      link.socket.terminate();
      this.#lost(link);
    }
  }

  /** Breaks the connections as soon as `count` more envelopes were sent; whether the app read the last is luck. */
  cutAfter(count: number): void {
    this.#cutAfter = this.sent.length + count;
  }

  /** Stops reading from and answering on the connections, which stay open: a half-open network path. */
  stall(): void {
    for (const link of this.#links) link.socket.pause();
  }

  /** Asks the connections to be opened anew (`refresh_requested`), gives them nothing more, and closes those that stay. */
  refresh(): void {
    for (const link of this.#links) {
      link.draining = true;
      this.#say(link, 'refresh_requested');
    }
  }

  /** Warns that the connections will close soon; until they do, envelopes still go to them. */
  warn(): void {
    for (const link of this.#links) this.#say(link, 'warning');
  }

  /** Ends all: nothing that waits is delivered any more, connections are closed with a handshake. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    const left = [...this.#inFlight.values()].map((flight) => flight.pending).concat(this.#waiting);
    for (const flight of this.#inFlight.values()) clearTimeout(flight.timer);
    this.#inFlight.clear();
    this.#waiting.length = 0;
    for (const pending of left) this.#giveUp(pending, 'dispatch_failed');
    await Promise.all(this.#links.map((link) => closed(link.socket)));
  }

  #say(link: Link, reason: DisconnectReason): void {
    link.socket.send(disconnectMessage(reason));
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      link.socket.close(1000);
    }, CLOSE_AFTER_MS);
    timer.unref();
    this.#timers.add(timer);
    link.socket.once('close', () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    });
  }

  #dispatch(pending: Pending): void {
    const ready = this.#links.filter((link) => !link.draining && link.socket.readyState === WebSocket.OPEN);
    this.#turn += 1;
    const link = ready[this.#turn % Math.max(ready.length, 1)];
    if (link !== undefined) this.#give(link, pending);
    else if (pending.request.type === 'events_api') this.#waiting.push(pending);
    else this.#giveUp(pending, 'dispatch_failed');
  }

  #give(link: Link, pending: Pending): void {
    const id = randomUUID();
    const { request } = pending;
    const envelope: SentEnvelope = {
      id,
      type: request.type,
      payload: request.payload,
      attempt: pending.attempt,
      socket: link.number,
      acknowledged: false,
    };
    const timer = setTimeout(() => this.#unanswered(id, 'timeout'), this.#patience.ackTimeoutMs);
    this.#inFlight.set(id, { pending, link, envelope, timer });
    this.sent.push(envelope);
    link.socket.send(
      JSON.stringify({
        envelope_id: id,
        type: request.type,
        accepts_response_payload: request.type !== 'events_api',
        payload: request.payload,
        ...(request.type === 'events_api'
          ? { retry_attempt: pending.attempt, retry_reason: pending.retryReason ?? '' }
          : {}),
      }),
    );
    this.#changed();
    if (this.sent.length >= this.#cutAfter) {
      this.#cutAfter = Number.POSITIVE_INFINITY;
      this.cut();
    }
  }

  /** An acknowledgement counts on the connection that the envelope went to, and in time. */
  #heard(link: Link, text: string): void {
    const { envelope_id: id, payload } = acknowledgement.parse(JSON.parse(text));
    const flight = this.#inFlight.get(id);
    if (flight === undefined || flight.link !== link) return;
    clearTimeout(flight.timer);
    this.#inFlight.delete(id);
    flight.envelope.acknowledged = true;
    flight.pending.settle({ acknowledged: true, response: payload, attempts: flight.pending.attempt + 1 });
    this.#changed();
  }

  #lost(link: Link): void {
    const at = this.#links.indexOf(link);
    if (at === -1) return;
    this.#links.splice(at, 1);
    for (const [id, flight] of [...this.#inFlight])
      if (flight.link === link) this.#unanswered(id, 'unknown_error');
    this.#changed();
  }

  #unanswered(id: string, reason: 'timeout' | 'unknown_error'): void {
    const flight = this.#inFlight.get(id);
    if (flight === undefined) return;
    clearTimeout(flight.timer);
    this.#inFlight.delete(id);
    const { pending } = flight;
    if (pending.request.type !== 'events_api' || pending.attempt >= this.#patience.retries) {
      this.#giveUp(pending, 'operation_timeout');
      return;
    }
    pending.attempt += 1;
    pending.retryReason = reason;
    this.#dispatch(pending);
  }

  #giveUp(pending: Pending, reason: 'operation_timeout' | 'dispatch_failed'): void {
    pending.settle({ acknowledged: false, reason, attempts: pending.attempt + 1 });
    this.#changed();
  }

  #flush(): void {
    for (const pending of this.#waiting.splice(0)) this.#dispatch(pending);
  }
}

/** Closes with a handshake; a peer that does not answer it in time is cut. */
function closed(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.terminate(), HANDSHAKE_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    if (socket.isPaused) socket.terminate();
    else socket.close(1000);
  });
}

function disconnectMessage(reason: DisconnectReason): string {
  return JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink' } });
}
