import { z } from 'zod';
import { actionId, extraAction } from './action-ids.ts';
import { authored, authoredPlain, cutMrkdwn } from './author-text.ts';
import { type Block, sizeOf } from './blocks.ts';
import { limits } from './limits.ts';

/** An author's blocks, good to be sent; or why they are not. */
export type AuthoredBlocks =
  | { readonly kind: 'good'; readonly blocks: Block[] }
  | { readonly kind: 'bad'; readonly reason: string };

/** Slack's own shapes are far less deep. */
const deepest = 20;

const plainText = (limit: number) =>
  z.looseObject({
    type: z.literal('plain_text'),
    text: z
      .string()
      .min(1)
      .transform((text) => cutMrkdwn(authoredPlain(text), limit)),
  });
const mrkdwn = (limit: number) =>
  z.looseObject({
    type: z.literal('mrkdwn'),
    text: z
      .string()
      .min(1)
      .transform((text) => cutMrkdwn(authored(text, { people: true }), limit)),
  });
const anyText = (limit: number) => z.discriminatedUnion('type', [plainText(limit), mrkdwn(limit)]);
const webAddress = z
  .string()
  .regex(/^https?:\/\//i)
  .max(limits.linkUrl);
const picture = z.looseObject({
  type: z.literal('image'),
  image_url: webAddress.optional(),
  alt_text: z.string().min(1),
});
const button = z.looseObject({
  type: z.literal('button'),
  text: plainText(limits.buttonText),
  url: webAddress.optional(),
  value: z.string().max(limits.buttonValue).optional(),
});
const element = z.union([
  button,
  picture,
  z.looseObject({
    type: z
      .string()
      .regex(/_(?:select|picker|input)|^(?:overflow|checkboxes|radio_buttons|datepicker|timepicker)$/),
  }),
]);

const block = z.discriminatedUnion('type', [
  z
    .looseObject({
      type: z.literal('section'),
      text: anyText(limits.section).optional(),
      fields: z.array(anyText(limits.field)).min(1).max(limits.fieldsInSection).optional(),
      accessory: element.optional(),
    })
    .refine(({ text, fields }) => text !== undefined || fields !== undefined, 'a section without text'),
  z.looseObject({ type: z.literal('header'), text: plainText(limits.header) }),
  z.looseObject({ type: z.literal('divider') }),
  z.looseObject({
    type: z.literal('context'),
    elements: z
      .array(z.union([anyText(limits.context), picture]))
      .min(1)
      .max(limits.contextElements),
  }),
  z.looseObject({ type: z.literal('actions'), elements: z.array(element).min(1).max(limits.buttonsInBlock) }),
  picture.extend({ title: plainText(limits.field).optional() }),
  z.looseObject({
    type: z.literal('rich_text'),
    elements: z.array(z.looseObject({ type: z.string() })).min(1),
  }),
  z.looseObject({
    type: z.literal('table'),
    rows: z.array(z.array(z.looseObject({ type: z.string() })).min(1)).min(1),
  }),
  z.looseObject({
    type: z.literal('markdown'),
    text: z
      .string()
      .min(1)
      .transform((text) => authored(text, { people: false })),
  }),
]);

const block_id = z.string().min(1).max(limits.id);

/** An author's blocks in the shapes that Slack takes, calling nobody, and with none of our actions in them. */
export function authoredBlocks(given: readonly unknown[]): AuthoredBlocks {
  if (given.length > limits.blocks) return { kind: 'bad', reason: 'too many blocks' };
  const actions = { count: 0 };
  const parsed = z.array(block).safeParse(given);
  if (!parsed.success) return { kind: 'bad', reason: faultOf(parsed.error) };
  const blocks = parsed.data.map((one): Block => {
    const { block_id: id, ...rest } = one;
    const named = block_id.safeParse(id);
    return {
      ...harmless(rest, actions, 0),
      type: one.type,
      ...(named.success ? { block_id: named.data } : {}),
    };
  });
  return sizeOf(blocks) > limits.total ? { kind: 'bad', reason: 'too long' } : { kind: 'good', blocks };
}

/** Where a shape is wrong, and how; never what it holds. */
export function faultOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? 'not valid' : `${issue.path.join('.') || 'extra.slack'}: ${issue.message}`;
}

/** The same with its own action ids, and with words where an element would call a group of people. */
function harmless(
  value: Readonly<Record<string, unknown>>,
  actions: { count: number },
  depth: number,
): Record<string, unknown> {
  if (value['type'] === 'broadcast') return { type: 'text', text: `@\u2060${String(value['range'])}` };
  if (value['type'] === 'usergroup') return { type: 'text', text: `@\u2060${String(value['usergroup_id'])}` };
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
    if (key === 'action_id') return [key, actionId(extraAction, actions.count++)];
    return [key, harmlessValue(inner, actions, depth)];
  });
  return Object.fromEntries(entries);
}

function harmlessValue(value: unknown, actions: { count: number }, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return undefined;
  if (Array.isArray(value)) return value.map((inner) => harmlessValue(inner, actions, depth + 1));
  return harmless(Object.fromEntries(Object.entries(value)), actions, depth + 1);
}
