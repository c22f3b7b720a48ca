import type { Logger } from '../ops/logger.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { BotCredential, StackStorm, StreamEvent } from '../stackstorm/stackstorm.ts';
import { actionAlias } from '../stackstorm/wire.ts';
import type { AliasIndex } from './alias-index.ts';

/** The stream events that keep the catalog fresh; they must be named in the stream's `events=` (FACTS.md, Stream). */
export const catalogEvents = [
  'st2.actionalias__create',
  'st2.actionalias__update',
  'st2.actionalias__delete',
] as const;

export interface CatalogOptions {
  readonly stackstorm: Pick<StackStorm, 'aliases'>;
  readonly botCredential: BotCredential;
  readonly index: AliasIndex;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Ms between two reloads that nothing else asked for. */
  readonly refreshMs: number;
  /** Ms between two reloads that a command without a match may ask for. */
  readonly missRefreshMs?: number;
  readonly now?: () => number;
  /** From 0 to under 1. */
  readonly random?: () => number;
}

/** Ms until a load that failed is tried again, at first; it doubles up to `refreshMs`. */
const firstRetryMs = 1_000;

/** What is known of the catalog's freshness, for readiness and `help`. */
export interface CatalogState {
  /** Ms since the epoch; undefined until the first load. */
  readonly loadedAt: number | undefined;
  readonly failure: unknown;
}

/**
 * The aliases that the bot knows, kept fresh: loaded at start, on a timer, after every connection of the stream, on
 * demand, and by the stream's own events. While StackStorm is down the last catalog stands, and the load is tried again
 * with backoff and jitter (R3).
 */
export class Catalog {
  readonly index: AliasIndex;
  readonly #options: CatalogOptions;
  readonly #now: () => number;
  #loading: Promise<void> | undefined;
  #loadedAt: number | undefined;
  #failure: unknown;
  #missAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  /** Events that came while a load was under way: the load may have read the pages before them. */
  #duringLoad: StreamEvent[] | undefined;

  constructor(options: CatalogOptions) {
    this.#options = options;
    this.index = options.index;
    this.#now = options.now ?? Date.now;
  }

  get state(): CatalogState {
    return { loadedAt: this.#loadedAt, failure: this.#failure };
  }

  /** Begins the timer and the first load, which may still be under way when it returns: StackStorm may be down. */
  start(): void {
    this.#timer = setInterval(() => void this.refresh(), this.#options.refreshMs);
    this.#timer.unref();
    void this.refresh();
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#retry);
    this.#timer = undefined;
  }

  /** Loads the whole catalog; callers at the same time share one load. Never rejects: the failure stands in `state`. */
  refresh(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /**
   * For a command that found no match: reloads, unless that was done a moment ago; a load that is under way is waited
   * for. True if the catalog is a new one.
   */
  async refreshAfterMiss(): Promise<boolean> {
    if (this.#loading === undefined) {
      if (this.#now() - this.#missAt < (this.#options.missRefreshMs ?? 10_000)) return false;
      this.#missAt = this.#now();
    }
    await this.refresh();
    return this.#failure === undefined;
  }

  /** Takes an event of the stream, if it is about aliases. */
  onStreamEvent(event: StreamEvent): void {
    if (!(catalogEvents as readonly string[]).includes(event.name)) return;
    this.#duringLoad?.push(event);
    this.#apply(event);
    this.#count();
  }

  #apply(event: StreamEvent): void {
    const alias = actionAlias.safeParse(event.data);
    if (!alias.success) {
      this.#options.logger.warn({ event: event.name }, 'an alias event that is no alias was passed over');
      return;
    }
    if (event.name === 'st2.actionalias__delete') this.index.remove(alias.data.id);
    else this.index.upsert(alias.data);
  }

  async #load(): Promise<void> {
    const { stackstorm, botCredential, logger } = this.#options;
    this.#duringLoad = [];
    try {
      const aliases = await botCredential.use((credential) => stackstorm.aliases(credential));
      this.index.replaceAll(aliases);
      for (const event of this.#duringLoad) this.#apply(event);
      this.#loadedAt = this.#now();
      this.#failure = undefined;
      this.#failures = 0;
      clearTimeout(this.#retry);
      this.#count();
      for (const fault of this.index.faults) {
        logger.warn(
          { alias: fault.ref, reason: fault.reason },
          'an alias pattern cannot be used and was set aside',
        );
      }
    } catch (error) {
      this.#failure = error;
      this.#retryLater();
      logger.warn({ err: error }, 'the catalog could not be loaded; the last one stands');
    } finally {
      this.#duringLoad = undefined;
    }
  }

  #retryLater(): void {
    if (this.#timer === undefined) return;
    const { refreshMs, random = Math.random } = this.#options;
    const longest = Math.min(refreshMs, firstRetryMs * 2 ** Math.min(this.#failures++, 20));
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.refresh(), longest * (0.5 + random() / 2));
    this.#retry.unref();
  }

  #count(): void {
    this.#options.metrics.catalogAliases.set({ state: 'known' }, this.index.size);
    this.#options.metrics.catalogAliases.set({ state: 'set-aside' }, this.index.faults.length);
  }
}
