import { App, type Receiver } from '@slack/bolt';
import type { Hono } from 'hono';
import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import { ChatError, type ChatPlatform } from '../chat.ts';
import { clientOptions } from './clients.ts';
import { createConnection, type SlackConnectionOptions } from './connection.ts';
import { type Installations, UnknownWorkspaceError } from './installations.ts';
import { sourceOf } from './listeners/heard.ts';
import { listen } from './listeners/listen.ts';
import { type MadeParts, makeParts, type PartsOptions } from './make-parts.ts';
import { SlackPlatform } from './platform.ts';
import { SlackReceiver } from './receiver.ts';
import { slackLogger } from './sdk-logger.ts';
import { SocketReceiver } from './socket-receiver.ts';

/** How Slack talks to the bot: over connections that the bot opens, or by requests to its public address. */
export type SlackWay =
  | { readonly mode: 'socket'; readonly appToken: string; readonly connections?: number }
  | { readonly mode: 'http'; readonly signingSecret: string; readonly publicUrl: string };

export interface SlackDeps {
  /** Where the app is installed; or the one bot token there is. */
  readonly installations: Installations | { readonly botToken: string };
  /** The environment's proxies. */
  readonly connection?: SlackConnectionOptions;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
}

/** Slack, behind the chat port. */
export interface Slack {
  readonly platform: ChatPlatform;
  /** Rejects with a ChatError while Slack cannot be heard, or takes a bot token for dead. */
  ready(): Promise<void>;
  /** Lets go of every connection; nothing is posted any more. */
  close(): Promise<void>;
}

/** A Slack app of the bot's own. */
export interface OwnSlack extends Slack {
  /** Bolt's App, with the bot's listeners. */
  readonly app: App;
  /** HTTP mode's request URL, on the public listener; nothing in Socket Mode. */
  mount(hono: Hono): void;
}

/** Throws TypeError for a proxy that is none. */
export function createSlackPlatform(
  options: PartsOptions & { readonly way: SlackWay },
  deps: SlackDeps,
): OwnSlack {
  const connection = createConnection(deps.connection ?? {});
  const made = makeParts(options, { ...deps, connection });
  const { way } = options;
  const socket =
    way.mode === 'socket'
      ? new SocketReceiver({ ...deps, connection }, { ...way, apiUrl: options.apiUrl })
      : undefined;
  const http = way.mode === 'http' ? new SlackReceiver(deps, way) : undefined;
  const receiver: Receiver | undefined = socket ?? http;
  if (receiver === undefined) throw new TypeError('slack: neither Socket Mode nor HTTP mode');
  const app = appOf(receiver, made, {
    ...deps,
    client: clientOptions({ apiUrl: options.apiUrl, connection, logger: deps.logger }),
  });
  const listening = listen(app, made.parts, made.pages);
  return {
    app,
    platform: new SlackPlatform(made, {
      start: async () => void (await receiver.start()),
      async stop() {
        await receiver.stop();
        await listening.idle();
      },
    }),
    mount: (hono) => http?.mount(hono),
    async ready() {
      await tokenReady(made);
      if (socket !== undefined && socket.connected === 0)
        throw new ChatError('unavailable', socket.refused ?? 'not_connected');
    },
    close: () => connection.close(),
  };
}

/**
 * Adds the bot to somebody's App, beside their listeners: their App hears Slack and acknowledges as it does, the bot posts
 * with its own token or installations. Events are heard once `platform.start` has been called.
 */
export function attachSlack(app: App, options: PartsOptions, deps: SlackDeps): Slack {
  const connection = createConnection(deps.connection ?? {});
  const made = makeParts(options, { ...deps, connection });
  const listening = listen(app, made.parts, made.pages);
  return {
    platform: new SlackPlatform(made, { start: async () => undefined, stop: () => listening.idle() }),
    ready: () => tokenReady(made),
    close: () => connection.close(),
  };
}

/** With a fixed token, whose it is must be known, and Slack must still take it. */
async function tokenReady({ fixed, parts }: MadeParts): Promise<void> {
  if (fixed === undefined) return;
  await fixed.identify();
  const [reason] = parts.clients.dead.values();
  if (reason !== undefined) throw new ChatError('cannot-deliver', reason);
}

function appOf(
  receiver: Receiver,
  { parts }: MadeParts,
  deps: { readonly logger: Logger; readonly client: ReturnType<typeof clientOptions> },
): App {
  const app = new App({
    receiver,
    clientOptions: deps.client,
    logger: slackLogger(deps.logger),
    authorize: async (source) => {
      const installation = await sourceOf(parts, source);
      if (installation === undefined) throw new UnknownWorkspaceError(source);
      const { botToken, botUserId, botId, teamId, enterpriseId } = installation;
      return {
        botToken,
        botUserId,
        ...(botId === undefined ? {} : { botId }),
        ...(teamId === undefined ? {} : { teamId }),
        ...(enterpriseId === undefined ? {} : { enterpriseId }),
      };
    },
  });
  // The receiver logs it, and decides whether Slack is to deliver it again.
  app.error((error) => Promise.reject(error));
  return app;
}
