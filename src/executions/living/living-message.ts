import type { PostRef } from '../../chat/chat.ts';
import type { OpenRun } from '../open-runs.ts';

/** One message is edited no more often, in ms. */
const editGapMs = 3_000;
const firstTickMs = 5_000;
const slowestTickMs = 5 * 60_000;
/** A run that lasts long is told of less and less often: each time a quarter later than it has lasted so far. */
const growth = 4;

/** The acknowledgement of one run, or of several of one command, while it may still change. */
export class LivingMessage {
  readonly ref: PostRef;
  readonly runs = new Map<string, OpenRun>();
  /** What it says; edits that would say the same are left out. */
  shown = '';
  /** Something that it does not say yet. */
  hasNews = false;
  isClosed = false;
  /** Its last edit has its place in the budget. */
  isReserved = false;
  notBefore = 0;
  /** An edit that is under way. */
  work: Promise<void> | undefined;
  cancelTimer: (() => void) | undefined;
  #editedAt: number | undefined;
  #toldAt: number;

  constructor(ref: PostRef, now: number) {
    this.ref = ref;
    this.#toldAt = now;
  }

  /** The first of its runs. */
  get first(): OpenRun | undefined {
    return this.runs.values().next().value;
  }

  get isOver(): boolean {
    return [...this.runs.values()].every(isOver);
  }

  told(now: number): void {
    this.#toldAt = now;
  }

  edited(now: number): void {
    this.#toldAt = now;
    this.#editedAt = now;
  }

  /** When the next edit may be made. A first one that tells the end waits for nothing. */
  get freeAt(): number {
    return this.#editedAt === undefined ? 0 : this.#editedAt + editGapMs;
  }

  /** When it is to be edited next; undefined where nothing is to be told. */
  dueAt(now: number, isLive: boolean): number | undefined {
    if (this.isClosed) return undefined;
    if (this.isOver) return Math.max(this.freeAt, this.notBefore);
    if (!isLive) return undefined;
    if (this.hasNews) return Math.max(this.#toldAt + editGapMs, this.notBefore);
    const { first } = this;
    // Of several runs the states are told, not the seconds.
    if (first === undefined || this.runs.size > 1) return undefined;
    const lasted = now - first.value.intendedAt;
    const tick = Math.min(Math.max(lasted / growth, firstTickMs), slowestTickMs);
    return Math.max(this.#toldAt + tick, this.notBefore);
  }
}

export function isOver(run: OpenRun): boolean {
  const { state } = run.progress;
  return state === 'ended' || state === 'posted';
}
