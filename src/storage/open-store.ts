import { resolve } from 'node:path';
import { openSqlite, type SqliteOptions } from './sqlite.ts';
import type { Store, StoreError } from './store.ts';

/** `storage.url` is none of the forms that {@link openStore} knows. It does not repeat the URL: that may hold a password. */
export class StorageUrlError extends Error {
  readonly code = 'bad-storage-url';

  constructor(message: string) {
    super(
      `${message}. Use sqlite:///absolute/path, sqlite://./relative/path, sqlite::memory:, redis://host:port/db or rediss://host:port/db.`,
    );
    this.name = 'StorageUrlError';
  }
}

export interface OpenStoreOptions extends Omit<SqliteOptions, 'path' | 'onSweepError' | 'durability'> {
  /** Told of a fault that no caller sees: a sweep that failed, a connection that broke. The store goes on by itself. */
  readonly onBackgroundError?: (error: StoreError) => void;
}

/** Where a storage URL points. */
export type StorageLocation =
  | { readonly driver: 'sqlite'; readonly path: string; readonly durability: 'process' | 'power' }
  | { readonly driver: 'redis'; readonly url: string };

/**
 * Reads `storage.url`: `sqlite:///abs/path`, `sqlite://./rel/path` (from the working directory), `sqlite::memory:`
 * (gone with the process), `redis://…` and `rediss://…`. `?durability=power` after a path lets each write outlive a
 * power failure, at the price of waiting for the disk.
 * @throws StorageUrlError
 */
export function parseStorageUrl(url: string): StorageLocation {
  if (/^rediss?:\/\//.test(url)) {
    if (!URL.canParse(url)) {
      throw new StorageUrlError('The Redis URL cannot be read; a password in it must be percent-encoded');
    }
    return { driver: 'redis', url };
  }
  if (url === 'sqlite::memory:') {
    return { driver: 'sqlite', path: ':memory:', durability: 'process' };
  }
  const [, path, query] = /^sqlite:\/\/(\.{0,2}\/[^?]*[^?/])(?:\?(.*))?$/.exec(url) ?? [];
  if (path === undefined) {
    throw new StorageUrlError('The storage URL is not one that is known');
  }
  if (query !== undefined && query !== 'durability=power' && query !== 'durability=process') {
    throw new StorageUrlError('After the path, only ?durability=power or ?durability=process may stand');
  }
  return {
    driver: 'sqlite',
    path: resolve(path),
    durability: query === 'durability=power' ? 'power' : 'process',
  };
}

/**
 * The Store that `storage.url` names, open and tried.
 * @throws StorageUrlError, StoreError
 */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<Store> {
  const location = parseStorageUrl(url);
  const { onBackgroundError, ...forSqlite } = options;
  if (location.driver === 'redis') {
    // Its client costs a start a tenth of its time, and 9 MB (P4): only who uses it pays that.
    const { openRedis } = await import('./redis.ts');
    return openRedis({ url, ...(onBackgroundError && { onConnectionError: onBackgroundError }) });
  }
  const { path, durability } = location;
  return openSqlite({
    ...forSqlite,
    path,
    durability,
    ...(onBackgroundError && { onSweepError: onBackgroundError }),
  });
}
