import type { types } from '@slack/bolt';
import { z } from 'zod';
import type { Form, FormField, Place, Post } from '../chat.ts';
import { callbackId } from './action-ids.ts';
import { blocksOf } from './blocks.ts';
import { escapeText, shortened } from './mrkdwn.ts';

/** https://docs.slack.dev/reference/views/modal-views; texts of inputs from block-kit/blocks/input-block. */
const modalLimits = {
  title: 24,
  submit: 24,
  label: 2_000,
  hint: 2_000,
  placeholder: 150,
  value: 3_000,
  metadata: 3_000,
} as const;

/** The `action_id` of a field's input: its block names the field. */
export const fieldAction = 'value';

const metadata = z.object({
  value: z.string(),
  place: z.object({
    platform: z.string(),
    workspace: z.string(),
    channel: z.string(),
    kind: z.enum(['direct', 'channel']),
    thread: z.string().exactOptional(),
  }),
});
export type FormContext = z.infer<typeof metadata>;

/** A form as a modal; `place` is where it was asked for, and comes back with what is entered. */
export function formView(form: Form, place: Place): types.ModalView {
  return {
    type: 'modal',
    callback_id: callbackId(form.id),
    private_metadata: JSON.stringify({ value: form.value, place } satisfies FormContext),
    title: plain(form.title, modalLimits.title),
    submit: plain(form.submit, modalLimits.submit),
    close: plain('Cancel', modalLimits.submit),
    blocks: [
      ...(form.text === undefined ? [] : blocksOf([{ type: 'text', text: form.text }])),
      ...form.fields.map(inputBlock),
    ],
  };
}

/** What {@link formView} put into `private_metadata`; undefined where it is not ours. */
export function formContext(text: string): FormContext | undefined {
  try {
    return metadata.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A message that takes the form's place. */
export function shownView(title: string, post: Post): types.ModalView {
  return {
    type: 'modal',
    title: plain(title, modalLimits.title),
    close: plain('Close', modalLimits.submit),
    blocks: blocksOf(post.parts ?? [{ type: 'text', text: post.text }]),
  };
}

function inputBlock(field: FormField): types.KnownBlock {
  const { hint, placeholder, initial, minLength, maxLength } = field;
  return {
    type: 'input',
    block_id: field.name,
    label: plain(field.label, modalLimits.label),
    ...(hint === undefined ? {} : { hint: plain(hint, modalLimits.hint) }),
    optional: field.optional ?? false,
    element: {
      type: 'plain_text_input',
      action_id: fieldAction,
      multiline: field.multiline ?? false,
      ...(placeholder === undefined ? {} : { placeholder: plain(placeholder, modalLimits.placeholder) }),
      ...(initial === undefined ? {} : { initial_value: initial }),
      ...(minLength === undefined ? {} : { min_length: Math.min(minLength, modalLimits.value) }),
      max_length: Math.min(maxLength ?? modalLimits.value, modalLimits.value),
    },
  };
}

function plain(text: string, limit: number): types.PlainTextElement {
  return { type: 'plain_text', text: escapeText(shortened(text, limit)) };
}
