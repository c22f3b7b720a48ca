/**
 * Text as Slack delivers it, turned back into what the person meant. Slack's client escapes and rewrites what is typed
 * (https://docs.slack.dev/messaging/formatting-message-text), and keyboards make quotes and spaces of their own.
 * @module
 */

/** Somebody or something that Slack names by id alone; what people call it has to be asked of Slack. */
export interface Mention {
  readonly kind: 'user' | 'channel' | 'group';
  readonly id: string;
}

/** What people call it, without `@` or `#`; undefined where nobody knows. */
export type NameOf = (mention: Mention) => string | undefined;

export interface UndoOptions {
  /** Curly quotes become straight ones. Off for aliases whose formats hold curly quotes. */
  readonly straightenQuotes: boolean;
  /** Answers from what was asked of Slack before, for the mentions that {@link mentionsIn} finds. */
  readonly nameOf?: NameOf | undefined;
}

/** Slack's `<...>` sequences, and its three escapes. A typed `<` comes as `&lt;`, so nothing typed looks like either. */
const escapes = /<([^<>]*)>|&(lt|gt|amp);/g;
const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&' };
const userMention = /^@([UWB][A-Z0-9]+)(?:\|([\s\S]*))?$/;
const channelMention = /^#([CGD][A-Z0-9]+)(?:\|([\s\S]*))?$/;
const groupMention = /^!subteam\^([A-Z0-9]+)(?:\|([\s\S]*))?$/;

/**
 * The text as the person meant it: escapes undone once; `<@U1>` is `@name` as hubot-slack and Errbot give it to actions
 * (`@U1` where no name is known), `<#C1|general>` is `#general`, a link is what was typed, code marks are taken off,
 * spaces that nobody types become plain ones. Line breaks stay: StackStorm matches across them.
 */
export function undoSlackText(text: string, options: UndoOptions): string {
  const plain = withoutCodeMarks(text).replace(escapes, (whole, sequence?: string, name?: string) =>
    sequence === undefined ? (characters[name ?? ''] ?? whole) : (meant(sequence, options.nameOf) ?? whole),
  );
  const spaced = plainSpaces(plain);
  return options.straightenQuotes ? straightQuotes(spaced) : spaced;
}

/** The mentions whose name the text does not say itself, each once. */
export function mentionsIn(text: string): Mention[] {
  const found = new Map<string, Mention>();
  for (const [, sequence] of text.matchAll(escapes)) {
    const mention = sequence === undefined ? undefined : mentionOf(sequence);
    if (mention !== undefined && mention.label === '')
      found.set(mention.id, { kind: mention.kind, id: mention.id });
  }
  return [...found.values()];
}

/** The people whom the text (still as Slack delivers it) names, each once, as a ChatMessage has them. */
export function mentionedIn(text: string): { readonly mentioned?: readonly string[] } {
  const ids = [...text.matchAll(escapes)].map(([, sequence = '']) => userMention.exec(sequence)?.[1]);
  const mentioned = [...new Set(ids.filter((id) => id !== undefined))];
  return mentioned.length === 0 ? {} : { mentioned };
}

/**
 * The text (still as Slack delivers it) behind a mention of the bot, or undefined where it does not begin with one. A
 * comma or colon after the mention belongs to it.
 */
export function stripMention(text: string, botUserId: string): string | undefined {
  const start = /^[\s\u200b\u2060\ufeff]*<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>[,:]?\s*/.exec(text);
  return start?.[1] === botUserId ? text.slice(start[0].length) : undefined;
}

interface LabelledMention extends Mention {
  readonly label: string;
}

function mentionOf(sequence: string): LabelledMention | undefined {
  const kinds = [
    ['user', userMention],
    ['channel', channelMention],
    ['group', groupMention],
  ] as const;
  for (const [kind, pattern] of kinds) {
    const match = pattern.exec(sequence);
    if (match?.[1] !== undefined) return { kind, id: match[1], label: (match[2] ?? '').trim() };
  }
  return undefined;
}

/** What a sequence stands for, given without its angle brackets; undefined where it is none of Slack's. */
function meant(sequence: string, nameOf: NameOf | undefined): string | undefined {
  const mention = mentionOf(sequence);
  if (mention !== undefined) {
    const mark = mention.kind === 'channel' ? '#' : '@';
    const name = unescaped(mention.label) || nameOf?.(mention) || mention.id;
    return name.startsWith(mark) ? name : `${mark}${name}`;
  }
  const bar = sequence.indexOf('|');
  const target = unescaped(bar === -1 ? sequence : sequence.slice(0, bar));
  const label = unescaped(bar === -1 ? '' : sequence.slice(bar + 1));
  const special = /^!(here|channel|everyone|group)(?:\^.*)?$/.exec(target);
  if (special !== null) return `@${special[1]}`;
  if (target.startsWith('!')) return label === '' ? undefined : label;
  return /^[a-z][a-z0-9+.-]*:/i.test(target) ? typedLink(target, label) : undefined;
}

/**
 * What was typed to get this link: the label where Slack only added a scheme to it (`example.com`, a mail address, a
 * telephone number), else the address; a label that somebody chose is not what an action can use.
 */
function typedLink(target: string, label: string): string {
  const scheme = /^(https?:\/\/|mailto:|tel:)/i.exec(target)?.[0].toLowerCase();
  if (scheme === undefined) return target;
  const bare = target.slice(scheme.length);
  if (scheme === 'tel:') return digits(label) === digits(bare) ? label : bare;
  const isTyped = withoutSlash(bare).toLowerCase() === withoutSlash(label).toLowerCase();
  if (scheme === 'mailto:') return isTyped ? label : bare;
  return isTyped ? label : target;
}

function withoutSlash(address: string): string {
  return address.endsWith('/') ? address.slice(0, -1) : address;
}

function digits(number: string): string {
  return number.replace(/[^0-9+]/g, '');
}

function unescaped(text: string): string {
  return text.replace(/&(lt|gt|amp);/g, (whole, name: string) => characters[name] ?? whole);
}

/**
 * Code without its backticks: around the whole command or a part of it. Only what Slack shows as code counts, so single
 * backticks stay. Slack's editor gives a block lines of its own: those breaks were not typed, and become a space.
 */
function withoutCodeMarks(text: string): string {
  if (!text.includes('`')) return text;
  const pieces = text.split('```');
  const blocks = Math.floor((pieces.length - 1) / 2);
  let result = '';
  let followsBlock = false;
  for (const [index, piece] of pieces.entries()) {
    const isFenced = index % 2 === 1;
    const isBlock = isFenced && (index + 1) / 2 <= blocks && piece.trim() !== '';
    if (isBlock) {
      result = joined(result, piece.replace(/^\n|\n$/g, ''));
    } else if (isFenced) {
      const closing = (index + 1) / 2 <= blocks ? '```' : '';
      result += `\`\`\`${piece}${closing}`;
    } else {
      const plain = piece.replace(codeSpan, '$1');
      result += followsBlock ? plain.replace(/^\n(?=\S)/, ' ').replace(/^\n/, '') : plain;
    }
    followsBlock = isBlock;
  }
  return result;
}

const codeSpan = /(?<![`\p{L}\p{N}_])`([^`\n]*[^`\n\s][^`\n]*)`(?![`\p{L}\p{N}_])/gu;

function joined(before: string, block: string): string {
  if (!before.endsWith('\n')) return before + block;
  const line = before.slice(0, -1);
  return line === '' || /\s$/.test(line) ? line + block : `${line} ${block}`;
}

/** Keyboards and pasted pages bring spaces that look like one and match like none. */
function plainSpaces(text: string): string {
  return text.replace(/[\u00a0\u2000-\u200a\u202f\u205f]/g, ' ').replace(/[\u200b\u2060\ufeff]/g, '');
}

function straightQuotes(text: string): string {
  return text.replace(/[“”„‟]/g, '"').replace(/[‘’‚‛]/g, "'");
}
