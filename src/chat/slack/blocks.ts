import type { types } from '@slack/bolt';
import { type Button, ChatError, type Part } from '../chat.ts';
import { tableText } from '../table-text.ts';
import { actionId, openAction } from './action-ids.ts';
import { authored, cutMrkdwn } from './author-text.ts';
import { limits } from './limits.ts';
import {
  codeFence,
  escapedLength,
  escapeText,
  fenceLength,
  type LinkedPiece,
  linkedPieces,
  readable,
  shortened,
  splitEscaped,
  unfenced,
} from './mrkdwn.ts';

/** A block of Slack's, and one that an alias's author made. */
export type Block = types.KnownBlock | types.Block;

/**
 * Parts as blocks, each within Slack's limits of one block. Text that nobody formatted is shown as it is: `plain_text` where it has no
 * address, rich text where it has (of Block Kit's text only these two neither format nor mention), code in fences of
 * mrkdwn, whole in every block. Parts without anything to see are left out. Throws ChatError `too-long` for a button that
 * Slack would not take: a cut address or value is another one. `firstButton` is how many buttons stand before these in
 * the same message or view.
 */
export function blocksOf(parts: readonly Part[], firstButton = 0): Block[] {
  let buttons = firstButton;
  return parts.flatMap((part) => {
    const blocks = partBlocks(part, buttons);
    if (part.type === 'buttons') buttons += part.buttons.length;
    return blocks;
  });
}

function partBlocks(part: Part, firstButton: number): Block[] {
  switch (part.type) {
    case 'text':
      return part.isFormatted === true ? formattedBlocks(part.text) : textBlocks(part.text);
    case 'heading':
      return headingBlocks(part.text);
    case 'code':
      return codeBlocks(part.text);
    case 'table':
      return codeBlocks(tableText(part));
    case 'fields':
      return fieldBlocks(part.fields);
    case 'context':
      return contextBlocks(part.text);
    case 'buttons':
      return buttonBlocks(part.buttons, firstButton);
  }
}

function textBlocks(text: string): Block[] {
  return splitEscaped(shown(text), limits.section).filter(isVisible).map(textBlock);
}

/** What an author wrote in mrkdwn; what makes it longer on its way is less than a fifth of it. */
function formattedBlocks(text: string): Block[] {
  return splitEscaped(shown(text), Math.floor(limits.section * 0.8))
    .filter(isVisible)
    .map((piece) => ({
      type: 'section',
      text: verbatim(cutMrkdwn(authored(piece, { people: false }), limits.section)),
    }));
}

function textBlock(text: string): Block {
  const pieces = linkedPieces(text);
  if (!pieces.some((piece) => 'url' in piece)) return { type: 'section', text: plainText(text, true) };
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_section', elements: pieces.map(richTextElement) }],
  };
}

function richTextElement(piece: LinkedPiece): types.RichTextElement {
  if ('url' in piece) return { type: 'link', url: piece.url };
  // Rich text is not parsed; whoever reads it as mrkdwn all the same finds no mention either.
  return { type: 'text', text: piece.text.replace(/<(?=[!@#])/g, '<\u2060') };
}

function headingBlocks(text: string): Block[] {
  const heading = shown(text).replace(/\s+/g, ' ').trim();
  if (escapedLength(heading) > limits.header) return textBlocks(text);
  return heading === '' ? [] : [{ type: 'header', text: plainText(heading, true) }];
}

function codeBlocks(text: string): Block[] {
  return fences(text, limits.section).map((fence) => ({ type: 'section', text: verbatim(fence) }));
}

/** Code as one fence, or several where one would be longer than `limit`. */
export function fences(text: string, limit: number): string[] {
  return splitEscaped(unfenced(shown(text)), limit - fenceLength)
    .filter(isVisible)
    .map(codeFence);
}

function fieldBlocks(fields: readonly { readonly label: string; readonly value: string }[]): Block[] {
  const blocks: Block[] = [];
  let row: types.TextObject[] = [];
  const endRow = () => {
    if (row.length > 0) blocks.push({ type: 'section', fields: row });
    row = [];
  };
  for (const field of fields) {
    const label = shortened(shown(field.label).replace(/\s+/g, ' ').trim(), limits.header);
    const value = shown(field.value);
    if (escapedLength(value) > limits.field) {
      endRow();
      blocks.push(...contextBlocks(label), ...codeBlocks(value));
      continue;
    }
    if (row.length >= limits.fieldsInSection) endRow();
    row.push(bold(isVisible(label) ? label : '–'), plainText(isVisible(value) ? value : '–'));
  }
  endRow();
  return blocks;
}

function contextBlocks(text: string): Block[] {
  return splitEscaped(shown(text), limits.context)
    .filter(isVisible)
    .map((piece) => ({ type: 'context', elements: contextElements(piece) }));
}

function contextElements(text: string): types.TextObject[] {
  const pieces = linkedPieces(text).filter((piece) => 'url' in piece || isVisible(piece.text));
  if (pieces.length > limits.contextElements) return [plainText(text)];
  return pieces.map((piece) =>
    'url' in piece ? verbatim(`<${escapeText(piece.url)}>`) : plainText(piece.text.trim()),
  );
}

function buttonBlocks(buttons: readonly Button[], first: number): Block[] {
  const elements = buttons.map((button, index) => buttonElement(button, first + index));
  const blocks: Block[] = [];
  for (let at = 0; at < elements.length; at += limits.buttonsInBlock) {
    blocks.push({ type: 'actions', elements: elements.slice(at, at + limits.buttonsInBlock) });
  }
  return blocks;
}

function buttonElement(button: Button, position: number): types.Button {
  const label = shortened(shown(button.label).trim(), limits.buttonText);
  const id = actionId('url' in button ? openAction : button.action, position);
  const style = button.style === undefined ? {} : { style: button.style };
  const text = plainText(label === '' ? '–' : label);
  if (id.length > limits.id) throw new ChatError('too-long', 'button_action_too_long');
  if ('url' in button) {
    if (button.url.length > limits.buttonUrl) throw new ChatError('too-long', 'button_url_too_long');
    return { type: 'button', text, action_id: id, url: button.url, ...style };
  }
  if (button.value.length > limits.buttonValue) throw new ChatError('too-long', 'button_value_too_long');
  return { type: 'button', text, action_id: id, value: button.value, ...style };
}

/** `emoji`: names between colons become pictures. */
function plainText(text: string, emoji = false): types.PlainTextElement {
  return { type: 'plain_text', text: escapeText(text), emoji };
}

/** A label in mrkdwn; its own asterisks would end the bold. */
export function bold(label: string): types.MrkdwnElement {
  return verbatim(`*${escapeText(label.replaceAll('*', '∗'))}*`);
}

/** mrkdwn in which Slack looks for nothing that is not written out. */
export function verbatim(text: string): types.MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** Leading and trailing empty lines show nothing. */
function shown(text: string): string {
  return readable(text)
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd();
}

/** Slack refuses texts of nothing but spaces. */
function isVisible(text: string): boolean {
  return /[^\s\u200b\u2060\ufeff]/.test(text);
}

/** The characters that count towards {@link limits.total}. */
export function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, inner) => sum + sizeOf(inner), 0);
  if (typeof value !== 'object' || value === null) return 0;
  const isLink = 'type' in value && value.type === 'link';
  return Object.entries(value).reduce((sum, [key, inner]) => {
    const counts = typeof inner === 'string' && (key === 'text' || (isLink && key === 'url'));
    return sum + (counts ? inner.length : sizeOf(inner));
  }, 0);
}
