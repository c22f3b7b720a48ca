import { z } from 'zod';
import { runRow } from '../intent.ts';

/** How an inquiry ended, as far as that is known. */
const ending = z.discriminatedUnion('kind', [
  /** `by`: the StackStorm user whose credential answered; unknown where it was answered elsewhere. */
  z.object({ kind: z.literal('answered'), by: z.string().exactOptional() }),
  z.object({ kind: z.literal('expired') }),
  z.object({ kind: z.literal('cancelled') }),
  /** StackStorm's status word for whatever else became of it; `abandoned` where it does not know it any more. */
  z.object({ kind: z.literal('ended'), status: z.string() }),
]);
export type Ending = z.infer<typeof ending>;

const post = z.object({ place: runRow.shape.place, id: z.string() });

/**
 * A question of a workflow's in the Store, kind `inquiry`, id = the inquiry's execution. `asking`: its message may stand or
 * not, its owner posts it. `open`: it stands (or nobody could be told). `closed`: its message says how it ended; kept a
 * while, so that what comes late is known.
 */
export const inquiryRow = z.object({
  owner: z.string(),
  /** Of the run that asks. */
  correlationId: z.string(),
  user: runRow.shape.user,
  place: runRow.shape.place,
  aliasRef: z.string(),
  /** What is asked, in a line. */
  heading: z.string(),
  /** StackStorm's own page. */
  url: z.string().exactOptional(),
  progress: z.discriminatedUnion('state', [
    z.object({ state: z.literal('asking') }),
    z.object({ state: z.literal('open'), post: post.exactOptional() }),
    z.object({ state: z.literal('closed'), post: post.exactOptional(), ending }),
  ]),
});
export type InquiryRow = z.infer<typeof inquiryRow>;

/** The key under which the question stands in chat for ever. */
export function inquiryKey(id: string): string {
  return `inquiry:${id}`;
}

/** What a status of an ended execution, other than `succeeded`, means to those who were asked. */
export function endingOf(status: string): Ending {
  if (status === 'timeout') return { kind: 'expired' };
  return status === 'canceled' ? { kind: 'cancelled' } : { kind: 'ended', status };
}
