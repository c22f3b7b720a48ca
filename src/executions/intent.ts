import { z } from 'zod';
import type { ChatUser, Place } from '../chat/chat.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';

/** One run that a person asked for, as the router understood it. */
export interface Intent {
  /** One a run: the executions of a match_multiple hit have one each. */
  readonly correlationId: string;
  /** The correlation id that claimed the chat event, where it is not this run's own (match_multiple). */
  readonly claimedAs?: string;
  readonly eventId: string;
  readonly user: ChatUser;
  /** Where the acknowledgement and the result go: the thread of the command. */
  readonly place: Place;
  /** The platform's id of the message that held the command, where there is one: it may get a reaction. */
  readonly messageId?: string;
  readonly alias: Pick<ActionAlias, 'ref' | 'name' | 'action_ref' | 'ack' | 'result'>;
  /** The format string or representation that matched, exactly as the alias has it. */
  readonly format: string;
  /** The command's text as matched. */
  readonly command: string;
  /** The execution that is to be run once more, instead of a command. */
  readonly rerunOf?: string;
}

const user = z.object({ platform: z.string(), workspace: z.string(), id: z.string() });
const place = z.object({
  platform: z.string(),
  workspace: z.string(),
  channel: z.string(),
  kind: z.enum(['direct', 'channel']),
  thread: z.string().exactOptional(),
});
const postRef = z.object({ place, id: z.string() });

/** What of an alias outlasts the POST: what recovery needs where the 201 was never read. */
const aliasRow = z.object({
  ref: z.string(),
  name: z.string(),
  actionRef: z.string(),
  acknowledge: z.boolean(),
  appendUrl: z.boolean(),
  postResult: z.boolean(),
});

/** What the acknowledgement goes on saying while it lives; absent where the alias wants none, or progress is off. */
const livingFacts = z.object({
  /** The alias author's own words, as StackStorm rendered them. */
  own: z.string().exactOptional(),
  extra: z.record(z.string(), z.unknown()).exactOptional(),
  /** Masked. */
  parameters: z.array(z.object({ label: z.string(), value: z.string() })),
  url: z.string().exactOptional(),
  /** Of several runs under one acknowledgement: the commands that StackStorm did not take, and why. */
  notTaken: z.array(z.object({ command: z.string(), state: z.string() })).exactOptional(),
});
export type LivingFacts = z.infer<typeof livingFacts>;

/** How long the execution ran, in seconds. */
const seconds = z.number().exactOptional();

/**
 * How far a run is. `intended`: the POST may have left or not. `accepted`: StackStorm answered this execution.
 * `ended`: the owner posts the result from now on at any moment, so that whoever takes over looks first.
 * `posted`: nothing is left to do; kept a while, so that what comes late is known.
 */
const progress = z.discriminatedUnion('state', [
  z.object({ state: z.literal('intended'), notice: postRef.exactOptional() }),
  z.object({
    state: z.literal('accepted'),
    executionId: z.string(),
    ack: postRef.exactOptional(),
    /** The correlation ids of the runs that share the acknowledgement. */
    group: z.array(z.string()).exactOptional(),
  }),
  z.object({
    state: z.literal('ended'),
    executionId: z.string(),
    status: z.string(),
    seconds,
    ack: postRef.exactOptional(),
    group: z.array(z.string()).exactOptional(),
  }),
  z.object({
    state: z.literal('posted'),
    executionId: z.string(),
    status: z.string(),
    seconds,
    /** The acknowledgement, while it does not say yet how the run ended. */
    ack: postRef.exactOptional(),
    group: z.array(z.string()).exactOptional(),
  }),
]);
export type Progress = z.infer<typeof progress>;

/** A run's row in the Store, kind `run`, id = correlation id; encrypted, because the intent holds what was typed. */
export const runRow = z.object({
  owner: z.string(),
  intendedAt: z.number(),
  eventId: z.string(),
  claimedAs: z.string(),
  user,
  place,
  messageId: z.string().exactOptional(),
  alias: aliasRow,
  format: z.string(),
  command: z.string(),
  rerunOf: z.string().exactOptional(),
  /** Who StackStorm says that runs it; known from the 201 on. */
  stackstormUser: z.string().exactOptional(),
  living: livingFacts.exactOptional(),
  progress,
});
export type RunRow = z.infer<typeof runRow>;

/** The first row of a run. */
export function intendedRow(intent: Intent, owner: string, now: number): RunRow {
  const { alias } = intent;
  return {
    owner,
    intendedAt: now,
    eventId: intent.eventId,
    claimedAs: intent.claimedAs ?? intent.correlationId,
    user: intent.user,
    place: intent.place,
    ...(intent.messageId === undefined ? {} : { messageId: intent.messageId }),
    alias: {
      ref: alias.ref,
      name: alias.name,
      actionRef: alias.action_ref,
      acknowledge: alias.ack?.enabled !== false,
      appendUrl: alias.ack?.append_url !== false,
      postResult: alias.result?.enabled !== false,
    },
    format: intent.format,
    command: intent.command,
    ...(intent.rerunOf === undefined ? {} : { rerunOf: intent.rerunOf }),
    progress: { state: 'intended' },
  };
}

/** The execution that StackStorm answered to the run's POST, once known. */
export function executionIdOf(row: RunRow): string | undefined {
  return row.progress.state === 'intended' ? undefined : row.progress.executionId;
}
