import { z } from 'zod';
import { ChatError, type Place, type PostRef } from '../chat.ts';
import type { Clients, WebClient } from './clients.ts';
import { asChatError, isParentGone } from './errors.ts';
import type { Installation } from './installations.ts';
import { threadOf } from './threads.ts';

const eventType = 'bolt_stackstorm_post';

/** What every message of the bot carries unseen (https://docs.slack.dev/messaging/message-metadata). */
export function keyMetadata(key: string) {
  return { event_type: eventType, event_payload: { key } };
}

const page = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      user: z.string().optional(),
      bot_id: z.string().optional(),
      metadata: z
        .object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) })
        .optional(),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().default('') }).default({ next_cursor: '' }),
});

const pageSize = 200;
const mostPages = 5;

/**
 * Looks for the bot's own message with this key: in its thread, and in the conversation since. Undefined too where the app
 * may not read there: nobody can tell then. Throws ChatError for faults that pass.
 */
export async function findByKey(clients: Clients, place: Place, key: string): Promise<PostRef | undefined> {
  const thread = threadOf(place)?.ts;
  try {
    const ts = await clients.call(place.workspace, async (client, installation) => {
      const inThread =
        thread === undefined ? undefined : await findIn(repliesIn(client, place, thread), key, installation);
      return inThread ?? (await findIn(historyOf(client, place, thread), key, installation));
    });
    return ts === undefined ? undefined : { place, id: ts };
  } catch (error) {
    if (!(error instanceof ChatError) || error.code === 'unavailable' || error.code === 'rate-limited')
      throw error;
    return undefined;
  }
}

type Pages = (cursor: Record<string, string>) => Promise<unknown>;

function repliesIn(client: WebClient, { channel }: Place, ts: string): Pages {
  return async (cursor) => {
    const args = { channel, ts, limit: pageSize, include_all_metadata: true, ...cursor };
    try {
      return await client.apiCall('conversations.replies', args);
    } catch (error) {
      if (isParentGone(asChatError(error))) return { messages: [] };
      throw error;
    }
  };
}

function historyOf(client: WebClient, { channel }: Place, since: string | undefined): Pages {
  const oldest = since === undefined ? {} : { oldest: since };
  return (cursor) =>
    client.apiCall('conversations.history', {
      channel,
      limit: pageSize,
      include_all_metadata: true,
      ...oldest,
      ...cursor,
    });
}

async function findIn(pages: Pages, key: string, installation: Installation): Promise<string | undefined> {
  let cursor = '';
  for (let count = 0; count < mostPages; count++) {
    const parsed = page.safeParse(await pages(cursor === '' ? {} : { cursor }));
    if (!parsed.success) throw new ChatError('unavailable', 'unreadable_answer', { cause: parsed.error });
    const found = parsed.data.messages.find(
      ({ metadata, user, bot_id: bot }) =>
        metadata?.event_type === eventType &&
        metadata.event_payload['key'] === key &&
        (user === installation.botUserId || (bot !== undefined && bot === installation.botId)),
    );
    if (found !== undefined) return found.ts;
    cursor = parsed.data.response_metadata.next_cursor;
    if (cursor === '') return undefined;
  }
  return undefined;
}
