import { ChatError, type ChatPlatform, type PostRef } from '../../chat/chat.ts';
import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import type { OpenRun, OpenRuns } from '../open-runs.ts';
import { isOver } from './living-message.ts';

/** The names of the emoji that a command gets. */
export interface ReactionNames {
  readonly running: string;
  readonly done: string;
  readonly failed: string;
}

const mostTries = 3;
const againMs = 2_000;

/** Marks on the messages that held commands: while their runs go on, and how they ended. Best effort; nothing waits for it. */
export class Reactions {
  readonly #names: ReactionNames | undefined;
  readonly #platforms: ReadonlyMap<string, ChatPlatform>;
  readonly #runs: OpenRuns;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** By the command: whether a run of it failed, and the marks that are under way. */
  readonly #commands = new Map<string, { hasFailed: boolean; tail: Promise<void> }>();

  constructor(
    deps: { platforms: readonly ChatPlatform[]; clock: Clock; logger: Logger },
    names: ReactionNames | undefined,
    runs: OpenRuns,
  ) {
    this.#names = names;
    this.#platforms = new Map(deps.platforms.map((platform) => [platform.name, platform]));
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#runs = runs;
  }

  accepted(run: OpenRun): void {
    if (this.#names === undefined || this.#commands.has(run.value.claimedAs)) return;
    this.#mark(run, this.#names.running);
  }

  /** The row says that the run ended. Of several runs of one command the last one to end marks it. */
  ended(run: OpenRun): void {
    const { progress } = run;
    if (this.#names === undefined || (progress.state !== 'ended' && progress.state !== 'posted')) return;
    const command = this.#commandOf(run);
    command.hasFailed ||= progress.status !== 'succeeded';
    const others = (progress.group ?? []).map((id) => this.#runs.byCorrelation(id));
    if (others.some((other) => other !== undefined && !isOver(other))) return;
    const { running, done, failed } = this.#names;
    this.#mark(run, command.hasFailed ? failed : done, running);
    this.#commands.delete(run.value.claimedAs);
  }

  #commandOf({ value: { claimedAs } }: OpenRun) {
    const command = this.#commands.get(claimedAs) ?? { hasFailed: false, tail: Promise.resolve() };
    this.#commands.set(claimedAs, command);
    return command;
  }

  #mark(run: OpenRun, mark: string, instead?: string): void {
    const { messageId, place } = run.value;
    const platform = this.#platforms.get(place.platform);
    if (messageId === undefined || platform?.react === undefined) return;
    const command = this.#commandOf(run);
    command.tail = command.tail.then(() => this.#try(platform, { place, id: messageId }, mark, instead));
  }

  async #try(platform: ChatPlatform, message: PostRef, mark: string, instead?: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await platform.react?.(message, mark, instead);
      } catch (error) {
        const passes =
          error instanceof ChatError && (error.code === 'rate-limited' || error.code === 'unavailable');
        if (!passes || tries >= mostTries) {
          const reason = error instanceof ChatError ? error.reason : undefined;
          this.#logger.debug({ err: error, reason }, 'a command was not marked');
          return;
        }
        const wait = error.retryAfterMs ?? againMs;
        await new Promise<void>((resolve) => void this.#clock.after(wait, resolve));
      }
    }
  }
}
