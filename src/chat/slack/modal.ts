import type { types } from '@slack/bolt';
import { z } from 'zod';
import { ChatError, type Form, type Place, type Post } from '../chat.ts';
import { whyNoForm } from '../form.ts';
import { callbackId } from './action-ids.ts';
import { blocksOf } from './blocks.ts';
import { inputBlock, plain } from './form-elements.ts';

/** https://docs.slack.dev/reference/views/modal-views */
const modalLimits = { title: 24, submit: 24 } as const;

/** The block in which a modal says why it was not taken. */
const refusalBlock = 'bolt-stackstorm:refused';

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

/**
 * A form as a modal; `place` is where it was asked for, and comes back with what is entered.
 * @throws ChatError too-long for what no modal can hold; whoever asks looks at that first ({@link whyNoForm})
 */
export function formView(form: Form, place: Place): types.ModalView {
  const why = whyNoForm(form);
  if (why !== undefined) throw new ChatError('too-long', `form_${why}`);
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

/** A modal that was sent, as far as it is shown again. */
export interface SentView {
  readonly callback_id: string;
  readonly private_metadata: string;
  readonly title: types.PlainTextElement;
  readonly submit: types.PlainTextElement;
  readonly blocks: readonly types.KnownBlock[];
}

/**
 * The modal again, with why it was not taken at its top. Slack keeps what was entered: the blocks' ids are the same
 * (docs.slack.dev/surfaces/modals, "preserving input entry").
 */
export function refusedView(sent: SentView, text: string): types.ModalView {
  const { callback_id, private_metadata, title, submit, blocks } = sent;
  const [refusal] = blocksOf([{ type: 'text', text: `⚠️ ${text}` }]);
  return {
    type: 'modal',
    callback_id,
    private_metadata,
    title,
    submit,
    close: plain('Cancel', modalLimits.submit),
    blocks: [
      ...(refusal === undefined ? [] : [{ ...refusal, block_id: refusalBlock }]),
      ...blocks.filter((block) => block.block_id !== refusalBlock),
    ],
  };
}
