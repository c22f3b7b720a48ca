import { StoreError, type StoreErrorCode } from './store.ts';

/**
 * Result codes of SQLite (https://www.sqlite.org/rescode.html) and of the file system, by what the operator has to
 * do. What is not named is `unavailable`: whether something was written is then not known.
 */
const codes: Readonly<Record<string, StoreErrorCode>> = {
  SQLITE_READONLY: 'read-only',
  SQLITE_PERM: 'read-only',
  EACCES: 'read-only',
  EPERM: 'read-only',
  EROFS: 'read-only',
  SQLITE_FULL: 'full',
  ENOSPC: 'full',
  EDQUOT: 'full',
  SQLITE_CORRUPT: 'damaged',
  SQLITE_NOTADB: 'damaged',
  SQLITE_FORMAT: 'damaged',
};

const advice: Readonly<Record<StoreErrorCode, string>> = {
  'read-only':
    'cannot be written. Give the user who runs the bot write access to the file, its -wal and -shm files and its folder',
  full: 'cannot grow: its disk or its limit is full. Make room; the bot goes on by itself',
  damaged:
    'is damaged or is no SQLite database. Move it away and put a backup in its place, or start with a new file (everyone logs in again)',
  unavailable: 'cannot be used. Check that its folder exists, is on a local disk and that the disk works',
};

const busy =
  'was locked by another process for too long. Try again; if it stays so, find the process that holds it';

/** The StoreError for a fault of SQLite or of its files; a StoreError stays as it is. */
export function sqliteError(cause: unknown, path: string): StoreError {
  if (cause instanceof StoreError) {
    return cause;
  }
  const found = codeOf(cause);
  const code = codes[found] ?? 'unavailable';
  const words = isBusy(cause) ? busy : advice[code];
  return new StoreError(code, `The database ${path} ${words}. (${found})`, { cause });
}

/** Another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return ['SQLITE_BUSY', 'SQLITE_LOCKED'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'unknown fault';
}
