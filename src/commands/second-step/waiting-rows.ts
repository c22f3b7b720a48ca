import { Collection, type Row } from '../../storage/collection.ts';
import type { Encryption } from '../../storage/encryption.ts';
import type { Store } from '../../storage/store.ts';
import { type Waiting, waitingRow } from './row.ts';

/** A row outlives its time by a day, so that somebody still says that it is over. */
const afterMs = 24 * 60 * 60_000;

/** The commands that wait for a second step, encrypted in the Store: they outlast a restart, and every instance sees them. */
export class WaitingRows {
  readonly #rows: Collection<Waiting>;
  readonly #now: () => number;

  constructor(deps: { readonly store: Store; readonly encryption: Encryption; readonly now: () => number }) {
    this.#rows = new Collection(deps.store, deps.encryption, 'step', waitingRow);
    this.#now = deps.now;
  }

  async add(row: Waiting): Promise<void> {
    await this.#rows.add(row.id, row, this.#ttl(row));
  }

  async get(id: string): Promise<Waiting | undefined> {
    return (await this.#rows.get(id))?.value;
  }

  /** One compare and set after the other until one wins; undefined where `next` answers so, or the row is gone. */
  async change(id: string, next: (row: Waiting) => Waiting | undefined): Promise<Waiting | undefined> {
    for (;;) {
      const row: Row<Waiting> | undefined = await this.#rows.get(id);
      const value = row === undefined ? undefined : next(row.value);
      if (row === undefined || value === undefined) return undefined;
      if ((await this.#rows.replace(row, value, this.#ttl(value))) !== undefined) return value;
    }
  }

  async delete(id: string): Promise<void> {
    await this.#rows.delete(id);
  }

  async all(): Promise<Waiting[]> {
    const rows: Waiting[] = [];
    for await (const { value } of this.#rows.scan()) rows.push(value);
    return rows;
  }

  #ttl({ until }: Waiting): number {
    return Math.max(until - this.#now(), 0) + afterMs;
  }
}
