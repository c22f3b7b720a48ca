/**
 * Arguments of Web API methods, as they come in a form (strings, JSON inside) or in a JSON body.
 * @module
 */
import { z } from 'zod';
import type { Json } from '../world-types.ts';

/** Arguments whose value is JSON in a form. */
const ENCODED: ReadonlySet<string> = new Set(['blocks', 'attachments', 'metadata', 'view', 'files']);

/** Stands for JSON that cannot be parsed: the method says so with its own error. */
export const BROKEN_JSON = Symbol('broken JSON');

export const text = z.string();

/** `true`, `1`, `"true"`, … */
export const flag = z.union([
  z.boolean(),
  z.enum(['true', '1', 'false', '0']).transform((word) => word === 'true' || word === '1'),
  z.number().transform((number) => number !== 0),
]);

/** A number, or the digits of one. */
export const whole = z.union([
  z.int(),
  z
    .string()
    .regex(/^\d+$/)
    .transform((digits) => Number(digits)),
]);

/** Ids separated by commas, or a list of them. */
export const idList = z.union([
  z.array(z.string()),
  z.string().transform((ids) => ids.split(',').map((id) => id.trim())),
]);

/** A message's ts. */
export const ts = z.string().regex(/^\d{9,10}\.\d{6}$/, 'must be a ts');

export const object = z.record(z.string(), z.unknown());

/** Parses a body. Undefined: not a body that Slack reads (`invalid_form_data`, `invalid_json`). */
export async function readArguments(request: Request): Promise<Json | undefined> {
  const type = request.headers.get('content-type') ?? '';
  const query = Object.fromEntries(new URL(request.url).searchParams);
  if (request.method === 'GET') return decode(query);
  if (type.startsWith('application/json')) {
    const body: unknown = await request.json().catch(() => undefined);
    const parsed = object.safeParse(body);
    return parsed.success ? { ...query, ...parsed.data } : undefined;
  }
  if (type.startsWith('application/x-www-form-urlencoded'))
    return decode({ ...query, ...Object.fromEntries(new URLSearchParams(await request.text())) });
  if (type.startsWith('multipart/form-data')) {
    const form = await request.formData();
    return decode({
      ...query,
      ...Object.fromEntries([...form].filter(([, value]) => typeof value === 'string')),
    });
  }
  return (await request.text()) === '' ? decode(query) : undefined;
}

function decode(form: Json): Json {
  return Object.fromEntries(
    Object.entries(form).map(([key, value]) => [key, ENCODED.has(key) ? parsed(value) : value]),
  );
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return BROKEN_JSON;
  }
}
