import type { Encryption } from './encryption.ts';
import type { Store } from './store.ts';

const row = 'key-check:1';

/**
 * Makes sure that the storage belongs to these keys, before anything is written that its own keys could not read. The
 * first bot on a storage leaves a row that says whose it is; each start renews it with the first key, so that a key that
 * was rotated out may go.
 * @throws EncryptionError `unknown-key`: another key's storage; StoreError.
 */
export async function claimStorage(store: Store, encryption: Encryption): Promise<void> {
  const sealed = encryption.seal(row, '');
  if (await store.add(row, sealed)) return;
  const stored = await store.get(row);
  if (stored === undefined) return claimStorage(store, encryption);
  encryption.open(row, stored);
  // Lost to another instance that starts just now: it has done the same.
  await store.replace(row, stored, sealed);
}

/**
 * The same question, with nothing written.
 * @throws EncryptionError, StoreError
 */
export async function checkStorageKeys(store: Store, encryption: Encryption): Promise<void> {
  const stored = await store.get(row);
  if (stored !== undefined) encryption.open(row, stored);
}
