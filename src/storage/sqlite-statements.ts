import { foreignRow } from './row-document.ts';

/**
 * The SQL of the SQLite driver: one statement for each operation of the Store, for any number of rows (S3). Rows stand
 * as Keyv keeps them, `{"value": …, "expires": ms}` as JSON text, so `new Keyv({ store: new KeyvSqlite(…),
 * useKeyPrefix: false })` reads them. Keyv's own `get` is not used: it deletes an expired row in a second statement,
 * which can hit a row that another process has added meanwhile.
 */
export const table = 'store';

const expires = `json_extract(${table}.value, '$.expires')`;
const expired = `${expires} <= ?`;

/** Makes the sweep cheap, whatever the number of rows (measured: costs an insert nothing that shows). */
export const createIndex = `CREATE INDEX IF NOT EXISTS ${table}_expires ON ${table} (json_extract(value, '$.expires'))
  WHERE json_extract(value, '$.expires') IS NOT NULL`;

/** What many jobs of one kind are asked with at once. Each parameter `?` but the first is the time in ms. */
export const statements = {
  /** Rows: keys. */
  get: `SELECT key, value FROM ${table} WHERE key IN (SELECT value FROM json_each(?))`,
  /** Rows: keys. */
  take: `DELETE FROM ${table} WHERE key IN (SELECT value FROM json_each(?)) RETURNING key, value`,
  /** Rows: [key, document]. Where nothing changes nothing is written, nor returned. */
  set: `INSERT INTO ${table} (key, value) SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true
    ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE ${table}.value <> excluded.value RETURNING key`,
  /** Rows: [key, document]. */
  add: `INSERT INTO ${table} (key, value) SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true
    ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE ${expired} RETURNING key`,
  /** Rows: [key, document, beginning of the expected document]. */
  replace: `UPDATE ${table} SET value = change.document
    FROM (SELECT value ->> 0 AS key, value ->> 1 AS document, value ->> 2 AS beginning FROM json_each(?)) AS change
    WHERE ${table}.key = change.key AND substr(${table}.value, 1, length(change.beginning)) = change.beginning
      AND (${expires} IS NULL OR ${expires} > ?) RETURNING key`,
} as const;

export type StatementKind = keyof typeof statements;

/** Parameters: first key (inclusive), last key (exclusive), rows. */
export const firstPage = `SELECT key, value FROM ${table} WHERE key >= ? AND key < ? ORDER BY key LIMIT ?`;
/** Parameters: the key after which the page begins, last key (exclusive), rows. */
export const nextPage = `SELECT key, value FROM ${table} WHERE key > ? AND key < ? ORDER BY key LIMIT ?`;
/** Parameters: time in ms, rows. */
export const sweepPage = `DELETE FROM ${table} WHERE key IN (SELECT key FROM ${table} WHERE ${expires} IS NOT NULL
    AND ${expired} LIMIT ?) RETURNING key`;
export const answers = `SELECT key FROM ${table} LIMIT 1`;

/** One row of a statement's answer; `document` only where the statement returns it. */
export interface AnsweredRow {
  readonly key: string;
  readonly document: string | undefined;
}

export function parseAnswer(answer: unknown): AnsweredRow[] {
  return Array.isArray(answer) ? answer.map(answeredRow) : [];
}

function answeredRow(row: unknown): AnsweredRow {
  if (typeof row === 'object' && row !== null && 'key' in row && typeof row.key === 'string') {
    const document = 'value' in row ? row.value : undefined;
    if (document === undefined || typeof document === 'string') {
      return { key: row.key, document };
    }
  }
  throw foreignRow();
}
