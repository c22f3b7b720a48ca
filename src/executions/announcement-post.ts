import type { Part, Post } from '../chat/chat.ts';
import type { Announcement } from '../stackstorm/wire.ts';
import { middleCut } from './format/text.ts';

export type AnnouncementPayload = NonNullable<Announcement['payload']>;

/** What the small print under a result names: the execution that StackStorm answered to our POST (R7), and its status. */
export interface ResultFacts {
  readonly executionId: string;
  readonly status: string;
  readonly runBy?: string | undefined;
  /** Where the whole is seen. */
  readonly url?: string | undefined;
}

/**
 * An announcement as a post, or undefined where it says nothing. `{~}` in a message divides what hubot calls the pretext
 * from the rest; fenced pieces are shown as code; `extra` goes to the platform that it names.
 */
export function announcementPost(
  payload: AnnouncementPayload,
  maxLength: number,
  facts?: ResultFacts,
): Post | undefined {
  const { extra } = payload;
  const hasExtra = extra !== undefined && extra !== null && Object.keys(extra).length > 0;
  const whole = messageText(payload.message);
  const message = middleCut(whole, maxLength);
  const pieces = message.split('{~}').map((piece) => piece.replace(/^\n+|\s+$/g, ''));
  const isFormatted = typeof payload.message === 'string';
  const parts = defaultTemplate.test(message)
    ? defaultParts(message)
    : pieces.flatMap((piece) => fencedParts(piece, isFormatted));
  if (parts.length === 0 && !hasExtra && facts === undefined) return undefined;

  const words = pieces.filter((piece) => piece !== '');
  if (facts !== undefined && message !== whole) {
    const way = `The whole: ${facts.url ?? `st2 execution get ${facts.executionId}`}`;
    parts.push({ type: 'text', text: way });
    words.push(way);
  }
  const footer = facts === undefined ? undefined : factsLine(facts);
  // The small print is in words too where the message does not say the same itself.
  const saysAll =
    facts !== undefined && message.includes(facts.executionId) && message.includes(facts.status);
  if (footer !== undefined && !saysAll) words.push(footer);
  if (footer !== undefined) parts.push({ type: 'context', text: footer });
  return {
    text: words.join('\n') || '(A message without words.)',
    parts,
    ...(hasExtra ? { extra } : {}),
  };
}

function factsLine(facts: ResultFacts): string {
  const runBy = facts.runBy === undefined ? [] : [`run as ${facts.runBy}`];
  return [facts.status, `execution ${facts.executionId}`, ...runBy].join(' · ');
}

/** StackStorm's own words for a result without a `format` (contrib/chatops, default.j2): what ran stands in it bare. */
const defaultTemplate = /^\s*Action \S+ completed\.\s*status : /;

/** Nobody wrote it for this alias: the execution itself, read by its runner, says the same and more. */
export function isStockText({ message, extra, whisper }: AnnouncementPayload): boolean {
  const hasExtra = extra !== undefined && extra !== null && Object.keys(extra).length > 0;
  return typeof message === 'string' && defaultTemplate.test(message) && !hasExtra && whisper !== true;
}

function messageText(message: unknown): string {
  if (message === undefined || message === null) return '';
  return typeof message === 'string' ? message : JSON.stringify(message, null, 2);
}

/** StackStorm's own words: what came out of the run is aligned with spaces, so it is shown as code. */
function defaultParts(text: string): Part[] {
  const [head = '', ...result] = text.split(/^result :\n-+\n/m);
  const code = result.join('').replace(/^\n+|\s+$/g, '');
  return [
    { type: 'text', text: head.replace(/^\n+|\s+$/g, '') },
    ...(code === '' ? [] : [{ type: 'code', text: code } as const]),
  ];
}

/** Text and code pieces of a message whose author fenced code with three backticks, as aliases for Slack do. */
function fencedParts(text: string, isFormatted: boolean): Part[] {
  const textPart = (words: string): Part => ({
    type: 'text',
    text: words,
    ...(isFormatted ? { isFormatted } : {}),
  });
  const pieces = text.split('```');
  // An odd number of fences: the last one opens nothing.
  if (pieces.length % 2 === 0) return text.trim() === '' ? [] : [textPart(text)];
  return pieces.flatMap((piece, index): Part[] => {
    const trimmed = piece.replace(/^\n+|\s+$/g, '');
    if (trimmed === '') return [];
    return [index % 2 === 1 ? { type: 'code', text: trimmed } : textPart(trimmed)];
  });
}
