import type { FieldValue, FieldValues, FormField, FormOption } from '../../chat/form.ts';
import { type Read, readText } from './answer-values.ts';
import type { Question } from './questions.ts';

/** Texts that may be longer than this get several lines. */
const lineLength = 200;
const yes = 'yes';

/**
 * The fields of a dialog that asks the questions, in their order. Their names, and the values of their options, are
 * positions: a property's name and its choices may be whatever JSON can hold.
 */
export function fieldsOf(questions: readonly Question[]): FormField[] {
  return questions.map((question, at) => fieldOf(question, nameAt(at)));
}

/** The name of the field that asks the question of that position. */
export function nameAt(position: number): string {
  return `q${position}`;
}

export type Response = Readonly<Record<string, unknown>>;

/** What was entered, as StackStorm takes it, or by field's name what is wrong with it. */
export type Filled =
  | { readonly kind: 'response'; readonly response: Response }
  | { readonly kind: 'faults'; readonly faults: Readonly<Record<string, string>> };

/** Turns what was entered into {@link fieldsOf}'s dialog back into an answer. What was left empty is left to StackStorm. */
export function filled(questions: readonly Question[], entered: FieldValues): Filled {
  const response: [string, unknown][] = [];
  const faults: [string, string][] = [];
  for (const [at, question] of questions.entries()) {
    const name = nameAt(at);
    const value = Object.hasOwn(entered, name) ? entered[name] : undefined;
    if (value === undefined) {
      if (question.required && question.initial === undefined) faults.push([name, 'Please answer this one.']);
      continue;
    }
    const read = valueOfField(question, value);
    if ('fault' in read) faults.push([name, read.fault]);
    else response.push([question.name, read.value]);
  }
  return faults.length > 0
    ? { kind: 'faults', faults: Object.fromEntries(faults) }
    : { kind: 'response', response: Object.fromEntries(response) };
}

function fieldOf(question: Question, name: string): FormField {
  const { kind, initial } = question;
  const about = { name, label: labelOf(question), ...hintOf(question), optional: !question.required };
  switch (kind) {
    case 'boolean': {
      if (typeof initial === 'boolean') {
        const { optional: _, ...box } = about;
        return { type: 'boolean', ...box, tick: 'Yes', initial };
      }
      // An unticked box could not tell "no" from "not answered".
      return {
        type: 'select',
        ...about,
        options: [
          { label: 'Yes', value: yes },
          { label: 'No', value: 'no' },
        ],
      };
    }
    case 'integer':
    case 'number':
      return {
        type: 'number',
        ...about,
        integer: kind === 'integer',
        ...(question.min === undefined ? {} : { min: question.min }),
        ...(question.max === undefined ? {} : { max: question.max }),
        ...(typeof initial === 'number' ? { initial } : {}),
      };
    case 'choice': {
      const chosen = (question.choices ?? []).indexOf(initial);
      return {
        type: 'select',
        ...about,
        options: optionsOf(question),
        ...(initial === undefined || chosen < 0 ? {} : { initial: String(chosen) }),
      };
    }
    case 'choices': {
      const given: readonly unknown[] = Array.isArray(initial) ? initial : [];
      const chosen = (question.choices ?? []).flatMap((choice, at) =>
        given.includes(choice) ? [String(at)] : [],
      );
      return { type: 'multiSelect', ...about, options: optionsOf(question), initial: chosen };
    }
    case 'list':
      return { type: 'text', ...about, multiline: true, ...initialText(initial) };
    case 'text':
      return {
        type: 'text',
        ...about,
        multiline: (question.maxLength ?? 0) > lineLength,
        ...(question.minLength === undefined ? {} : { minLength: question.minLength }),
        ...(question.maxLength === undefined || question.maxLength < 1
          ? {}
          : { maxLength: question.maxLength }),
        ...initialText(initial),
      };
  }
}

/** What a question is called where people read it. */
export function labelOf({ title, name }: Question): string {
  return title === undefined || title.trim() === '' ? name : title;
}

function hintOf({ description, kind, pattern }: Question): { hint?: string } {
  const pieces = [
    description?.trim() ?? '',
    kind === 'list' ? 'One a line.' : '',
    pattern === undefined ? '' : `As the pattern ${pattern} has it.`,
  ].filter((piece) => piece !== '');
  return pieces.length === 0 ? {} : { hint: pieces.join(' ') };
}

function optionsOf({ choices = [] }: Question): FormOption[] {
  return choices.map((choice, at) => ({
    label: choice === null ? 'none' : String(choice),
    value: String(at),
  }));
}

function initialText(initial: unknown): { initial?: string } {
  if (initial === undefined) return {};
  if (Array.isArray(initial)) return { initial: initial.map(String).join('\n') };
  return { initial: typeof initial === 'object' ? JSON.stringify(initial) : String(initial) };
}

function valueOfField(question: Question, value: FieldValue): Read {
  const choices = question.choices ?? [];
  const isOffered = (token: string) => /^\d{1,3}$/.test(token) && Number(token) < choices.length;
  if (typeof value === 'boolean') return question.kind === 'boolean' ? { value } : wrong;
  if (typeof value !== 'string') {
    const isGood = question.kind === 'choices' && value.every(isOffered);
    return isGood ? { value: value.map((token) => choices[Number(token)]) } : wrong;
  }
  if (question.kind === 'choice') return isOffered(value) ? { value: choices[Number(value)] } : wrong;
  if (question.kind === 'choices') return wrong;
  return readText(question, value);
}

const wrong = { fault: 'This is not an answer to this question.' } as const;
