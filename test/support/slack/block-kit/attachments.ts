import { z } from 'zod';
import { type Faults, messageFaults } from './validate.ts';

const text = z.string().optional();

/** Secondary attachments (docs.slack.dev, legacy attachment fields). Slack passes over what it does not know. */
const attachment = z.object({
  fallback: text,
  color: z
    .string()
    .regex(/^(good|warning|danger|#?[0-9a-fA-F]{6})$/, 'must be good, warning, danger or a hex colour')
    .optional(),
  pretext: text,
  author_name: text,
  author_link: text,
  author_icon: text,
  author_subname: text,
  title: text,
  title_link: text,
  text,
  fields: z.array(z.strictObject({ title: text, value: text, short: z.boolean().optional() })).optional(),
  image_url: text,
  thumb_url: text,
  footer: z.string().max(300, 'must be less than 301 characters').optional(),
  footer_icon: text,
  ts: z.union([z.string(), z.number()]).optional(),
  mrkdwn_in: z.array(z.enum(['pretext', 'text', 'fields'])).optional(),
  callback_id: text,
  attachment_type: text,
  actions: z.array(z.record(z.string(), z.unknown())).max(5).optional(),
  blocks: z.array(z.unknown()).optional(),
});

const KNOWN: ReadonlySet<string> = new Set(Object.keys(attachment.shape));

export interface AttachmentCheck {
  /** What Slack refuses: `invalid_attachments`, or `invalid_blocks` for the blocks inside. */
  readonly faults: Faults;
  readonly blockFaults: Faults;
  /** What Slack drops silently or draws badly. */
  readonly dropped: readonly string[];
}

export function checkAttachments(attachments: readonly unknown[]): AttachmentCheck {
  const faults: string[] = [];
  const blockFaults: string[] = [];
  const dropped: string[] = [];
  attachments.forEach((one, index) => {
    const at = `[json-pointer:/attachments/${index}]`;
    if (typeof one !== 'object' || one === null || Array.isArray(one)) {
      faults.push(`must be an object ${at}`);
      return;
    }
    for (const key of Object.keys(one))
      if (!KNOWN.has(key)) dropped.push(`unknown attachment field ${key} ${at}`);
    const parsed = attachment.safeParse(one);
    if (!parsed.success) {
      for (const issue of parsed.error.issues)
        dropped.push(`${issue.message} at ${issue.path.join('/')} ${at}`);
      return;
    }
    if (parsed.data.blocks !== undefined)
      blockFaults.push(...messageFaults(parsed.data.blocks, `/attachments/${index}/blocks`));
    else if (
      [parsed.data.fallback, parsed.data.text, parsed.data.pretext, parsed.data.title].every(
        (t) => t === undefined,
      )
    )
      dropped.push(`neither fallback nor text ${at}`);
  });
  return { faults, blockFaults, dropped };
}
