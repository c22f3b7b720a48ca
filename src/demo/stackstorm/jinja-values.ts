import { isJsonObject } from './json.ts';
import { pythonRepr, pythonStr } from './python-text.ts';

/** A template that does not parse; StackStorm answers 500 where it did not expect that. */
export class JinjaSyntaxError extends Error {
  override readonly name = 'JinjaSyntaxError';
  readonly code = 'jinja-syntax';
}

/** jinja2.UndefinedError and the TypeErrors of Python beside it. */
export class JinjaRenderError extends Error {
  override readonly name = 'JinjaRenderError';
  readonly code = 'jinja-render';
}

/** jinja2.Undefined: what a missing name or member is, until somebody uses it. */
export class Undefined {
  readonly hint: string;

  constructor(hint: string) {
    this.hint = hint;
  }
}

export type JinjaFunction = (...values: unknown[]) => unknown;

export function isTrue(value: unknown): boolean {
  if (value instanceof Undefined || value === null || value === false || value === 0 || value === '')
    return false;
  if (Array.isArray(value)) return value.length > 0;
  return isJsonObject(value) ? Object.keys(value).length > 0 : true;
}

export function memberOf(value: unknown, key: unknown): unknown {
  if (value instanceof Undefined) throw new JinjaRenderError(value.hint);
  if (Array.isArray(value) && typeof key === 'number')
    return value.at(key) ?? new Undefined(`list object has no element ${key}`);
  if (isJsonObject(value)) {
    const found = Object.hasOwn(value, String(key)) ? value[String(key)] : undefined;
    if (found !== undefined) return found;
  }
  const method = methodOf(value, String(key));
  if (method !== undefined) return method;
  const type = isJsonObject(value)
    ? 'dict'
    : Array.isArray(value)
      ? 'list'
      : typeof value === 'string'
        ? 'str'
        : '';
  return new Undefined(`'${type || pythonRepr(value)} object' has no attribute ${pythonRepr(key)}`);
}

function methodOf(value: unknown, name: string): JinjaFunction | undefined {
  if (isJsonObject(value)) {
    if (name === 'items') return () => Object.entries(value);
    if (name === 'keys') return () => Object.keys(value);
    if (name === 'values') return () => Object.values(value);
    if (name === 'get') return (key, otherwise = null) => value[String(key)] ?? otherwise;
  }
  if (typeof value === 'string') {
    if (name === 'split')
      return (separator) =>
        separator === undefined ? value.trim().split(/\s+/) : value.split(String(separator));
    if (name === 'strip') return () => value.trim();
    if (name === 'upper') return () => value.toUpperCase();
    if (name === 'lower') return () => value.toLowerCase();
    if (name === 'startswith') return (start) => value.startsWith(String(start));
    if (name === 'endswith') return (end) => value.endsWith(String(end));
    if (name === 'replace') return (from, to) => value.split(String(from)).join(String(to));
  }
  return undefined;
}

export function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return Array.from(value);
  if (isJsonObject(value)) return Object.keys(value);
  if (value instanceof Undefined) throw new JinjaRenderError(value.hint);
  throw new JinjaRenderError(`'${pythonRepr(value)}' object is not iterable`);
}

type Filter = (value: unknown, ...options: unknown[]) => unknown;

/** The filters that the stock packs use. */
export const filters: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['default', (value, otherwise = '') => (value instanceof Undefined ? otherwise : value)],
  ['d', (value, otherwise = '') => (value instanceof Undefined ? otherwise : value)],
  ['length', (value) => itemsOf(value).length],
  ['count', (value) => itemsOf(value).length],
  ['join', (value, glue = '') => itemsOf(value).map(pythonStr).join(pythonStr(glue))],
  ['first', (value) => itemsOf(value)[0] ?? new Undefined('No first item, sequence was empty.')],
  ['last', (value) => itemsOf(value).at(-1) ?? new Undefined('No last item, sequence was empty.')],
  ['sort', (value) => [...itemsOf(value)].sort()],
  ['list', (value) => [...itemsOf(value)]],
  ['upper', (value) => pythonStr(value).toUpperCase()],
  ['lower', (value) => pythonStr(value).toLowerCase()],
  ['trim', (value) => pythonStr(value).trim()],
  ['string', pythonStr],
  ['int', (value) => Math.trunc(Number(value)) || 0],
  ['tojson', (value) => JSON.stringify(value)],
  ['to_json_string', (value) => JSON.stringify(value, null, 4)],
  ['to_yaml_string', (value) => yaml(value, '')],
  ['replace', (value, from, to) => pythonStr(value).split(pythonStr(from)).join(pythonStr(to))],
  ['truncate', (value, size = 255) => pythonStr(value).slice(0, Number(size))],
]);

/** The tests behind `is`. */
export const tests: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['defined', (value: unknown) => !(value instanceof Undefined)],
  ['undefined', (value: unknown) => value instanceof Undefined],
  ['none', (value: unknown) => value === null],
  ['string', (value: unknown) => typeof value === 'string'],
  ['number', (value: unknown) => typeof value === 'number'],
  ['mapping', isJsonObject],
  ['iterable', (value: unknown) => Array.isArray(value) || isJsonObject(value) || typeof value === 'string'],
  ['sequence', (value: unknown) => Array.isArray(value) || typeof value === 'string'],
]);

function yaml(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return `${indent}[]\n`;
    return value
      .map((item) => `${indent}- ${yaml(item, `${indent}  `).slice(isBlock(item) ? indent.length + 2 : 0)}`)
      .join('');
  }
  if (isJsonObject(value)) {
    if (Object.keys(value).length === 0) return `${indent}{}\n`;
    return Object.entries(value)
      .map(
        ([key, item]) =>
          `${indent}${key}:${isBlock(item) ? `\n${yaml(item, `${indent}  `)}` : ` ${yaml(item, '')}`}`,
      )
      .join('');
  }
  if (typeof value === 'string')
    return `${/^[\w ./@-]+$/.test(value) && !/^[\d\s-]/.test(value) ? value : JSON.stringify(value)}\n`;
  return `${value === null || value === undefined ? 'null' : String(value)}\n`;
}

function isBlock(value: unknown): boolean {
  return (Array.isArray(value) && value.length > 0) || (isJsonObject(value) && Object.keys(value).length > 0);
}
