import type { PostRef } from '../chat/chat.ts';
import { DeliveryStopped } from '../chat/delivery.ts';
import type { AliasExecutionAnswer, Execution } from '../stackstorm/wire.ts';
import type { ExecutionsDeps, ExecutionsOptions } from './deps.ts';
import type { LivingMessages } from './living/living-messages.ts';
import type { Reactions } from './living/reactions.ts';
import { type GroupLine, groupAcknowledgement, words } from './messages.ts';
import { type OpenRun, type OpenRuns, RunLost } from './open-runs.ts';
import { type Refused, type RunOutcome, refused, type Sent } from './outcome.ts';
import type { Search, Searches } from './search.ts';
import type { Granted, Sender } from './send.ts';
import { Telling, userOf } from './telling.ts';

/**
 * From a granted intent to what the person reads first: one POST, then the acknowledgement, StackStorm's refusal, or the
 * search for what a POST without an answer has become. What follows is the tracker's.
 */
export class Runner {
  readonly #deps: ExecutionsDeps;
  readonly #runs: OpenRuns;
  readonly #sender: Sender;
  readonly #searches: Searches;
  readonly #living: LivingMessages;
  readonly #reactions: Reactions;
  readonly #telling: Telling;
  readonly #follow: (run: OpenRun, asksNow?: boolean) => void;

  /** `follow` is told of every run that StackStorm accepted. */
  constructor(
    deps: ExecutionsDeps,
    options: ExecutionsOptions,
    parts: {
      runs: OpenRuns;
      living: LivingMessages;
      reactions: Reactions;
      sender: Sender;
      searches: Searches;
      follow: (run: OpenRun, asksNow?: boolean) => void;
    },
  ) {
    this.#deps = deps;
    this.#runs = parts.runs;
    this.#sender = parts.sender;
    this.#searches = parts.searches;
    this.#living = parts.living;
    this.#reactions = parts.reactions;
    this.#telling = new Telling(deps, options, parts);
    this.#follow = parts.follow;
  }

  async run(run: OpenRun, grant: Granted): Promise<RunOutcome> {
    const sent = await this.#send(run, grant);
    try {
      return await this.#sender.whenQuiet(() => this.#answer(run, grant, sent));
    } catch (error) {
      return this.#troubled(run, sent, error);
    }
  }

  /** The runs of one match_multiple hit, one POST after the other, under one acknowledgement that lists them. */
  async runMany(runs: readonly OpenRun[], grant: Granted): Promise<RunOutcome[]> {
    const [first] = runs;
    if (first === undefined) return [];
    const tally: Tally = { outcomes: [], lines: [], refusals: new Map() };
    // No result overtakes the acknowledgement.
    let acknowledged: () => void = () => undefined;
    const acknowledgement = new Promise<void>((resolve) => {
      acknowledged = resolve;
    });
    for (const [position, run] of runs.entries()) {
      try {
        await this.#oneOf(run, grant, runs, tally);
      } catch (error) {
        for (const rest of runs.slice(position + 1)) await this.#runs.drop(rest);
        if (tally.outcomes.every(({ kind }) => kind === 'refused')) throw error;
        this.#log(run, error);
        const fault = refused('fault', words.fault(), true);
        for (const rest of runs.slice(position)) tallyRefusal(tally, rest, fault);
        break;
      }
      if (run.progress.state === 'accepted') void run.step(() => acknowledgement);
    }
    try {
      const post = groupAcknowledgement(tally.lines, grant.stackstormUser);
      const ack = await this.#telling.acknowledgeGroup(first, post).finally(acknowledged);
      const notTaken = tally.lines.filter(({ executionId }) => executionId === undefined);
      if (ack !== undefined) await this.#telling.noteGroupAck(runs, ack, notTaken);
      for (const sent of tally.refusals.values()) await this.#telling.tell(first, sent.post, sent.isPrivate);
    } catch (error) {
      this.#log(first, error);
    }
    for (const run of runs) if (run.progress.state === 'accepted') this.#follow(run);
    return tally.outcomes;
  }

  /** For an adopted run whose acknowledgement stands, though its row does not say so. */
  acknowledged(run: OpenRun, ack: PostRef): Promise<void> {
    return run.step(() => this.#telling.acknowledged(run, ack));
  }

  /** For an adopted run whose acknowledgement stands nowhere. */
  acknowledgeLate(run: OpenRun, execution: Execution): Promise<void> {
    return run.step(() => this.#telling.acknowledgeFound(run, execution));
  }

  /** Finds out what a POST without an answer has become, in the background (R6). */
  search(run: OpenRun): void {
    this.#runs.track(run);
    this.#searches.start(run, (search) => {
      run
        .step(() => this.#searched(run, search))
        .catch((error: unknown) => {
          this.#log(run, error);
          const isOver = error instanceof RunLost || error instanceof DeliveryStopped;
          if (!isOver) this.#searches.later(() => this.search(run));
        });
    });
  }

  async #send(run: OpenRun, grant: Granted): Promise<Sent> {
    this.#runs.track(run);
    try {
      return await this.#sender.send(run, grant);
    } catch (error) {
      if (error instanceof RunLost) return { kind: 'lost' };
      // Nothing has left: the router tells the person why.
      await this.#runs.drop(run);
      throw error;
    }
  }

  async #answer(run: OpenRun, grant: Granted, sent: Sent): Promise<RunOutcome> {
    switch (sent.kind) {
      case 'accepted': {
        const { execution, answer } = sent;
        await run.step(async () => {
          await this.#accepted(run, sent, grant.stackstormUser);
          await this.#telling.acknowledge(run, execution, answer);
        });
        this.#follow(run);
        return { kind: 'accepted', executionId: execution.id };
      }
      case 'uncertain':
        this.search(run);
        await run.step(() => this.#telling.notice(run, words.uncertain(sent.requestId)));
        return { kind: 'uncertain' };
      case 'lost':
        return { kind: 'uncertain' };
      case 'refused':
        await this.#refused(run, sent);
        return { kind: 'refused', code: sent.code };
    }
  }

  /** One run of several. A login that StackStorm refused once is not tried for the rest. */
  async #oneOf(run: OpenRun, grant: Granted, runs: readonly OpenRun[], tally: Tally): Promise<void> {
    const deadLogin = [...tally.refusals.values()].find(
      ({ code }) => code === 'unauthorized' || code === 'not-granted',
    );
    const sent: Sent = deadLogin ?? (await this.#send(run, grant));
    if (sent.kind === 'refused') {
      tallyRefusal(tally, run, sent);
      return await this.#close(run, sent.code);
    }
    const outcome = await this.#noteOne(run, grant, sent, runs);
    const executionId = outcome.kind === 'accepted' ? outcome.executionId : undefined;
    const state = executionId === undefined ? 'StackStorm did not answer: I am finding out' : undefined;
    tally.lines.push({ command: run.value.command, executionId, state });
    tally.outcomes.push(outcome);
  }

  async #noteOne(
    run: OpenRun,
    grant: Granted,
    sent: Exclude<Sent, Refused>,
    runs: readonly OpenRun[],
  ): Promise<RunOutcome> {
    try {
      if (sent.kind === 'uncertain') this.search(run);
      if (sent.kind !== 'accepted') return { kind: 'uncertain' };
      const { execution } = sent;
      const group = runs.map(({ correlationId }) => correlationId);
      await run.step(() => this.#accepted(run, { execution }, grant.stackstormUser, { group }));
      return { kind: 'accepted', executionId: execution.id };
    } catch (error) {
      return this.#troubled(run, sent, error);
    }
  }

  /**
   * After the POST has left, no fault of ours may sound like "nothing was run": what StackStorm took is followed where
   * that could be noted, else searched for. Throws the error where StackStorm refused.
   */
  #troubled(run: OpenRun, sent: Sent, error: unknown): RunOutcome {
    if (sent.kind === 'refused') throw error;
    this.#log(run, error);
    const { progress } = run;
    if (progress.state !== 'intended') {
      this.#follow(run);
      return { kind: 'accepted', executionId: progress.executionId };
    }
    if (sent.kind === 'accepted' && !(error instanceof RunLost)) this.search(run);
    return { kind: 'uncertain' };
  }

  async #accepted(
    run: OpenRun,
    taken: { readonly execution: Execution; readonly answer?: AliasExecutionAnswer },
    stackstormUser: string | undefined,
    more: { readonly group?: string[]; readonly ack?: PostRef | undefined } = {},
  ): Promise<void> {
    const { group, ack } = more;
    const executionId = taken.execution.id;
    const living = this.#living.factsOf(run, taken.execution, taken.answer);
    await this.#runs.advance(
      run,
      {
        state: 'accepted',
        executionId,
        ...(group === undefined ? {} : { group }),
        ...(ack === undefined ? {} : { ack }),
      },
      {
        ...(stackstormUser === undefined ? {} : { stackstormUser }),
        ...(living === undefined ? {} : { living }),
      },
    );
    this.#reactions.accepted(run);
    await this.#sender.recordLate(run, 'execution.accepted', 'ok', {
      executionId,
      ...(stackstormUser === undefined ? {} : { stackstormUser }),
    });
  }

  async #searched(run: OpenRun, search: Search): Promise<void> {
    const { progress } = run;
    if (progress.state !== 'intended') return;
    if (search.kind === 'found') return await this.#found(run, search.execution, progress.notice);
    const post =
      search.kind === 'not-taken' ? words.notTaken(run.correlationId) : words.cannotTell(run.correlationId);
    await this.#runs.ensureOwned(run);
    await this.#telling.tell(run, post, false, progress.notice);
    await this.#close(run, search.kind);
  }

  async #found(run: OpenRun, execution: Execution, notice: PostRef | undefined): Promise<void> {
    await this.#accepted(run, { execution }, userOf(execution), { ack: notice });
    await this.#telling.acknowledgeFound(run, execution, notice);
    this.#follow(run, true);
  }

  async #refused(run: OpenRun, sent: Refused): Promise<void> {
    await this.#close(run, sent.code);
    await this.#telling.tell(run, sent.post, sent.isPrivate);
  }

  /** The end of a run that is none. */
  async #close(run: OpenRun, outcome: string): Promise<void> {
    await this.#sender.recordLate(run, 'execution.rejected', outcome);
    await this.#runs.drop(run);
  }

  #log(run: OpenRun, error: unknown): void {
    if (error instanceof RunLost || error instanceof DeliveryStopped) return;
    this.#deps.logger.error({ err: error, correlationId: run.correlationId }, 'a step of a run failed');
  }
}

/** What became of the runs of one command. */
interface Tally {
  readonly outcomes: RunOutcome[];
  readonly lines: GroupLine[];
  /** By their words, so that the person reads each once. */
  readonly refusals: Map<string, Refused>;
}

function tallyRefusal(tally: Tally, run: OpenRun, sent: Refused): void {
  tally.refusals.set(sent.post.text, sent);
  tally.lines.push({ command: run.value.command, state: 'not run' });
  tally.outcomes.push({ kind: 'refused', code: sent.code });
}
