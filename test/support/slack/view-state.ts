import { z } from 'zod';
import { objectsIn } from './words-of.ts';
import type { Json } from './world-types.ts';

/** What a person enters, by action_id or block_id: typed text, or the value of an option, or several. */
export type Entered = Readonly<Record<string, string | readonly string[]>>;

/** `state.values` of an interaction: by block_id, then action_id. */
export type StateValues = Readonly<Record<string, Readonly<Record<string, Json>>>>;

const option = z.looseObject({ value: z.string() });

const element = z.looseObject({
  type: z.string(),
  action_id: z.string().optional(),
  initial_value: z.string().optional(),
  initial_option: option.optional(),
  initial_options: z.array(option).optional(),
  initial_date: z.string().optional(),
  initial_time: z.string().optional(),
  options: z.array(option).optional(),
  option_groups: z.array(z.looseObject({ options: z.array(option) })).optional(),
  min_length: z.number().optional(),
  max_length: z.number().optional(),
  is_decimal_allowed: z.boolean().optional(),
  min_value: z.string().optional(),
  max_value: z.string().optional(),
});

type Element = z.infer<typeof element> & { readonly action_id: string };

const block = z.looseObject({
  type: z.string(),
  block_id: z.string().optional(),
  optional: z.boolean().optional(),
  element: z.unknown().optional(),
  accessory: z.unknown().optional(),
  elements: z.array(z.unknown()).optional(),
});

/** Something that a person can use, with the block that holds it. */
export interface Usable {
  readonly blockId: string;
  /** In an input block, which a person fills in and submits. */
  readonly isInput: boolean;
  readonly optional: boolean;
  readonly element: Element;
  /** The element as it was sent. */
  readonly raw: Json;
}

/** The interactive elements of blocks (of a message, its attachments, or a view), in order. */
export function usableElements(blocks: unknown): Usable[] {
  const list: unknown[] = Array.isArray(blocks) ? blocks : [];
  return list.flatMap((one, index) => {
    const parsed = block.safeParse(one);
    if (!parsed.success || !['actions', 'section', 'input'].includes(parsed.data.type)) return [];
    const { type, optional = false, element: input, accessory, elements = [] } = parsed.data;
    // Slack makes up the ids that an app leaves away.
    const blockId = parsed.data.block_id ?? `block${index}`;
    const held = [input, accessory, ...elements].flatMap((raw, at) => {
      const found = element.safeParse(raw);
      const [shown] = objectsIn(raw);
      if (!found.success || shown === undefined || found.data.type === 'image') return [];
      return [{ element: { ...found.data, action_id: found.data.action_id ?? `action${at}` }, raw: shown }];
    });
    return held.map((usable) => ({ ...usable, blockId, isInput: type === 'input', optional }));
  });
}

/**
 * What Slack sends as `state` when a person has entered this.
 * @throws Error where a person could not have: an unknown field, nothing in a required one, text of a wrong length, an
 *   option that is not offered, no number where one is asked for
 */
export function enterValues(
  blocks: unknown,
  entered: Entered,
  options: { submitting: boolean } = { submitting: true },
): StateValues {
  const usable = usableElements(blocks);
  const fields = usable.filter((one) => one.element.type !== 'button' && one.element.type !== 'overflow');
  for (const name of Object.keys(entered))
    if (!fields.some((one) => isNamed(one, name)))
      throw new Error(
        `there is no field ${name}; fields: ${fields.map((one) => one.element.action_id).join(', ')}`,
      );
  const values: Record<string, Record<string, Json>> = {};
  for (const field of fields) {
    const name = Object.keys(entered).find((one) => isNamed(field, one));
    const given = name === undefined ? undefined : entered[name];
    const { action_id } = field.element;
    const value = fieldValue(field, given);
    if (options.submitting && field.isInput && !field.optional && isEmpty(value))
      throw new Error(`the field ${action_id} must be filled in`);
    values[field.blockId] = { ...values[field.blockId], [action_id]: value };
  }
  return values;
}

/** The value that one element shows once a person entered `given`, or as it stands when they did not. */
export function fieldValue(field: Usable, given: string | readonly string[] | undefined): Json {
  const { element: shape } = field;
  const { type } = shape;
  const several = given === undefined ? undefined : typeof given === 'string' ? [given] : given;
  if (type === 'plain_text_input' || type === 'email_text_input' || type === 'url_text_input') {
    const value = several?.join('\n') ?? shape.initial_value ?? '';
    if (given !== undefined) checkLength(shape, value);
    return { type, value: value === '' ? null : value };
  }
  if (type === 'number_input') {
    const value = several?.[0] ?? shape.initial_value ?? '';
    if (value !== '') checkNumber(shape, value);
    return { type, value: value === '' ? null : value };
  }
  if (type === 'checkboxes' || type.startsWith('multi_'))
    return {
      type,
      selected_options: several?.map((value) => offered(shape, value)) ?? shape.initial_options ?? [],
    };
  const [first] = several ?? [];
  if (type === 'datepicker') return { type, selected_date: first ?? shape.initial_date ?? null };
  if (type === 'timepicker') return { type, selected_time: first ?? shape.initial_time ?? null };
  if (type === 'users_select') return { type, selected_user: first ?? null };
  if (type === 'channels_select') return { type, selected_channel: first ?? null };
  if (type === 'conversations_select') return { type, selected_conversation: first ?? null };
  return {
    type,
    selected_option: first === undefined ? (shape.initial_option ?? null) : offered(shape, first),
  };
}

function isNamed(field: Usable, name: string): boolean {
  return field.element.action_id === name || field.blockId === name;
}

function isEmpty(value: Json): boolean {
  return Object.entries(value).every(
    ([name, one]) => name === 'type' || one === null || (Array.isArray(one) && one.length === 0),
  );
}

function checkLength(shape: Element, value: string): void {
  const { min_length = 0, max_length = 3000, action_id } = shape;
  if (value.length < min_length || value.length > max_length)
    throw new Error(`${action_id} takes ${min_length} to ${max_length} characters, not ${value.length}`);
}

/** Slack's client takes only what the field allows. */
function checkNumber(shape: Element, value: string): void {
  const { is_decimal_allowed, min_value = '-Infinity', max_value = 'Infinity', action_id } = shape;
  const takes = is_decimal_allowed === true ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
  if (!takes.test(value) || Number(value) < Number(min_value) || Number(value) > Number(max_value))
    throw new Error(`${action_id} takes numbers from ${min_value} to ${max_value}, not ${value}`);
}

function offered(shape: Element, value: string): Json {
  const all = [...(shape.options ?? []), ...(shape.option_groups ?? []).flatMap((group) => group.options)];
  const found = all.find((one) => one.value === value);
  if (found === undefined)
    throw new Error(`${shape.action_id} offers ${all.map((one) => one.value).join(', ')}, not ${value}`);
  return found;
}
