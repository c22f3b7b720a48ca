import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createApiApp } from './api-app.ts';
import { createAuthApp } from './auth-app.ts';
import type { Pace } from './executions.ts';
import type { JsonObject } from './json.ts';
import { type Backends, createNginxApp } from './nginx-app.ts';
import { botName, demoSeed, type Seed } from './seed.ts';
import type { ServiceApp } from './service-app.ts';
import { StackStormState } from './state.ts';
import { createStreamApp } from './stream-app.ts';
import { type After, afterTimeout } from './timers.ts';

/** The demo's service account: known to everyone, as the demo's passwords are; it listens on loopback only. */
export const demoBot = { username: botName, password: botName, apiKey: 'demo-api-key-of-chatops-bot' };

export interface EmbeddedOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly after?: After;
  /** Another world than the demo's. */
  readonly seed?: Seed;
  /** Stands in `web_url`s and X-API-URL until it listens; then the address that it listens on. */
  readonly publicUrl?: string;
  /** The bot's own credentials; the demo's known ones where they are not given. */
  readonly bot?: { readonly password?: string; readonly apiKey?: string };
  readonly pace?: Pace;
}

export interface Listening {
  /** Without a slash at its end. */
  readonly url: string;
  /** Ends open streams and cuts what is left; with the last listener the executions stop too. */
  close(): Promise<void>;
}

export interface EmbeddedStackStorm {
  /** Each service as on its own port, and `nginx`: all three on one, as StackStorm is installed. */
  readonly apps: Backends & { readonly nginx: ServiceApp };
  readonly state: StackStormState;
  readonly bot: { readonly username: string; readonly password: string; readonly apiKey: string };
  announce(route: string, payload: JsonObject | null): void;
  /** `app` is `nginx` where not given; port 0 takes a free one. */
  listen(options?: {
    readonly port?: number;
    readonly hostname?: string;
    readonly app?: keyof Backends | 'nginx';
  }): Promise<Listening>;
  /** Ends executions' timers and open streams. */
  close(): void;
}

/** A StackStorm in memory: auth, API and stream, answering as the real one does. It runs no command and keeps no file. */
export function createEmbeddedStackStorm(options: EmbeddedOptions = {}): EmbeddedStackStorm {
  const now = options.now ?? Date.now;
  const bot = {
    username: botName,
    password: options.bot?.password ?? demoBot.password,
    apiKey: options.bot?.apiKey ?? demoBot.apiKey,
  };
  const seed = options.seed ?? demoSeed(bot);
  let url = options.publicUrl ?? 'http://127.0.0.1';
  const state = new StackStormState({
    now,
    after: options.after ?? afterTimeout,
    rbac: seed.rbac,
    webUrl: () => url,
    actionRuns: seed.runs,
    ...(options.pace === undefined ? {} : { pace: options.pace }),
  });
  plant(state, seed);

  let listeners = 0;
  const at = (prefixes: readonly string[]) => ({ prefixes, publicUrl: () => url });
  const apps = {
    auth: createAuthApp(state, at([])),
    api: createApiApp(state, at([])),
    stream: createStreamApp(state, at([])),
    nginx: createNginxApp({
      auth: createAuthApp(state, at(['/auth'])),
      api: createApiApp(state, at(['/api'])),
      stream: createStreamApp(state, at(['/stream', '/api'])),
    }),
  };

  return {
    apps,
    state,
    bot,
    announce: (route, payload) => state.announce(route, payload),
    close: () => state.close(),
    listen: async ({ port = 0, hostname = '127.0.0.1', app = 'nginx' } = {}) => {
      const server = createAdaptorServer({ fetch: apps[app].fetch });
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, hostname, resolve);
      });
      listeners += 1;
      const listening = `http://${hostname}:${portOf(server.address())}`;
      if (app === 'nginx' && options.publicUrl === undefined) url = listening;
      return {
        url: listening,
        close: () =>
          new Promise<void>((resolve, reject) => {
            server.close((error) => (error === undefined ? resolve() : reject(error)));
            state.endStreams();
            listeners -= 1;
            if (listeners === 0) state.close();
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      };
    },
  };
}

function portOf(address: string | AddressInfo | null): number {
  if (typeof address !== 'object' || address === null) throw new TypeError('not a TCP listener');
  return address.port;
}

function plant(state: StackStormState, seed: Seed): void {
  for (const user of seed.users) state.accounts.addUser(user);
  for (const { user, token, expiresAt } of seed.tokens ?? [])
    state.accounts.addToken(state.accounts.user(user), expiresAt, token);
  for (const { user, ...key } of seed.apiKeys ?? []) state.accounts.addApiKey(state.accounts.user(user), key);
  for (const runner of seed.runners) state.packs.addRunner(runner);
  for (const action of seed.actions) state.packs.addAction(action);
  for (const alias of seed.aliases) state.packs.putAlias(alias);
  for (const rule of seed.rules) state.packs.addRule(rule);
}
