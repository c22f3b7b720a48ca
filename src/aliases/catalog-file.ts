import { z } from 'zod';
import { type ActionAlias, actionAlias } from '../stackstorm/wire.ts';

/** A text is not a catalog. `message` says what is wrong with it, one fault a line, fit to be shown. */
export class CatalogFileError extends Error {
  readonly code = 'not-a-catalog';

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'CatalogFileError';
  }
}

/** Faults that are shown; a file of another kind has one for each alias. */
const mostFaults = 10;

const howToGetOne =
  '"st2 action-alias list -a all -j" and GET /v1/actionalias?limit=-1 answer the list that is wanted';

/** An alias as a file may have it: what follows from the rest may be left out, and `enabled` is StackStorm's default. */
const aliasInFile = z.looseObject({ name: z.string(), pack: z.string() }).transform((given) => {
  const ref = `${given.pack}.${given.name}`;
  return { ref, id: typeof given['ref'] === 'string' ? given['ref'] : ref, enabled: true, ...given };
});

const answerWithFault = z.looseObject({ faultstring: z.string() });
const withoutFormats = z.looseObject({ formats: z.undefined().optional() });

/**
 * The aliases in a list as StackStorm answers it. `id`, `ref` and `enabled` may be missing.
 * @throws CatalogFileError
 */
export function parseCatalogFile(text: string): ActionAlias[] {
  const rows = listOf(text);
  const faults: string[] = [];
  const places = new Map<string, number>();
  const aliases = rows.flatMap((row, place) => {
    const named = aliasInFile.safeParse(row);
    const alias = named.success ? actionAlias.safeParse(named.data) : named;
    if (!alias.success) {
      faults.push(`alias ${place + 1}${nameOf(row)}: ${faultOf(row, alias.error)}`);
      return [];
    }
    const { ref } = alias.data;
    const before = places.get(ref);
    if (before !== undefined) faults.push(`alias ${place + 1}: ${ref} stands at ${before + 1} too`);
    places.set(ref, place);
    return [alias.data];
  });
  if (faults.length > mostFaults) {
    const more = faults.length - mostFaults;
    throw new CatalogFileError([...faults.slice(0, mostFaults), `and ${more} more`]);
  }
  if (faults.length > 0) throw new CatalogFileError(faults);
  return aliases;
}

function listOf(text: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    // Node's own words quote the file, which may be another one than was meant.
    throw new CatalogFileError([`it is not JSON; ${howToGetOne}`]);
  }
  if (Array.isArray(value)) return value;
  const fault = answerWithFault.safeParse(value);
  if (fault.success) {
    throw new CatalogFileError([`it is no list but an error of StackStorm: ${fault.data.faultstring}`]);
  }
  const kind = value === null ? 'null' : typeof value === 'object' ? 'one object' : `a ${typeof value}`;
  throw new CatalogFileError([`it is ${kind}, not a list of aliases; ${howToGetOne}`]);
}

function nameOf(row: unknown): string {
  const named = z.looseObject({ ref: z.string() }).safeParse(row);
  return named.success ? ` (${named.data.ref})` : '';
}

function faultOf(row: unknown, error: z.ZodError): string {
  // The st2 command line leaves them out unless it is asked for all attributes.
  if (z.looseObject({ ref: z.string() }).safeParse(row).success && withoutFormats.safeParse(row).success) {
    return `it has no formats; ${howToGetOne}`;
  }
  const [issue] = error.issues;
  if (issue === undefined) return error.message;
  const path = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return `${path === '' ? 'it' : path.replace(/^\./, '')}: ${issue.message}`;
}
