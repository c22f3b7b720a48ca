import type { z } from 'zod';
import { parseJson } from './json-text.ts';
import { type KnownKey, knownKeys, nearestKey, step } from './known-keys.ts';
import { type ConfigSources, type Resolved, resolveReferences } from './references.ts';
import { type Config, configSchema } from './schema.ts';

export type { ConfigSources } from './references.ts';

/** One thing that is wrong: where in the file, what stands there (never a secret), and what should. */
export interface ConfigFault {
  /** `auth.limits.links.count`, `access.admins[0]`, or `line 3, column 14` where the file is not JSON. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

/** Every fault of a config at once, in the file's order of sections. Holds no value of a secret. */
export class ConfigError extends Error {
  readonly code = 'invalid-config';
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(faultLine).join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

export function faultLine({ path, found, expected }: ConfigFault): string {
  return `${path}: found ${found}; expected ${expected}`;
}

/**
 * The config file's text, or what stands in it, as a Config with all defaults, environment variables and secret files
 * put in. Pure: what it needs from outside comes by `sources`. Answers the error instead of throwing it.
 */
export function parseConfig(input: string | object, sources: ConfigSources): Config | ConfigError {
  const parsed = typeof input === 'string' ? parseJson(input) : { kind: 'value' as const, value: input };
  if (parsed.kind === 'fault') {
    const { line, column, found, expected } = parsed.fault;
    return new ConfigError([{ path: `line ${line}, column ${column}`, found, expected }]);
  }
  const resolved = resolveReferences(parsed.value, knownKeys(), sources);
  const answer = configSchema.safeParse(resolved.value);
  if (answer.success && resolved.faults.length === 0) return answer.data;
  return new ConfigError(faultsOf(resolved, answer.error?.issues ?? []));
}

function faultsOf(resolved: Resolved, issues: readonly z.core.$ZodIssue[]): ConfigFault[] {
  // One fault a place: a variable that is not set is not told a second time as a value that is missing.
  const faults = new Map<string, ConfigFault>();
  const add = (path: readonly PropertyKey[], found: string, expected: string) => {
    const words = pathWords(path);
    if (!faults.has(words)) faults.set(words, { path: words, found, expected });
  };
  for (const { path, found, expected } of resolved.faults) add(path, found, expected);
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys)
        add([...issue.path, key], 'a key that is not known', known(issue.path, key));
    } else {
      add(issue.path, found(resolved, issue.path), issue.message);
    }
  }
  const order = [...knownKeys().keys.keys()];
  const rank = ({ path }: ConfigFault) => order.indexOf(/^[^.[]*/.exec(path)?.[0] ?? '');
  return [...faults.values()].sort((a, b) => rank(a) - rank(b));
}

function known(path: readonly PropertyKey[], key: string): string {
  const group = nodeAt(path);
  const nearest = nearestKey(group, key);
  if (nearest !== undefined) return `"${nearest.path}"?`;
  const keys = [...(group?.keys.keys() ?? [])];
  return keys.length === 0 ? 'no key here' : `one of ${keys.join(', ')}`;
}

function found(resolved: Resolved, path: readonly PropertyKey[]): string {
  const value = valueAt(resolved.value, path);
  const node = nodeAt(path);
  const origin = resolved.origins.get(JSON.stringify(path));
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'an object';
  const hidden = node === undefined || node.secret || node.kind === 'group' || node.kind === 'list';
  if (typeof value === 'string' && (hidden || origin !== undefined || value === '')) {
    const size = value === '' ? 'an empty string' : `a string of ${value.length} characters`;
    return origin === undefined ? size : `${size} (from ${origin})`;
  }
  return hidden ? `a ${typeof value}` : shown(value);
}

/** A value that is no secret, cut, and without the user part of an address. */
function shown(value: unknown): string {
  const text = JSON.stringify(value)
    .replaceAll(/\/\/[^/]*@/g, '//…@')
    .replaceAll(/(:\/\/[^\s"?#]*[?#])[^\s"]+/g, '$1…');
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}

function nodeAt(path: readonly PropertyKey[]): KnownKey | undefined {
  return path.reduce<KnownKey | undefined>(step, knownKeys());
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    return Object.getOwnPropertyDescriptor(inner, key)?.value;
  }, value);
}

function pathWords(path: readonly PropertyKey[]): string {
  const words = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return words === '' ? 'the config' : words.replace(/^\./, '');
}
