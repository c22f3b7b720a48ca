import { StoreError } from './store.ts';

/** A row as a driver reads it: its value, and when it ends in ms since the epoch where the document says so. */
export interface StoredRow {
  readonly value: string;
  readonly expires: number | undefined;
}

/** The text that a row is kept as. */
export function documentOf(value: string, expiresAt?: number): string {
  return JSON.stringify(expiresAt === undefined ? { value } : { value, expires: expiresAt });
}

/** How every document of this value begins: no other value's does, because the JSON string's end is part of it. */
export function beginningOf(value: string): string {
  return `{"value":${JSON.stringify(value)}`;
}

/** @throws StoreError `damaged` where the text is not what {@link documentOf} makes. */
export function parseDocument(text: string): StoredRow {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    // The cause is left out: it quotes the text.
    throw foreignRow();
  }
  if (typeof found === 'object' && found !== null && 'value' in found && typeof found.value === 'string') {
    const ends = 'expires' in found ? found.expires : undefined;
    if (ends === undefined || typeof ends === 'number') {
      return { value: found.value, expires: ends };
    }
  }
  throw foreignRow();
}

/** Somebody else wrote there. */
export function foreignRow(): StoreError {
  return new StoreError('damaged', 'A row of the store is not what the bot wrote there.');
}
