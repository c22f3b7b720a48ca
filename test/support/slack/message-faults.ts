import type { SlackMessage } from '../../../src/chat/slack/message.ts';
import { checkAttachments } from './block-kit/attachments.ts';
import { messageFaults, sizeOf } from './block-kit/validate.ts';

/** Everything in a message that Slack would refuse, cut, drop or draw badly. */
export function faultsIn(message: SlackMessage): string[] {
  const blocks = message.blocks ?? [];
  const attachments = message.attachments ?? [];
  const { faults, blockFaults, dropped } = checkAttachments(attachments);
  const isNothing = message.text === '' && blocks.length === 0 && attachments.length === 0;
  return [
    ...messageFaults(blocks),
    ...faults,
    ...blockFaults,
    ...dropped,
    ...(message.text.length > 4000 ? ['text is too long'] : []),
    ...(sizeOf([blocks, attachments]) > 13_200 ? ['msg_blocks_too_long'] : []),
    ...(isNothing ? ['no_text'] : []),
    // JSON.stringify writes half a pair as an escape.
    ...(/\\ud[89a-f]/i.test(JSON.stringify({ ...message, file: undefined })) ? ['half a character'] : []),
  ];
}
