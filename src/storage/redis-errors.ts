import { StoreError, type StoreErrorCode } from './store.ts';

/** The first word of Redis's error replies (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors). */
const codes: Readonly<Record<string, StoreErrorCode>> = {
  OOM: 'full',
  READONLY: 'read-only',
  MISCONF: 'read-only',
  WRONGTYPE: 'damaged',
};

const advice: Readonly<Record<StoreErrorCode, string>> = {
  full: 'is out of memory. Raise maxmemory; do not let it evict rows (maxmemory-policy noeviction)',
  'read-only':
    'takes no writes: it is a replica, or cannot save to its disk. Point storage.url at the primary, or mend its disk',
  damaged: 'holds something else under a key of the bot. Give the bot a database of its own in storage.url',
  unavailable:
    'does not answer. Check that it runs, and the host, port, user, password and TLS of storage.url',
};

/** The StoreError for a fault of Redis or of its connection; it names neither user, password nor key. */
export function redisError(cause: unknown, address: string): StoreError {
  if (cause instanceof StoreError) {
    return cause;
  }
  const word = cause instanceof Error ? (/^([A-Z]+)\b/.exec(cause.message)?.[1] ?? '') : '';
  const code = codes[word] ?? 'unavailable';
  return new StoreError(code, `Redis at ${address} ${advice[code]}. (${word || nameOf(cause)})`, { cause });
}

function nameOf(cause: unknown): string {
  if (!(cause instanceof Error)) {
    return 'unknown fault';
  }
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.constructor.name;
}
