import type { Clock } from '../../ops/clock.ts';
import { ChatError } from '../chat.ts';

const pausesMs = [250, 1_000, 3_000] as const;
/** Who rate-limits for longer is not waited for here. */
const longestPauseMs = 10_000;

/**
 * Asks again where a fault passes, for some seconds: for what Slack does not deliver again, while nobody else would.
 * Throws the last ChatError.
 */
export async function patiently<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ChatError) || !(error.code === 'unavailable' || error.code === 'rate-limited'))
        throw error;
      const wait = error.retryAfterMs ?? pauseMs;
      if (wait > longestPauseMs) throw error;
      await new Promise<void>((resolve) => {
        clock.after(wait, resolve);
      });
    }
  }
  return work();
}
