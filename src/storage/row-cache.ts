import type { StoredRow } from './row-document.ts';

/** About what V8 needs for an entry beside the characters of its key and value. */
const entryBytes = 256;

/** Rows that were read lately, bounded by memory: what was not asked for longest goes first. */
export class RowCache {
  readonly #maxBytes: number;
  readonly #rows = new Map<string, StoredRow>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(key: string): StoredRow | undefined {
    const row = this.#rows.get(key);
    if (row !== undefined) {
      this.#rows.delete(key);
      this.#rows.set(key, row);
    }
    return row;
  }

  set(key: string, row: StoredRow): void {
    this.delete(key);
    this.#rows.set(key, row);
    this.#bytes += size(key, row);
    for (const oldest of this.#rows.keys()) {
      if (this.#bytes <= this.#maxBytes) {
        break;
      }
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const row = this.#rows.get(key);
    if (row !== undefined) {
      this.#rows.delete(key);
      this.#bytes -= size(key, row);
    }
  }

  clear(): void {
    this.#rows.clear();
    this.#bytes = 0;
  }
}

function size(key: string, row: StoredRow): number {
  return entryBytes + key.length + row.value.length;
}
