import { link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Bot, createBot } from '../bot.ts';
import { createPlaygroundApp } from '../chat/playground/app.ts';
import { Playground } from '../chat/playground/playground.ts';
import { ConfigError, parseConfig } from '../config/load.ts';
import type { LogLevel } from '../ops/logger.ts';
import { type Environment, openParts } from '../parts.ts';
import { generateKey } from '../storage/aes-gcm.ts';
import { parseStorageUrl } from '../storage/open-store.ts';
import { sqliteError } from '../storage/sqlite-errors.ts';
import { createEmbeddedStackStorm, demoBot } from './stackstorm/stackstorm.ts';

export type DemoAuth = 'clientside' | 'standalone' | 'serverside';

export interface DemoOptions {
  /** The port of login page and playground. */
  readonly port: number;
  /** The port of the embedded StackStorm; 0 takes any free one. */
  readonly stackstormPort: number;
  /** A StackStorm elsewhere on loopback, instead of the embedded one. */
  readonly stackstorm?: string;
  /** Where state is kept; a folder of the demo's own, gone at its end, unless given. */
  readonly storage?: string;
  readonly auth: DemoAuth;
  /** What confirms a login (`auth.confirm`); nothing unless given. */
  readonly confirm?: 'off' | 'code' | 'slack';
  readonly logLevel: LogLevel;
}

/** The demo as it runs. */
export interface Demo {
  readonly url: string;
  readonly stackstormUrl: string;
  readonly opsPort: number;
  readonly bot: Bot;
  stop(): Promise<void>;
}

/** So that people see what a second step is: one alias is confirmed, one is approved by somebody else. */
export const demoAccess = {
  default: 'allow',
  admins: ['playground:demo:admin'],
  rules: [
    { name: 'packs are installed on purpose', allow: 'demo.pack_install', confirm: true },
    { name: 'four eyes on production', allow: 'demo.roll_out', approve: { within: '30m' } },
  ],
} as const;

/** Only loopback: the demo's accounts are known to everyone. */
const host = '127.0.0.1';

/**
 * The whole bot with the embedded StackStorm and the playground: only the platform and StackStorm's address differ from
 * `start`. Throws what opening storage and listening throw.
 */
export async function startDemo(options: DemoOptions, environment: Environment): Promise<Demo> {
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'bolt-stackstorm-demo-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    const stackstormUrl = options.stackstorm ?? (await startStackStorm(options.stackstormPort, closing));
    const storage = options.storage ?? `sqlite://${join(folder, 'demo.sqlite')}`;
    const config = await demoConfig(options, { storage, stackstormUrl, folder });
    const parts = await openParts(config, environment);
    closing.push(() => parts.close());

    const { store, encryption, logger } = parts;
    const playground = new Playground({ store, encryption, logger });
    const pages = createPlaygroundApp({ playground, port: () => options.port, logger });
    const bot = await createBot(config, {
      ...parts,
      platforms: [playground],
      mount: (app) => {
        app.route('/', pages);
        app.get('/', (c) => c.redirect('/playground/'));
      },
    });
    closing.push(() => bot.stop());
    const { opsPort } = await bot.start();
    return { url: `http://${host}:${options.port}`, stackstormUrl, opsPort, bot, stop: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The embedded StackStorm alone, for any other client. */
export async function startStackStorm(port: number, closing: (() => Promise<void>)[]): Promise<string> {
  const stackstorm = createEmbeddedStackStorm({ bot: demoBot });
  const listener = await stackstorm.listen({ port, hostname: host });
  closing.push(async () => {
    stackstorm.close();
    await listener.close();
  });
  return listener.url;
}

async function demoConfig(
  options: DemoOptions,
  places: { readonly storage: string; readonly stackstormUrl: string; readonly folder: string },
) {
  const config = parseConfig(
    {
      stackstorm: {
        url: places.stackstormUrl,
        credential:
          options.auth === 'serverside'
            ? { username: demoBot.username, password: demoBot.password }
            : { apiKey: demoBot.apiKey },
      },
      auth: authOf(options),
      access: demoAccess,
      server: { host, port: options.port },
      storage: { url: places.storage },
      encryption: { keys: [await demoKey(places.storage)] },
      ops: {
        host,
        port: 0,
        logLevel: options.logLevel,
        audit: { file: auditFile(places) },
      },
    },
    { env: {}, readFile: () => '' },
  );
  if (config instanceof ConfigError) throw config;
  return config;
}

function authOf({ auth, port, confirm }: DemoOptions) {
  switch (auth) {
    case 'standalone':
      return { standalone: {} };
    case 'serverside':
      return {
        serverside: {
          map: Object.fromEntries(['alice', 'bob', 'admin'].map((name) => [`playground:demo:${name}`, name])),
        },
      };
    case 'clientside':
      return { clientside: {}, publicUrl: `http://${host}:${port}`, confirm: confirm ?? 'off' };
  }
}

function auditFile({ storage, folder }: { readonly storage: string; readonly folder: string }): string {
  const location = parseStorageUrl(storage);
  return location.driver === 'sqlite' && location.path !== ':memory:'
    ? `${location.path}.audit.jsonl`
    : join(folder, 'audit.jsonl');
}

/** The demo's own key, beside its database; of two that begin at once, one makes it and both use it. */
async function demoKey(storage: string): Promise<string> {
  const location = parseStorageUrl(storage);
  if (location.driver !== 'sqlite' || location.path === ':memory:') return generateKey();
  try {
    return await keyFile(`${location.path}.key`);
  } catch (error) {
    throw sqliteError(error, location.path);
  }
}

async function keyFile(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const own = `${path}.${process.pid}`;
  await writeFile(own, generateKey(), { mode: 0o600 });
  try {
    await link(own, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(own, { force: true });
  }
  return (await readFile(path, 'utf8')).trim();
}
