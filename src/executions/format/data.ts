import { code, type Section } from './section.ts';
import { cleanText } from './text.ts';

/** More columns are no table that anybody reads. */
const mostColumns = 10;
const mostRows = 200;
/** More fields, or longer ones, are better read as JSON. */
const mostFields = 12;
const longestField = 200;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Any value for people: a list of flat objects is a table, a flat object is fields, a list of words is lines, a text is
 * itself, and the rest is JSON. None where there is nothing to show.
 */
export function dataSections(label: string, value: unknown): Section[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return code(label, value);
  if (Array.isArray(value)) return listSections(label, value);
  if (!isObject(value)) return code(label, String(value));
  const entries = Object.entries(value);
  if (entries.length === 0) return [];
  const fields = entries.map(([name, one]) => ({ label: cleanText(name), value: cellOf(one) }));
  const areShort =
    entries.every(([, one]) => isScalar(one)) &&
    fields.length <= mostFields &&
    fields.every((field) => field.value.length <= longestField && !field.value.includes('\n'));
  return areShort ? [{ kind: 'fields', fields }] : json(label, value);
}

function listSections(label: string, list: readonly unknown[]): Section[] {
  if (list.length === 0) return [];
  if (list.every(isScalar)) return code(label, list.map(cellOf).join('\n'));
  const rows = list.filter(isObject);
  if (rows.length < list.length) return json(label, list);
  const columns = [...new Set(rows.slice(0, mostRows).flatMap(Object.keys))];
  const isFlat = rows.every((row) => Object.values(row).every(isCell));
  if (!isFlat || columns.length === 0 || columns.length > mostColumns || rows.length > mostRows) {
    return json(label, list);
  }
  return [
    {
      kind: 'table',
      label,
      columns: columns.map(cleanText),
      rows: rows.map((row) => columns.map((column) => cellOf(row[column]))),
    },
  ];
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

/** What a cell holds: a scalar, or a few of them. */
function isCell(value: unknown): boolean {
  return isScalar(value) || (Array.isArray(value) && value.length <= 5 && value.every(isScalar));
}

function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(cellOf).join(', ');
  return cleanText(String(value));
}

/** `stringify` writes control characters as escapes, so that colours show: they are taken out before. */
function json(label: string, value: unknown): Section[] {
  const clean = (_: string, one: unknown) => (typeof one === 'string' ? cleanText(one) : one);
  return code(label, JSON.stringify(value, clean, 2) ?? '');
}
