import { z } from 'zod';
import { type AnyBlock, messageBlock, viewBlock } from './blocks.ts';
import { plainText } from './objects.ts';

/** Blocks of one message, and of one view. */
const MESSAGE_BLOCKS = 50;
const VIEW_BLOCKS = 100;

/** `[]`: good. Else what Slack says, `[json-pointer:…]` included. */
export type Faults = readonly string[];

/** Slack's words for zod's issues. */
function faultsOf(error: z.ZodError, root: string): string[] {
  return error.issues.flatMap((issue) => {
    const pointer = (path: readonly PropertyKey[]) =>
      `[json-pointer:${root}${path.map((key) => `/${String(key)}`).join('')}]`;
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => `invalid additional property: ${key} ${pointer(issue.path)}`);
      case 'too_big':
        return issue.origin === 'string'
          ? [`must be less than ${Number(issue.maximum) + 1} characters ${pointer(issue.path)}`]
          : [`no more than ${issue.maximum} items allowed ${pointer(issue.path)}`];
      case 'too_small':
        return issue.origin === 'string'
          ? [`must be more than ${Number(issue.minimum) - 1} characters ${pointer(issue.path)}`]
          : [`must have at least ${issue.minimum} items ${pointer(issue.path)}`];
      case 'invalid_union':
        return [`unsupported type ${pointer(issue.path)}`];
      case 'invalid_type':
        return issue.message.includes('received undefined')
          ? [`missing required field: ${String(issue.path.at(-1))} ${pointer(issue.path.slice(0, -1))}`]
          : [`must be a ${issue.expected} ${pointer(issue.path)}`];
      default:
        return [`${issue.message} ${pointer(issue.path)}`];
    }
  });
}

/** The faults of a message's blocks. `root` is where they stand: `/blocks`, `/attachments/0/blocks`. */
export function messageFaults(blocks: readonly unknown[], root = '/blocks'): Faults {
  const parsed = z.array(messageBlock).max(MESSAGE_BLOCKS).safeParse(blocks);
  if (!parsed.success) return faultsOf(parsed.error, root);
  const tables = parsed.data.filter((block) => block.type === 'table');
  const markdown = parsed.data.flatMap((block) => (block.type === 'markdown' ? [block.text.length] : []));
  return [
    ...idFaults(parsed.data, root),
    ...(tables.length > 1 ? [`only_one_table_allowed [json-pointer:${root}]`] : []),
    ...(sum(markdown) > 12_000
      ? [`must be less than 12001 characters over all markdown blocks [json-pointer:${root}]`]
      : []),
  ];
}

const common = {
  private_metadata: z.string().max(3000).optional(),
  callback_id: z.string().max(255).optional(),
  external_id: z.string().max(255).optional(),
};

const home = z.strictObject({
  type: z.literal('home'),
  blocks: z.array(viewBlock).max(VIEW_BLOCKS),
  ...common,
});

const modal = z
  .strictObject({
    type: z.literal('modal'),
    title: plainText(24),
    submit: plainText(24).optional(),
    close: plainText(24).optional(),
    blocks: z.array(viewBlock).max(VIEW_BLOCKS),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    submit_disabled: z.boolean().optional(),
    ...common,
  })
  .refine((view) => view.submit !== undefined || view.blocks.every((block) => block.type !== 'input'), {
    message: 'missing required field: submit',
  });

/** The faults of a view: a modal, or a Home tab. */
export function viewFaults(kind: 'modal' | 'home', view: unknown): Faults {
  const parsed = (kind === 'home' ? home : modal).safeParse(view);
  return parsed.success ? idFaults(parsed.data.blocks, '/view/blocks') : faultsOf(parsed.error, '/view');
}

/** block_id is unique in a message or view, action_id in a block. */
function idFaults(blocks: readonly AnyBlock[], root: string): string[] {
  const ids = blocks.flatMap((block) => (block.block_id === undefined ? [] : [block.block_id]));
  return [
    ...repeated(ids).map((id) => `block_id already exists: ${id} [json-pointer:${root}]`),
    ...blocks.flatMap((block, index) =>
      repeated(actionIds(block)).map(
        (id) => `action_id already exists: ${id} [json-pointer:${root}/${index}]`,
      ),
    ),
  ];
}

function actionIds(block: AnyBlock): string[] {
  if (block.type !== 'actions') return [];
  return block.elements.flatMap((element) => (element.action_id === undefined ? [] : [element.action_id]));
}

function repeated(ids: readonly string[]): string[] {
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
}

/** Every `text` in the blocks, however deep. */
export function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'text' && typeof inner === 'string' ? [inner] : textsOf(inner),
  );
}

/** The texts that Slack reads as markup: mrkdwn objects, markdown blocks, and attachments' old fields. */
export function markupOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(markupOf);
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const type: unknown = Object.fromEntries(entries)['type'];
  const isMarkup = type === undefined || type === 'mrkdwn' || type === 'markdown';
  return entries.flatMap(([key, inner]) =>
    typeof inner === 'string'
      ? isMarkup && ['text', 'pretext', 'value'].includes(key)
        ? [inner]
        : []
      : markupOf(inner),
  );
}

/** The characters that count towards `msg_blocks_too_long` (slackapi/bolt-js#2509). */
export function sizeOf(blocks: readonly unknown[]): number {
  return sum(textsOf(blocks).map((text) => text.length));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
