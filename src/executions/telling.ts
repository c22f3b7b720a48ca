import type { Post, PostRef } from '../chat/chat.ts';
import type { AliasExecutionAnswer, Execution } from '../stackstorm/wire.ts';
import type { ExecutionsDeps, ExecutionsOptions } from './deps.ts';
import type { LivingMessages } from './living/living-messages.ts';
import { acknowledgement, foundAcknowledgement, type GroupLine } from './messages.ts';
import type { OpenRun, OpenRuns } from './open-runs.ts';
import { ackKey, groupAckKey } from './post-keys.ts';

/** What a person reads of a run before its result: the acknowledgement, or why there is none. */
export class Telling {
  readonly #deps: ExecutionsDeps;
  readonly #options: ExecutionsOptions;
  readonly #runs: OpenRuns;
  readonly #living: LivingMessages;

  constructor(
    deps: ExecutionsDeps,
    options: ExecutionsOptions,
    parts: { runs: OpenRuns; living: LivingMessages },
  ) {
    this.#deps = deps;
    this.#options = options;
    this.#runs = parts.runs;
    this.#living = parts.living;
  }

  /** `answer` is StackStorm's 201; absent where it was never read, and the execution was found. */
  async acknowledge(run: OpenRun, execution: Execution, answer?: AliasExecutionAnswer): Promise<void> {
    if (!run.value.alias.acknowledge) return;
    const ack = await this.#post(run, await this.#acknowledgement(run, execution, answer), ackKey(run));
    if (ack !== undefined) await this.acknowledged(run, ack);
  }

  /** The acknowledgement stands. Where nothing edits it later, nobody needs to know where. */
  async acknowledged(run: OpenRun, ack: PostRef): Promise<void> {
    const { progress } = run;
    const { alias, living } = run.value;
    if (progress.state !== 'accepted' || (alias.postResult && living === undefined)) return;
    await this.#runs.advance(run, { ...progress, ack });
    this.#living.began(run, ack);
  }

  /** One acknowledgement for the runs of one command; the answer is what {@link noteGroupAck} is to keep. */
  async acknowledgeGroup(first: OpenRun, post: Post): Promise<PostRef | undefined> {
    if (!first.value.alias.acknowledge) return undefined;
    return await this.#post(first, post, groupAckKey(first.correlationId));
  }

  /** `notTaken`: what the acknowledgement says of the commands that have no run. */
  async noteGroupAck(runs: readonly OpenRun[], ack: PostRef, notTaken: readonly GroupLine[]): Promise<void> {
    const others = notTaken.map(({ command, state = '' }) => ({ command, state }));
    for (const run of runs) {
      await run.step(async () => {
        const { progress } = run;
        const { alias, living } = run.value;
        if (progress.state !== 'accepted' || (alias.postResult && living === undefined)) return;
        const told = living === undefined ? {} : { living: { ...living, notTaken: others } };
        await this.#runs.advance(run, { ...progress, ack }, told);
        this.#living.began(run, ack);
      });
    }
  }

  /** Of an execution whose 201 was never read: in place of the notice that it was searched for, where there is one. */
  async acknowledgeFound(run: OpenRun, execution: Execution, notice?: PostRef): Promise<void> {
    if (notice === undefined) return await this.acknowledge(run, execution);
    await this.#deps.delivery.edit(notice, await this.#acknowledgement(run, execution));
    await this.acknowledged(run, notice);
  }

  async #acknowledgement(run: OpenRun, execution: Execution, answer?: AliasExecutionAnswer): Promise<Post> {
    const living = await this.#living.post(run);
    if (living !== undefined) return living;
    const { webUrl } = this.#options;
    if (answer !== undefined) {
      return acknowledgement(answer, { stackstormUser: run.value.stackstormUser, webUrl });
    }
    const { appendUrl } = run.value.alias;
    return foundAcknowledgement(execution, { stackstormUser: userOf(execution), webUrl, appendUrl });
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
