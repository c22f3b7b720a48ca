import type { AppRequest, Outcome, Patience } from './dispatch.ts';
import { HttpEvents } from './http-events.ts';
import { eventEnvelope } from './payloads.ts';
import { AppSockets } from './socket-mode.ts';
import type { SlackWorld } from './world.ts';
import type { Delivery, Json, SlackApp } from './world-types.ts';

/** What a test does with the ways into one app. */
export interface AppWays {
  readonly sockets: AppSockets;
  readonly http: HttpEvents;
  /** Events that were given up after the last retry. */
  readonly lost: Json[];
  /** Sends something over the way that the app has: its sockets in Socket Mode, else its request URL. */
  dispatch(request: AppRequest): Promise<Outcome>;
  /** Delivers an event that the world made. */
  deliver(delivery: Delivery): void;
  /** Delivers an envelope once more, as Slack does now and then though it was acknowledged. Default: the last event. */
  redeliver(envelope?: Json): Promise<Outcome>;
  /** Breaks the app's connections without a word. */
  cutSockets(): void;
  /** Asks the app to open its connections anew. */
  refreshSocket(): void;
  /** Warns that the connections will close. */
  warnDisconnect(): void;
  /** Resolves when `count` (1) connections are open. */
  connected(count?: number): Promise<void>;
  /** Resolves when everything that was sent has been acknowledged or given up. */
  settled(): Promise<void>;
}

/** An app with its ways in: what {@link SlackEmulator.app} answers. */
export type EmulatedApp = SlackApp & AppWays;

export function withWays(app: SlackApp, world: SlackWorld, patience: Patience): EmulatedApp {
  const changed = () => world.core.touch();
  const sockets = new AppSockets(app.id, patience, changed);
  const http = new HttpEvents(
    {
      signingSecret: app.signingSecret,
      url: (type) => requestUrl(app, type),
    },
    patience,
    () => world.now(),
    changed,
  );
  const lost: Json[] = [];
  let underWay = 0;
  let last: Json | undefined;

  const dispatch = async (request: AppRequest): Promise<Outcome> => {
    underWay += 1;
    try {
      return await (app.socketMode ? sockets : http).send(request);
    } finally {
      underWay -= 1;
      changed();
    }
  };
  const deliverEnvelope = async (payload: Json): Promise<Outcome> => {
    const outcome = await dispatch({ type: 'events_api', payload });
    if (!outcome.acknowledged) lost.push(payload);
    return outcome;
  };

  return Object.assign(app, {
    sockets,
    http,
    lost,
    dispatch,
    deliver(delivery: Delivery) {
      last = eventEnvelope(delivery, world.core.id('Ev'), Math.floor(world.now() / 1000));
      void deliverEnvelope(last);
    },
    async redeliver(envelope = last) {
      if (envelope === undefined) throw new Error('no event to deliver again');
      return deliverEnvelope(envelope);
    },
    cutSockets: () => sockets.cut(),
    refreshSocket: () => sockets.refresh(),
    warnDisconnect: () => sockets.warn(),
    async connected(count = 1) {
      await world.until(() => sockets.open >= count, `connection ${count} of ${app.id}`);
    },
    async settled() {
      await world.until(() => underWay === 0, `the acknowledgement of ${underWay} requests to ${app.id}`);
    },
  });
}

function requestUrl(app: SlackApp, type: AppRequest['type']): string | undefined {
  if (type === 'interactive') return app.interactivityUrl ?? app.requestUrl;
  if (type === 'slash_commands')
    return app.commands.find((one) => one.url !== undefined)?.url ?? app.requestUrl;
  return app.requestUrl;
}
