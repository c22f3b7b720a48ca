import type { ActionParameter, KnownParameters } from '../aliases/action-parameters.ts';
import type { SpokenFormat } from '../aliases/spoken.ts';
import { neededNames } from '../aliases/written.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';

/** One parameter of an alias, in words. */
export interface ParameterWords {
  readonly name: string;
  /** Empty where StackStorm does not tell. */
  readonly type: string;
  /** `in-place`: in a pattern that has a place for it, and there are others. */
  readonly needed: 'always' | 'in-place' | 'no';
  /** What is taken where it is not said; never a secret's. */
  readonly usual: string;
  readonly about: string;
  /** It has a place in a pattern; the others are said as `name=value` at the end. */
  readonly isPlaced: boolean;
  readonly isSecret: boolean;
}

const mostShown = 25;
const longestUsual = 60;
const longestChoices = 120;
const longestAbout = 160;

/** What can be said to an alias: first what its patterns have places for, then what else its action declares. */
export function parametersOf(
  alias: ActionAlias,
  formats: readonly SpokenFormat[],
  known: KnownParameters | undefined,
): { readonly shown: readonly ParameterWords[]; readonly more: number } {
  const fixed = new Set(Object.keys(alias.immutable_parameters ?? {}));
  const placed = new Set(formats.flatMap(({ compiled }) => [...compiled.syntax.names.keys()]));
  const further = [...(known?.own ?? [])]
    .filter((name) => !placed.has(name))
    .sort((one, other) => positionOf(known, one) - positionOf(known, other));
  const names = [...placed, ...further].filter(
    (name) => !fixed.has(name) && known?.all.get(name)?.immutable !== true,
  );
  const all = names.map((name) => wordsFor(name, formats, known?.all.get(name), placed.has(name)));
  return { shown: all.slice(0, mostShown), more: Math.max(all.length - mostShown, 0) };
}

function positionOf(known: KnownParameters | undefined, name: string): number {
  const parameter = known?.all.get(name);
  const isNeeded = parameter?.required === true && parameter.default === undefined;
  return (isNeeded ? 0 : 10_000) + (parameter?.position ?? 1_000);
}

function wordsFor(
  name: string,
  formats: readonly SpokenFormat[],
  parameter: ActionParameter | undefined,
  isPlaced: boolean,
): ParameterWords {
  const isSecret = parameter?.secret === true;
  const fromPattern = formats.flatMap(({ compiled }) =>
    compiled.defaults.flatMap(([of, value]) => (of === name && value !== '' ? [value] : [])),
  )[0];
  const usual = fromPattern ?? parameter?.default;
  const isSaidIn = ({ compiled }: SpokenFormat) => neededNames(compiled).has(name);
  const withPlace = formats.filter(({ compiled }) => compiled.syntax.names.has(name));
  const isSaidAlways = isPlaced && formats.every(isSaidIn);
  const isNeeded = isSaidAlways || (parameter?.required === true && usual === undefined);
  const isNeededInPlace = withPlace.length > 0 && withPlace.every(isSaidIn) && usual === undefined;
  return {
    name,
    type: typeWords(parameter),
    needed: isNeeded ? 'always' : isNeededInPlace ? 'in-place' : 'no',
    usual: isSecret || isSaidAlways ? '' : usualWords(usual),
    about: cut((parameter?.description ?? '').replace(/\s+/g, ' ').trim(), longestAbout),
    isPlaced,
    isSecret,
  };
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  array: 'list, with commas',
  object: 'JSON',
};

function typeWords(parameter: ActionParameter | undefined): string {
  if (parameter === undefined) return '';
  if (parameter.secret) return 'secret';
  if (parameter.enum !== undefined) {
    return `one of ${cut(parameter.enum.map((choice) => asText(choice)).join(', '), longestChoices)}`;
  }
  return parameter.type === undefined ? 'text' : (kinds[parameter.type] ?? parameter.type);
}

function usualWords(value: unknown): string {
  if (value === undefined || value === null || value === '') return '';
  const text = asText(value);
  return /\{\{|\{%/.test(text) ? 'worked out by StackStorm' : cut(text, longestUsual);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function cut(text: string, length: number): string {
  const letters = [...text];
  return letters.length <= length ? text : `${letters.slice(0, length - 1).join('')}…`;
}
