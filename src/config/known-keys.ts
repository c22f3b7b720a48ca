import type { z } from 'zod';
import { plainJsonSchema } from './json-schema.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What the schema knows at one place of the config. */
export interface KnownKey {
  /** As people write it: `auth.limits.links.count`; the items of a list are `access.admins[]`. */
  readonly path: string;
  readonly kind: 'group' | 'list' | 'text' | 'other';
  /** What is found here is never shown. */
  readonly secret: boolean;
  /** The kind in words, with its unit and bounds. */
  readonly title: string;
  readonly description: string;
  /** As it is written in the file; undefined where there is none. */
  readonly default: unknown;
  /** Must be written (by itself; rules over several keys aside). */
  readonly required: boolean;
  readonly keys: ReadonlyMap<string, KnownKey>;
  readonly item: KnownKey | undefined;
}

let root: KnownKey | undefined;

/** The tree of all keys, made of the schema once. */
export function knownKeys(): KnownKey {
  root ??= known(plainJsonSchema(), '', false, true);
  return root;
}

function known(schema: JsonSchema | boolean, path: string, secret: boolean, required: boolean): KnownKey {
  const own: JsonSchema = typeof schema === 'boolean' ? {} : schema;
  const hidden = secret || own.writeOnly === true;
  const { items } = own;
  const listItem = items === undefined || Array.isArray(items) ? undefined : items;
  const keys = new Map<string, KnownKey>();
  for (const [key, value] of Object.entries(own.properties ?? {})) {
    const inner = path === '' ? key : `${path}.${key}`;
    keys.set(key, known(value, inner, hidden, own.required?.includes(key) ?? false));
  }
  return {
    path,
    kind: kindOf(own),
    secret: hidden,
    title: own.title ?? '',
    description: own.description ?? '',
    default: own.default,
    required,
    keys,
    item: listItem === undefined ? undefined : known(listItem, `${path}[]`, hidden, false),
  };
}

function kindOf(schema: JsonSchema): KnownKey['kind'] {
  if (schema.type === 'object') return 'group';
  if (schema.type === 'array') return 'list';
  return schema.type === 'string' ? 'text' : 'other';
}

/** The key under `node` for one step of a path (a key, or a list's index). */
export function step(node: KnownKey | undefined, key: PropertyKey): KnownKey | undefined {
  if (node === undefined) return undefined;
  return typeof key === 'number' ? node.item : node.keys.get(String(key));
}

/** The known key that somebody meant by `key` in `group`: misspelt there, or written in the wrong section. */
export function nearestKey(group: KnownKey | undefined, key: string): KnownKey | undefined {
  const wanted = key.toLowerCase();
  const most = Math.max(1, Math.floor(key.length / 3));
  let best: { readonly node: KnownKey; readonly distance: number } | undefined;
  for (const [name, node] of group?.keys ?? []) {
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance <= most && (best === undefined || distance < best.distance)) best = { node, distance };
  }
  return best?.node ?? elsewhere(knownKeys(), wanted);
}

function elsewhere(node: KnownKey, wanted: string): KnownKey | undefined {
  for (const [name, inner] of node.keys) {
    const found = name.toLowerCase() === wanted ? inner : elsewhere(inner, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 20) return 20;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
