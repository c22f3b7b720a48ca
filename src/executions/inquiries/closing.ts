import type { PostRef } from '../../chat/chat.ts';
import type { Delivery } from '../../chat/delivery.ts';
import type { Collection } from '../../storage/collection.ts';
import type { Ending, InquiryRow } from './row.ts';
import { closedPost } from './words.ts';

/** How long an inquiry that is over is remembered. */
const closedTtlMs = 60 * 60 * 1000;
const patienceMs = 60 * 60 * 1000;
/** So often a row may change under our hands: two instances, and whoever answers. */
const tries = 5;

/** Lets an inquiry's message say how it ended, whichever instance learns it first. */
export class Closing {
  readonly #delivery: Delivery;
  readonly #rows: Collection<InquiryRow>;

  constructor(deps: { readonly delivery: Delivery }, rows: Collection<InquiryRow>) {
    this.#delivery = deps.delivery;
    this.#rows = rows;
  }

  /** What is closed stays so; a name that was missing is added. Throws StoreError, DeliveryStopped. */
  async close(id: string, ending: Ending): Promise<void> {
    for (let attempt = 0; attempt < tries; attempt++) {
      const row = await this.#rows.get(id);
      if (row === undefined) return;
      const { progress } = row.value;
      if (progress.state === 'closed' && !addsName(progress.ending, ending)) return;
      const post = progress.state === 'asking' ? undefined : progress.post;
      // First the message: whoever takes over an open row writes it again, a closed one nobody looks at.
      if (post !== undefined) await this.#write(post, row.value, id, ending);
      const ref = post === undefined ? {} : { post };
      const closed = { ...row.value, progress: { state: 'closed' as const, ...ref, ending } };
      if ((await this.#rows.replace(row, closed, closedTtlMs)) !== undefined) return;
    }
  }

  /** The question was posted after it was over. */
  async late(id: string, post: PostRef): Promise<void> {
    const row = await this.#rows.get(id);
    if (row?.value.progress.state !== 'closed') return;
    const { ending } = row.value.progress;
    await this.#write(post, row.value, id, ending);
    await this.#rows.replace(row, { ...row.value, progress: { state: 'closed', post, ending } }, closedTtlMs);
  }

  async #write(post: PostRef, { heading }: InquiryRow, id: string, ending: Ending): Promise<void> {
    await this.#delivery.edit(post, closedPost(heading, id, ending), { patienceMs });
  }
}

function addsName(known: Ending, learnt: Ending): boolean {
  return (
    known.kind === 'answered' &&
    known.by === undefined &&
    learnt.kind === 'answered' &&
    learnt.by !== undefined
  );
}
