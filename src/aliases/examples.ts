import type { ActionAlias } from '../stackstorm/wire.ts';
import type { ActionParameter, KnownParameters } from './action-parameters.ts';
import type { AliasIndex } from './alias-index.ts';
import type { CompiledFormat } from './format.ts';
import { sayCommand } from './spoken.ts';
import { neededNames, sampleOf } from './written.ts';

/** Texts that are looked for at most: each may take some milliseconds. */
const mostTries = 12;
/** More is nothing that anybody types. */
const longestValue = 60;

/**
 * Commands as somebody could type them, at most `count`, each of which the matcher reads as a command of this very
 * alias, with all that its action cannot do without. None that says a secret; `known` is what the action takes, where
 * StackStorm tells. `fits` as for {@link sayCommand}.
 */
export async function examplesOf(
  index: AliasIndex,
  alias: ActionAlias,
  known: KnownParameters | undefined,
  options: { readonly count: number; readonly fits: (text: string) => boolean },
): Promise<string[]> {
  const found = new Set<string>();
  let triesLeft = mostTries;
  const demanded = demandedOf(alias, known);
  if (demanded.some((name) => known?.all.get(name)?.secret === true)) return [];
  for (const { compiled, representation } of index.formatsOf(alias.ref)) {
    for (const values of valuesOf(compiled, known, demanded)) {
      if (found.size >= options.count || triesLeft <= 0) return [...found];
      triesLeft -= 1;
      const said = await sayCommand(index, alias.ref, values, options.fits, representation);
      if (said.kind !== 'command') continue;
      found.add(said.text);
      break;
    }
  }
  return [...found];
}

/** What the action must be given. */
function demandedOf({ immutable_parameters }: ActionAlias, known: KnownParameters | undefined): string[] {
  const fixed = new Set(Object.keys(immutable_parameters ?? {}));
  return [...(known?.all ?? [])].flatMap(([name, { required, immutable, default: usual }]) =>
    required && usual === undefined && !immutable && !fixed.has(name) ? [name] : [],
  );
}

/** All its parameters, or those alone that it cannot do without; made up first, then read off the pattern. */
function* valuesOf(
  compiled: CompiledFormat,
  known: KnownParameters | undefined,
  demanded: readonly string[],
): Generator<ReadonlyMap<string, string>> {
  const isSecret = (name: string) => known?.all.get(name)?.secret === true;
  const needed = [...new Set([...neededNames(compiled), ...demanded])];
  if (needed.some(isSecret)) return;
  const placed = [...compiled.syntax.names.keys()].filter((name) => !isSecret(name));
  const all = [...new Set([...placed, ...demanded])];
  const made = (name: string) => madeUp(name, compiled, known?.all.get(name));
  const read = (name: string) => sampleOf(compiled, name) ?? made(name);
  const isReadable = all.some((name) => read(name) !== made(name));
  for (const valueFor of isReadable ? [made, read] : [made]) {
    yield new Map(all.map((name) => [name, valueFor(name)]));
    if (needed.length < all.length) yield new Map(needed.map((name) => [name, valueFor(name)]));
  }
}

/** A value of the parameter's kind. */
function madeUp(name: string, { defaults }: CompiledFormat, parameter: ActionParameter | undefined): string {
  const [choice] = parameter?.enum ?? [];
  const usual = defaults.find(([of]) => of === name)?.[1] ?? parameter?.default;
  for (const value of [choice, usual]) {
    const text = asText(value);
    if (text !== undefined) return text;
  }
  switch (parameter?.type) {
    case 'integer':
      return '3';
    case 'number':
      return '1.5';
    case 'boolean':
      return 'true';
    case 'array':
      return 'one,two';
    case 'object':
      return '{"key": "value"}';
    default:
      return `my-${name.replaceAll('_', '-')}`;
  }
}

/** Of a value that somebody could type, and that is none to be worked out. */
function asText(value: unknown): string | undefined {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  const text = isPlain ? String(value) : '';
  return text === '' || text.length > longestValue || text.includes('{{') || text.includes('{%')
    ? undefined
    : text;
}
