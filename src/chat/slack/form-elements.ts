import type { types } from '@slack/bolt';
import type {
  BooleanField,
  FieldValue,
  FormField,
  FormOption,
  MultiSelectField,
  NumberField,
  SelectField,
  TextField,
} from '../form.ts';
import { escapeText, readable, shortened } from './mrkdwn.ts';

/**
 * https://docs.slack.dev/reference/block-kit/blocks/input-block, block-kit/block-elements/* and
 * composition-objects/option-object. Characters.
 */
const inputLimits = { label: 2_000, hint: 2_000, placeholder: 150, value: 3_000, option: 75 } as const;

/** The `action_id` of a field's input: its block names the field. */
const fieldAction = 'value';

/** The value of a ticked box. */
const ticked = 'yes';

/** A number as Slack takes it: no exponent. */
const plainNumber = /^-?\d+(\.\d+)?$/;

/** What one field is in a modal. */
export function inputBlock(field: FormField): types.InputBlock {
  const { hint, label } = field;
  return {
    type: 'input',
    block_id: field.name,
    label: plain(label, inputLimits.label),
    ...(hint === undefined ? {} : { hint: plain(hint, inputLimits.hint) }),
    // A box that must be filled in could not be left unticked.
    optional: field.type === 'boolean' || (field.optional ?? false),
    element: elementOf(field),
  };
}

/** The state of one input, of `view.state.values`. */
export interface InputState {
  readonly type: string;
  readonly value?: string | undefined;
  readonly selected_option?: { readonly value: string } | null | undefined;
  readonly selected_options?: readonly { readonly value: string }[] | undefined;
}

/** What was entered into a field that {@link inputBlock} made; undefined where it was left empty. */
export function enteredValue(actions: Readonly<Record<string, InputState>>): FieldValue | undefined {
  const state = actions[fieldAction];
  if (state === undefined) return undefined;
  const chosen = (state.selected_options ?? []).map(({ value }) => value);
  switch (state.type) {
    case 'checkboxes':
      return chosen.length > 0;
    case 'multi_static_select':
      return chosen.length === 0 ? undefined : chosen;
    case 'static_select':
      return state.selected_option?.value;
    default:
      return state.value === '' ? undefined : state.value;
  }
}

/** Plain text within `limit`; Slack takes none that is empty. */
export function plain(text: string, limit: number): types.PlainTextElement {
  const shown = shortened(readable(text), limit);
  return { type: 'plain_text', text: shown.trim() === '' ? '–' : escapeText(shown) };
}

function elementOf(field: FormField): types.InputBlock['element'] {
  switch (field.type) {
    case 'text':
      return textInput(field);
    case 'number':
      return numberInput(field);
    case 'select':
      return select(field);
    case 'multiSelect':
      return multiSelect(field);
    case 'boolean':
      return checkbox(field);
  }
}

function textInput({
  placeholder,
  initial,
  multiline,
  minLength,
  maxLength,
}: TextField): types.PlainTextInput {
  const most = Math.min(maxLength ?? inputLimits.value, inputLimits.value);
  return {
    type: 'plain_text_input',
    action_id: fieldAction,
    multiline: multiline ?? false,
    ...placeholderOf(placeholder),
    ...(initial === undefined ? {} : { initial_value: initial.slice(0, most) }),
    ...(minLength === undefined ? {} : { min_length: Math.min(minLength, most) }),
    max_length: most,
  };
}

function numberInput(field: NumberField): types.NumberInput {
  const { integer, placeholder, initial } = field;
  const isWhole = integer === true;
  const least = isWhole && field.min !== undefined ? Math.ceil(field.min) : field.min;
  const most = isWhole && field.max !== undefined ? Math.floor(field.max) : field.max;
  // What Slack cannot take is left away: whoever gets the answer looks at it anyway.
  const holdsNothing = least !== undefined && most !== undefined && least > most;
  const fits =
    initial !== undefined &&
    (!isWhole || Number.isInteger(initial)) &&
    initial >= (least ?? Number.NEGATIVE_INFINITY) &&
    initial <= (most ?? Number.POSITIVE_INFINITY);
  return {
    type: 'number_input',
    action_id: fieldAction,
    is_decimal_allowed: !isWhole,
    ...placeholderOf(placeholder),
    ...(fits && !holdsNothing ? numberOf('initial_value', initial) : {}),
    ...(holdsNothing ? {} : { ...numberOf('min_value', least), ...numberOf('max_value', most) }),
  };
}

function numberOf<K extends string>(key: K, value: number | undefined): { [key in K]?: string } {
  const partial: { [key in K]?: string } = {};
  if (value !== undefined && plainNumber.test(String(value))) partial[key] = String(value);
  return partial;
}

function select({ options, initial }: SelectField): types.StaticSelect {
  const offered = options.map(optionOf);
  const first = offered.find(({ value }) => value === initial);
  return {
    type: 'static_select',
    action_id: fieldAction,
    options: offered,
    ...(first === undefined ? {} : { initial_option: first }),
  };
}

function multiSelect({ options, initial = [] }: MultiSelectField): types.MultiStaticSelect {
  const offered = options.map(optionOf);
  const chosen = offered.filter(({ value }) => initial.includes(value));
  return {
    type: 'multi_static_select',
    action_id: fieldAction,
    options: offered,
    ...(chosen.length === 0 ? {} : { initial_options: chosen }),
  };
}

function checkbox({ label, tick = label, initial }: BooleanField): types.Checkboxes {
  const option = optionOf({ label: tick, value: ticked });
  return {
    type: 'checkboxes',
    action_id: fieldAction,
    options: [option],
    ...(initial === true ? { initial_options: [option] } : {}),
  };
}

function optionOf({ label, value }: FormOption): types.PlainTextOption & { readonly value: string } {
  return { text: plain(label, inputLimits.option), value };
}

function placeholderOf(placeholder: string | undefined): { placeholder?: types.PlainTextElement } {
  return placeholder === undefined || placeholder === ''
    ? {}
    : { placeholder: plain(placeholder, inputLimits.placeholder) };
}
