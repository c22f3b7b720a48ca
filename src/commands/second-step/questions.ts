import type { AliasIndex } from '../../aliases/alias-index.ts';
import type { ChatProfile, ChatUser, Post } from '../../chat/chat.ts';
import type { Delivery } from '../../chat/delivery.ts';
import { shownName } from '../../chat/shown-name.ts';
import { shownValues } from '../../executions/living/parameters.ts';
import type { Logger } from '../../ops/logger.ts';
import { answerPlace } from '../command.ts';
import type { Waiting } from './row.ts';
import type { WaitingRows } from './waiting-rows.ts';
import { approvePost, confirmPost, endedPost, type Understood } from './words.ts';

export interface QuestionDeps {
  readonly rows: WaitingRows;
  readonly index: () => AliasIndex;
  readonly delivery: Delivery;
  readonly profile: (user: ChatUser) => Promise<ChatProfile>;
  readonly logger: Logger;
}

/** What is asked in chat of a command that waits, and what stands there when it is over. */
export class StepQuestions {
  readonly #deps: QuestionDeps;

  constructor(deps: QuestionDeps) {
    this.#deps = deps;
  }

  toConfirm(row: Waiting): Post {
    return confirmPost(row, this.#understood(row));
  }

  /** The question in the thread, or what it says now. */
  async ask(row: Waiting): Promise<void> {
    const { delivery, rows } = this.#deps;
    const question = approvePost(row, this.#understood(row), await this.#nameOf(row));
    if (row.post !== undefined) {
      await delivery.edit(row.post, question);
      return;
    }
    const place = answerPlace({ ...row.message, eventId: row.id });
    const delivered = await delivery.post(place, question, {
      key: `second-step:${row.id}`,
      asker: row.message.user,
    });
    if (delivered.kind !== 'posted') return;
    await rows.change(row.id, (current) => ({ ...current, post: delivered.ref }));
  }

  /** In place of the question, where one was asked. */
  async say(row: Waiting, end: string): Promise<void> {
    const { post } = row;
    if (post === undefined) return;
    await this.#deps.delivery.edit(post, endedPost(row, this.#understood(row), await this.#nameOf(row), end));
  }

  async #nameOf({ message: { user } }: Waiting): Promise<string> {
    try {
      return shownName((await this.#deps.profile(user)).userName);
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'the chat platform did not say what a person is called');
      return user.id;
    }
  }

  #understood({ command, aliasRef }: Waiting): Understood {
    const match = this.#deps.index().match(command);
    const parameters = match.kind === 'match' ? shownValues(Object.fromEntries(match.parameters)) : [];
    return { aliasRef, command, parameters };
  }
}
