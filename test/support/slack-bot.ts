import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { type Bot, createBot } from '../../src/bot.ts';
import { DeadLetters } from '../../src/chat/dead-letters.ts';
import { eventsFor, scopesFor } from '../../src/chat/slack/scopes.ts';
import { ConfigError, parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { createEmbeddedStackStorm, type EmbeddedStackStorm } from '../../src/demo/stackstorm/stackstorm.ts';
import type { Audit, AuditRecord } from '../../src/ops/audit.ts';
import { systemClock } from '../../src/ops/clock.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { openPlatforms, slackFeatures } from '../../src/platforms.ts';
import { createEncryption, generateKey, parseKey } from '../../src/storage/aes-gcm.ts';
import { openStore } from '../../src/storage/open-store.ts';
import { freePort } from './free-port.ts';
import { LoginClient } from './login-client.ts';
import { type EmulatedApp, type SlackEmulator, type SlackPerson, startSlack } from './slack/emulator.ts';
import type { Channel, Workspace } from './slack/world-types.ts';

export interface SlackBotOptions {
  readonly mode?: 'socket' | 'http';
  readonly auth?: 'clientside' | 'standalone';
  /** By OAuth: nothing is installed yet. */
  readonly install?: boolean;
  /** More of `chat.slack`. */
  readonly slack?: Readonly<Record<string, unknown>>;
  /** More whole sections of the config. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly allowViolations?: boolean;
  /** Where state is kept; in memory unless given. */
  readonly storage?: string;
  readonly ackTimeoutMs?: number;
}

/** The whole bot on the Slack emulator, with the embedded StackStorm: real Bolt, real sockets. */
export interface SlackBot {
  readonly slack: SlackEmulator;
  readonly stackstorm: EmbeddedStackStorm;
  readonly config: Config;
  readonly bot: Bot;
  readonly url: string;
  readonly app: EmulatedApp;
  readonly team: Workspace;
  readonly general: Channel;
  readonly alice: SlackPerson;
  readonly bob: SlackPerson;
  /** The audit records of every instance; each wakes whoever waits in `slack.until`. */
  readonly records: readonly AuditRecord[];
  /** Starts another instance on the same storage, which has to be a file; it hears Slack beside the first. */
  another(): Promise<Bot>;
  deadLetters(): ReturnType<DeadLetters['list']>;
  /** Logs a person in, by the link that comes to their DM, with the StackStorm account of that name. */
  logIn(person: SlackPerson, account: string): Promise<void>;
}

/** Starts it; everything is gone when the test ends. */
export async function startSlackBot(t: TestContext, options: SlackBotOptions = {}): Promise<SlackBot> {
  const closing: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const close of closing.reverse()) await close();
  });
  const slack = await startSlack(t, {
    ...(options.allowViolations === undefined ? {} : { allowViolations: options.allowViolations }),
    ...(options.ackTimeoutMs === undefined ? {} : { ackTimeoutMs: options.ackTimeoutMs }),
  });
  const stackstorm = createEmbeddedStackStorm();
  const listening = await stackstorm.listen();
  closing.push(() => listening.close());

  const { mode = 'socket' } = options;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const secrets = { signingSecret: 'a-signing-secret', clientId: '1.2', clientSecret: 'a-client-secret' };
  const way = (appToken: string) =>
    mode === 'socket' ? { appToken } : { signingSecret: secrets.signingSecret };
  const configOf = (appToken: string, botToken: string) => {
    const config = parseConfig(
      {
        stackstorm: { url: listening.url, credential: { apiKey: stackstorm.bot.apiKey } },
        auth:
          options.auth === 'standalone'
            ? { standalone: {}, publicUrl: url }
            : { clientside: {}, publicUrl: url },
        chat: {
          slack: {
            mode,
            ...way(appToken),
            ...(options.install === true
              ? { install: { clientId: secrets.clientId, clientSecret: secrets.clientSecret } }
              : { botToken }),
            apiUrl: slack.apiUrl.replace(/\/$/, ''),
            ...options.slack,
          },
        },
        access: { default: 'allow' },
        server: { port },
        storage: { url: options.storage ?? 'sqlite::memory:' },
        encryption: { keys: [generateKey()] },
        ops: { port: 0, logLevel: 'silent' },
        ...options.config,
      },
      { env: {}, readFile: () => '' },
    );
    if (config instanceof ConfigError) throw config;
    // Hundreds of secrets are hashed here; secret.test.ts shows what that costs in earnest.
    Object.assign(config.auth, { secretCost: 2 ** 6 });
    return config;
  };
  // The app is made from the manifest of this very config: what is missing there is missing here.
  const features = slackFeatures(configOf('xapp-1-A1-1-f', 'xoxb-1-1-f'));
  if (features === undefined) throw new TypeError('no features');
  const team = slack.workspace({ id: 'T024', name: 'Acme' });
  const app = slack.app({
    id: 'A1',
    ...secrets,
    botScopes: scopesFor(features),
    botEvents: eventsFor(features),
    commands: ['/st2'],
    socketMode: mode === 'socket',
    tokenRotation: features.install,
    orgDeploy: features.install,
    ...(mode === 'http' ? { requestUrl: `${url}/slack/events` } : {}),
    ...(features.install ? { redirectUrls: [`${url}/slack/oauth_redirect`] } : {}),
  });
  const installation = options.install === true ? undefined : slack.install(app, team);
  const alice = slack.user(team, { id: 'U0ALICE', name: 'alice' });
  const bob = slack.user(team, { id: 'U0BOB', name: 'bob' });
  const general = slack.channel(team, {
    id: 'C0GENERAL',
    name: 'general',
    members: [alice, bob, ...(installation === undefined ? [] : [installation.bot])],
  });

  const config = configOf(app.appToken, installation?.botToken ?? '');
  const records: AuditRecord[] = [];
  const audit: Audit = {
    async record(record) {
      records.push(record);
      slack.world.core.touch();
    },
  };
  const shared = {
    encryption: createEncryption(config.encryption.keys.map(parseKey)),
    logger: pino({ level: 'silent' }),
    audit,
  };
  const open = async (its: Config) => {
    const store = await openStore(its.storage.url);
    closing.push(() => store.close());
    const parts = { ...shared, store, metrics: createMetrics(), close: async () => undefined };
    const chat = await openPlatforms(its, parts, { folder: '.' });
    closing.push(() => chat.close());
    const bot = await createBot(its, { ...parts, ...chat });
    closing.push(() => bot.stop());
    await bot.start();
    await bot.refresh();
    return { bot, parts };
  };
  const { bot, parts } = await open(config);

  return {
    slack,
    stackstorm,
    config,
    bot,
    url,
    app,
    team,
    general,
    alice,
    bob,
    records,
    another: async () => (await open({ ...config, server: { ...config.server, port: 0 } })).bot,
    deadLetters: () => new DeadLetters({ ...parts, clock: systemClock }, { ttlMs: 1000 }).list(),
    async logIn(person, account) {
      const asked = await person.dm(app, '!session_start plum-tree');
      const answer = await person.sees(person.dmWith(app), (message) => linkIn(message) !== undefined, {
        after: asked,
      });
      const browser = new LoginClient(url);
      const opened = await browser.open(linkIn(answer) ?? '');
      if (opened.status !== 200) throw new Error(`open: ${JSON.stringify(opened.body)}`);
      const done = await browser.password('plum-tree', account, account);
      if (done.status !== 200) throw new Error(`authenticate: ${JSON.stringify(done.body)}`);
    },
  };
}

/** The login link that a message's button holds. */
export function linkIn(message: { readonly blocks?: unknown }): string | undefined {
  return /"(https?:[^"]*\/login\/#[^"]+)"/u.exec(JSON.stringify(message.blocks ?? []))?.[1];
}
