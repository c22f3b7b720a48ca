import { chatUserKey, type Post } from '../chat/chat.ts';
import type { Delivered } from '../chat/delivery.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import { type Execution, isCompleted } from '../stackstorm/wire.ts';
import { type AnnouncementPayload, announcementPost, isStockText } from './announcement-post.ts';
import type { ExecutionsDeps, ExecutionsOptions } from './deps.ts';
import { isWorkflow, type Task, taskOf } from './format/workflow.ts';
import { formatResult, webUrlOf } from './format-result.ts';
import type { Progress } from './intent.ts';
import type { LivingMessages } from './living/living-messages.ts';
import type { Reactions } from './living/reactions.ts';
import { finalAcknowledgement, words } from './messages.ts';
import type { OpenRun, OpenRuns } from './open-runs.ts';
import { ackKey, resultKey } from './post-keys.ts';

/** A result outlasts a chat that is down for a day; then it is a dead letter. */
const resultPatienceMs = 24 * 60 * 60 * 1000;
type Ended = Extract<Progress, { state: 'ended' }>;

/** Whoever can copy a correlation id could fill a thread with it (R7). */
const messagesPerRun = 100;
/** A workflow's result waits no longer for the list of its tasks, in ms. */
const tasksTimeoutMs = 5_000;

/**
 * From an execution's end to its one result in the thread (R1). Each step of a run is taken after the one before it:
 * accepted -> ended (durable: from here on this instance alone posts) -> the announcement, or after `announcementWait`
 * our own text -> posted. Whoever takes over an ended run looks for the post before it posts.
 */
export class Results {
  readonly #deps: ExecutionsDeps;
  readonly #options: ExecutionsOptions;
  readonly #runs: OpenRuns;
  readonly #living: LivingMessages;
  readonly #reactions: Reactions;
  /** 0 where no rule answers our route. */
  announcementWait: number;

  constructor(
    deps: ExecutionsDeps,
    options: ExecutionsOptions,
    parts: { runs: OpenRuns; living: LivingMessages; reactions: Reactions },
  ) {
    this.#deps = deps;
    this.#options = options;
    this.#runs = parts.runs;
    this.#living = parts.living;
    this.#reactions = parts.reactions;
    this.announcementWait = options.announcementWait;
  }

  /** StackStorm said how the run ended. `heardAt` is when that was, in our own time. */
  ended(run: OpenRun, execution: Execution, heardAt = this.#deps.clock.now()): Promise<void> {
    return run.step(() => this.#ended(run, execution, heardAt));
  }

  /** An announcement carries this run's correlation id. */
  announced(run: OpenRun, payload: AnnouncementPayload): Promise<void> {
    return run.step(() => this.#announced(run, payload));
  }

  /** StackStorm's answer to the POST was read: what came before it has its turn. */
  async accepted(run: OpenRun): Promise<void> {
    for (const payload of run.early.splice(0)) await this.announced(run, payload);
  }

  /** Goes on where a fault or another instance's death left an ended run. */
  resume(run: OpenRun): Promise<void> {
    return run.step(async () => {
      if (run.progress.state !== 'ended') return;
      this.#isOver(run);
      if (!run.resultIsOut && run.value.alias.postResult) {
        const standing = await this.#deps.delivery.findPost(run.value.place, resultKey(run));
        run.resultIsOut = standing !== undefined;
      }
      if (run.resultIsOut) return await this.#posted(run, 'found');
      await this.#postOwn(run);
    });
  }

  /** StackStorm does not know the execution any more: that is said instead of a result. */
  gone(run: OpenRun): Promise<void> {
    return run.step(async () => {
      if (run.progress.state !== 'accepted') return;
      const { executionId, ...rest } = run.progress;
      await this.#runs.advance(run, { ...rest, state: 'ended', executionId, status: 'unknown' });
      this.#isOver(run);
      await this.#post(run, words.executionGone(run.value.alias.ref, executionId), 'gone', false);
    });
  }

  async #ended(run: OpenRun, execution: Execution, heardAt: number): Promise<void> {
    const { progress } = run;
    if (progress.state !== 'accepted') return;
    const { status } = execution;
    if (!isCompleted(status)) return this.#living.heard(run, status);
    run.ended = execution;
    run.endedAt = heardAt;
    await this.#runs.ensureOwned(run);
    const seconds = execution.elapsed_seconds ?? (heardAt - run.value.intendedAt) / 1000;
    await this.#runs.advance(run, { ...progress, state: 'ended', status, seconds });
    this.#isOver(run);
    await this.#record(run, execution.status);
    if (!run.value.alias.postResult) return await this.#finishAcknowledgement(run);
    const wait = heardAt + this.announcementWait - this.#deps.clock.now();
    if (wait <= 0) return await this.#postOwn(run);
    run.cancelWait = this.#deps.clock.after(wait, () => {
      run.cancelWait = undefined;
      this.#background(
        run,
        run.step(() => this.#postOwn(run)),
      );
    });
  }

  /** The row says so: whatever tells how far a run is tells its end. */
  #isOver(run: OpenRun): void {
    this.#reactions.ended(run);
    // Without a result the acknowledgement is the answer, and is edited as one.
    if (run.value.alias.postResult) this.#living.ended(run);
  }

  async #announced(run: OpenRun, payload: AnnouncementPayload): Promise<void> {
    if (run.progress.state === 'intended') {
      if (run.early.length < messagesPerRun) run.early.push(payload);
      return;
    }
    if (run.progress.state === 'accepted') await this.#askForEnd(run);
    if (run.progress.state === 'accepted') return await this.#message(run, payload);
    const { progress } = run;
    if (progress.state !== 'ended' || run.resultIsOut || !run.value.alias.postResult) {
      this.#deps.metrics.results.inc({ outcome: 'late-announcement' });
      return;
    }
    if (isStockText(payload)) return await this.#postOwn(run, 'announcement');
    const facts = {
      executionId: progress.executionId,
      status: progress.status,
      runBy: run.value.stackstormUser,
      url: run.ended === undefined ? undefined : webUrlOf(run.ended, this.#options.webUrl),
    };
    const post = announcementPost(payload, this.#options.resultMaxLength, facts);
    if (post !== undefined) await this.#post(run, post, 'announcement', payload.whisper === true);
  }

  /** R7: only StackStorm itself says that an execution has ended; an announcement proves nothing. */
  async #askForEnd(run: OpenRun): Promise<void> {
    const id = run.executionId;
    if (id === undefined) return;
    const { stackstorm, botCredential } = this.#deps;
    const execution = await botCredential.use((credential) => stackstorm.execution(credential, id));
    await this.#ended(run, execution, this.#deps.clock.now());
  }

  /** An announcement before the end is a message of the workflow's, not the result. */
  async #message(run: OpenRun, payload: AnnouncementPayload): Promise<void> {
    const post = announcementPost(payload, this.#options.resultMaxLength);
    if (post === undefined || run.messages >= messagesPerRun) {
      this.#deps.metrics.results.inc({ outcome: 'message-dropped' });
      return;
    }
    const key = `message:${run.correlationId}:${run.messages++}`;
    this.#deps.metrics.results.inc({ outcome: 'message' });
    await this.#send(run, post, key, payload.whisper === true);
  }

  async #postOwn(run: OpenRun, outcome = 'tracker'): Promise<void> {
    const { progress } = run;
    if (progress.state !== 'ended') return;
    if (!run.value.alias.postResult) return await this.#finishAcknowledgement(run);
    if (run.resultIsOut) return await this.#posted(run, 'tracker');
    const execution = run.ended ?? (await this.#fetch(progress.executionId));
    const { resultMaxLength: maxLength, webUrl } = this.#options;
    const { alias, stackstormUser } = run.value;
    const tasks = await this.#tasks(execution);
    const post = formatResult(execution, alias.ref, stackstormUser, { maxLength, webUrl, tasks });
    await this.#post(run, post, outcome, false);
  }

  async #post(run: OpenRun, post: Post, outcome: string, isPrivate: boolean): Promise<void> {
    run.cancelWait?.();
    run.cancelWait = undefined;
    await this.#runs.ensureOwned(run);
    const delivered = await this.#send(run, post, resultKey(run), isPrivate);
    run.resultIsOut = true;
    await this.#posted(run, delivered.kind === 'posted' ? outcome : 'undeliverable');
  }

  #send(run: OpenRun, post: Post, key: string, isPrivate: boolean): Promise<Delivered> {
    const { place, user } = run.value;
    const { delivery } = this.#deps;
    return isPrivate
      ? delivery.whisper(user, post, { key, near: place, patienceMs: resultPatienceMs })
      : delivery.post(place, post, { key, asker: user, patienceMs: resultPatienceMs });
  }

  async #posted(run: OpenRun, outcome: string): Promise<void> {
    const { progress } = run;
    if (progress.state !== 'ended') return;
    const { ack, ...rest } = progress;
    const isOpen = ack !== undefined && run.value.living !== undefined && !run.ackIsFinal;
    await this.#runs.advance(run, { ...rest, state: 'posted', ...(isOpen ? { ack } : {}) });
    this.#deps.metrics.results.inc({ outcome });
  }

  /** `result.enabled: false`: the acknowledgement alone tells the end. */
  async #finishAcknowledgement(run: OpenRun): Promise<void> {
    const { progress } = run;
    if (progress.state !== 'ended') return;
    const { delivery } = this.#deps;
    const { place, user, alias } = run.value;
    const post = await this.#lastAcknowledgement(run, progress);
    const key = ackKey(run);
    const ack = progress.ack ?? (await delivery.findPost(place, key));
    if (ack !== undefined) {
      await this.#living.yield(run);
      await delivery.edit(ack, post, { patienceMs: resultPatienceMs });
    } else if (alias.acknowledge) {
      await delivery.post(place, post, { key, asker: user, patienceMs: resultPatienceMs });
    }
    run.ackIsFinal = true;
    await this.#posted(run, 'acknowledgement');
  }

  async #lastAcknowledgement(run: OpenRun, { group, executionId, status }: Ended): Promise<Post> {
    if (group !== undefined) return await this.#living.groupPost(run, group);
    const living = await this.#living.post(run);
    if (living !== undefined) return living;
    const { alias } = run.value;
    const url = run.ended === undefined ? undefined : webUrlOf(run.ended, this.#options.webUrl);
    return finalAcknowledgement(alias.ref, executionId, status, alias.appendUrl ? url : undefined);
  }

  /** Of a workflow. A result without them is better than none: where StackStorm does not list them, it goes without. */
  async #tasks(execution: Execution): Promise<readonly Task[]> {
    if (!isWorkflow(execution)) return [];
    const { stackstorm, botCredential, logger } = this.#deps;
    try {
      const signal = AbortSignal.timeout(tasksTimeoutMs);
      const tasks = await botCredential.use((credential) =>
        stackstorm.tasksOf(credential, execution.id, { signal }),
      );
      return tasks.map(taskOf);
    } catch (error) {
      if (!(error instanceof StackStormError)) throw error;
      logger.warn({ err: error, executionId: execution.id }, 'the tasks of a workflow could not be listed');
      return [];
    }
  }

  #fetch(id: string): Promise<Execution> {
    const { stackstorm, botCredential } = this.#deps;
    return botCredential.use((credential) => stackstorm.execution(credential, id));
  }

  /** The run is under way: an audit log that fails now must not cost the person the result. */
  async #record(run: OpenRun, status: string): Promise<void> {
    const { place, user, alias, stackstormUser } = run.value;
    try {
      await this.#deps.audit.record({
        event: 'execution.finished',
        outcome: status,
        chatUser: chatUserKey(user),
        channel: place.channel,
        aliasRef: alias.ref,
        correlationId: run.correlationId,
        ...(run.executionId === undefined ? {} : { executionId: run.executionId }),
        ...(stackstormUser === undefined ? {} : { stackstormUser }),
      });
    } catch (error) {
      this.#deps.logger.error(
        { err: error, correlationId: run.correlationId },
        'an end could not be audited',
      );
    }
  }

  #background(run: OpenRun, work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#deps.logger.warn(
        { err: error, correlationId: run.correlationId },
        'a result waits for the next try',
      );
    });
  }
}
