import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import type { SessionContext } from './context.ts';
import { type LiveSession, lastUse } from './session.ts';

/** A use is noted again only after this part of `auth.idleTtl`, so that most uses write nothing. */
const part = 10;

/**
 * Notes in the background that sessions are used, so that an idle one can be told from one in use at every instance. A
 * session may so end up to a tenth of `auth.idleTtl` early, and never late.
 */
export class LastUse {
  readonly #context: SessionContext;
  readonly #noting = new Set<string>();

  constructor(context: SessionContext) {
    this.#context = context;
  }

  note(user: ChatUser, live: LiveSession): void {
    const { idleTtl } = this.#context.options;
    if (idleTtl === undefined || this.#context.now() - lastUse(live) < idleTtl / part) return;
    const key = chatUserKey(user);
    if (this.#noting.has(key)) return;
    this.#noting.add(key);
    this.#context.inBackground(
      this.#write(user, live.id).finally(() => this.#noting.delete(key)),
      'the use of a session could not be noted',
    );
  }

  async #write(user: ChatUser, session: string): Promise<void> {
    await this.#context.rows.change(user, (current, now) => {
      if (current?.live?.id !== session || lastUse(current.live) >= now) return { result: undefined };
      return { next: { ...current, live: { ...current.live, usedAt: now } }, result: undefined };
    });
  }
}
