import { stripVTControlCharacters } from 'node:util';
import { limits } from './limits.ts';

/**
 * Text on its way to Slack: escaped, so that nothing in it is a link, a mention or a command of Slack's, and cut or
 * split by what Slack counts, which is the escaped text.
 * @module
 */

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** As Slack asks for (https://docs.slack.dev/messaging/formatting-message-text#escaping): `<!channel>` is then words. */
export function escapeText(text: string): string {
  return text.replace(/[&<>]/g, (character) => entities[character] ?? character);
}

/**
 * Text as people can read it: without a terminal's colours, carriage returns and NULs; half a surrogate pair, which no
 * UTF-8 can carry, as the replacement character.
 */
export function readable(text: string): string {
  const plain = text.includes('\u001b') || text.includes('\u009b') ? stripVTControlCharacters(text) : text;
  return plain
    .replaceAll('\u0000', '')
    .replace(/\r\n?/g, '\n')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}

/** What {@link codeFence} adds to the code. */
export const fenceLength = 8;

/** Code in a fence of mrkdwn. `code` has gone through {@link unfenced}. */
export function codeFence(code: string): string {
  return `\`\`\`\n${escapeText(code)}\n\`\`\``;
}

/** Code whose own runs of three backticks do not end a fence around it: a space without width stands between them. */
export function unfenced(code: string): string {
  return code.replace(/`(?=``)/g, '`\u200b');
}

/** What {@link balanced} may add. */
export const balanceLength = 3;

/** mrkdwn in which every fence is closed: one that somebody opened alone is three backticks to be seen. */
export function balanced(text: string): string {
  const pieces = text.split('```');
  if (pieces.length % 2 !== 0) return text;
  const last = pieces.pop() ?? '';
  return pieces.join('```') + unfenced(`\`\`\`${last}`);
}

/** The longest beginning that is at most `limit` long once escaped, never half a character. */
export function cutEscaped(text: string, limit: number): string {
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    length += entities[text.charAt(index)]?.length ?? 1;
    if (length > limit) return text.slice(0, splitsPair(text, index) ? index - 1 : index);
  }
  return text;
}

function splitsPair(text: string, index: number): boolean {
  const before = text.charCodeAt(index - 1);
  return before >= 0xd800 && before <= 0xdbff;
}

/** The text in pieces of at most `limit` once escaped; at line breaks, which then stand in no piece, where there are any. */
export function splitEscaped(text: string, limit: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest !== '') {
    const most = cutEscaped(rest, limit);
    const lineEnd = most.length === rest.length ? -1 : rest.lastIndexOf('\n', most.length);
    const atLine = lineEnd > most.length / 2;
    pieces.push(atLine ? rest.slice(0, lineEnd) : most);
    rest = rest.slice(atLine ? lineEnd + 1 : most.length);
  }
  return pieces;
}

export type LinkedPiece = { readonly text: string } | { readonly url: string };

/** Text and the web addresses in it, in order. */
export function linkedPieces(text: string): LinkedPiece[] {
  const pieces: LinkedPiece[] = [];
  let at = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"'`|\\^{}]+/g)) {
    const url = match[0].replace(/[.,;:!?)\]]+$/, '');
    if (url.length > limits.linkUrl || !URL.canParse(url)) continue;
    if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
    pieces.push({ url });
    at = match.index + url.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}

/** The text, cut to `limit` once escaped; an ellipsis says so. */
export function shortened(text: string, limit: number): string {
  return escapedLength(text) <= limit ? text : `${cutEscaped(text, limit - 1)}…`;
}

export function escapedLength(text: string): number {
  return escapeText(text).length;
}
