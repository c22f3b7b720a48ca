import type { ChatError, ChatMessage } from '../chat.ts';

export type OutgoingCall = 'post' | 'edit' | 'whisper';

/** How one incoming message is delivered. Plain weather is one delivery, at once, here, as typed. */
export interface Delivery {
  /** Late: not before this has resolved. */
  readonly after?: Promise<unknown>;
  /** Edited: this is delivered in place of what was typed. */
  readonly message?: ChatMessage;
  /** At another instance. */
  readonly at?: { deliver(message: ChatMessage): void };
}

/**
 * What a real platform does on a bad day, on request (rate limits, lost answers,
 * events that come twice, late, edited or at another instance). Tests make it; the demo has none.
 */
export interface Weather {
  /** Thrown instead of doing what was asked. */
  before?(call: OutgoingCall): ChatError | undefined;
  /** Thrown after it was done: the answer was lost on its way. */
  after?(call: OutgoingCall): ChatError | undefined;
  /** Every delivery of one incoming message; none loses it. */
  deliveries?(message: ChatMessage): readonly Delivery[];
}
