import { createEncryption, keyId, sealedBy } from './aes-gcm.ts';
import { EncryptionError } from './encryption.ts';
import type { Store } from './store.ts';

/** What became of the rows. Kinds are what stands before the first colon of a row's key. */
export interface Rekeyed {
  /** Encrypted anew with the first key. */
  readonly rewritten: number;
  /** Had the first key already. */
  readonly current: number;
  /** By the name of a key that was not given: how many rows of which kinds it sealed. They are as they were. */
  readonly otherKeys: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** How many rows of which kinds no key can read: changed, cut, or copied from another row. They are as they were. */
  readonly damaged: ReadonlyMap<string, number>;
}

/**
 * Encrypts what stands anew with the first of the keys (32 bytes each), so that the others may go. Rows end when they would
 * have; what others change meanwhile is not lost. May be run again.
 * @throws EncryptionError `invalid-key`, StoreError
 */
export async function rekey(store: Store, keys: readonly Uint8Array[]): Promise<Rekeyed> {
  const encryption = createEncryption(keys);
  const first = keys.slice(0, 1).map(keyId)[0];
  const otherKeys = new Map<string, Map<string, number>>();
  const damaged = new Map<string, number>();
  let [rewritten, current] = [0, 0];
  for await (const row of store.scan('')) {
    for (let value: string | undefined = row.value; value !== undefined; ) {
      const sealer = sealedBy(value);
      if (sealer === undefined) break;
      try {
        const text = encryption.open(row.key, value);
        if (sealer === first) {
          current++;
          break;
        }
        if (await store.rewrite(row.key, value, encryption.seal(row.key, text))) {
          rewritten++;
          break;
        }
      } catch (error) {
        if (!(error instanceof EncryptionError)) throw error;
        const counted = error.code === 'unknown-key' ? countsOf(otherKeys, sealer) : damaged;
        counted.set(kindOf(row.key), (counted.get(kindOf(row.key)) ?? 0) + 1);
        break;
      }
      // Somebody else was faster: it is their row that counts now.
      value = await store.get(row.key);
    }
  }
  return { rewritten, current, otherKeys, damaged };
}

function countsOf(counts: Map<string, Map<string, number>>, id: string): Map<string, number> {
  const found = counts.get(id) ?? new Map<string, number>();
  counts.set(id, found);
  return found;
}

function kindOf(key: string): string {
  return key.split(':', 1)[0] ?? '';
}
