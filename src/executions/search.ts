import { StackStormError } from '../stackstorm/errors.ts';
import type { Execution } from '../stackstorm/wire.ts';
import { correlationOf } from './correlation.ts';
import type { ExecutionsDeps } from './deps.ts';
import type { OpenRun } from './open-runs.ts';

/** StackStorm's clock may be behind ours by this much. */
const lookBackMs = 60_000;
/** Of a rerun, which only its time tells from the one before. */
const clockSkewMs = 5_000;
/** Two searches that far apart that find nothing mean that StackStorm did not take it (R6). */
const searchGapMs = 30_000;
/** A StackStorm that answers no search for so long is given up on. */
const giveUpMs = 24 * 60 * 60 * 1000;

/** What became of a POST without an answer. */
export type Search =
  | { readonly kind: 'found'; readonly execution: Execution }
  | { readonly kind: 'not-taken' }
  /** The bot account may not see it, or StackStorm stayed silent for a day. */
  | { readonly kind: 'cannot-tell' };

/**
 * Looks for the execution of a POST whose answer was never read, and never repeats the POST (R6). Stops when told to,
 * without an answer: the run's row is still `intended`, so that whoever takes over searches again.
 */
export class Searches {
  readonly #deps: ExecutionsDeps;
  readonly #cancels = new Set<() => void>();
  #stopped = false;

  constructor(deps: ExecutionsDeps) {
    this.#deps = deps;
  }

  /** Calls `done` once the answer is known. */
  start(run: OpenRun, done: (found: Search) => void): void {
    const { clock } = this.#deps;
    const startedAt = clock.now();
    let emptyAt: number | undefined;
    const look = async () => {
      const found = await this.#look(run);
      if (this.#stopped) return;
      if (found === 'cannot-tell') return done({ kind: 'cannot-tell' });
      if (found !== 'none' && found !== 'unknown') return done({ kind: 'found', execution: found });
      const now = clock.now();
      if (found === 'none') {
        if (emptyAt !== undefined && now - emptyAt >= searchGapMs) return done({ kind: 'not-taken' });
        emptyAt ??= now;
      } else if (now - startedAt >= giveUpMs) {
        return done({ kind: 'cannot-tell' });
      }
      again();
    };
    const again = () => this.later(() => void look());
    void look();
  }

  /** Calls `job` when the next search is due, unless the bot stops before. */
  later(job: () => void): void {
    if (this.#stopped) return;
    const cancel = this.#deps.clock.after(searchGapMs, () => {
      this.#cancels.delete(cancel);
      job();
    });
    this.#cancels.add(cancel);
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }

  /** One search: never throws. */
  async #look(run: OpenRun): Promise<Execution | 'none' | 'unknown' | 'cannot-tell'> {
    const { stackstorm, botCredential, logger } = this.#deps;
    const { alias, intendedAt, rerunOf } = run.value;
    try {
      const candidates = await botCredential.use((credential) =>
        stackstorm.executionsOf(credential, alias.actionRef, intendedAt - lookBackMs),
      );
      if (rerunOf !== undefined) return onlyRerun(candidates, rerunOf, intendedAt);
      // Somebody who saw our id on the stream could start another one with it: the first is ours.
      const mine = candidates.filter((execution) => correlationOfExecution(execution) === run.correlationId);
      return mine.sort((a, b) => startOf(a) - startOf(b))[0] ?? 'none';
    } catch (error) {
      logger.warn({ err: error, correlationId: run.correlationId }, 'a search for an execution failed');
      const isFinal =
        error instanceof StackStormError && ['forbidden', 'not-found', 'rejected'].includes(error.code);
      return isFinal ? 'cannot-tell' : 'unknown';
    }
  }
}

/**
 * A rerun carries no id of ours, only `context["re-run"].ref` (st2api/controllers/v1/actionexecutions.py): of two reruns at
 * one time nobody can tell which is ours, and a guess would show one person the other's.
 */
function onlyRerun(
  candidates: readonly Execution[],
  rerunOf: string,
  intendedAt: number,
): Execution | 'none' | 'cannot-tell' {
  const reruns = candidates.filter(({ context }) => field(context?.['re-run'], 'ref') === rerunOf);
  // Those of before are told by the clock, of which StackStorm has its own.
  const [first, ...more] = reruns.filter((one) => startOf(one) >= intendedAt - clockSkewMs);
  return more.length > 0 ? 'cannot-tell' : (first ?? 'none');
}

/** The correlation id that StackStorm keeps with an execution: `liveaction.notify["on-complete"].data.source_context`. */
function correlationOfExecution(execution: Execution): string | undefined {
  const onComplete = execution.liveaction?.notify?.['on-complete'];
  return correlationOf(field(field(onComplete, 'data'), 'source_context'));
}

function field(value: unknown, name: 'data' | 'source_context' | 'ref'): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}

function startOf(execution: Execution): number {
  return Date.parse(execution.start_timestamp ?? '') || 0;
}
