import { createClient } from '@keyv/redis';
import { redisError } from './redis-errors.ts';
import { documentOf, parseDocument } from './row-document.ts';
import { type Store, StoreError } from './store.ts';
import { checkKey, lifetimeMs } from './store-input.ts';

export interface RedisOptions {
  /** `redis://[user:password@]host:port[/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** Stands before every key, so that others can use the same database. Default `bolt-stackstorm:`. */
  readonly keyPrefix?: string;
  /** How long an answer, and the first connection, may take, in ms. Default 5 s. */
  readonly timeoutMs?: number;
  /** Told when the connection fails by itself; what the bot asks meanwhile is `unavailable`. It reconnects alone. */
  readonly onConnectionError?: (error: StoreError) => void;
}

const defaultPrefix = 'bolt-stackstorm:';
const defaultTimeoutMs = 5_000;
const pageRows = 200;
const longestPauseMs = 2_000;

/** Compare and set: KEYS[1]; ARGV: expected, new, lifetime in ms, '' for none, or 'same'. */
const replaceScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[2])
elseif ARGV[3] == 'same' then redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1`;

/**
 * Connects to Redis (6.2 or newer: GETDEL), by the client of Keyv's adapter. Rows stand as Keyv keeps them,
 * `{"value": …}`; Redis's own clock ends them, so the clocks of several machines need not agree.
 *
 * What a write outlives is the server's setting (`appendfsync`), and its `maxmemory-policy` must be `noeviction`:
 * an evicted claim is a command that can run twice.
 * @throws StoreError
 */
export async function openRedis(options: RedisOptions): Promise<RedisStore> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const address = addressOf(options.url);
  let connected = false;
  const client = newClient(options.url, timeoutMs, () => connected);
  client.on('error', (error: unknown) => {
    if (connected) {
      options.onConnectionError?.(redisError(error, address));
    }
  });
  try {
    await inTime(client.connect(), timeoutMs, address);
    connected = true;
    await inTime(client.ping(), timeoutMs, address);
  } catch (cause) {
    if (client.isOpen) {
      client.destroy();
    }
    throw redisError(cause, address);
  }
  return new RedisStore(client, options.keyPrefix ?? defaultPrefix, address, timeoutMs);
}

type Client = ReturnType<typeof newClient>;

/** The first connection fails to the caller; later ones are retried for ever, with jitter (R3). */
function newClient(url: string, timeoutMs: number, isReconnect: () => boolean) {
  return createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: timeoutMs,
      reconnectStrategy: (retries) =>
        isReconnect() && Math.min(longestPauseMs, 50 * 2 ** retries) * (0.5 + Math.random() / 2),
    },
  });
}

/** The Store on Redis, for several machines. */
export class RedisStore implements Store {
  readonly #client: Client;
  readonly #prefix: string;
  readonly #address: string;
  readonly #timeoutMs: number;

  /** Use {@link openRedis}. */
  constructor(client: Client, prefix: string, address: string, timeoutMs: number) {
    this.#client = client;
    this.#prefix = prefix;
    this.#address = address;
    this.#timeoutMs = timeoutMs;
  }

  async get(key: string): Promise<string | undefined> {
    return valueIn(await this.#ask((client) => client.get(this.#key(key))));
  }

  async set(key: string, value: string, ttlMs?: number): Promise<void> {
    await this.#ask((client) => client.set(this.#key(key), documentOf(value), expiration(ttlMs)));
  }

  async delete(key: string): Promise<void> {
    await this.#ask((client) => client.del(this.#key(key)));
  }

  async take(key: string): Promise<string | undefined> {
    return valueIn(await this.#ask((client) => client.getDel(this.#key(key))));
  }

  async add(key: string, value: string, ttlMs?: number): Promise<boolean> {
    const options = { ...expiration(ttlMs), condition: 'NX' } as const;
    return (await this.#ask((client) => client.set(this.#key(key), documentOf(value), options))) !== null;
  }

  async replace(key: string, expected: string, value: string, ttlMs?: number): Promise<boolean> {
    return this.#replace(key, expected, value, String(lifetimeMs(ttlMs) ?? ''));
  }

  async rewrite(key: string, expected: string, value: string): Promise<boolean> {
    return this.#replace(key, expected, value, 'same');
  }

  /** Reads all keys of the prefix first (SCAN gives them in no order, some twice), then their values page by page. */
  async *scan(prefix: string): AsyncIterable<{ readonly key: string; readonly value: string }> {
    const pattern = `${globLiteral(this.#prefix + prefix)}*`;
    const found = new Set<string>();
    let cursor = '0';
    do {
      const page = await this.#ask((client) => client.scan(cursor, { MATCH: pattern, COUNT: pageRows }));
      page.keys.forEach((key) => {
        found.add(key);
      });
      cursor = page.cursor;
    } while (cursor !== '0');
    const keys = [...found].sort();
    for (let at = 0; at < keys.length; at += pageRows) {
      const page = keys.slice(at, at + pageRows);
      const documents = await this.#ask((client) => client.mGet(page));
      for (const [index, key] of page.entries()) {
        const value = valueIn(documents[index] ?? null);
        if (value !== undefined) {
          yield { key: key.slice(this.#prefix.length), value };
        }
      }
    }
  }

  async ping(): Promise<void> {
    await this.#ask((client) => client.ping());
  }

  /** What was asked before is answered first; what is asked afterwards is `unavailable`. */
  async close(): Promise<void> {
    if (!this.#client.isOpen) {
      return;
    }
    if (this.#client.isReady) {
      await this.#ask((client) => client.close());
    } else {
      this.#client.destroy();
    }
  }

  async #replace(key: string, expected: string, value: string, lifetime: string): Promise<boolean> {
    const args = [documentOf(expected), documentOf(value), lifetime];
    const keys = [this.#key(key)];
    return (await this.#ask((client) => client.eval(replaceScript, { keys, arguments: args }))) === 1;
  }

  #key(key: string): string {
    checkKey(key);
    return this.#prefix + key;
  }

  async #ask<T>(question: (client: Client) => Promise<T>): Promise<T> {
    try {
      return await inTime(question(this.#client), this.#timeoutMs, this.#address);
    } catch (cause) {
      throw cause instanceof RangeError ? cause : redisError(cause, this.#address);
    }
  }
}

/** The client itself waits for ever for an answer that does not come. */
async function inTime<T>(answer: Promise<T>, timeoutMs: number, address: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new StoreError('unavailable', `Redis at ${address} did not answer in ${timeoutMs} ms.`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function valueIn(document: string | null): string | undefined {
  return document === null ? undefined : parseDocument(document).value;
}

function expiration(ttlMs: number | undefined): { expiration?: { type: 'PX'; value: number } } {
  const lifetime = lifetimeMs(ttlMs);
  return lifetime === undefined ? {} : { expiration: { type: 'PX', value: lifetime } };
}

/** https://redis.io/docs/latest/commands/keys/: `*?[]^-\` mean something in a pattern. */
function globLiteral(text: string): string {
  return text.replace(/[*?[\]^\\-]/g, '\\$&');
}

/** Host and port, without the user and password that the URL may hold. */
function addressOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an address that is no URL';
}
