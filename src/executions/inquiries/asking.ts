import { chatUserKey, type Post, type PostRef } from '../../chat/chat.ts';
import type { Inquiry } from '../../stackstorm/wire.ts';
import type { Collection, Row } from '../../storage/collection.ts';
import type { ExecutionsDeps } from '../deps.ts';
import type { Lease } from '../lease.ts';
import type { Closing } from './closing.ts';
import type { Reading } from './reading.ts';
import { type InquiryRow, inquiryKey } from './row.ts';
import { askedPost } from './words.ts';

/** A question outlasts a chat that is down for so long. */
const patienceMs = 60 * 60 * 1000;

type AskingDeps = Pick<ExecutionsDeps, 'delivery' | 'audit' | 'logger' | 'clock'>;

interface AskingTools {
  readonly rows: Collection<InquiryRow>;
  readonly reading: Reading;
  readonly closing: Closing;
  readonly lease: Lease;
}

interface AskingOptions {
  readonly respondCommand: string | undefined;
  readonly openTtlMs: number;
}

/** Posts a question in the thread of its command, once: whoever takes over an unfinished row looks for the post first. */
export class Asking {
  readonly #deps: AskingDeps;
  readonly #tools: AskingTools;
  readonly #options: AskingOptions;

  constructor(deps: AskingDeps, tools: AskingTools, options: AskingOptions) {
    this.#deps = deps;
    this.#tools = tools;
    this.#options = options;
  }

  /** `fresh`: the row was made just now, of this inquiry. False where it waits for no answer any more. */
  async ask(row: Row<InquiryRow>, fresh?: { readonly inquiry: Inquiry | undefined }): Promise<boolean> {
    const { id, value } = row;
    const { rows, reading, closing, lease } = this.#tools;
    const { delivery, clock } = this.#deps;
    const inquiry = fresh === undefined ? await reading.inquiry(id) : fresh.inquiry;
    const standing = fresh === undefined ? await delivery.findPost(value.place, inquiryKey(id)) : undefined;
    if (inquiry === 'over' && standing === undefined) return false;
    if (!lease.isTrusted) {
      await lease.renew();
      if ((await rows.get(id))?.raw !== row.raw) return true;
    }
    const { heading, url } = value;
    const command = this.#options.respondCommand ?? 'inquiry respond';
    const facts = { id, heading, url, command, now: clock.now() };
    // What was posted before its instance died, and is over by now, is found so that it can say so.
    const ref =
      standing ?? (inquiry === 'over' ? undefined : await this.#post(row, askedPost({ ...facts, inquiry })));
    const open = { state: 'open' as const, ...(ref === undefined ? {} : { post: ref }) };
    const opened = await rows.replace(row, { ...value, progress: open }, this.#options.openTtlMs);
    await this.#record(row);
    // Somebody answered it by hand before the message stood.
    if (opened === undefined && ref !== undefined) await closing.late(id, ref);
    return inquiry !== 'over';
  }

  async #post({ id, value }: Row<InquiryRow>, post: Post): Promise<PostRef | undefined> {
    const options = { key: inquiryKey(id), asker: value.user, patienceMs };
    const delivered = await this.#deps.delivery.post(value.place, post, options);
    return delivered.kind === 'posted' ? delivered.ref : undefined;
  }

  /** It is asked: an audit log that fails now must not cost the people the question. */
  async #record({ id, value }: Row<InquiryRow>): Promise<void> {
    try {
      await this.#deps.audit.record({
        event: 'inquiry.asked',
        outcome: 'ok',
        chatUser: chatUserKey(value.user),
        channel: value.place.channel,
        aliasRef: value.aliasRef,
        correlationId: value.correlationId,
        executionId: id,
      });
    } catch (error) {
      this.#deps.logger.error({ err: error, executionId: id }, 'a question could not be audited');
    }
  }
}
