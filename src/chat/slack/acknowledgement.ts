import { ReceiverMultipleAckError } from '@slack/bolt';
import type { Clock } from '../../ops/clock.ts';

/** How the wait for an acknowledgement ended; `late` after `patienceMs`, `none` where every listener ended without one. */
export type Acknowledged =
  | { readonly kind: 'acknowledged'; readonly body: unknown }
  | { readonly kind: 'late' }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface Acknowledging {
  /** What Bolt gives to listeners. A second call throws, as it does with Bolt's own receivers; a late one is in vain. */
  readonly ack: (body?: unknown) => Promise<void>;
  /** The first of: an acknowledgement, the end of the work, the end of patience. */
  readonly answer: Promise<Acknowledged>;
  /** The end of the listeners' work: whether anybody acknowledged, however late. */
  readonly ended: Promise<{ readonly isAcknowledged: boolean; readonly error?: unknown }>;
}

/** Runs `work`, which may acknowledge while it runs. */
export function acknowledging(
  work: (ack: Acknowledging['ack']) => Promise<void>,
  patienceMs: number,
  clock: Clock,
): Acknowledging {
  let isAcknowledged = false;
  let settle: ((answer: Acknowledged) => void) | undefined;
  const answer = new Promise<Acknowledged>((resolve) => {
    settle = resolve;
  });
  const cancel = clock.after(patienceMs, () => settle?.({ kind: 'late' }));
  const ack = async (body?: unknown) => {
    if (isAcknowledged) throw new ReceiverMultipleAckError();
    isAcknowledged = true;
    cancel();
    settle?.({ kind: 'acknowledged', body });
  };
  const ended = work(ack).then(
    () => ({ isAcknowledged }),
    (error: unknown) => ({ isAcknowledged, error }),
  );
  void ended.then((end) => {
    cancel();
    settle?.('error' in end ? { kind: 'failed', error: end.error } : { kind: 'none' });
  });
  return { ack, answer, ended };
}
