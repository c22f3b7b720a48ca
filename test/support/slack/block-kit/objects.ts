/**
 * Composition objects and interactive elements of Block Kit, with the limits of docs.slack.dev/reference/block-kit.
 * Strict: a key that Slack does not know is a fault.
 * @module
 */
import { z } from 'zod';
import { isInRange, isWhole } from './number-input.ts';

const ACTION_ID = 255;
const OPTION_TEXT = 75;
const OPTION_VALUE = 150;
const PLACEHOLDER = 150;

export const plainText = (max: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(max),
    emoji: z.boolean().optional(),
  });

const mrkdwn = (max: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(max),
    verbatim: z.boolean().optional(),
  });

/** Plain text or mrkdwn. */
export const anyText = (max: number) => z.discriminatedUnion('type', [plainText(max), mrkdwn(max)]);

const url = (max = 3000) =>
  z
    .string()
    .max(max)
    .refine((text) => URL.canParse(text), { message: 'must be a valid URL' });

const style = z.enum(['primary', 'danger']).optional();

const confirm = z
  .strictObject({
    title: plainText(100),
    text: anyText(300),
    confirm: plainText(30),
    deny: plainText(30),
    style,
  })
  .optional();

const actionId = z.string().min(1).max(ACTION_ID).optional();

const menuOption = z.strictObject({
  text: plainText(OPTION_TEXT),
  value: z.string().min(1).max(OPTION_VALUE),
  description: plainText(OPTION_TEXT).optional(),
});
const overflowOption = menuOption.extend({ url: url().optional() });
const boxOption = menuOption.extend({
  text: anyText(OPTION_TEXT),
  description: anyText(OPTION_TEXT).optional(),
});
const optionGroup = z.strictObject({
  label: plainText(OPTION_TEXT),
  options: z.array(menuOption).min(1).max(100),
});

const focusable = { focus_on_load: z.boolean().optional() };
const placeholder = { placeholder: plainText(PLACEHOLDER).optional() };
const dispatchable = {
  dispatch_action_config: z
    .strictObject({
      trigger_actions_on: z.array(z.enum(['on_enter_pressed', 'on_character_entered'])).min(1),
    })
    .optional(),
};
const several = { max_selected_items: z.int().min(1).optional() };
const menu = { action_id: actionId, confirm, ...placeholder, ...focusable };

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

type Option = z.infer<typeof menuOption>;
interface StaticMenu {
  readonly options?: readonly Option[] | undefined;
  readonly option_groups?: readonly { readonly options: readonly Option[] }[] | undefined;
}

function oneSource(element: StaticMenu): boolean {
  return (element.options === undefined) !== (element.option_groups === undefined);
}

function offers(element: StaticMenu, option: Option): boolean {
  const all = [
    ...(element.options ?? []),
    ...(element.option_groups ?? []).flatMap((group) => group.options),
  ];
  return all.some((one) => same(one, option));
}

const ONE_SOURCE = { message: 'must provide either options or option_groups' };
const NOT_OFFERED = { message: 'must provide an option that matches one of the options' };

const staticSource = {
  options: z.array(menuOption).min(1).max(100).optional(),
  option_groups: z.array(optionGroup).min(1).max(100).optional(),
};

const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  action_id: actionId,
  url: url().optional(),
  value: z.string().max(2000).optional(),
  style,
  confirm,
  accessibility_label: z.string().max(75).optional(),
});

/** An image names its picture by URL or as a Slack file. */
export const imageSource = {
  image_url: url().optional(),
  slack_file: z.strictObject({ id: z.string().optional(), url: z.string().optional() }).optional(),
  alt_text: z.string().min(1).max(2000),
};

export const image = z.strictObject({ type: z.literal('image'), ...imageSource });

const staticSelect = z
  .strictObject({
    type: z.literal('static_select'),
    ...menu,
    ...staticSource,
    initial_option: menuOption.optional(),
  })
  .refine(oneSource, ONE_SOURCE)
  .refine((one) => one.initial_option === undefined || offers(one, one.initial_option), NOT_OFFERED);

const multiStaticSelect = z
  .strictObject({
    type: z.literal('multi_static_select'),
    ...menu,
    ...several,
    ...staticSource,
    initial_options: z.array(menuOption).min(1).optional(),
  })
  .refine(oneSource, ONE_SOURCE)
  .refine((one) => (one.initial_options ?? []).every((option) => offers(one, option)), NOT_OFFERED);

const boxes = <T extends string>(type: T) => ({
  type: z.literal(type),
  action_id: actionId,
  confirm,
  ...focusable,
  options: z.array(boxOption).min(1).max(10),
});

const checkboxes = z
  .strictObject({ ...boxes('checkboxes'), initial_options: z.array(boxOption).min(1).optional() })
  .refine(
    (one) => (one.initial_options ?? []).every((a) => one.options.some((b) => same(a, b))),
    NOT_OFFERED,
  );

const radioButtons = z
  .strictObject({ ...boxes('radio_buttons'), initial_option: boxOption.optional() })
  .refine(
    ({ initial_option: first, options }) => first === undefined || options.some((one) => same(one, first)),
    NOT_OFFERED,
  );

const menus = [
  staticSelect,
  multiStaticSelect,
  z.strictObject({
    type: z.literal('external_select'),
    ...menu,
    min_query_length: z.int().min(0).optional(),
    initial_option: menuOption.optional(),
  }),
  z.strictObject({
    type: z.literal('multi_external_select'),
    ...menu,
    ...several,
    min_query_length: z.int().min(0).optional(),
    initial_options: z.array(menuOption).min(1).optional(),
  }),
  z.strictObject({ type: z.literal('users_select'), ...menu, initial_user: z.string().optional() }),
  z.strictObject({
    type: z.literal('multi_users_select'),
    ...menu,
    ...several,
    initial_users: z.array(z.string()).optional(),
  }),
  z.strictObject({
    type: z.literal('channels_select'),
    ...menu,
    initial_channel: z.string().optional(),
    response_url_enabled: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('conversations_select'),
    ...menu,
    initial_conversation: z.string().optional(),
    default_to_current_conversation: z.boolean().optional(),
    response_url_enabled: z.boolean().optional(),
    filter: z
      .strictObject({
        include: z
          .array(z.enum(['im', 'mpim', 'private', 'public']))
          .min(1)
          .optional(),
        exclude_external_shared_channels: z.boolean().optional(),
        exclude_bot_users: z.boolean().optional(),
      })
      .optional(),
  }),
] as const;

const choices = [checkboxes, radioButtons] as const;

const date = z.string().regex(/^\d{4}-\d\d-\d\d$/, 'must be a date such as 2026-01-31');
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 23:59');

const pickers = [
  z.strictObject({ type: z.literal('datepicker'), ...menu, initial_date: date.optional() }),
  z.strictObject({
    type: z.literal('timepicker'),
    ...menu,
    initial_time: time.optional(),
    timezone: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('datetimepicker'),
    action_id: actionId,
    confirm,
    ...focusable,
    initial_date_time: z.int().min(1_000_000_000).max(9_999_999_999).optional(),
  }),
] as const;

const overflow = z.strictObject({
  type: z.literal('overflow'),
  action_id: actionId,
  confirm,
  options: z.array(overflowOption).min(1).max(5),
});

const typed = { action_id: actionId, ...placeholder, ...focusable, ...dispatchable };
const number = z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a number as a string');

const fields = [
  z
    .strictObject({
      type: z.literal('plain_text_input'),
      ...typed,
      initial_value: z.string().max(3000).optional(),
      multiline: z.boolean().optional(),
      min_length: z.int().min(0).max(3000).optional(),
      max_length: z.int().min(1).max(3000).optional(),
    })
    .refine((one) => (one.min_length ?? 0) <= (one.max_length ?? 3000), {
      message: 'min_length must not be greater than max_length',
    })
    .refine((one) => (one.initial_value?.length ?? 0) <= (one.max_length ?? 3000), {
      message: 'initial_value must not be longer than max_length',
    }),
  z
    .strictObject({
      type: z.literal('number_input'),
      ...typed,
      is_decimal_allowed: z.boolean(),
      initial_value: number.optional(),
      min_value: number.optional(),
      max_value: number.optional(),
    })
    .refine(isInRange, { message: 'initial_value must lie between min_value and max_value' })
    .refine(isWhole, { message: 'must be whole numbers where is_decimal_allowed is false' }),
  z.strictObject({ type: z.literal('email_text_input'), ...typed, initial_value: z.string().optional() }),
  z.strictObject({ type: z.literal('url_text_input'), ...typed, initial_value: url().optional() }),
] as const;

/** What may stand beside a section. */
export const accessory = z.discriminatedUnion('type', [
  button,
  image,
  overflow,
  ...menus,
  ...choices,
  ...pickers,
]);

/** What may stand in an actions block. */
export const actionElement = z.discriminatedUnion('type', [
  button,
  overflow,
  ...menus,
  ...choices,
  ...pickers,
]);

/** What an input block may hold. */
export const inputElement = z.discriminatedUnion('type', [...fields, ...menus, ...choices, ...pickers]);
