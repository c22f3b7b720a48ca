import { translatePythonRegex } from './python-regex.ts';
import { parsePythonRegex } from './python-regex-parser.ts';
import { PythonRegexError, type RegexNode, UnsupportedConstructError } from './python-regex-tree.ts';

/**
 * StackStorm's ActionAliasFormatParser, transliterated: one native RegExp a format, no index, no budget.
 * Source: st2common/models/utils/action_alias_utils.py.
 * @module
 */

/** Null-prototype: a chat text may name `__proto__`. A group that took no part is null. */
export type AliasParameters = Record<string, string | null>;
/** `re.error` and `KeyError` are the Python exceptions that StackStorm answers 500 with. */
export type FormatError =
  | { readonly error: 're.error' | 'KeyError' }
  | { readonly error: 'unsupported'; readonly construct: string };
export type Extracted =
  | { readonly match: true; readonly parameters: AliasParameters }
  | { readonly match: false }
  | FormatError;
export type ExtractedMultiple =
  | { readonly match: true; readonly parameters: readonly AliasParameters[] }
  | { readonly match: false }
  | FormatError;

const key = String.raw`\s*(\S+?)\s*`;
const value = String.raw`""|''|"(.+?)"|'(.+?)'|({.+?})|(\S+)`;
const pair = String.raw`(?:^|\s+)${key}=(${value})`;
const defaultValue = `""|''|"(.+?)"|'(.+?)'|({.+?})|(.+?)`;
const optional = String.raw`{{${key}=\s*(?:${defaultValue})\s*}}`;
const anyText = `["']?(?P<$KEY>(?:(?<=').+?(?=')|(?<=").+?(?=")|{.+?}|.+?))["']?`;

const trailingPairs = compilePython(String.raw`^.*?((?:${pair}\s*)*)$`, true, '');
const pairs = compilePython(pair, true, 'g');
const optionals = compilePython(optional, true, 'g');
const optionalParameter = compilePython(String.raw`(\s*)${optional}`, false, 'g');
const requiredParameter = compilePython(String.raw`(\s*){{${key}}}`, false, 'g');

function compilePython(pattern: string, dotAll: boolean, moreFlags: string): RegExp {
  const { source, flags } = translatePythonRegex(pattern, { dotAll });
  return new RegExp(source, flags + moreFlags);
}

interface CompiledFormat {
  readonly regex: RegExp;
  readonly names: ReadonlyMap<string, number>;
  readonly defaults: readonly (readonly [key: string, value: string])[];
}

interface Stream {
  readonly text: string;
  readonly pairs: readonly (readonly [key: string, value: string])[];
}

/** `ActionAliasFormatParser(format, command).get_extracted_param_value()`: the first hit. */
export function extractParameters(format: string | null, command: string | null): Extracted {
  return answering(() => {
    const compiled = compiledFormat(format ?? '');
    const stream = readStream(command ?? '');
    const hit = compiled.regex.exec(stream.text);
    const parameters = hit && parametersOf(format ?? '', compiled, stream, hit);
    return parameters ? { match: true, parameters } : { match: false };
  });
}

/** `get_multiple_extracted_param_value()`: every hit; no hit is an empty list, and one blank hit spoils all. */
export function extractMultipleParameters(format: string | null, command: string | null): ExtractedMultiple {
  return answering(() => {
    const compiled = compiledFormat(format ?? '');
    const stream = readStream(command ?? '');
    const found: AliasParameters[] = [];
    for (const hit of findAll(compiled.regex, stream.text)) {
      const parameters = parametersOf(format ?? '', compiled, stream, hit);
      if (parameters === null) return { match: false };
      found.push(parameters);
    }
    return { match: true, parameters: found };
  });
}

function answering<T>(work: () => T): T | FormatError {
  try {
    return work();
  } catch (error) {
    if (error instanceof PythonRegexError) return { error: 're.error' };
    if (error instanceof MissingGroupError) return { error: 'KeyError' };
    if (error instanceof UnsupportedConstructError)
      return { error: 'unsupported', construct: error.construct };
    throw error;
  }
}

/** Python's KeyError: a default whose parameter never became a group. */
class MissingGroupError extends Error {
  override readonly name = 'MissingGroupError';
  readonly code = 'KeyError';
}

function readStream(command: string): Stream {
  const tail = trailingPairs.exec(command)?.[1] ?? '';
  if (tail === '') return { text: ` ${command} `, pairs: [] };
  const found = [...tail.matchAll(pairs)].map(
    (hit) => [hit[1] ?? '', hit.slice(3).find((text) => text !== undefined) ?? ''] as const,
  );
  return { text: ` ${command.split(tail).join('')} `, pairs: found };
}

const compiledFormats = new Map<string, CompiledFormat>();
const compiledFormatsKept = 20_000;

function compiledFormat(format: string): CompiledFormat {
  const known = compiledFormats.get(format);
  if (known !== undefined) return known;
  const compiled = compileFormat(format);
  if (compiledFormats.size >= compiledFormatsKept) compiledFormats.clear();
  compiledFormats.set(format, compiled);
  return compiled;
}

function compileFormat(format: string): CompiledFormat {
  const defaults = [...format.matchAll(optionals)].map(
    (hit) => [hit[1] ?? '', hit.slice(2).find((text) => text !== undefined) ?? ''] as const,
  );
  const pattern = anchored(
    format
      .replaceAll(optionalParameter, (_, space: string, name: string) => `(?:${space}${parameter(name)})?`)
      .replaceAll(requiredParameter, (_, space: string, name: string) => space + parameter(name)),
  );
  const { source, flags, names } = translatePythonRegex(pattern, { dotAll: true });
  return { regex: new RegExp(source, flags), names, defaults };
}

function parameter(name: string): string {
  return anyText.split('$KEY').join(name);
}

function anchored(pattern: string): string {
  const { body } = parsePythonRegex(pattern);
  const beginning = hasAnchor(body, ['beginning', 'beginningString']) ? '' : String.raw`^\s*`;
  const end = hasAnchor(body, ['end', 'endString']) ? '' : String.raw`\s*$`;
  return beginning + pattern + end;
}

/** `search_regex_tokens`: it looks into groups, and of a branch into the second alternative only. */
function hasAnchor(nodes: readonly RegexNode[], positions: readonly string[]): boolean {
  return nodes.some((node) => {
    if (node.op === 'at') return positions.includes(node.position);
    if (node.op === 'group' || node.op === 'scoped') return hasAnchor(node.body, positions);
    return node.op === 'branch' && hasAnchor(node.alternatives[1] ?? [], positions);
  });
}

/** Null is ParseException "No value supplied and no default value found." */
function parametersOf(
  format: string,
  compiled: CompiledFormat,
  stream: Stream,
  hit: RegExpExecArray,
): AliasParameters | null {
  const parameters: AliasParameters = Object.create(null);
  for (const [name, index] of compiled.names) parameters[name] = hit[index] ?? null;
  for (const [name, text] of compiled.defaults) {
    if (!(name in parameters)) throw new MissingGroupError(name);
    parameters[name] = parameters[name] || text;
  }
  for (const [name, text] of stream.pairs) parameters[name] = text;
  const blank = !notPythonSpace.test(stream.text);
  if (format !== '' && blank && !Object.values(parameters).some(Boolean)) return null;
  return parameters;
}

const notPythonSpace = compilePython(String.raw`\S`, true, '');

/** `finditer`: unlike matchAll it tries again at the place of an empty hit, for a hit that is not empty. */
function* findAll(regex: RegExp, text: string): Generator<RegExpExecArray> {
  let position = 0;
  let mustAdvance = false;
  while (position <= text.length) {
    const hit: RegExpExecArray | null = mustAdvance
      ? execBeyond(regex, text, position)
      : execFrom(regex.source, regex.flags, text, position);
    if (hit === null) return;
    yield hit;
    position = hit.index + hit[0].length;
    mustAdvance = hit[0] === '';
  }
}

function execFrom(source: string, flags: string, text: string, position: number): RegExpExecArray | null {
  const searching = new RegExp(source, `${flags}g`);
  searching.lastIndex = position;
  return searching.exec(text);
}

function execBeyond(regex: RegExp, text: string, position: number): RegExpExecArray | null {
  const before = Array.from(text.slice(0, position)).length;
  const here = new RegExp(`(?:${regex.source})(?<=^.{${before + 1},})`, `${regex.flags}y`);
  here.lastIndex = position;
  const hit = here.exec(text);
  if (hit !== null) return hit;
  const step = String.fromCodePoint(text.codePointAt(position) ?? 0).length;
  return position >= text.length ? null : execFrom(regex.source, regex.flags, text, position + step);
}
