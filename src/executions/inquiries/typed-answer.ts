import { readText } from './answer-values.ts';
import type { Response } from './form-fields.ts';
import type { Question } from './questions.ts';

/** What somebody typed after `inquiry respond <id>`. `secret` names properties that must not be answered in chat. */
export type TypedAnswer =
  | { readonly kind: 'response'; readonly response: Response }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }
  | { readonly kind: 'secret'; readonly names: readonly string[] };

/** `key=value`, the value in quotes where it holds spaces. Slack makes typographic quotes of plain ones. */
const pair = /([^\s=]+)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|“([^”]*)”|‘([^’]*)’|(\S*))(?=\s|$)\s*/y;

/**
 * Reads `key=value` pairs, or one JSON object. A single question may be answered by its value alone. Pairs are read as
 * the question's type; of a property that the schema does not name, or cannot be asked, JSON, else text.
 */
export function typedAnswer(questions: readonly Question[], typed: string): TypedAnswer {
  const text = typed.trim();
  const read = text.startsWith('{') ? fromJson(text) : fromPairs(questions, text);
  if ('fault' in read) return { kind: 'faults', faults: [read.fault] };
  const secret = questions.filter(({ name, secret }) => secret && read.values.has(name));
  if (secret.length > 0) return { kind: 'secret', names: secret.map(({ name }) => name) };
  const faults: string[] = [];
  const response: [string, unknown][] = [];
  for (const [name, given] of read.values) {
    const question = questions.find((one) => one.name === name);
    const value = typeof given === 'function' ? given(question) : { value: given };
    if ('fault' in value) faults.push(`${name}: ${value.fault}`);
    else response.push([name, value.value]);
  }
  return faults.length > 0
    ? { kind: 'faults', faults }
    : { kind: 'response', response: Object.fromEntries(response) };
}

type Late = (question: Question | undefined) => ReturnType<typeof readText>;
type Given = { readonly values: ReadonlyMap<string, unknown | Late> } | { readonly fault: string };

function fromJson(text: string): Given {
  try {
    const value: unknown = JSON.parse(text.replace(/[“”]/g, '"'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { values: new Map(Object.entries(value)) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { fault: 'This is not a JSON object.' };
}

function fromPairs(questions: readonly Question[], text: string): Given {
  const values = new Map<string, Late>();
  pair.lastIndex = 0;
  while (pair.lastIndex < text.length) {
    const from = pair.lastIndex;
    const found = pair.exec(text);
    if (found === null) {
      const [only, ...more] = questions;
      if (from === 0 && only !== undefined && more.length === 0) {
        return { values: new Map([[only.name, late(unquoted(text))]]) };
      }
      return {
        fault: 'Write the answers as name=value, in quotes where there are spaces, or as one JSON object.',
      };
    }
    const [, name = '', double, ...others] = found;
    const value = double?.replace(/\\(.)/g, '$1') ?? others.find((one) => one !== undefined) ?? '';
    values.set(name, late(value));
  }
  if (values.size === 0) return { fault: 'Write the answers after the id, as name=value.' };
  return { values };
}

function late(text: string): Late {
  return (question) => (question === undefined ? { value: jsonOrText(text) } : readText(question, text));
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function unquoted(text: string): string {
  return /^["“](.*)["”]$/s.exec(text)?.[1] ?? text;
}
