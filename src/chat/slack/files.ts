import { z } from 'zod';
import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import { ChatError } from '../chat.ts';
import type { Clients } from './clients.ts';
import type { SlackConnection } from './connection.ts';
import type { SlackFile } from './message.ts';
import { patiently } from './patience.ts';

/** Bytes that Slack has, shown nowhere yet. */
export interface Upload {
  readonly id: string;
  readonly title: string;
}

export interface FilesDeps {
  readonly clients: Clients;
  readonly connection: SlackConnection;
  readonly logger: Logger;
  readonly clock: Clock;
}

const ticket = z.object({ upload_url: z.string(), file_id: z.string() });
const uploadTimeoutMs = 60_000;

/**
 * Files upload v2 (https://docs.slack.dev/messaging/working-with-files#uploading_files): a ticket, the bytes, and where to
 * show them. The SDK's own way sends a form that a proxied fetch does not know.
 */
export class Files {
  readonly #deps: FilesDeps;

  constructor(deps: FilesDeps) {
    this.#deps = deps;
  }

  /** Throws ChatError. */
  upload(workspace: string, file: SlackFile): Promise<Upload> {
    const content = new TextEncoder().encode(file.content);
    return this.#deps.clients.call(workspace, async (client) => {
      const answer = await client.files.getUploadURLExternal({ filename: file.name, length: content.length });
      const parsed = ticket.safeParse(answer);
      if (!parsed.success) throw new ChatError('unavailable', 'unreadable_answer', { cause: parsed.error });
      const { upload_url: url, file_id: id } = parsed.data;
      const { status } = await this.#deps.connection.upload(url, content, uploadTimeoutMs);
      if (status !== 200) throw new ChatError('unavailable', 'upload_failed');
      return { id, title: file.title };
    });
  }

  /** False: Slack does not show it, for good or for longer than anybody waits here; it is logged. */
  async share(
    workspace: string,
    upload: Upload,
    where: { readonly channel: string; readonly thread: string },
  ): Promise<boolean> {
    const { clients, clock, logger } = this.#deps;
    try {
      await patiently(clock, () =>
        clients.call(workspace, (client) =>
          client.files.completeUploadExternal({
            files: [upload],
            channel_id: where.channel,
            thread_ts: where.thread,
          }),
        ),
      );
      return true;
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      logger.error(
        { channel: where.channel, reason: error.reason },
        'a file with long output could not be shown',
      );
      return false;
    }
  }
}
