import { z } from 'zod';
import { duration, oneOf, wholeNumber } from './fields.ts';
import { group } from './group.ts';

/** What `true` stands for; each is a name that Slack knows. */
const usualReactions = { running: 'hourglass_flowing_sand', done: 'white_check_mark', failed: 'x' } as const;

function reactionName(usual: string) {
  const error = 'the name of an emoji without its colons, such as "rocket"';
  return z
    .string({ error })
    .regex(/^[\p{L}\p{N}_+'-]{1,100}$/u, { error })
    .meta({ title: 'the name of an emoji' })
    .prefault(usual);
}

const reactions = z
  .union(
    [
      z.boolean(),
      group({
        running: reactionName(usualReactions.running).describe('While it runs.'),
        done: reactionName(usualReactions.done).describe('When it succeeded.'),
        failed: reactionName(usualReactions.failed).describe('When it ended otherwise.'),
      }),
    ],
    { error: 'true, false or an object such as {"running": "eyes", "done": "rocket", "failed": "x"}' },
  )
  .meta({ title: 'true, false or an object' })
  .transform((value) => {
    if (value === false) return undefined;
    return value === true ? usualReactions : value;
  });

/** Section `executions`. */
export const executionsSection = group({
  announcementWait: duration('0s', '10m')
    .prefault('10s')
    .describe(
      "How long StackStorm's announcement is awaited after an execution's end; then the bot posts the result.",
    ),
  pollInterval: duration('1s', '10m').prefault('15s').describe('How often open executions are asked for.'),
  progress: oneOf(['live', 'quiet', 'off'])
    .prefault('live')
    .describe(
      '`live`: the acknowledgement is edited while the execution runs, and at its end. `quiet`: at its end alone. `off`: never.',
    ),
  reactions: reactions
    .prefault(false)
    .describe('Whether the message with the command gets a reaction: while it runs, and how it ended.'),
  maxMatches: wholeNumber(1, 10)
    .default(10)
    .describe('Runs that one command with several matches may start.'),
  maxInFlight: wholeNumber(1, 10_000)
    .default(100)
    .describe('Executions that are being asked for at the same time.'),
  deadLetterTtl: duration('1h', '365d')
    .prefault('7d')
    .describe('How long a message that could not be posted is kept.'),
  resultMaxLength: wholeNumber(200, 100_000)
    .default(30_000)
    .describe('Characters of a result in chat; the rest is one link away.'),
});
