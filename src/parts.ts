import { readFile } from 'node:fs/promises';
import type { BotParts } from './bot.ts';
import type { Config } from './config/schema.ts';
import type { CertificateOptions } from './login/certificate-check.ts';
import { AuditFile } from './ops/audit-file.ts';
import { unixPeer } from './ops/client-address.ts';
import { createLogger, type LoggerOptions } from './ops/logger.ts';
import { createMetrics, observeProcess } from './ops/metrics.ts';
import type { ConnectionOptions } from './stackstorm/dispatcher.ts';
import { readEncryption } from './storage/aes-gcm.ts';
import { openStore } from './storage/open-store.ts';

/** What of the environment the bot reads, in one place: proxies for outgoing connections. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a bot is built on, and how to let go of it. */
export interface OpenParts extends Omit<BotParts, 'platforms' | 'mount' | 'clock'> {
  close(): Promise<void>;
}

/**
 * Opens what the config names: logs, audit log, storage, keys. Throws StoreError, StorageUrlError, AuditError, or Node's
 * error where `stackstorm.caFile` cannot be read.
 */
export async function openParts(
  config: Config,
  environment: Environment,
  destination?: LoggerOptions['destination'],
): Promise<OpenParts> {
  const logger = createLogger({
    level: config.ops.logLevel,
    ...(destination === undefined ? {} : { destination }),
  });
  const connection = await connectionOf(config, environment);
  const audit = new AuditFile(config.ops.audit, { logger, now: Date.now });
  await audit.open();
  const store = await openStore(config.storage.url, {
    onBackgroundError: (error) => logger.warn({ err: error }, 'the storage had a fault in the background'),
  });
  const metrics = createMetrics();
  observeProcess(metrics);
  return {
    logger,
    audit,
    store,
    connection,
    metrics,
    encryption: readEncryption(config.encryption.keys),
    async close() {
      await store.close();
      await audit.close();
    },
  };
}

/** The environment's proxies (lower case wins, as curl has it). */
export function proxiesOf(environment: Environment) {
  return {
    httpsProxy: environment['https_proxy'] ?? environment['HTTPS_PROXY'],
    httpProxy: environment['http_proxy'] ?? environment['HTTP_PROXY'],
    noProxy: environment['no_proxy'] ?? environment['NO_PROXY'],
  };
}

/** How StackStorm is reached: its CA, and the environment's proxies. */
export async function connectionOf(config: Config, environment: Environment): Promise<ConnectionOptions> {
  const { caFile, allowInsecureTls } = config.stackstorm;
  return {
    allowInsecureTls,
    ...proxiesOf(environment),
    ...(caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') }),
  };
}

/** Whose X-Forwarded-For and X-Forwarded-Proto count: whoever may connect to the Unix socket is a proxy on this machine. */
export function trustedProxiesOf({ server }: Config): readonly string[] {
  return server.socket === undefined ? server.trustedProxies : [unixPeer, ...server.trustedProxies];
}

/** How logins are bound to client certificates, where they are. */
export function certificatesOf(config: Config): { readonly certificates?: CertificateOptions } {
  const { auth, server, chat } = config;
  if (auth.clientCertificate === undefined) return {};
  return {
    certificates: {
      ...auth.clientCertificate,
      idAlone: chat.slack?.install === undefined,
      trustedProxies: trustedProxiesOf(config),
      proxySecret: server.proxySecret,
    },
  };
}
