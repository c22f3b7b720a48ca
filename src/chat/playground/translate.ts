import { StoreError } from '../../storage/store.ts';
import { ChatError, type ChatMessage, type ChatUser, type Place, type Post, type PostRef } from '../chat.ts';
import type { Content, StoredMessage } from './change.ts';
import { isMember, isPerson, type PersonName, platformName, userOf, workspaceName } from './places.ts';
import { wholeText } from './words.ts';

/**
 * Between what the chat port says and what the playground stores.
 * @module
 */

/** Longer posts are `too-long`, as on Slack. */
const maxTextLength = 40_000;

export function isVisible(message: StoredMessage, user: PersonName): boolean {
  return isMember(user, message.channel) && (message.onlyFor === undefined || message.onlyFor === user);
}

export function personOf(user: ChatUser): PersonName | undefined {
  const { platform, workspace, id } = user;
  return platform === platformName && workspace === workspaceName && isPerson(id) ? id : undefined;
}

export function contentOf(post: Post): Content {
  if (wholeText(post).length > maxTextLength) throw new ChatError('too-long', 'msg_too_long');
  const { text, parts, extra } = post;
  return { text, ...(parts === undefined ? {} : { parts }), ...(extra === undefined ? {} : { extra }) };
}

export function placeIn(channel: string): Omit<Place, 'kind'> {
  return { platform: platformName, workspace: workspaceName, channel };
}

export function refOf(message: StoredMessage): PostRef {
  const kind = message.channel === 'general' ? 'channel' : 'direct';
  const thread = message.thread === undefined ? {} : { thread: message.thread };
  return { place: { ...placeIn(message.channel), kind, ...thread }, id: message.id };
}

const mention = /^@(?:bot|stackstorm)\b[:,]?\s*/i;

export function asChatMessage(message: StoredMessage, from: PersonName): ChatMessage {
  const { place } = refOf(message);
  const isPrivate = place.kind === 'direct';
  const text = message.content.text;
  return {
    eventId: message.eventId ?? message.id,
    user: userOf(from),
    place,
    messageId: message.id,
    text: text.replace(mention, ''),
    addressed: isPrivate || mention.test(text) ? 'bot' : 'prefix',
    isPrivate,
  };
}

/** The port speaks of chat: a store that fails is a chat that is unavailable for now. */
export async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreError) {
      throw new ChatError('unavailable', `store_${error.code}`, { cause: error });
    }
    throw error;
  }
}
