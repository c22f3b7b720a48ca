import type { Place } from '../chat.ts';

/**
 * A place's `thread` is Slack's `thread_ts`, with a word behind it where the thread is not one yet. Slack shows an
 * ephemeral message in a thread only where somebody has answered before, and the config may want answers beside it.
 * - a plain ts: the thread in which was typed;
 * - `new`: the one that our answer would begin;
 * - `beside`: the same, where answers go into the channel (`replies: "channel"`).
 */
export type ThreadKind = 'standing' | 'new' | 'beside';

export interface Thread {
  readonly ts: string;
  readonly kind: ThreadKind;
}

/** The id of a message under which an answer would begin a thread. */
export function messageIdOf(ts: string, replies: 'thread' | 'channel'): string {
  return `${ts}-${replies === 'thread' ? 'new' : 'beside'}`;
}

/** The thread that a place names. */
export function threadOf(place: Place): Thread | undefined {
  if (place.thread === undefined) return undefined;
  const [ts = '', word] = place.thread.split('-', 2);
  return { ts, kind: word === 'new' || word === 'beside' ? word : 'standing' };
}

/** `thread_ts` of an answer there. `asked` is what the message itself wants, whatever the config says. */
export function threadTs(place: Place, asked: boolean | undefined): string | undefined {
  const thread = threadOf(place);
  if (thread === undefined) return undefined;
  return (asked ?? thread.kind !== 'beside') ? thread.ts : undefined;
}
