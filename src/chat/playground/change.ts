import { z } from 'zod';

const style = z.enum(['primary', 'danger']).exactOptional();

const buttonSchema = z.union([
  z.strictObject({ label: z.string(), url: z.string(), style }),
  z.strictObject({ label: z.string(), action: z.string(), value: z.string(), style }),
]);

const partSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    text: z.string(),
    isFormatted: z.literal(true).exactOptional(),
  }),
  z.strictObject({ type: z.literal('heading'), text: z.string() }),
  z.strictObject({ type: z.literal('code'), text: z.string() }),
  z.strictObject({
    type: z.literal('fields'),
    fields: z.array(z.strictObject({ label: z.string(), value: z.string() })).readonly(),
  }),
  z.strictObject({
    type: z.literal('table'),
    columns: z.array(z.string()).readonly(),
    rows: z.array(z.array(z.string()).readonly()).readonly(),
  }),
  z.strictObject({ type: z.literal('context'), text: z.string() }),
  z.strictObject({ type: z.literal('buttons'), buttons: z.array(buttonSchema).readonly() }),
]);

const contentSchema = z.strictObject({
  text: z.string(),
  parts: z.array(partSchema).readonly().exactOptional(),
  extra: z.record(z.string(), z.unknown()).exactOptional(),
});

/**
 * One entry of the log. `message` is new, `edit` gives another content to the message `of`, `reaction` marks it. `at` is in ms since the
 * epoch and never less than that of the entry before.
 */
export const changeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('message'),
    at: z.number(),
    from: z.string(),
    channel: z.string(),
    content: contentSchema,
    /** The id of the message that the thread hangs under. */
    thread: z.string().exactOptional(),
    /** The one person who sees it. */
    onlyFor: z.string().exactOptional(),
    /** The key of the bot's post, for ever (`ChatPlatform.post`). */
    key: z.string().exactOptional(),
    /** The event id that the client chose for what a person typed. */
    eventId: z.string().exactOptional(),
  }),
  z.strictObject({ kind: z.literal('edit'), at: z.number(), of: z.string(), content: contentSchema }),
  /** The bot's mark on a message: the name of an emoji, in place of another. */
  z.strictObject({
    kind: z.literal('reaction'),
    at: z.number(),
    of: z.string(),
    mark: z.string(),
    instead: z.string().exactOptional(),
  }),
]);

export type Change = z.infer<typeof changeSchema>;
export type NewMessage = Omit<Extract<Change, { kind: 'message' }>, 'kind' | 'at'>;
export type Content = z.infer<typeof contentSchema>;

/** A message as it stands now. */
export interface StoredMessage extends NewMessage {
  /** `<seconds>.<place in the log>`: sorts as text by time, unique over processes, fits StackStorm's id pattern. */
  readonly id: string;
  readonly at: number;
  readonly edited: boolean;
  /** Names of emoji. */
  readonly reactions: readonly string[];
  /** The place in the log of the last change of this message. */
  readonly changed: number;
}

/** The message id of the log entry at `seq`, written at `at` (ms). */
export function messageId(at: number, seq: number): string {
  return `${String(Math.floor(at / 1000)).padStart(10, '0')}.${String(seq % 1_000_000).padStart(6, '0')}`;
}
