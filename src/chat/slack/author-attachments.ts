import type { types } from '@slack/bolt';
import { z } from 'zod';
import { authoredBlocks } from './author-blocks.ts';
import { authored, authoredPlain, cutMrkdwn } from './author-text.ts';
import { limits } from './limits.ts';

/**
 * Slack's older attachments (https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments), as
 * aliases write them. Values come out of Jinja, so a number or a truth value may be any scalar; a key that Slack does not
 * know is dropped, as Slack does.
 * @module
 */

export type Attachment = types.MessageAttachment;

const titleLength = 500;
const mostFields = 25;

/** Errbot's colours by name (errbot/backends/slack.py, COLORS); Slack knows none of them. */
const colours: Readonly<Record<string, string>> = {
  red: '#FF0000',
  green: '#008000',
  yellow: '#FFA500',
  blue: '#0000FF',
  white: '#FFFFFF',
  cyan: '#00FFFF',
};

const scalar = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .transform((value) => (value === null || value === '' ? undefined : String(value)))
  .optional();
const mrkdwn = (limit: number) =>
  scalar.transform((text) =>
    text === undefined ? undefined : cutMrkdwn(authored(text, { people: true }), limit),
  );
/** Slack formats these not at all; that it calls nobody by them is not written anywhere. */
const words = (limit: number) =>
  scalar.transform((text) => (text === undefined ? undefined : cutMrkdwn(authoredPlain(text), limit)));
const address = scalar.transform((text) => (isAddress(text) ? text : undefined));
const isShort = z
  .union([z.boolean(), z.string(), z.number(), z.null()])
  .transform((value) => value === true || String(value).toLowerCase() === 'true' || value === 1)
  .optional();

/** A colour that Slack draws; undefined for any other. */
export const colour = scalar.transform((text) => colourOf(text));

const attachmentFields = z.object({
  fallback: words(limits.section),
  color: colour,
  pretext: mrkdwn(limits.section),
  author_name: words(titleLength),
  author_link: address,
  author_icon: address,
  title: words(titleLength),
  title_link: address,
  text: mrkdwn(limits.section),
  fields: z
    .array(z.object({ title: words(titleLength), value: mrkdwn(limits.field), short: isShort }))
    .max(mostFields)
    .nullish(),
  image_url: address,
  thumb_url: address,
  footer: words(limits.attachmentFooter),
  footer_icon: address,
  ts: scalar.transform((text) => (text !== undefined && /^\d{1,12}(\.\d+)?$/.test(text) ? text : undefined)),
  mrkdwn_in: z.array(z.enum(['pretext', 'text', 'fields'])).nullish(),
  blocks: z.array(z.unknown()).nullish(),
});

/** Older keys, of which one in `extra.slack` itself makes an attachment (hubot-stackstorm's "Backwards compatibility"). */
export const flatKeys: readonly string[] = Object.keys(attachmentFields.shape).filter(
  (key) => key !== 'blocks',
);

/** An attachment of an author's, made good. */
export const attachment = attachmentFields.transform((given, context): Attachment => {
  const { fields, mrkdwn_in, blocks, ...scalars } = given;
  const made: Attachment = defined(scalars);
  if (fields !== undefined && fields !== null && fields.length > 0) {
    made.fields = fields.map(({ title, value, short }) => ({
      title: title ?? '',
      value: value ?? '',
      short: short ?? false,
    }));
  }
  if (mrkdwn_in !== undefined && mrkdwn_in !== null) made.mrkdwn_in = mrkdwn_in;
  if (blocks !== undefined && blocks !== null && blocks.length > 0) {
    const parsed = authoredBlocks(blocks);
    if (parsed.kind === 'good') made.blocks = parsed.blocks;
    else context.addIssue({ code: 'custom', message: parsed.reason, path: ['blocks'] });
  }
  return made;
});

/** Whether there is anything to see. */
export function isEmpty(made: Attachment): boolean {
  const { color: _, fallback: __, mrkdwn_in: ___, ...visible } = made;
  return Object.keys(visible).length === 0;
}

/** The same without keys that hold undefined. */
function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const result: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in given) {
    const value = given[key];
    if (isDefined(value)) result[key] = value;
  }
  return result;
}

function isDefined<T>(value: T): value is Exclude<T, undefined> {
  return value !== undefined;
}

function isAddress(text: string | undefined): text is string {
  return (
    text !== undefined &&
    /^(https?:\/\/|mailto:)/i.test(text) &&
    text.length <= limits.linkUrl &&
    URL.canParse(text)
  );
}

function colourOf(text: string | undefined): string | undefined {
  const name = text?.trim().toLowerCase() ?? '';
  if (/^(good|warning|danger|#[0-9a-f]{6})$/.test(name)) return name;
  if (/^[0-9a-f]{6}$/.test(name)) return `#${name}`;
  if (/^#[0-9a-f]{3}$/.test(name)) return name.replace(/[0-9a-f]/g, '$&$&');
  return Object.hasOwn(colours, name) ? colours[name] : undefined;
}
