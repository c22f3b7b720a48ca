import { z } from 'zod';
import { type ChatUser, chatUserKey } from '../../chat/chat.ts';
import { askedMessage } from '../asked-message.ts';

const place = askedMessage.shape.place;

/** A command that waits for a second step. All times are ms since the epoch. */
export const waitingRow = z.object({
  id: z.string(),
  step: z.enum(['confirm', 'approve']),
  state: z.enum(['waiting', 'passed', 'ended']),
  /** What was typed for the alias, without the prefixes. */
  command: z.string(),
  message: askedMessage,
  /** What was understood: it runs only if it is still understood like that. */
  aliasRef: z.string(),
  format: z.string(),
  /** Confirmed, where the rule asks for that too. */
  isConfirmed: z.boolean(),
  /** Who the requester was at StackStorm when they asked. */
  stackstormUser: z.string(),
  askedAt: z.number(),
  until: z.number(),
  /** When it passed or ended, or an instance took it over from a dead one. */
  passedAt: z.number().exactOptional(),
  needed: z.object({
    count: z.int(),
    users: z.array(z.string()).exactOptional(),
    groups: z.array(z.string()).exactOptional(),
  }),
  approvals: z.array(z.object({ chatUser: z.string(), name: z.string(), stackstormUser: z.string() })),
  /** The message that asks for approvals. */
  post: z.object({ place, id: z.string() }).exactOptional(),
  correlationId: z.string(),
});
export type Waiting = z.infer<typeof waitingRow>;

/** Another instance that is at it needs no help; one that died does. */
export const abandonedMs = 30_000;

/** What its run is claimed as. */
export function eventIdOf({ id }: Waiting): string {
  return `step:${id}`;
}

/** Over for so long that the instance that was to run it, or to say so, is dead. */
export function isAbandoned({ state, passedAt = 0 }: Waiting, now: number): boolean {
  return state !== 'waiting' && passedAt + abandonedMs <= now;
}

/** Whether this person asked for it. */
export function isRequester({ message }: Waiting, user: ChatUser): boolean {
  return chatUserKey(message.user) === chatUserKey(user);
}
