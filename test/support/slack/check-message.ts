import { checkAttachments } from './block-kit/attachments.ts';
import { markupOf, messageFaults, sizeOf } from './block-kit/validate.ts';
import type { SlackWorld } from './world.ts';
import type { Json } from './world-types.ts';

/** What a message says, as chat.* methods and response_urls take it. */
export interface MessageWords {
  readonly text?: string | undefined;
  readonly blocks?: unknown;
  readonly attachments?: unknown;
}

/** Slack's error code with its explanation. */
export interface MessageFault {
  readonly code: string;
  readonly messages?: readonly string[];
}

/** `text` may be this long; from here on Slack may split it (slack.md). */
const TEXT_ADVISED = 4000;
/** Over this it is cut, with `message_truncated` in the answer. */
export const TEXT_CUT = 40_000;

/**
 * Checks what a message says: Slack's refusal is answered, what Slack would cut, drop or discourage becomes a violation
 * of the world.
 */
export function checkMessage(
  world: SlackWorld,
  method: string,
  words: MessageWords,
): MessageFault | undefined {
  const { text, blocks, attachments } = words;
  if (blocks !== undefined && !Array.isArray(blocks)) return { code: 'invalid_blocks_format' };
  if (attachments !== undefined && !Array.isArray(attachments)) return { code: 'invalid_attachments' };
  const hasBlocks = Array.isArray(blocks) && blocks.length > 0;
  const hasAttachments = Array.isArray(attachments) && attachments.length > 0;
  if ((text === undefined || text.trim() === '') && !hasBlocks && !hasAttachments) return { code: 'no_text' };
  if (Array.isArray(blocks)) {
    const faults = messageFaults(blocks);
    if (faults.length > 0) return { code: 'invalid_blocks', messages: faults };
    if (sizeOf(blocks) > world.rules.blocksTotal) return { code: 'msg_blocks_too_long' };
  }
  if (Array.isArray(attachments)) {
    if (attachments.length > 100) return { code: 'too_many_attachments' };
    const checked = checkAttachments(attachments);
    if (checked.faults.length > 0) return { code: 'invalid_attachments', messages: checked.faults };
    if (checked.blockFaults.length > 0) return { code: 'invalid_blocks', messages: checked.blockFaults };
    for (const dropped of checked.dropped) world.violate(method, 'attachment', dropped);
  }
  for (const [rule, detail] of discouraged(words, hasBlocks)) world.violate(method, rule, detail);
  return undefined;
}

/** The same for a body that came through a response_url. */
export function checkResponse(world: SlackWorld, message: Json, method: string): string | undefined {
  const { text, blocks, attachments } = message;
  if (text !== undefined && typeof text !== 'string') return 'invalid_payload';
  if (message['delete_original'] === true) return undefined;
  return checkMessage(world, method, { text, blocks, attachments })?.code;
}

function discouraged({ text, blocks, attachments }: MessageWords, hasBlocks: boolean): [string, string][] {
  const found: [string, string][] = [];
  const length = text?.length ?? 0;
  if (length > TEXT_CUT) found.push(['text-cut', `${length} characters of text are cut at ${TEXT_CUT}`]);
  else if (length > TEXT_ADVISED)
    found.push(['text-long', `${length} characters of text, ${TEXT_ADVISED} are advised`]);
  if (hasBlocks && (text === undefined || text.trim() === ''))
    found.push(['no-fallback', 'blocks without a text for notifications and screen readers']);
  for (const one of [...(text === undefined ? [] : [text]), ...markupOf(blocks), ...markupOf(attachments)]) {
    if ((one.split('```').length - 1) % 2 !== 0)
      found.push(['broken-fence', 'an odd number of ``` in one text']);
    if (/<!(channel|here|everyone)(\|[^>]*)?>/.test(one)) found.push(['broadcast', 'pings a whole channel']);
    if ([...one].some(isLoneSurrogate)) found.push(['broken-character', 'half a surrogate pair']);
  }
  return found;
}

function isLoneSurrogate(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0xd800 && code <= 0xdfff;
}
