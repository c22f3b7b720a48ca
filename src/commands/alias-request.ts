import type { ChatMessage } from '../chat/chat.ts';
import type { Answers } from './command.ts';

/** An alias's text, as the router heard it. */
export interface AliasRequest {
  readonly message: ChatMessage;
  readonly text: string;
  readonly correlationId: string;
  /** True for the one delivery, at one instance, that may act on the event (R2). */
  readonly claim: Promise<boolean>;
  readonly answers: Answers;
  /** The second steps that it has behind it, and what they were taken for. */
  readonly passed?: PassedSteps;
}

export interface PassedSteps {
  readonly aliasRef: string;
  readonly format: string;
  readonly isConfirmed: boolean;
  readonly approvals: number;
}

/** What became of a request; where it was not run, the person has been told why. */
export type RequestEnd = 'run' | 'waiting' | 'not-run' | 'not-claimed';
