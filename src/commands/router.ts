import {
  type ChatAction,
  type ChatHandler,
  type ChatMessage,
  chatUserKey,
  type Form,
  type FormAnswer,
  type FormSubmission,
  type Home,
  type HomeRequest,
} from '../chat/chat.ts';
import type { Delivery } from '../chat/delivery.ts';
import type { Claims } from '../executions/claims.ts';
import type { Follows } from '../executions/controls/follows.ts';
import { newCorrelationId } from '../executions/correlation.ts';
import type { Audit } from '../ops/audit.ts';
import type { Logger } from '../ops/logger.ts';
import type { Metrics } from '../ops/metrics.ts';
import { Turns } from '../ops/turns.ts';
import type { Access } from './access.ts';
import { type Answers, answerPlace, answersTo, type Command, silent } from './command.ts';
import { refusalOf, refusedByRules } from './gate.ts';
import type { HomePage } from './home.ts';
import type { Interactions } from './interactions.ts';
import type { Leaving } from './leaving.ts';
import { type CommandName, commandNamed, typedNames } from './names.ts';
import { type CommandSyntax, parseCommand } from './parse.ts';
import type { RunAlias } from './run-alias.ts';
import type { StepWatch } from './second-step/watch.ts';
import { failureWords } from './words.ts';

export interface RouterOptions {
  readonly syntax: CommandSyntax;
  /** Longer commands are refused with words (R5). */
  readonly maxLength: number;
  readonly commands: readonly Command[];
  readonly access: Access;
  readonly runAlias: RunAlias;
  readonly unknown: Pick<Command, 'run'>;
  readonly interactions: Interactions;
  readonly home: HomePage;
  readonly leaving: Leaving;
  readonly watch: StepWatch;
  readonly follows: Pick<Follows, 'stop'>;
  readonly claims: Claims;
  readonly delivery: Delivery;
  readonly audit: Audit;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Everything that a platform tells of, and who answers it. A message goes to the one command that it asks for, run once
 * however often it is delivered (R2). Every failure becomes an answer; nothing is thrown back at the platform.
 */
export class Router implements ChatHandler {
  readonly #options: RouterOptions;
  readonly #commands: ReadonlyMap<CommandName, Command>;
  readonly #running = new Set<Promise<unknown>>();
  readonly #turns = new Turns();

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#commands = new Map(options.commands.map((command) => [command.name, command]));
  }

  message(message: ChatMessage): Promise<void> {
    return this.#counted(this.#turns.run(() => this.#message(message)));
  }

  action(action: ChatAction): Promise<Form | undefined> {
    return this.#counted(this.#options.interactions.press(action));
  }

  submit(submission: FormSubmission): Promise<FormAnswer> {
    return this.#counted(this.#options.interactions.submit(submission));
  }

  home(request: HomeRequest): Promise<Home> {
    return this.#counted(this.#options.home.show(request));
  }

  left(who: Parameters<ChatHandler['left']>[0]): Promise<void> {
    return this.#counted(this.#options.leaving.left(who));
  }

  /** Begins to look after what waits. */
  start(): void {
    this.#options.watch.start();
  }

  /** Resolves when nothing that was heard is still being answered; for a bot that stops. */
  async idle(): Promise<void> {
    this.#options.leaving.stop();
    await Promise.all([this.#options.watch.stop(), this.#options.follows.stop()]);
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #counted<T>(handled: Promise<T>): Promise<T> {
    this.#running.add(handled);
    return handled.finally(() => this.#running.delete(handled));
  }

  async #message(message: ChatMessage): Promise<void> {
    const parsed = parseCommand(message.text, message.addressed, this.#options.syntax, typedNames);
    if (parsed.kind === 'not-for-us') return;
    const correlationId = newCorrelationId();
    const answers =
      message.userKind === 'bot'
        ? silent
        : answersTo(this.#options.delivery, message.user, answerPlace(message), correlationId);
    try {
      const claim = this.#options.claims.claim(message.eventId, correlationId);
      if (parsed.kind === 'alias' && parsed.text.length <= this.#options.maxLength) {
        await this.#options.runAlias.run({ message, text: parsed.text, correlationId, claim, answers });
        return;
      }
      if (!(await claim)) return;
      const name = parsed.kind === 'bot-command' ? commandNamed(parsed.name) : undefined;
      const command = name === undefined ? undefined : this.#commands.get(name);
      const view = await this.#options.access.viewFor(message);
      const refused = refusalOf(view, name);
      if (refused !== undefined) {
        this.#options.metrics.commands.inc({ outcome: 'access' });
        await answers.whisper({
          text: await refusedByRules(this.#options.audit, message, refused, { correlationId }),
        });
        return;
      }
      if (message.text.length > this.#options.maxLength) {
        this.#options.metrics.commands.inc({ outcome: 'too-long' });
        await this.#options.audit.record({
          event: 'command.refused',
          outcome: 'too-long',
          chatUser: chatUserKey(message.user),
          channel: message.place.channel,
          correlationId,
        });
        await answers.whisper({
          text: `That command has ${message.text.length} characters; I read at most ${this.#options.maxLength}. Nothing was run.`,
        });
        return;
      }
      const rest = parsed.kind === 'bot-command' ? parsed.rest : parsed.kind === 'empty' ? '' : parsed.text;
      this.#options.metrics.commands.inc({ outcome: command?.name ?? 'unknown' });
      await (command ?? this.#options.unknown).run({ message, view, rest, ...answers });
    } catch (error) {
      await this.#failed(message, correlationId, answers, error);
    }
  }

  async #failed(
    message: ChatMessage,
    correlationId: string,
    answers: Answers,
    error: unknown,
  ): Promise<void> {
    const { logger, metrics } = this.#options;
    metrics.commands.inc({ outcome: 'failed' });
    logger.error({ err: error, correlationId, chatUser: chatUserKey(message.user) }, 'a command failed');
    try {
      await answers.whisper({ text: failureWords(error, correlationId) });
    } catch (deliveryError) {
      logger.error({ err: deliveryError, correlationId }, 'the failure could not be told either');
    }
  }
}
