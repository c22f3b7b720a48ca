import { Hono } from 'hono';
import { ActionParameters } from './aliases/action-parameters.ts';
import { AliasIndex } from './aliases/alias-index.ts';
import { Catalog, catalogEvents } from './aliases/catalog.ts';
import { groupsOf, profileOf, signInOf } from './chat/by-platform.ts';
import type { ChatPlatform } from './chat/chat.ts';
import { DeadLetters } from './chat/dead-letters.ts';
import { createDelivery } from './chat/delivery.ts';
import { AdminNotices } from './commands/admin-notices.ts';
import { createCommands } from './commands/commands.ts';
import { KeptCommands } from './commands/kept-commands.ts';
import { sessionNotices } from './commands/session-notices.ts';
import { loginCommand } from './commands/words.ts';
import type { Config } from './config/schema.ts';
import { createClaims } from './executions/claims.ts';
import { createExecutions } from './executions/executions.ts';
import { processIdentity } from './executions/lease.ts';
import { createLogin } from './login/login.ts';
import { makeAuth } from './make-auth.ts';
import type { Audit } from './ops/audit.ts';
import { type Clock, systemClock } from './ops/clock.ts';
import { createHealthApp } from './ops/health.ts';
import { type Listener, listen } from './ops/listen.ts';
import type { Logger } from './ops/logger.ts';
import type { Metrics } from './ops/metrics.ts';
import { certificatesOf, trustedProxiesOf } from './parts.ts';
import { createSessionService } from './sessions/service.ts';
import { SessionWatch } from './sessions/watch.ts';
import { createBotCredential } from './stackstorm/bot-credential.ts';
import { createStackStorm } from './stackstorm/client.ts';
import type { ConnectionOptions } from './stackstorm/dispatcher.ts';
import { createStreamReader } from './stackstorm/stream-reader.ts';
import type { Encryption } from './storage/encryption.ts';
import { claimStorage } from './storage/key-check.ts';
import type { Store } from './storage/store.ts';

/** What the bot is built on. Whoever makes the store and the audit log closes them after `stop()`. */
export interface BotParts {
  readonly store: Store;
  readonly encryption: Encryption;
  readonly audit: Audit;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly platforms: readonly ChatPlatform[];
  /** How StackStorm is reached: CA, proxies. */
  readonly connection?: ConnectionOptions;
  /** Adds pages to the public listener, such as the playground's. */
  readonly mount?: (app: Hono) => void;
  /** More of what `/readyz` asks, by name; each rejects with the reason while it is not ready. */
  readonly checks?: Readonly<Record<string, () => Promise<void>>>;
  readonly clock?: Clock;
}

/** The running bot. */
export interface Bot {
  /**
   * Listens, connects, and begins to answer. Throws OpenDoorError (S9), StoreError, EncryptionError (another key's
   * storage), or Node's error where it cannot listen.
   */
  start(): Promise<{ readonly port: number; readonly opsPort: number }>;
  /** Reads the whole catalog again. */
  refresh(): Promise<void>;
  /** Takes nothing new, lets what runs end or hands it on, within `ops.stopTimeout` (R4); once, however often it is asked. */
  stop(): Promise<void>;
}

/** The one composition root: everything that the config asks for, wired. */
export async function createBot(config: Config, parts: BotParts): Promise<Bot> {
  const { store, encryption, audit, logger, metrics, platforms, clock = systemClock } = parts;

  const stackstorm = createStackStorm({
    ...config.stackstorm,
    ...parts.connection,
    timeoutMs: config.stackstorm.timeout,
    observe: (call, outcome, seconds) => metrics.stackstormRequests.observe({ call, outcome }, seconds),
    onMalformedRow: (call, reason) =>
      logger.warn({ call, reason }, 'StackStorm listed something that is not of its contract'),
  });
  const botCredential = createBotCredential({
    stackstorm,
    source: config.stackstorm.credential,
    onTtlLowered: (seconds) =>
      logger.warn({ seconds }, 'StackStorm allows shorter tokens than the bot asked for'),
    onRenewalFailed: (err) => logger.warn({ err }, 'the bot credential could not be renewed ahead of time'),
  });

  const deadLetters = new DeadLetters(
    { store, encryption, audit, metrics, logger, clock },
    { ttlMs: config.executions.deadLetterTtl },
  );
  const delivery = createDelivery({ platforms, deadLetters, logger, clock, random: Math.random });
  const syntax = { prefix: config.commands.prefix, pluginPrefix: config.commands.pluginPrefix };

  const kept =
    config.auth.mode === 'clientside' ? new KeptCommands({ store, encryption, now: clock.now }) : undefined;
  const sessions =
    config.auth.mode === 'clientside' && kept !== undefined
      ? createSessionService(
          {
            store,
            encryption,
            audit,
            logger,
            now: clock.now,
            events: sessionNotices({
              delivery,
              platforms,
              admins: new AdminNotices(
                { delivery, platforms, store, logger, now: clock.now },
                { ...config.access, notifyAdmins: config.auth.notifyAdmins },
              ),
              kept,
              syntax,
              ...(config.auth.idleTtl === undefined ? {} : { idleTtl: config.auth.idleTtl }),
              logger,
            }),
          },
          config.auth,
        )
      : undefined;
  const watch = sessions && new SessionWatch({ sessions, clock, logger });
  const auth = makeAuth(config, { sessions, stackstorm, botCredential, platforms, logger, clock });

  const catalog = new Catalog({
    stackstorm,
    botCredential,
    index: new AliasIndex(),
    logger,
    metrics,
    refreshMs: config.stackstorm.catalogRefresh,
  });
  const claims = createClaims(store);
  const executions = createExecutions(
    {
      store,
      encryption,
      claims,
      stackstorm,
      botCredential,
      auth,
      platforms,
      delivery,
      deadLetters,
      audit,
      logger,
      metrics,
      clock,
      identity: processIdentity(),
    },
    {
      ...config.executions,
      routeKey: config.stackstorm.routeKey,
      announcementRoutes: config.stackstorm.announcementRoutes,
      ...(config.stackstorm.webUrl === undefined ? {} : { webUrl: config.stackstorm.webUrl }),
      respondCommand: `${syntax.prefix}inquiry respond`,
      ...(sessions === undefined ? {} : { loginCommand: loginCommand(syntax) }),
    },
  );
  const router = createCommands(
    {
      auth,
      sessions,
      kept,
      stackstorm,
      catalog,
      parameters: new ActionParameters({ stackstorm, botCredential, logger, now: () => clock.now() }),
      executions,
      claims,
      delivery,
      audit,
      logger,
      metrics,
      clock,
      groupsOf: groupsOf(platforms),
      profile: profileOf(platforms),
      store,
      encryption,
    },
    {
      syntax,
      maxLength: config.commands.maxLength,
      publicHelp: config.commands.publicHelp,
      maxMatches: config.executions.maxMatches,
      results: { maxLength: config.executions.resultMaxLength, webUrl: config.stackstorm.webUrl },
      access: config.access,
      slashCommands: new Map(
        platforms.flatMap(({ name, slashCommand }) =>
          slashCommand === undefined ? [] : [[name, slashCommand]],
        ),
      ),
    },
  );
  const stream = createStreamReader({
    stackstorm,
    botCredential,
    events: [...executions.streamEvents, ...catalogEvents],
    idleMs: config.stackstorm.streamIdle,
    onEvent(event) {
      catalog.onStreamEvent(event);
      executions.onStreamEvent(event);
    },
    onConnected(again) {
      metrics.streamConnected.set(1);
      if (again) metrics.streamReconnects.inc();
      if (again) void catalog.refresh();
      executions.onStreamConnected();
    },
    onDisconnected: () => metrics.streamConnected.set(0),
    logger,
  });

  const login =
    config.auth.mode === 'clientside' && sessions !== undefined
      ? await createLogin(
          {
            sessions,
            stackstorm,
            encryption,
            profile: profileOf(platforms),
            ...(config.auth.confirm === 'slack' ? { signIn: { store, of: signInOf(platforms) } } : {}),
            ...certificatesOf(config),
            metrics,
            logger,
            clock,
          },
          { ...config.auth, trustedProxies: trustedProxiesOf(config) },
        )
      : undefined;
  const publicApp = new Hono();
  if (login !== undefined) publicApp.route('/', login.app);
  parts.mount?.(publicApp);

  let listeners: Listener[] = [];
  let stopping: Promise<void> | undefined;
  return {
    async start() {
      await claimStorage(store, encryption);
      await login?.start();
      await executions.start();
      const main = await listen(publicApp.fetch, config.server);
      listeners = [main];
      const ops = await listen(createHealthApp({ metrics, checks: readiness() }).fetch, config.ops);
      listeners.push(ops);
      catalog.start();
      stream.start();
      for (const platform of platforms) await platform.start(router);
      router.start();
      watch?.start();
      return { port: main.port, opsPort: ops.port };
    },
    refresh: () => catalog.refresh(),
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };

  async function stop() {
    const deadline = clock.now() + config.ops.stopTimeout;
    const left = () => Math.max(deadline - clock.now(), 0);
    await Promise.all(platforms.map((platform) => platform.stop()));
    await within(left(), router.idle());
    await watch?.stop();
    await executions.stop(left());
    catalog.stop();
    login?.stop();
    await stream.stop();
    await Promise.all(listeners.map((listener) => listener.close(Math.min(left(), 2_000))));
    await within(left(), stackstorm.close());
  }

  function readiness() {
    return {
      storage: () => store.ping(),
      catalog: async () => {
        if (catalog.state.loadedAt === undefined) throw new Error('not loaded yet');
      },
      stream: async () => {
        if (!stream.connected) throw new Error('not connected');
      },
      ...parts.checks,
    };
  }
}

/** Waits for the work, but no longer than `ms`. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const time = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, time]).finally(() => clearTimeout(timer));
}
