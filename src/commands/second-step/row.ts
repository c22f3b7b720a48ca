import { z } from 'zod';
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
