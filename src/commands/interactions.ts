import {
  type Asker,
  type ChatAction,
  chatUserKey,
  type Form,
  type FormAnswer,
  type FormSubmission,
} from '../chat/chat.ts';
import type { Delivery } from '../chat/delivery.ts';
import type { Claims } from '../executions/claims.ts';
import { newCorrelationId } from '../executions/correlation.ts';
import type { Audit } from '../ops/audit.ts';
import type { Logger } from '../ops/logger.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Access } from './access.ts';
import { type Answers, answersTo } from './command.ts';
import { refusalOf, refusedByRules } from './gate.ts';
import { failureWords } from './words.ts';

/** What a button of ours does. Access rules know it, as they do forms, by the command that does the same. */
export interface ButtonHandler {
  /** The button's `action`. */
  readonly action: string;
  /** Answers a form to open, where more is to be said. */
  press(action: ChatAction, answers: Answers): Promise<Form | undefined>;
}

/** What is done with what a person entered. */
export interface FormHandler {
  /** The form's `id`. */
  readonly form: string;
  submit(submission: FormSubmission): Promise<FormAnswer>;
}

export interface InteractionsOptions {
  readonly buttons: readonly ButtonHandler[];
  readonly forms: readonly FormHandler[];
  readonly access: Access;
  readonly audit: Audit;
  readonly claims: Claims;
  readonly delivery: Delivery;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * From a press or an entered form to the one handler that is for it, run once however often it is delivered (R2). What
 * fails becomes words for the person who asked, and nobody else.
 */
export class Interactions {
  readonly #options: InteractionsOptions;
  readonly #buttons: ReadonlyMap<string, ButtonHandler>;
  readonly #forms: ReadonlyMap<string, FormHandler>;

  constructor(options: InteractionsOptions) {
    this.#options = options;
    this.#buttons = new Map(options.buttons.map((button) => [button.action, button]));
    this.#forms = new Map(options.forms.map((form) => [form.form, form]));
  }

  async press(action: ChatAction): Promise<Form | undefined> {
    const { claims, delivery, logger, metrics } = this.#options;
    const handler = this.#buttons.get(action.action);
    if (handler === undefined) {
      // A URL button's, or one of somebody else's app that we live in.
      logger.debug({ action: action.action }, 'a button that is none of ours was pressed');
      return undefined;
    }
    const correlationId = newCorrelationId();
    const answers = answersTo(delivery, action.user, action.place, correlationId);
    try {
      if (!(await claims.claim(action.eventId, correlationId))) return undefined;
      const refused = await this.#refusal(action, handler.action);
      if (refused !== undefined) {
        await answers.whisper({ text: refused });
        return undefined;
      }
      metrics.commands.inc({ outcome: handler.action });
      return await handler.press(action, answers);
    } catch (error) {
      const text = this.#failed(action, correlationId, error);
      try {
        await answers.whisper({ text });
      } catch (deliveryError) {
        logger.error({ err: deliveryError, correlationId }, 'the failure could not be told either');
      }
      return undefined;
    }
  }

  async submit(submission: FormSubmission): Promise<FormAnswer> {
    const { claims, logger, metrics } = this.#options;
    const handler = this.#forms.get(submission.form);
    if (handler === undefined) {
      logger.debug({ form: submission.form }, 'a form that is none of ours was sent');
      return { kind: 'done' };
    }
    const correlationId = newCorrelationId();
    try {
      if (!(await claims.claim(submission.eventId, correlationId))) return { kind: 'done' };
      const refused = await this.#refusal(submission, handler.form);
      if (refused !== undefined) return shown(refused);
      metrics.commands.inc({ outcome: handler.form });
      return await handler.submit(submission);
    } catch (error) {
      return shown(this.#failed(submission, correlationId, error));
    }
  }

  /** Why the rules do not let this person do what the command of that name does, in words for them. */
  async #refusal(asker: Asker, command: string): Promise<string | undefined> {
    const { access, audit } = this.#options;
    const refused = refusalOf(await access.viewFor(asker), command);
    return refused === undefined ? undefined : refusedByRules(audit, asker, refused);
  }

  /** Notes the failure; answers the words for it. */
  #failed(asker: Asker, correlationId: string, error: unknown): string {
    const { logger, metrics } = this.#options;
    metrics.commands.inc({ outcome: 'failed' });
    logger.error(
      { err: error, correlationId, chatUser: chatUserKey(asker.user) },
      'a press or a form failed',
    );
    return failureWords(error, correlationId);
  }
}

function shown(text: string): FormAnswer {
  return { kind: 'show', title: 'That did not work', post: { text } };
}
