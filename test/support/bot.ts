import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { type Bot, createBot } from '../../src/bot.ts';
import type { ChatPlatform } from '../../src/chat/chat.ts';
import { createPlaygroundApp } from '../../src/chat/playground/app.ts';
import type { PlaygroundOptions } from '../../src/chat/playground/playground.ts';
import { ConfigError, parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { createEmbeddedStackStorm, type EmbeddedStackStorm } from '../../src/demo/stackstorm/stackstorm.ts';
import type { Audit, AuditRecord } from '../../src/ops/audit.ts';
import type { Clock } from '../../src/ops/clock.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { createEncryption, generateKey, parseKey } from '../../src/storage/aes-gcm.ts';
import { openStore } from '../../src/storage/open-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { freePort } from './free-port.ts';
import { HeardPlayground } from './heard-playground.ts';
import { LoginClient } from './login-client.ts';
import { loginUrl, PlaygroundClient } from './playground-client.ts';

/** The whole bot in this process: real storage, real sockets, the embedded StackStorm and the playground. */
export interface BotRig {
  readonly url: string;
  readonly bot: Bot;
  readonly stackstorm: EmbeddedStackStorm;
  readonly playground: HeardPlayground;
  readonly config: Config;
  readonly records: readonly AuditRecord[];
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly alice: PlaygroundClient;
  readonly bob: PlaygroundClient;
  readonly admin: PlaygroundClient;
  /** Logs a person in with their StackStorm password, which is their name. */
  logIn(person: 'alice' | 'bob' | 'admin'): Promise<void>;
}

type Sections = Readonly<Record<string, unknown>>;

/** Starts a bot; it stops when the test ends. `config` replaces whole sections of the demo's config. */
export async function startBot(
  t: Pick<TestContext, 'after'>,
  options: {
    readonly config?: Sections;
    readonly auth?: Sections;
    readonly stackstorm?: Sections;
    readonly weather?: PlaygroundOptions['weather'];
    /** Beside the playground. */
    readonly platforms?: readonly ChatPlatform[];
    readonly audit?: Audit;
    readonly clock?: Clock;
    /** What the bot has for its storage; the playground keeps its own, and can still be read. */
    readonly storage?: (store: Store) => Store;
  } = {},
): Promise<BotRig> {
  const closing: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const close of closing.reverse()) await close();
  });
  const stackstorm = createEmbeddedStackStorm();
  const listening = await stackstorm.listen();
  closing.push(() => listening.close());

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = parseConfig(
    {
      stackstorm: {
        url: listening.url,
        credential: { apiKey: stackstorm.bot.apiKey },
        ...options.stackstorm,
      },
      auth: options.auth ?? { clientside: {}, publicUrl: url },
      access: { default: 'allow', admins: ['playground:demo:admin'] },
      server: { port },
      storage: { url: 'sqlite::memory:' },
      encryption: { keys: [generateKey()] },
      ops: { port: 0, logLevel: 'silent' },
      ...options.config,
    },
    { env: {}, readFile: () => '' },
  );
  if (config instanceof ConfigError) throw config;
  // Hundreds of secrets are hashed here; secret.test.ts shows what that costs in earnest.
  Object.assign(config.auth, { secretCost: 2 ** 6 });

  const store = await openStore(config.storage.url);
  closing.push(() => store.close());
  const encryption = createEncryption(config.encryption.keys.map(parseKey));
  const logger = pino({ level: 'silent' });
  const metrics = createMetrics();
  const records: AuditRecord[] = [];
  const audit: Audit = options.audit ?? {
    record: async (record) => {
      records.push(record);
    },
  };
  const playground = new HeardPlayground({
    store,
    encryption,
    logger,
    ...(options.weather === undefined ? {} : { weather: options.weather }),
  });
  const pages = createPlaygroundApp({ playground, port: () => port, logger });
  const bot = await createBot(config, {
    store: options.storage?.(store) ?? store,
    encryption,
    audit,
    logger,
    metrics,
    platforms: [playground, ...(options.platforms ?? [])],
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    mount: (app) => app.route('/', pages),
  });
  closing.push(() => bot.stop());
  await bot.start();
  await bot.refresh();

  const people = {
    alice: new PlaygroundClient(url, 'alice'),
    bob: new PlaygroundClient(url, 'bob'),
    admin: new PlaygroundClient(url, 'admin'),
  };
  return {
    url,
    bot,
    stackstorm,
    playground,
    config,
    records,
    metrics,
    ...people,
    async logIn(person) {
      const link = await people[person].ask('dm', '!session_start plum', (line) => line.blocks !== null);
      const browser = new LoginClient(url);
      const opened = await browser.open(loginUrl(link));
      if (opened.status !== 200) throw new Error(`open: ${JSON.stringify(opened.body)}`);
      const answer = await browser.password('plum', person, person);
      if (answer.status !== 200) throw new Error(`authenticate: ${JSON.stringify(answer.body)}`);
    },
  };
}
