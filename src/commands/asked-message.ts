import { z } from 'zod';
import type { ChatMessage } from '../chat/chat.ts';

/**
 * What a person typed, as it is kept until it may be run. What they are (member, guest) is not kept: it is looked at anew
 * when it is run.
 */
export const askedMessage = z.object({
  user: z.object({ platform: z.string(), workspace: z.string(), id: z.string() }),
  place: z.object({
    platform: z.string(),
    workspace: z.string(),
    channel: z.string(),
    kind: z.enum(['direct', 'channel']),
    thread: z.string().exactOptional(),
  }),
  channelKind: z.enum(['direct', 'group', 'private', 'public']).exactOptional(),
  messageId: z.string().exactOptional(),
  text: z.string(),
  mentioned: z.array(z.string()).exactOptional(),
  addressed: z.enum(['prefix', 'bot']),
  isPrivate: z.boolean(),
});
export type AskedMessage = z.infer<typeof askedMessage>;

export function askedMessageOf(message: ChatMessage): AskedMessage {
  const { user, place, channelKind, messageId, text, mentioned, addressed, isPrivate } = message;
  return {
    user,
    place,
    text,
    addressed,
    isPrivate,
    ...(channelKind === undefined ? {} : { channelKind }),
    ...(messageId === undefined ? {} : { messageId }),
    ...(mentioned === undefined ? {} : { mentioned: [...mentioned] }),
  };
}
