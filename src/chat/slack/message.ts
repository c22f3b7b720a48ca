import type { Post } from '../chat.ts';
import { type PartWithoutTable, withoutTables } from '../table-text.ts';
import type { Attachment } from './author-attachments.ts';
import { authored } from './author-text.ts';
import { type Block, blocksOf, fences, verbatim } from './blocks.ts';
import { type Extra, parseExtra, type Sender } from './extra.ts';
import { type Fitted, fit } from './fit.ts';
import { limits } from './limits.ts';
import { balanced, balanceLength, escapeText, readable, shortened } from './mrkdwn.ts';

/** The whole of a message that is longer than Slack takes. */
export interface SlackFile {
  readonly name: string;
  readonly title: string;
  readonly content: string;
}

/** A post as Slack's chat methods take it. To edit with it, send empty `blocks` and `attachments` for those it lacks. */
export interface SlackMessage {
  /** mrkdwn, for notifications and screen readers. Empty where an author's attachments are all there is to see. */
  readonly text: string;
  readonly blocks?: Block[];
  readonly attachments?: Attachment[];
  readonly file?: SlackFile;
  readonly sender?: Sender;
  /** Where the author of an alias wants it, whatever the config says: in the thread, or in the channel. */
  readonly inThread?: boolean;
  /** Why `extra` was left out, for the log. */
  readonly ignoredExtra?: string;
}

export interface MessageOptions {
  /** What is too long becomes a file; else it is cut, and says so. */
  readonly files: boolean;
}

/** Slack fetches posted addresses, which would use up a login link, and shows pages that nobody asked for. */
export const neverUnfurled = { unfurl_links: false, unfurl_media: false } as const;

const fileName = 'output.txt';

/** A post within Slack's limits. Throws ChatError `too-long` for a button that Slack would not take. */
export function slackMessage(post: Post, options: MessageOptions): SlackMessage {
  const parsed = parseExtra(post.extra);
  if (parsed.kind === 'extra') return withExtra(post, parsed.extra, options);
  const message = plainMessage(post, options);
  return parsed.kind === 'bad' ? { ...message, ignoredExtra: parsed.reason } : message;
}

function plainMessage(post: Post, options: MessageOptions): SlackMessage {
  const { blocks, file } = fitted(post, partsOf(post), options);
  return { text: fallbackText(post), blocks: atLeastOne(blocks, post), ...file };
}

function partsOf(post: Post): readonly PartWithoutTable[] {
  return withoutTables(post.parts ?? [{ type: 'text', text: post.text }]);
}

/** Slack takes no message without anything to see. */
function atLeastOne(blocks: Block[], post: Post): Block[] {
  if (blocks.length > 0) return blocks;
  const words = blocksOf([{ type: 'text', text: shortened(post.text, limits.section) }]);
  return words.length > 0 ? words : blocksOf([{ type: 'text', text: emptyText }]);
}

const emptyText = '(A message without words.)';

function fallbackText(post: Post): string {
  const text = readable(post.text).trim();
  const cut = (limit: number) => escapeText(shortened(text === '' ? emptyText : text, limit));
  const words = cut(limits.text);
  return balanced(words) === words ? words : balanced(cut(limits.text - balanceLength));
}

function fitted(
  post: Post,
  parts: readonly PartWithoutTable[],
  { files }: MessageOptions,
): { readonly blocks: Block[]; readonly file: { readonly file?: SlackFile } } {
  const made: Fitted = fit(parts, {
    isFiled: files,
    note: (shown, all) =>
      files
        ? `The beginning: ${shown} of ${all} characters. The whole is in the file ${fileName}.`
        : `Cut here: ${shown} of ${all} characters.`,
  });
  if (made.cut === undefined || !files) return { blocks: made.blocks, file: {} };
  return { blocks: made.blocks, file: { file: fileOf(post, parts) } };
}

function fileOf(post: Post, parts: readonly PartWithoutTable[]): SlackFile {
  const [firstLine = ''] = readable(post.text).trim().split('\n', 1);
  const content = parts.flatMap(wordsOf).map(readable).join('\n\n');
  return {
    name: fileName,
    title: shortened(firstLine === '' ? fileName : firstLine, limits.header),
    content,
  };
}

/** A part's words as a file holds them. Buttons are not among them: a link may be somebody's alone. */
function wordsOf(part: PartWithoutTable): string[] {
  if (part.type === 'buttons') return [];
  if (part.type === 'fields') return part.fields.map(({ label, value }) => `${label}: ${value}`);
  return [part.text];
}

/** A message in the shape that the alias's author asks for. Its small print and buttons are ours, and stay. */
function withExtra(post: Post, extra: Extra, options: MessageOptions): SlackMessage {
  const asked = {
    ...(extra.sender === undefined ? {} : { sender: extra.sender }),
    ...(extra.inThread === undefined ? {} : { inThread: extra.inThread }),
  };
  const parts = partsOf(post);
  const print = parts.filter(isPrint);
  const body = parts.filter((part) => !isPrint(part));
  if (extra.blocks !== undefined || extra.attachments !== undefined) {
    return { ...withAuthored(post, extra, blocksOf(print)), ...asked };
  }
  if (extra.flat !== undefined) return { ...withFlat(post, body, print, extra.flat, options), ...asked };
  return { ...plainMessage(post, options), ...asked };
}

function isPrint(part: PartWithoutTable): boolean {
  return part.type === 'context' || part.type === 'buttons';
}

function withAuthored(post: Post, extra: Extra, print: readonly Block[]): SlackMessage {
  const own = extra.blocks ?? [];
  const isRoom = own.length + print.length < limits.blocks;
  // Where blocks stand, Slack shows `text` in notifications only; the author's is then shown as a block.
  const needsTextBlock = own.length === 0 && print.length > 0 && extra.text !== undefined;
  const textBlock: Block[] = needsTextBlock ? [{ type: 'section', text: verbatim(extra.text) }] : [];
  const blocks = [...textBlock, ...own, ...(isRoom ? print : [])];
  const attachments = [
    ...(extra.attachments ?? []),
    ...(isRoom ? [] : [{ fallback: fallbackText(post), blocks: [...print] }]),
  ];
  return {
    text: extra.text ?? (blocks.length === 0 ? '' : fallbackText(post)),
    ...(blocks.length === 0 ? {} : { blocks }),
    ...(attachments.length === 0 ? {} : { attachments }),
  };
}

/** One attachment with the message as its text; a message that is longer than one takes stands before it. */
function withFlat(
  post: Post,
  body: readonly PartWithoutTable[],
  print: readonly PartWithoutTable[],
  flat: Attachment,
  options: MessageOptions,
): SlackMessage {
  const color = flat.color === undefined ? {} : { color: flat.color };
  const fallback = flat.fallback ?? fallbackText(post);
  const text = body.flatMap(mrkdwnOf).join('\n');
  const { text: ownText, ...fields } = flat;
  const isShort = text.length <= limits.section;
  const attachments: Attachment[] = [];
  let file = {};
  if (!isShort) {
    const made = fitted(post, body, options);
    file = made.file;
    attachments.push({ ...color, fallback, blocks: made.blocks });
  }
  const hasOwnFields = Object.keys(fields).some((key) => !['color', 'fallback', 'mrkdwn_in'].includes(key));
  const shownText = text || ownText || (hasOwnFields ? undefined : fallback);
  if (isShort || hasOwnFields) {
    attachments.push({
      mrkdwn_in: ['text', 'pretext'],
      ...fields,
      fallback,
      ...(isShort && shownText !== undefined ? { text: shownText } : {}),
    });
  }
  const printed = blocksOf(print);
  if (printed.length > 0) attachments.push({ ...color, fallback, blocks: printed });
  return { text: '', attachments, ...file };
}

function mrkdwnOf(part: PartWithoutTable): string[] {
  if (part.type === 'code') return fences(part.text, limits.total);
  const isFormatted = part.type === 'text' && part.isFormatted === true;
  return wordsOf(part).map((words) =>
    isFormatted ? authored(words.trim(), { people: false }) : escapeText(readable(words).trim()),
  );
}
