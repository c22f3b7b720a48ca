import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Audit, AuditError } from '../ops/audit.ts';
import type { Clock } from '../ops/clock.ts';
import type { Logger } from '../ops/logger.ts';
import type { Metrics } from '../ops/metrics.ts';
import { Collection } from '../storage/collection.ts';
import type { Encryption } from '../storage/encryption.ts';
import { type Store, StoreError } from '../storage/store.ts';
import { type ChatErrorCode, type ChatUser, chatUserKey, type Place, type Post } from './chat.ts';

const letterRow = z.object({
  at: z.number(),
  key: z.string(),
  reason: z.string(),
  platform: z.string(),
  channel: z.string(),
  thread: z.string().exactOptional(),
  asker: z.string().exactOptional(),
  text: z.string(),
});
type LetterRow = z.infer<typeof letterRow>;

/** A message that could not be delivered. */
export interface DeadLetter {
  /** The post's key. */
  readonly key: string;
  readonly code: ChatErrorCode;
  /** The platform's own code (`not_in_channel`). */
  readonly reason: string;
  /** Where it was to go: a place, or for a whisper the person. */
  readonly to: Place | ChatUser;
  readonly asker?: ChatUser;
  readonly post: Post;
}

/**
 * Keeps what could not be delivered where operators see it (R1): an encrypted row until it expires, a metric, a log line
 * and an audit record `message.undeliverable`. Never throws: there is nobody left to tell but the log.
 */
export class DeadLetters {
  readonly #rows: Collection<LetterRow>;
  readonly #deps: { audit: Audit; metrics: Metrics; logger: Logger; clock: Clock };
  readonly #ttlMs: number;

  constructor(
    deps: {
      store: Store;
      encryption: Encryption;
      audit: Audit;
      metrics: Metrics;
      logger: Logger;
      clock: Clock;
    },
    options: { readonly ttlMs: number },
  ) {
    this.#rows = new Collection(deps.store, deps.encryption, 'dead', letterRow);
    this.#deps = deps;
    this.#ttlMs = options.ttlMs;
  }

  async bury(letter: DeadLetter): Promise<void> {
    const { audit, clock, logger, metrics } = this.#deps;
    const { to } = letter;
    const channel = 'channel' in to ? to.channel : to.id;
    metrics.deadLetters.inc({ reason: letter.code });
    logger.error(
      { key: letter.key, code: letter.code, reason: letter.reason, platform: to.platform, channel },
      'a message could not be delivered',
    );
    const row: LetterRow = {
      at: clock.now(),
      key: letter.key,
      reason: letter.reason,
      platform: to.platform,
      channel,
      ...('thread' in to && to.thread !== undefined ? { thread: to.thread } : {}),
      ...(letter.asker === undefined ? {} : { asker: chatUserKey(letter.asker) }),
      text: letter.post.text,
    };
    try {
      await this.#rows.set(rowId(letter.key), row, this.#ttlMs);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      logger.error({ err: error, key: letter.key }, 'an undeliverable message could not be kept');
    }
    try {
      await audit.record({
        event: 'message.undeliverable',
        outcome: letter.code,
        channel,
        ...(letter.asker === undefined ? {} : { chatUser: chatUserKey(letter.asker) }),
      });
    } catch (error) {
      if (!(error instanceof AuditError)) throw error;
      logger.error({ err: error, key: letter.key }, 'an undeliverable message could not be audited');
    }
  }

  /** What is kept, oldest first. */
  async list(): Promise<LetterRow[]> {
    const letters: LetterRow[] = [];
    for await (const row of this.#rows.scan()) letters.push(row.value);
    return letters.sort((a, b) => a.at - b.at);
  }
}

function rowId(key: string): string {
  return /^[A-Za-z0-9:._-]{1,120}$/.test(key) ? key : createHash('sha256').update(key).digest('base64url');
}
