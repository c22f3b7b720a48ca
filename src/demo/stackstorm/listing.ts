import { StackStormFault } from './fault.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import type { ServiceContext } from './service-app.ts';
import type { StackStormState } from './state.ts';

/** `api.max_page_size`: more is for admins, where RBAC is on. */
const maxPageSize = 100;

/** An integer of the query, or undefined. @throws StackStormFault 400 */
export function integerQuery(c: ServiceContext, name: string): number | undefined {
  const text = c.req.query(name);
  if (text === undefined) return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw new StackStormFault(400, `Parameter "${name}" is not of type integer`);
  return Number(text);
}

/**
 * The page that `limit` and `offset` ask for, with StackStorm's headers. Source: st2api/controllers/resource.py.
 * @throws StackStormFault 400, 403
 */
export function page<T>(
  c: ServiceContext,
  state: StackStormState,
  items: readonly T[],
  defaultLimit = 100,
): readonly T[] {
  const limit = integerQuery(c, 'limit') ?? defaultLimit;
  const offset = integerQuery(c, 'offset') ?? 0;
  const { user } = c.get('identity');
  const admin = state.accounts.isAdmin(user);
  if (limit === 0)
    throw new StackStormFault(
      400,
      'Limit, "0" specified, must be a positive number or -1 for full result set.',
    );
  if (limit <= -2) throw new StackStormFault(400, `Limit, "${limit}" specified, must be a positive number.`);
  if (limit === -1 && !admin)
    throw new StackStormFault(
      403,
      'Administrator access required to be able to specify limit=-1 and retrieve all the records',
    );
  if (limit > maxPageSize && !admin)
    throw new StackStormFault(403, `Limit "${limit}" specified, maximum value is "${maxPageSize}"`);
  c.header('X-Total-Count', String(items.length));
  if (limit === -1) return items.slice(offset);
  c.header('X-Limit', String(limit));
  return items.slice(offset, offset + limit);
}

export interface AttributeRules {
  /** Dotted names are known by their first part. */
  readonly known: ReadonlySet<string>;
  /** Always there, whatever is included. */
  readonly always: readonly string[];
  /** What comes with a member of a member: `action.ref` brings what StackStorm itself needs of an action. */
  readonly alwaysInside?: Readonly<Record<string, readonly string[]>>;
}

/**
 * `include_attributes` and `exclude_attributes`.
 * @throws StackStormFault 400
 */
export function selectAttributes(
  c: ServiceContext,
  rules: AttributeRules,
): (record: JsonObject) => JsonObject {
  const included = c.req.query('include_attributes')?.split(',');
  const excluded = c.req.query('exclude_attributes')?.split(',');
  if (included !== undefined && excluded !== undefined)
    throw new StackStormFault(
      400,
      'exclude_fields and include_fields arguments are mutually exclusive. You need to provide either one or another, but not both.',
    );
  for (const [which, names] of [
    ['include', included],
    ['exclude', excluded],
  ] as const)
    for (const name of names ?? [])
      if (!rules.known.has(headOf(name)))
        throw new StackStormFault(400, `Invalid or unsupported ${which} attribute specified: ${name}`);
  if (included !== undefined) return (record) => includeOnly(record, [...included, ...rules.always], rules);
  const unwanted = new Set(excluded ?? []);
  return (record) => Object.fromEntries(Object.entries(record).filter(([key]) => !unwanted.has(key)));
}

function includeOnly(record: JsonObject, names: readonly string[], rules: AttributeRules): JsonObject {
  const whole = new Set(names.filter((name) => !name.includes('.')));
  const inner = names.filter((name) => name.includes('.') && !whole.has(headOf(name)));
  const heads = new Set(inner.map(headOf));
  return Object.fromEntries(
    Object.entries(record).flatMap(([key, value]) => {
      if (whole.has(key)) return [[key, value]];
      if (!heads.has(key) || !isJsonObject(value)) return [];
      const tails = new Set([
        ...inner.filter((name) => headOf(name) === key).map((name) => name.slice(key.length + 1)),
        ...(rules.alwaysInside?.[key] ?? []),
      ]);
      return [[key, Object.fromEntries(Object.entries(value).filter(([tail]) => tails.has(tail)))]];
    }),
  );
}

function headOf(name: string): string {
  return name.split('.', 1)[0] ?? name;
}
