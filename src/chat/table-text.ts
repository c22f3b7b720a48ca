import type { Part } from './chat.ts';

/**
 * Tables for platforms that have none: the one place that says what becomes of them.
 * @module
 */

export type Table = Extract<Part, { type: 'table' }>;
export type PartWithoutTable = Exclude<Part, { type: 'table' }>;

/** Characters of one line of code that are read without being wrapped, in the narrowest place (a thread of Slack's). */
const widestLine = 88;
/** A cell is cut to this in an aligned table; in records it stands whole. */
const widestCell = 40;

/** Each table as code. */
export function withoutTables(parts: readonly Part[]): PartWithoutTable[] {
  return parts.map((part) => (part.type === 'table' ? { type: 'code', text: tableText(part) } : part));
}

/** Aligned columns under their names; where these are too wide for a line, a record of `name: value` a row. */
export function tableText(table: Table): string {
  const { columns, rows } = table;
  const cells = rows.map((row) => columns.map((_, at) => oneLine(row[at] ?? '')));
  const widths = columns.map((column, at) =>
    Math.max(textWidth(column), ...cells.map((row) => textWidth(row[at] ?? ''))),
  );
  const width = widths.reduce((sum, one) => sum + one + 2, -2);
  if (columns.length > 1 && (width > widestLine || widths.some((one) => one > widestCell))) {
    return cells.map((row) => record(columns, row)).join('\n\n');
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell + ' '.repeat(Math.max((widths[at] ?? 0) - textWidth(cell), 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((one) => '-'.repeat(one)).join('  ');
  return [line(columns), rule, ...cells.map(line)].join('\n');
}

function record(columns: readonly string[], row: readonly string[]): string {
  return columns.map((column, at) => `${column}: ${row[at] ?? ''}`).join('\n');
}

function oneLine(cell: string): string {
  return cell.replace(/\s+/g, ' ').trim();
}

/** Columns of a fixed-width font: wide ones of East Asian scripts and pictures take two, what combines takes none. */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(character)) continue;
    width += wide.test(character) ? 2 : 1;
  }
  return width;
}

const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u30ff\uff01-\uff60\uffe0-\uffe6]/u;
