/**
 * Every driver's check of a key: 1 to 512 printable ASCII characters, so that no two keys are one to a database that
 * sees bytes.
 * @throws RangeError: it is the caller's fault, not the store's.
 */
export function checkKey(key: string): void {
  if (!/^[\x20-\x7e]{1,512}$/.test(key)) {
    throw new RangeError('A key of the store is 1 to 512 printable ASCII characters');
  }
}

/**
 * A row's lifetime in whole milliseconds, at least 1 (a deadline that has just passed makes a row that is gone at
 * once, not one that stays); undefined for ever.
 * @throws RangeError for NaN and Infinity.
 */
export function lifetimeMs(ttlMs: number | undefined): number | undefined {
  if (ttlMs === undefined) {
    return undefined;
  }
  if (!Number.isFinite(ttlMs)) {
    throw new RangeError('A time to live is a finite number of milliseconds');
  }
  return Math.max(1, Math.ceil(ttlMs));
}
