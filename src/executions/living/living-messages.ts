import type { Post, PostRef } from '../../chat/chat.ts';
import { DeliveryStopped } from '../../chat/delivery.ts';
import type { AliasExecutionAnswer, Execution } from '../../stackstorm/wire.ts';
import { isCompleted } from '../../stackstorm/wire.ts';
import type { ExecutionsDeps, ExecutionsOptions } from '../deps.ts';
import { webUrlOf } from '../format-result.ts';
import type { LivingFacts } from '../intent.ts';
import { type GroupLine, groupAcknowledgement } from '../messages.ts';
import { type OpenRun, type OpenRuns, RunLost } from '../open-runs.ts';
import { EditBudget } from './edit-budget.ts';
import { livingButtons } from './living-buttons.ts';
import { LivingMessage } from './living-message.ts';
import { type LivingState, livingPost, stateWords } from './living-post.ts';
import { Names } from './names.ts';
import { shownParameters } from './parameters.ts';

/** What passes is tried again after this, where the platform does not say when; in ms. */
const againMs = 5_000;
/** The end that a message could not tell for so long it never tells: the result is below it. */
const giveUpMs = 10 * 60_000;
/** An author's words, edited again and again, must stay a message. */
const longestOwn = 3_000;

/**
 * Acknowledgements that live: edited in place while the execution goes on, and once more when it has ended. The owner of
 * a run edits, as it posts; whoever takes the run over goes on. Edits are best effort: they hold up no result, are never
 * dead letters, and where the platform or the edits of other messages leave no room, one is left out. Only the last one
 * is made up for, by the row of the run, after a crash too.
 */
export class LivingMessages {
  readonly #deps: ExecutionsDeps;
  readonly #options: ExecutionsOptions;
  readonly #runs: OpenRuns;
  readonly #names: Names;
  readonly #messages = new Map<string, LivingMessage>();
  readonly #byRun = new Map<string, LivingMessage>();
  readonly #budgets = new Map<string, EditBudget>();
  readonly #stops = new Set<() => void>();
  #isStopped = false;

  constructor(deps: ExecutionsDeps, options: ExecutionsOptions, runs: OpenRuns) {
    this.#deps = deps;
    this.#options = options;
    this.#runs = runs;
    this.#names = new Names(deps);
  }

  /** What the run's row keeps for it; undefined where there is to be no living message. */
  factsOf(
    run: OpenRun,
    execution: Execution,
    answer?: Pick<AliasExecutionAnswer, 'message' | 'extra'>,
  ): LivingFacts | undefined {
    const { alias } = run.value;
    if (this.#options.progress === 'off' || !alias.acknowledge) return undefined;
    const own = answer?.message?.trim().slice(0, longestOwn) ?? '';
    const extra = answer?.extra ?? {};
    const url = alias.appendUrl ? webUrlOf(execution, this.#options.webUrl) : undefined;
    return {
      parameters: shownParameters(execution),
      ...(own === '' ? {} : { own }),
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
      ...(url === undefined ? {} : { url }),
    };
  }

  /** What the message of one run says now; undefined where the run has none. */
  async post(run: OpenRun): Promise<Post | undefined> {
    const { living, alias, user, stackstormUser, rerunOf } = run.value;
    const { executionId } = run;
    if (living === undefined || executionId === undefined) return undefined;
    const askedBy = await this.#names.of(user);
    const state = this.#stateOf(run);
    const subject = {
      aliasRef: alias.ref,
      executionId,
      facts: living,
      askedBy,
      stackstormUser,
      rerunOf,
      isResult: !alias.postResult,
    };
    return livingPost(subject, state, livingButtons(living, executionId, state));
  }

  /** The lines of a message that several runs share, as their rows have them. */
  async groupPost(run: OpenRun, group: readonly string[]): Promise<Post> {
    const rows = await Promise.all(group.map((id) => this.#runs.rows.get(id)));
    const lines = rows.flatMap((row): GroupLine[] => {
      if (row === undefined) return [];
      const { command, progress, alias } = row.value;
      if (progress.state === 'intended') return [{ command }];
      const { executionId } = progress;
      if (progress.state === 'accepted') return [{ command, executionId }];
      return [{ command, executionId, state: alias.postResult ? stateWords(progress) : progress.status }];
    });
    const notTaken = run.value.living?.notTaken ?? [];
    return groupAcknowledgement([...lines, ...notTaken], run.value.stackstormUser);
  }

  /** The acknowledgement stands, and is edited from now on. */
  began(run: OpenRun, ref: PostRef): void {
    if (run.value.living === undefined || run.ackIsFinal || this.#isStopped) return;
    const now = this.#deps.clock.now();
    const message = this.#messages.get(ref.id) ?? new LivingMessage(ref, now);
    message.runs.set(run.correlationId, run);
    message.hasNews ||= run.status !== 'requested';
    this.#messages.set(ref.id, message);
    this.#byRun.set(run.correlationId, message);
    this.#schedule(message);
  }

  /** StackStorm said how far a run is that goes on; perhaps before the acknowledgement stands. */
  heard(run: OpenRun, status: string): void {
    // The stream keeps no order.
    if (isCompleted(status) || status === run.status || status === 'requested' || status === 'scheduled')
      return;
    run.status = status;
    const message = this.#byRun.get(run.correlationId);
    if (message === undefined || message.runs.size > 1) return;
    message.hasNews = true;
    this.#schedule(message);
  }

  /** The run's row says that it ended. */
  ended(run: OpenRun): void {
    const { ack } = run;
    if (ack === undefined || run.ackIsFinal) return;
    if (!this.#byRun.has(run.correlationId)) this.began(run, ack);
    const message = this.#byRun.get(run.correlationId);
    if (message === undefined) return;
    message.hasNews = true;
    this.#schedule(message);
  }

  /**
   * Lets somebody else make the message's next edit: resolves when none is under way and one may be made. Throws
   * DeliveryStopped.
   */
  async yield(run: OpenRun): Promise<void> {
    const message = this.#byRun.get(run.correlationId);
    if (message === undefined) return;
    message.cancelTimer?.();
    if (message.isOver) this.#forget(message);
    await message.work;
    await this.#pause(message.freeAt - this.#deps.clock.now());
    message.edited(this.#deps.clock.now());
  }

  /** No further edits: what is not told is told after the restart. Resolves when none is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const messages = [...this.#messages.values()];
    for (const message of messages) message.cancelTimer?.();
    for (const stop of [...this.#stops]) stop();
    await Promise.allSettled(messages.map(({ work }) => work));
  }

  #stateOf(run: OpenRun): LivingState {
    const { progress } = run;
    if (progress.state === 'ended' || progress.state === 'posted') return progress;
    return { status: run.status, seconds: (this.#deps.clock.now() - run.value.intendedAt) / 1000 };
  }

  #schedule(message: LivingMessage): void {
    message.cancelTimer?.();
    message.cancelTimer = undefined;
    if (this.#isStopped || message.work !== undefined) return;
    const now = this.#deps.clock.now();
    const dueAt = message.dueAt(now, this.#options.progress === 'live');
    if (dueAt === undefined) return;
    if (dueAt <= now) this.#edit(message);
    else message.cancelTimer = this.#deps.clock.after(dueAt - now, () => this.#schedule(message));
  }

  #edit(message: LivingMessage): void {
    message.work = this.#revise(message)
      .catch((error: unknown) => this.#troubled(message, error))
      .finally(() => {
        message.work = undefined;
        this.#schedule(message);
      });
  }

  async #revise(message: LivingMessage): Promise<void> {
    const { clock, delivery } = this.#deps;
    const isLast = message.isOver;
    const budget = this.#budgetOf(message.ref);
    const wait = this.#roomIn(budget, message, isLast);
    if (wait > 0) {
      message.notBefore = clock.now() + wait;
      return;
    }
    for (const run of message.runs.values()) await this.#runs.ensureOwned(run);
    message.hasNews = false;
    const post = await this.#postOf(message);
    const text = JSON.stringify(post);
    if (post === undefined || text === message.shown) {
      message.told(clock.now());
      if (isLast) await this.#finish(message);
      return;
    }
    const revised = await delivery.revise(message.ref, post, { yields: !isLast });
    if (revised.kind === 'impossible') return await this.#finish(message);
    const now = clock.now();
    if (revised.kind === 'later') {
      if (revised.code === 'rate-limited') budget.pause(now, revised.afterMs ?? againMs);
      message.notBefore = now + (revised.afterMs ?? againMs);
      message.hasNews = true;
      if (isLast && this.#isLate(message, now)) await this.#finish(message);
      return;
    }
    message.shown = text;
    message.edited(now);
    if (isLast) await this.#finish(message);
  }

  /** In ms; 0 where the edit may go now. */
  #roomIn(budget: EditBudget, message: LivingMessage, isLast: boolean): number {
    const now = this.#deps.clock.now();
    if (!isLast) return budget.tryTake(now) ? 0 : againMs;
    if (message.isReserved) return 0;
    message.isReserved = true;
    return budget.take(now);
  }

  #isLate(message: LivingMessage, now: number): boolean {
    return [...message.runs.values()].every(({ endedAt = now }) => now - endedAt > giveUpMs);
  }

  async #postOf(message: LivingMessage): Promise<Post | undefined> {
    const { first } = message;
    if (first === undefined) return undefined;
    const { progress } = first;
    const group = progress.state === 'intended' ? undefined : progress.group;
    return group === undefined ? await this.post(first) : await this.groupPost(first, group);
  }

  /** It says the end, or never will: the rows need not keep it any longer. */
  async #finish(message: LivingMessage): Promise<void> {
    this.#forget(message);
    for (const run of message.runs.values()) {
      run.ackIsFinal = true;
      await run.step(async () => {
        const { progress } = run;
        if (progress.state !== 'posted' || progress.ack === undefined) return;
        const { ack: _, ...rest } = progress;
        await this.#runs.advance(run, rest);
      });
    }
  }

  #forget(message: LivingMessage): void {
    message.isClosed = true;
    message.cancelTimer?.();
    this.#messages.delete(message.ref.id);
    for (const id of message.runs.keys()) this.#byRun.delete(id);
  }

  #troubled(message: LivingMessage, error: unknown): void {
    const correlationId = message.first?.correlationId;
    if (error instanceof RunLost) {
      this.#forget(message);
      return;
    }
    message.notBefore = this.#deps.clock.now() + againMs;
    this.#deps.logger.warn({ err: error, correlationId }, 'an acknowledgement could not be edited');
  }

  #budgetOf({ place }: PostRef): EditBudget {
    const key = `${place.platform}:${place.workspace}`;
    const budget = this.#budgets.get(key) ?? new EditBudget();
    this.#budgets.set(key, budget);
    return budget;
  }

  async #pause(ms: number): Promise<void> {
    if (ms <= 0) return;
    if (this.#isStopped) throw new DeliveryStopped();
    await new Promise<void>((resolve) => {
      const stop = () => {
        cancel();
        this.#stops.delete(stop);
        resolve();
      };
      const cancel = this.#deps.clock.after(ms, stop);
      this.#stops.add(stop);
    });
    if (this.#isStopped) throw new DeliveryStopped();
  }
}
