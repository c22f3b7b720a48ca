import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../ops/logger.ts';
import { StackStormError } from './errors.ts';
import type { BotCredential, StackStorm, StreamEvent } from './stackstorm.ts';

export interface StreamReaderOptions {
  readonly stackstorm: Pick<StackStorm, 'stream'>;
  readonly botCredential: BotCredential;
  /** Names with StackStorm's `st2.` prefix, or globs of them. */
  readonly events: readonly string[];
  /** Silence longer than this many ms is a fault (`stackstorm.streamIdle`). */
  readonly idleMs: number;
  /** Ms between two tries; a random part of each pause spreads many bots over it. */
  readonly backoff?: { readonly minMs: number; readonly maxMs: number };
  /** A connection that lived so many ms counts as a good one: the next try is at once, or after the shortest pause. */
  readonly stableMs?: number;
  /** Called in the order of the stream; must not block. What it throws is logged, and the stream goes on. */
  readonly onEvent: (event: StreamEvent) => void;
  /** After every connect: what happened in between was not heard, so ask for it (`again` is true but for the first). */
  readonly onConnected?: (again: boolean) => void;
  readonly onDisconnected?: () => void;
  readonly logger: Logger;
  /** Ms, of a clock that does not jump. */
  readonly now?: () => number;
  /** From 0 to under 1. */
  readonly random?: () => number;
  /** Resolves after so many ms, or rejects when the signal aborts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface StreamReader {
  readonly connected: boolean;
  /** Begins to read; a second call does nothing. */
  start(): void;
  /** Resolves when nothing more will be called. */
  stop(): Promise<void>;
}

/**
 * Reads StackStorm's stream for ever: connects again after a close (at once), a cut or a refusal (with backoff and
 * jitter, R3). A 401 renews the bot credential first. StackStorm repeats nothing that was missed (FACTS.md, Stream).
 */
export function createStreamReader(options: StreamReaderOptions): StreamReader {
  const { logger } = options;
  const { minMs, maxMs } = options.backoff ?? { minMs: 500, maxMs: 30_000 };
  const stableMs = options.stableMs ?? 10_000;
  const now = options.now ?? (() => performance.now());
  const random = options.random ?? Math.random;
  const wait = options.wait ?? ((ms, signal) => delay(ms, undefined, { signal }));
  const stopped = new AbortController();
  let reading: Promise<void> | undefined;
  let connected = false;
  let before = false;

  function guarded(what: string, run: () => void): void {
    try {
      run();
    } catch (err) {
      logger.error({ err }, `stream: ${what} failed`);
    }
  }

  /** One connection; resolves at its normal end. */
  async function readOnce(): Promise<void> {
    await options.botCredential.use(async (credential) => {
      const events = options.stackstorm.stream(credential, {
        events: options.events,
        signal: stopped.signal,
        idleMs: options.idleMs,
        onOpen() {
          const again = before;
          before = true;
          connected = true;
          logger.info({ again }, 'stream: connected');
          guarded('onConnected', () => options.onConnected?.(again));
        },
        onMalformed: (reason) => logger.warn({ reason }, 'stream: a malformed frame was passed over'),
      });
      for await (const event of events) guarded('onEvent', () => options.onEvent(event));
    });
  }

  async function read(): Promise<void> {
    // Connections in a row that failed or did not last.
    let poor = 0;
    while (!stopped.signal.aborted) {
      const startedAt = now();
      let failure: unknown;
      try {
        await readOnce();
      } catch (error) {
        failure = error;
      }
      const lasted = connected && now() - startedAt >= stableMs;
      if (connected) {
        connected = false;
        guarded('onDisconnected', () => options.onDisconnected?.());
      }
      if (stopped.signal.aborted) return;
      poor = lasted ? 0 : poor + 1;
      // One normal close is StackStorm's or nginx's habit; closes one after the other are a fault.
      const pauseMs = failure === undefined && poor <= 1 ? 0 : pause(poor);
      log(failure, pauseMs);
      await wait(pauseMs, stopped.signal).catch(passOverAbort);
    }
  }

  /** Between half and the whole of a pause that doubles with each poor connection. */
  function pause(poor: number): number {
    const whole = Math.min(maxMs, minMs * 2 ** Math.min(Math.max(poor - 1, 0), 30));
    return Math.round(whole * (0.5 + random() / 2));
  }

  function log(failure: unknown, pauseMs: number): void {
    if (failure === undefined) {
      logger.info({ pauseMs }, 'stream: closed');
    } else if (failure instanceof StackStormError) {
      const { code, status, requestId } = failure;
      const reason = failure.cause instanceof Error ? failure.cause.message : undefined;
      logger.warn({ code, status, requestId, reason, pauseMs }, 'stream: lost');
    } else {
      logger.error({ err: failure, pauseMs }, 'stream: lost');
    }
  }

  function passOverAbort(error: unknown): void {
    if (!stopped.signal.aborted) throw error;
  }

  return {
    get connected() {
      return connected;
    },
    start() {
      reading ??= read();
    },
    async stop() {
      stopped.abort();
      // A credential that is being asked for is not waited for: nothing comes of it any more.
      if (connected) await reading;
    },
  };
}
