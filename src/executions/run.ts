import type { Post, PostRef } from '../chat/chat.ts';
import { DeliveryStopped } from '../chat/delivery.ts';
import type { Execution } from '../stackstorm/wire.ts';
import type { ExecutionsDeps, ExecutionsOptions } from './deps.ts';
import {
  acknowledgement,
  foundAcknowledgement,
  type GroupLine,
  groupAcknowledgement,
  words,
} from './messages.ts';
import { type OpenRun, type OpenRuns, RunLost } from './open-runs.ts';
import type { RunOutcome, Sent } from './outcome.ts';
import { ackKey } from './results.ts';
import type { Search, Searches } from './search.ts';
import type { Granted, Sender } from './send.ts';

/**
 * From a granted intent to what the person reads first: one POST, then the acknowledgement, StackStorm's refusal, or the
 * search for what a POST without an answer has become. What follows is the tracker's.
 */
export class Runner {
  readonly #deps: ExecutionsDeps;
  readonly #options: ExecutionsOptions;
  readonly #runs: OpenRuns;
  readonly #sender: Sender;
  readonly #searches: Searches;
  readonly #follow: (run: OpenRun, asksNow?: boolean) => void;

  /** `follow` is told of every run that StackStorm accepted. */
  constructor(
    deps: ExecutionsDeps,
    options: ExecutionsOptions,
    parts: {
      runs: OpenRuns;
      sender: Sender;
      searches: Searches;
      follow: (run: OpenRun, asksNow?: boolean) => void;
    },
  ) {
    this.#deps = deps;
    this.#options = options;
    this.#runs = parts.runs;
    this.#sender = parts.sender;
    this.#searches = parts.searches;
    this.#follow = parts.follow;
  }

  async run(run: OpenRun, grant: Granted): Promise<RunOutcome> {
    const sent = await this.#send(run, grant);
    switch (sent.kind) {
      case 'accepted':
        await run.step(async () => {
          const facts = { stackstormUser: grant.stackstormUser, webUrl: this.#options.webUrl };
          await this.#accepted(run, sent.answer.execution.id, grant.stackstormUser);
          if (run.value.alias.acknowledge) await this.#acknowledge(run, acknowledgement(sent.answer, facts));
        });
        this.#follow(run);
        return { kind: 'accepted', executionId: sent.answer.execution.id };
      case 'uncertain':
        await run.step(() => this.#uncertain(run, sent.requestId));
        return { kind: 'uncertain' };
      case 'refused':
        await this.#refused(run, sent);
        return { kind: 'refused', code: sent.code };
    }
  }

  /** The runs of one match_multiple hit, one POST after the other, under one acknowledgement that lists them. */
  async runMany(runs: readonly OpenRun[], grant: Granted): Promise<RunOutcome[]> {
    const [first] = runs;
    if (first === undefined) return [];
    const outcomes: RunOutcome[] = [];
    const lines: GroupLine[] = [];
    const refusals = new Map<string, Extract<Sent, { kind: 'refused' }>>();
    const group = runs.map((run) => run.correlationId);
    let deadLogin: Extract<Sent, { kind: 'refused' }> | undefined;
    for (const run of runs) {
      const sent: Sent = deadLogin ?? (await this.#send(run, grant));
      const { command } = run.value;
      if (sent.kind === 'accepted') {
        const executionId = sent.answer.execution.id;
        await run.step(() => this.#accepted(run, executionId, grant.stackstormUser, group));
        lines.push({ command, executionId });
        outcomes.push({ kind: 'accepted', executionId });
      } else if (sent.kind === 'uncertain') {
        this.search(run);
        lines.push({ command, state: 'StackStorm did not answer: I am finding out' });
        outcomes.push({ kind: 'uncertain' });
      } else {
        if (sent.code === 'unauthorized' || sent.code === 'not-granted') deadLogin = sent;
        refusals.set(sent.post.text, sent);
        await this.#close(run, sent.code);
        lines.push({ command, state: 'not run' });
        outcomes.push({ kind: 'refused', code: sent.code });
      }
    }
    await this.#acknowledgeGroup(first, runs, groupAcknowledgement(lines, grant.stackstormUser));
    for (const sent of refusals.values()) await this.#tell(first, sent.post, sent.isPrivate);
    for (const run of runs) if (run.progress.state === 'accepted') this.#follow(run);
    return outcomes;
  }

  /** For an adopted run whose acknowledgement stands nowhere. */
  acknowledgeLate(run: OpenRun, execution: Execution): Promise<void> {
    return run.step(() => this.#acknowledgeFound(run, execution, undefined));
  }

  /** Finds out what a POST without an answer has become, in the background (R6). */
  search(run: OpenRun): void {
    this.#runs.track(run);
    this.#searches.start(run, (search) => {
      run
        .step(() => this.#searched(run, search))
        .catch((error: unknown) => this.#failed(run, error, () => this.search(run)));
    });
  }

  async #send(run: OpenRun, grant: Granted): Promise<Sent> {
    this.#runs.track(run);
    try {
      return await this.#sender.send(run, grant);
    } catch (error) {
      // Nothing has left: the router tells the person why.
      await this.#runs.drop(run);
      throw error;
    }
  }

  async #accepted(
    run: OpenRun,
    executionId: string,
    stackstormUser: string | undefined,
    group?: readonly string[],
    ack?: PostRef,
  ): Promise<void> {
    await this.#runs.advance(
      run,
      {
        state: 'accepted',
        executionId,
        ...(group === undefined ? {} : { group: [...group] }),
        ...(ack === undefined ? {} : { ack }),
      },
      stackstormUser === undefined ? {} : { stackstormUser },
    );
    await this.#sender.recordLate(run, 'execution.accepted', 'ok', {
      executionId,
      ...(stackstormUser === undefined ? {} : { stackstormUser }),
    });
  }

  async #acknowledge(run: OpenRun, post: Post): Promise<void> {
    const { place, user, alias } = run.value;
    const delivered = await this.#deps.delivery.post(place, post, {
      key: ackKey(run.correlationId),
      asker: user,
    });
    const { progress } = run;
    // Only an alias without results edits its acknowledgement later.
    if (delivered.kind !== 'posted' || alias.postResult || progress.state !== 'accepted') return;
    await this.#runs.advance(run, { ...progress, ack: delivered.ref });
  }

  async #acknowledgeGroup(first: OpenRun, runs: readonly OpenRun[], post: Post): Promise<void> {
    const { place, user, alias } = first.value;
    if (!alias.acknowledge) return;
    const key = ackKey(first.correlationId);
    const delivered = await this.#deps.delivery.post(place, post, { key, asker: user });
    if (delivered.kind !== 'posted' || alias.postResult) return;
    for (const run of runs) {
      const { progress } = run;
      if (progress.state !== 'accepted') continue;
      await run.step(() => this.#runs.advance(run, { ...progress, ack: delivered.ref }));
    }
  }

  async #uncertain(run: OpenRun, requestId: string): Promise<void> {
    const { place, user } = run.value;
    this.search(run);
    const delivered = await this.#deps.delivery.post(place, words.uncertain(requestId), {
      key: ackKey(run.correlationId),
      asker: user,
    });
    if (delivered.kind !== 'posted' || run.progress.state !== 'intended') return;
    await this.#runs.advance(run, { state: 'intended', notice: delivered.ref });
  }

  async #searched(run: OpenRun, search: Search): Promise<void> {
    const { progress } = run;
    if (progress.state !== 'intended') return;
    if (search.kind === 'found') return await this.#found(run, search.execution, progress.notice);
    const post =
      search.kind === 'not-taken' ? words.notTaken(run.correlationId) : words.cannotTell(run.correlationId);
    await this.#runs.ensureOwned(run);
    await this.#say(run, post, progress.notice);
    await this.#close(run, search.kind);
  }

  async #found(run: OpenRun, execution: Execution, notice: PostRef | undefined): Promise<void> {
    await this.#accepted(run, execution.id, userOf(execution), undefined, notice);
    await this.#acknowledgeFound(run, execution, notice);
    this.#follow(run, true);
  }

  async #acknowledgeFound(run: OpenRun, execution: Execution, notice: PostRef | undefined): Promise<void> {
    const { acknowledge, appendUrl } = run.value.alias;
    const facts = { stackstormUser: userOf(execution), webUrl: this.#options.webUrl, appendUrl };
    const post = foundAcknowledgement(execution, facts);
    if (notice !== undefined) await this.#deps.delivery.edit(notice, post);
    else if (acknowledge) await this.#acknowledge(run, post);
  }

  async #refused(run: OpenRun, sent: Extract<Sent, { kind: 'refused' }>): Promise<void> {
    await this.#close(run, sent.code);
    await this.#tell(run, sent.post, sent.isPrivate);
  }

  /** The end of a run that is none. */
  async #close(run: OpenRun, outcome: string): Promise<void> {
    await this.#sender.recordLate(run, 'execution.rejected', outcome);
    await this.#runs.drop(run);
  }

  async #tell(run: OpenRun, post: Post, isPrivate: boolean): Promise<void> {
    const { place, user } = run.value;
    const { delivery } = this.#deps;
    const key = ackKey(run.correlationId);
    if (isPrivate) await delivery.whisper(user, post, { key: `private:${key}`, near: place });
    else await delivery.post(place, post, { key, asker: user });
  }

  async #say(run: OpenRun, post: Post, notice: PostRef | undefined): Promise<void> {
    if (notice === undefined) await this.#tell(run, post, false);
    else await this.#deps.delivery.edit(notice, post);
  }

  #failed(run: OpenRun, error: unknown, again: () => void): void {
    if (error instanceof RunLost || error instanceof DeliveryStopped) return;
    this.#deps.logger.error(
      { err: error, correlationId: run.correlationId },
      'a search waits for the next try',
    );
    again();
  }
}

/** Who runs it, as StackStorm wrote it down: `context.user` is the authenticated account. */
function userOf(execution: Execution): string | undefined {
  const user = execution.context?.['user'];
  return typeof user === 'string' ? user : undefined;
}
