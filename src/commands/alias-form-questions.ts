import { createHash } from 'node:crypto';
import type { ActionParameter, KnownParameters } from '../aliases/action-parameters.ts';
import type { SpokenFormat } from '../aliases/spoken.ts';
import { neededNames } from '../aliases/written.ts';
import type { FieldValues } from '../chat/form.ts';
import { filled, nameAt } from '../executions/inquiries/form-fields.ts';
import { type Question, questionsOf } from '../executions/inquiries/questions.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';

/** What an alias's form asks for; secrets are not asked for in chat. */
export interface AliasQuestions {
  readonly questions: readonly AliasQuestion[];
  /** Left out: whoever runs the chat could read them. */
  readonly secrets: readonly string[];
  /** Left out: there are too many. */
  readonly more: readonly string[];
}

export interface AliasQuestion extends Question {
  /** Said even where it is what would be taken anyway: the pattern has a place for it. */
  readonly isAlwaysSaid: boolean;
}

/** Why an alias has no form: a secret that it cannot do without, or no pattern that can be said. */
export type NoQuestions =
  | { readonly kind: 'secret'; readonly names: readonly string[] }
  | { readonly kind: 'no-pattern' };

/** More than these are no help in a form. */
const maxQuestions = 25;

/** What is asked for: what the patterns have places for, then what else the action itself declares. */
export function aliasQuestions(
  alias: ActionAlias,
  formats: readonly SpokenFormat[],
  { all, own }: KnownParameters,
): AliasQuestions | NoQuestions {
  const fixed = new Set([
    ...Object.keys(alias.immutable_parameters ?? {}),
    ...[...all].filter(([, { immutable }]) => immutable).map(([name]) => name),
  ]);
  const isSecret = (name: string) => all.get(name)?.secret === true;
  const usable = formats.filter(
    ({ compiled }) => ![...neededNames(compiled)].some((name) => fixed.has(name)),
  );
  const open = usable.filter(({ compiled }) => ![...neededNames(compiled)].some(isSecret));
  if (usable.length === 0) return { kind: 'no-pattern' };
  const secretNeeds = [...all].filter(
    ([name, { secret, required, default: initial }]) =>
      secret && required && initial === undefined && !fixed.has(name),
  );
  if (open.length === 0 || secretNeeds.length > 0) {
    const needed = usable.flatMap(({ compiled }) => [...neededNames(compiled)].filter(isSecret));
    return { kind: 'secret', names: [...new Set([...needed, ...secretNeeds.map(([name]) => name)])] };
  }
  const placed = open.flatMap(({ compiled }) => [...compiled.syntax.names.keys()]);
  const further = [...own]
    .filter((name) => all.has(name) && !placed.includes(name))
    .sort((one, other) => rank(all.get(one)) - rank(all.get(other)));
  const names = [...new Set([...placed, ...further])].filter((name) => !fixed.has(name));
  const asked = names.filter((name) => !isSecret(name));
  return {
    questions: asked.slice(0, maxQuestions).map((name) => questionFor(name, all.get(name), open)),
    secrets: names.filter(isSecret),
    more: asked.slice(maxQuestions),
  };
}

/** The same for the same questions of the same alias: what was entered is for these alone. */
export function digestOf(alias: ActionAlias, { questions }: AliasQuestions): string {
  const { formats, action_ref, immutable_parameters } = alias;
  return createHash('sha256')
    .update(JSON.stringify([formats, action_ref, immutable_parameters ?? null, questions]))
    .digest('base64url')
    .slice(0, 22);
}

/** What was entered as texts, which is what a command gives StackStorm; by field's name what is wrong. */
export type EnteredValues =
  | { readonly kind: 'values'; readonly values: ReadonlyMap<string, string> }
  | { readonly kind: 'faults'; readonly faults: Readonly<Record<string, string>> };

export function enteredValues(questions: readonly AliasQuestion[], entered: FieldValues): EnteredValues {
  const answer = filled(questions, entered);
  if (answer.kind === 'faults') return answer;
  const values = new Map<string, string>();
  const faults: [string, string][] = [];
  for (const [at, question] of questions.entries()) {
    if (!Object.hasOwn(answer.response, question.name)) continue;
    const value = answer.response[question.name];
    if (Array.isArray(value) && value.some((one) => String(one).includes(','))) {
      faults.push([
        nameAt(at),
        'StackStorm reads a comma as the end of one of several, so it cannot be in one.',
      ]);
    }
    const text = asText(value).trim();
    const isUnchanged = question.initial !== undefined && text === asText(question.initial).trim();
    if (text === '') {
      if (question.required) faults.push([nameAt(at), 'Please fill this in.']);
    } else if (question.isAlwaysSaid || !isUnchanged) values.set(question.name, text);
  }
  return faults.length > 0
    ? { kind: 'faults', faults: Object.fromEntries(faults) }
    : { kind: 'values', values };
}

function rank(parameter: ActionParameter | undefined): number {
  const isNeeded = parameter?.required === true && parameter.default === undefined;
  return (isNeeded ? 0 : 1_000) + Math.min(parameter?.position ?? 500, 999);
}

function questionFor(
  name: string,
  parameter: ActionParameter | undefined,
  formats: readonly SpokenFormat[],
): AliasQuestion {
  const isNeeded = formats.every(({ compiled }) => neededNames(compiled).has(name));
  const [fromPattern] = formats.flatMap(({ compiled }) =>
    compiled.defaults.flatMap(([of, value]) => (of === name && value !== '' ? [value] : [])),
  );
  const isDemanded = parameter?.required === true && parameter.default === undefined;
  const { initial: own, ...question } = read(name, parameter);
  const initial = fromPattern === undefined ? own : ofKind(question, fromPattern);
  return {
    ...question,
    required: isNeeded || (isDemanded && fromPattern === undefined),
    isAlwaysSaid: isNeeded || fromPattern !== undefined,
    ...(initial === undefined ? {} : { initial }),
  };
}

/** Read as an inquiry's property is; what no field can take is typed as StackStorm reads it. */
function read(name: string, parameter: ActionParameter | undefined): Question {
  const { description, default: initial } = parameter ?? {};
  const isLater = typeof initial === 'string' && /\{\{|\{%/.test(initial);
  const schema = parameter === undefined ? {} : parameter.schema;
  const asked = questionsOf({
    properties: {
      [name]: { ...Object(schema), ...(isLater ? { default: undefined } : {}), title: undefined },
    },
  });
  const [question] = asked.kind === 'questions' ? asked.questions : [];
  if (question !== undefined) return question;
  const hint = parameter?.type === 'object' ? 'As JSON.' : '';
  return {
    name,
    kind: 'text',
    required: parameter?.required ?? false,
    secret: false,
    maxLength: 2_000,
    description: [description ?? '', hint].filter((piece) => piece !== '').join(' '),
    ...(initial === undefined || isLater ? {} : { initial }),
  };
}

/** A default of a pattern's is a text; undefined where it is none that fits. */
function ofKind({ kind, choices = [] }: Question, text: string): unknown {
  switch (kind) {
    case 'text':
      return text;
    case 'boolean':
      return /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined;
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
    case 'choice':
      return choices.find((choice) => String(choice) === text);
    case 'choices':
      return choices.filter((choice) => text.split(',').some((one) => one.trim() === String(choice)));
    case 'list':
      return text.split(',').map((one) => one.trim());
  }
}

/** As StackStorm casts it back (FACTS.md, Aliases): arrays between commas, objects in JSON. */
function asText(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(',');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
