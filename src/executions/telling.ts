import type { Post, PostRef } from '../chat/chat.ts';
import type { Execution } from '../stackstorm/wire.ts';
import type { ExecutionsDeps, ExecutionsOptions } from './deps.ts';
import { foundAcknowledgement } from './messages.ts';
import type { OpenRun, OpenRuns } from './open-runs.ts';
import { ackKey, groupAckKey } from './post-keys.ts';

/** What a person reads of a run before its result: the acknowledgement, or why there is none. */
export class Telling {
  readonly #deps: ExecutionsDeps;
  readonly #options: ExecutionsOptions;
  readonly #runs: OpenRuns;

  constructor(deps: ExecutionsDeps, options: ExecutionsOptions, runs: OpenRuns) {
    this.#deps = deps;
    this.#options = options;
    this.#runs = runs;
  }

  async acknowledge(run: OpenRun, post: Post): Promise<void> {
    if (!run.value.alias.acknowledge) return;
    const ack = await this.#post(run, post, ackKey(run));
    const { progress } = run;
    // Only an alias without results edits its acknowledgement later.
    if (ack === undefined || run.value.alias.postResult || progress.state !== 'accepted') return;
    await this.#runs.advance(run, { ...progress, ack });
  }

  /** One acknowledgement for the runs of one command; the answer is what {@link noteGroupAck} is to keep. */
  async acknowledgeGroup(first: OpenRun, post: Post): Promise<PostRef | undefined> {
    if (!first.value.alias.acknowledge) return undefined;
    return await this.#post(first, post, groupAckKey(first.correlationId));
  }

  async noteGroupAck(runs: readonly OpenRun[], ack: PostRef): Promise<void> {
    for (const run of runs) {
      if (run.value.alias.postResult) continue;
      await run.step(async () => {
        const { progress } = run;
        if (progress.state === 'accepted') await this.#runs.advance(run, { ...progress, ack });
      });
    }
  }

  /** Of an execution whose 201 was never read: in place of the notice that it was searched for, where there is one. */
  async acknowledgeFound(run: OpenRun, execution: Execution, notice?: PostRef): Promise<void> {
    const facts = {
      stackstormUser: userOf(execution),
      webUrl: this.#options.webUrl,
      appendUrl: run.value.alias.appendUrl,
    };
    const post = foundAcknowledgement(execution, facts);
    if (notice !== undefined) await this.#deps.delivery.edit(notice, post);
    else await this.acknowledge(run, post);
  }

  /** That nobody knows yet; kept, so that the answer takes its place. */
  async notice(run: OpenRun, post: Post): Promise<void> {
    const notice = await this.#post(run, post, ackKey(run));
    if (notice === undefined || run.progress.state !== 'intended') return;
    await this.#runs.advance(run, { state: 'intended', notice });
  }

  /** Why nothing runs. StackStorm's own words and what concerns a login are for the person alone. */
  async tell(run: OpenRun, post: Post, isPrivate: boolean, notice?: PostRef): Promise<void> {
    const { place, user } = run.value;
    const { delivery } = this.#deps;
    if (notice !== undefined) await delivery.edit(notice, post);
    else if (!isPrivate) await this.#post(run, post, ackKey(run));
    else await delivery.whisper(user, post, { key: `private:${ackKey(run)}`, near: place });
  }

  async #post(run: OpenRun, post: Post, key: string): Promise<PostRef | undefined> {
    const { place, user } = run.value;
    const delivered = await this.#deps.delivery.post(place, post, { key, asker: user });
    return delivered.kind === 'posted' ? delivered.ref : undefined;
  }
}

/** Who runs it, as StackStorm wrote it down: `context.user` is the authenticated account. */
export function userOf(execution: Execution): string | undefined {
  const user = execution.context?.['user'];
  return typeof user === 'string' ? user : undefined;
}
