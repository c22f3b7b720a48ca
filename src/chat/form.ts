/**
 * Dialogs: what a person is asked to fill in, in words that every platform can draw. What is more than {@link formLimits}
 * allows is no dialog anywhere: {@link whyNoForm} decides, and whoever wants to ask says it in text and commands instead.
 * @module
 */

/** What a person is asked to fill in, as a dialog of the platform. Texts are plain text. */
export interface Form {
  /** Names who handles what is entered, as an action does. */
  readonly id: string;
  /** Given back with what was entered; at most {@link formLimits}.value characters. */
  readonly value: string;
  readonly title: string;
  readonly text?: string;
  readonly submit: string;
  readonly fields: readonly FormField[];
}

/** One thing that a person enters. `name` is its own in the form, and comes back with what was entered. */
export type FormField = TextField | NumberField | SelectField | MultiSelectField | BooleanField;

interface AnyField {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** May be left empty; what is not must be filled in before the platform sends the form. */
  readonly optional?: boolean;
}

/** One line, or several, that a person types. Comes back as the text. */
export interface TextField extends AnyField {
  readonly type: 'text';
  readonly placeholder?: string;
  readonly initial?: string;
  readonly multiline?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** A number. Comes back as its digits (`-12`, `3.5`): no digit is lost, whatever its size. */
export interface NumberField extends AnyField {
  readonly type: 'number';
  /** Whole numbers alone. */
  readonly integer?: boolean;
  readonly placeholder?: string;
  readonly initial?: number;
  readonly min?: number;
  readonly max?: number;
}

/** One of the options that a field offers. `value` names it among them; the label is what people read. */
export interface FormOption {
  readonly label: string;
  readonly value: string;
}

/** One of several. Comes back as the option's value. */
export interface SelectField extends AnyField {
  readonly type: 'select';
  readonly options: readonly FormOption[];
  /** The value of an option. */
  readonly initial?: string;
}

/** Any of several. Comes back as the options' values, in the order in which they are offered. */
export interface MultiSelectField extends AnyField {
  readonly type: 'multiSelect';
  readonly options: readonly FormOption[];
  /** Values of options. */
  readonly initial?: readonly string[];
}

/**
 * A box to tick. Comes back as true or false, always; where *not answered* and *no* are two things, offer a `select`.
 * `tick` stands beside the box, the label above it.
 */
export interface BooleanField extends Omit<AnyField, 'optional'> {
  readonly type: 'boolean';
  readonly tick?: string;
  readonly initial?: boolean;
}

/** What was entered into one field: text and numbers as typed, a chosen value, chosen values, a ticked box. */
export type FieldValue = string | readonly string[] | boolean;

/** What was entered, by the fields' names. A field left empty is missing; a box is always there. */
export type FieldValues = Readonly<Record<string, FieldValue>>;

/** What was typed into the text field (or chosen in the select) of that name; empty where it was left so. */
export function enteredText(fields: FieldValues, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'string' ? value : '';
}

/**
 * What every platform can show; in characters or pieces. Slack's limits (docs.slack.dev/reference/block-kit: 100 blocks a
 * view, 100 options a menu, values of 150 characters, 3,000 of metadata) less what the platform needs for itself.
 * Longer labels, hints and titles are shortened by the platform.
 */
export const formLimits = {
  fields: 95,
  options: 100,
  optionValue: 150,
  name: 255,
  value: 2_000,
  /** Of an initial text, and of what may be typed. */
  text: 3_000,
} as const;

/** Why the form cannot be a dialog: too many fields, too many options (or none) in one, or a text that is too long. */
export function whyNoForm({ fields, value }: Form): 'fields' | 'options' | 'length' | undefined {
  if (fields.length === 0 || fields.length > formLimits.fields) return 'fields';
  for (const field of fields) {
    if (field.name.length > formLimits.name) return 'length';
    if (field.type === 'text' && (field.initial ?? '').length > formLimits.text) return 'length';
    if (field.type !== 'select' && field.type !== 'multiSelect') continue;
    const { options } = field;
    if (options.length === 0 || options.length > formLimits.options) return 'options';
    if (options.some((option) => option.value.length > formLimits.optionValue)) return 'length';
  }
  return value.length > formLimits.value ? 'length' : undefined;
}
