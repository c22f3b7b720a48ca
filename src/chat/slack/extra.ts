import { z } from 'zod';
import type { Post } from '../chat.ts';
import { type Attachment, attachment, colour, flatKeys, isEmpty } from './author-attachments.ts';
import { authoredBlocks, faultOf } from './author-blocks.ts';
import { authored, cutMrkdwn } from './author-text.ts';
import type { Block } from './blocks.ts';
import { limits } from './limits.ts';

/** Under which name and picture a message is posted. Slack wants the scope `chat:write.customize` for it. */
export interface Sender {
  readonly username?: string;
  readonly icon_emoji?: string;
  readonly icon_url?: string;
}

/** What an alias's author asks of Slack in `extra`. */
export interface Extra {
  /** mrkdwn, as it is sent. */
  readonly text?: string;
  readonly blocks?: readonly Block[];
  readonly attachments?: readonly Attachment[];
  /** The older way: attachment fields right in `extra.slack`, for an attachment around the message. */
  readonly flat?: Attachment;
  readonly sender?: Sender;
  /** `thread_response`: true in the command's thread, false in the channel. */
  readonly inThread?: boolean;
}

export type ParsedExtra =
  | { readonly kind: 'none' }
  | { readonly kind: 'extra'; readonly extra: Extra }
  /** Not a shape that Slack takes: the message goes without it. `reason` names the place, never what stands there. */
  | { readonly kind: 'bad'; readonly reason: string };

const usernameLength = 80;

const flag = z
  .union([z.boolean(), z.string(), z.number(), z.null()])
  .transform((value) => (value === null || value === '' ? undefined : /^(true|yes|1)$/i.test(String(value))))
  .optional();
const word = z
  .union([z.string(), z.number(), z.null()])
  .transform((value) => (value === null || value === '' ? undefined : String(value)))
  .optional();

const slackExtra = z.object({
  text: word,
  attachments: z.array(attachment).max(limits.attachments).nullish(),
  blocks: z.array(z.unknown()).nullish(),
  username: word,
  icon_emoji: word,
  icon_url: word,
  thread_response: flag,
});

/**
 * Reads `extra` of an announcement or acknowledgement. Sources, and where they differ:
 * - hubot-stackstorm (src/lib/adapters/slack.js): `attachments` are sent, with `text`, `icon_emoji`, `username` beside
 *   them, *in place of* the message. Without them, one attachment is made of the message, `extra.color` or `color`, and
 *   every other key of `extra.slack`; the message is its `text`.
 * - err-stackstorm (errst2lib/chat_adapters.py): only older attachment fields make a card around the message; else all
 *   of `extra.slack` goes to chat.postMessage, so `blocks` work, with the message as `text`.
 * - `thread_response`: hubot-stackstorm pull request 237.
 * Here: attachments as hubot, blocks as err-stackstorm, older fields as both. Left out: what would post somewhere else
 * (`channel`, `thread_ts`, `reply_broadcast`) or ask Slack to read names and links (`parse`, `link_names`, `unfurl_*`).
 */
export function parseExtra(extra: Post['extra']): ParsedExtra {
  if (extra === undefined) return { kind: 'none' };
  const outer = colour.safeParse(extra['color']);
  const color = outer.success ? outer.data : undefined;
  const slack = extra['slack'] ?? undefined;
  if (slack === undefined) {
    return color === undefined ? { kind: 'none' } : { kind: 'extra', extra: { flat: { color } } };
  }
  const parsed = slackExtra.safeParse(slack);
  if (!parsed.success) return { kind: 'bad', reason: faultOf(parsed.error) };
  const { attachments, blocks, text } = parsed.data;
  const rest = restOf(parsed.data);

  const made =
    blocks !== undefined && blocks !== null && blocks.length > 0 ? authoredBlocks(blocks) : undefined;
  if (made?.kind === 'bad') return { kind: 'bad', reason: `blocks: ${made.reason}` };
  const shown = (attachments ?? []).filter((one) => !isEmpty(one)).map(withFallback);
  if (made !== undefined || shown.length > 0) {
    const size = JSON.stringify(shown).length;
    if (size > limits.total) return { kind: 'bad', reason: 'attachments: too long' };
    return {
      kind: 'extra',
      extra: {
        ...rest,
        ...(text === undefined ? {} : { text: cutMrkdwn(authored(text, { people: true }), limits.section) }),
        ...(made === undefined ? {} : { blocks: made.blocks }),
        ...(shown.length === 0 ? {} : { attachments: shown }),
      },
    };
  }
  const flat = flatOf(slack, color);
  if (flat.kind === 'bad') return flat;
  const extraOf = { ...rest, ...(flat.attachment === undefined ? {} : { flat: flat.attachment }) };
  return Object.keys(extraOf).length === 0 ? { kind: 'none' } : { kind: 'extra', extra: extraOf };
}

function flatOf(
  slack: unknown,
  color: string | undefined,
):
  | { readonly kind: 'bad'; readonly reason: string }
  | { readonly kind: 'flat'; readonly attachment: Attachment | undefined } {
  const parsed = attachment.safeParse(slack);
  if (!parsed.success) return { kind: 'bad', reason: faultOf(parsed.error) };
  const { blocks: _, ...fields } = parsed.data;
  const made: Attachment = color === undefined || fields.color !== undefined ? fields : { ...fields, color };
  const isThere = Object.keys(made).some((key) => key !== 'mrkdwn_in' && flatKeys.includes(key));
  return { kind: 'flat', attachment: isThere ? made : undefined };
}

function restOf(given: z.infer<typeof slackExtra>): Pick<Extra, 'sender' | 'inThread'> {
  const { username, icon_emoji, icon_url, thread_response } = given;
  const sender: Sender = {
    ...(username === undefined ? {} : { username: cutMrkdwn(username, usernameLength) }),
    ...(icon_emoji !== undefined && /^:[^\s:]{1,100}:$/.test(icon_emoji) ? { icon_emoji } : {}),
    ...(icon_url !== undefined && /^https?:\/\//i.test(icon_url) ? { icon_url } : {}),
  };
  return {
    ...(Object.keys(sender).length === 0 ? {} : { sender }),
    ...(thread_response === undefined ? {} : { inThread: thread_response }),
  };
}

/** Slack shows the fallback in notifications, and wants one. */
function withFallback(made: Attachment): Attachment {
  if (made.fallback !== undefined || made.blocks !== undefined) return made;
  return {
    ...made,
    fallback: made.title ?? made.pretext ?? made.text ?? made.author_name ?? 'An attachment',
  };
}
