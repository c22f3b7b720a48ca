import { accessSync, chmodSync, closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { sqliteError } from './sqlite-errors.ts';
import { StoreError } from './store.ts';

const ownerOnly = 0o600;
const others = 0o077;

/**
 * Makes the database's folder (0700) and file (0600), takes others' rights away from files that stand there, and
 * finds out early what cannot be written. SQLite gives -wal and -shm the database's own mode.
 *
 * Synchronous, and an existing file is never opened: closing any descriptor of it would drop the POSIX locks that
 * another connection of this process holds (https://www.sqlite.org/howtocorrupt.html, 2.2).
 * @throws StoreError
 */
export function prepareFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (statSync(path, { throwIfNoEntry: false }) === undefined) {
      createFile(path);
    }
    if (!statSync(path).isFile()) {
      throw new StoreError('unavailable', `The database ${path} is not a file. Name a file in storage.url.`);
    }
    for (const file of [path, `${path}-wal`, `${path}-shm`]) {
      closeToOthers(file);
    }
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw sqliteError(cause, path);
  }
}

/** Tells one file from another that was put in its place; undefined where none stands. */
export function fileIdentity(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}

function createFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', ownerOnly));
  } catch (error) {
    // Another process was faster: the file that is wanted stands there.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw error;
    }
  }
}

function closeToOthers(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found !== undefined && (found.mode & others) !== 0) {
    chmodSync(file, found.mode & ~others);
  }
}
