import type { ChatUser, Place } from '../chat/chat.ts';
import { randomPool } from '../ops/random-pool.ts';

/**
 * The ids that travel through StackStorm and back. StackStorm's notifier renders `user`, `source_channel` and every value
 * of `source_context` as Jinja with access to its datastore, so that nothing a person can write may stand there: ids of
 * one pattern only, never names, never chat text (design.md, flow 1).
 * @module
 */

/** What may stand in `user`, `source_channel` and `source_context`. */
const plainId = /^[A-Za-z0-9:._-]{1,64}$/;

/** The key of `source_context` under which our correlation id stands, and comes back in an announcement's context. */
const correlationKey = 'bolt_correlation_id';

const random128 = randomPool(16);

/**
 * 128 random bits, one a run (R7). The letter in front keeps it text: nothing on its way reads it as a number.
 */
export function newCorrelationId(): string {
  return `c${random128().toString('hex')}`;
}

/** `id` where it is of the pattern that may be sent, else `instead`. */
function guardId(id: string, instead: string): string {
  return plainId.test(id) ? id : instead;
}

/** The three fields of `POST /v1/aliasexecution` that the notifier renders, each value of the pattern. */
export function origin(
  correlationId: string,
  user: ChatUser,
  place: Place,
): { user: string; source_channel: string; source_context: Record<string, string> } {
  if (!plainId.test(correlationId)) throw new TypeError('a correlation id must be of the pattern of ids');
  const guard = (id: string) => guardId(id, correlationId);
  return {
    user: guard(user.id),
    source_channel: guard(place.channel),
    source_context: {
      [correlationKey]: correlationId,
      platform: guard(place.platform),
      workspace: guard(place.workspace),
      channel: guard(place.channel),
      ...(place.thread === undefined ? {} : { thread: guard(place.thread) }),
    },
  };
}

/** The correlation id in an announcement's context or an execution's `source_context`, where one of ours stands there. */
export function correlationOf(context: unknown): string | undefined {
  if (typeof context !== 'object' || context === null || !(correlationKey in context)) return undefined;
  const id = context[correlationKey];
  return typeof id === 'string' && plainId.test(id) ? id : undefined;
}
