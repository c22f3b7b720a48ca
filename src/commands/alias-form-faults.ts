import type { SpokenFormat } from '../aliases/spoken.ts';
import { neededNames } from '../aliases/written.ts';
import type { FormAnswer } from '../chat/chat.ts';
import { nameAt } from '../executions/inquiries/form-fields.ts';
import type { AliasQuestion } from './alias-form-questions.ts';
import { aliasFormWords } from './alias-form-words.ts';

/** Whose value alone is more than a command may have; of several, the longest. */
export function tooLong(values: ReadonlyMap<string, string>, maxLength: number): string | undefined {
  const total = [...values.values()].reduce((sum, { length }) => sum + length, 0);
  if (total <= maxLength) return undefined;
  return [...values].toSorted(([, one], [, other]) => other.length - one.length)[0]?.[0];
}

/** Why values come to no command, at the fields where it shows. */
export function whyUnsayable(
  formats: readonly SpokenFormat[],
  questions: readonly AliasQuestion[],
  values: ReadonlyMap<string, string>,
  names: readonly string[],
): FormAnswer {
  if (names.length > 0) return faultsAt(questions, names, aliasFormWords.unsayable);
  const lacking = formats
    .map(({ compiled }) => [...neededNames(compiled)].filter((name) => !values.has(name)))
    .toSorted((one, other) => one.length - other.length)[0];
  if (lacking !== undefined && lacking.length > 0)
    return faultsAt(questions, lacking, aliasFormWords.missing);
  return { kind: 'refused', text: aliasFormWords.unsayableAll };
}

export function faultsAt(
  questions: readonly AliasQuestion[],
  names: readonly string[],
  words: string,
): FormAnswer {
  const at = questions.flatMap(({ name }, position) => (names.includes(name) ? [nameAt(position)] : []));
  if (at.length === 0) return { kind: 'refused', text: words };
  return { kind: 'invalid', faults: Object.fromEntries(at.map((name) => [name, words])) };
}
