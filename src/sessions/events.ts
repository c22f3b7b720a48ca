import type { ChatUser } from '../chat/chat.ts';
import type { SessionSummary } from './session.ts';

/** A login went live. `stackstormUser` is what StackStorm answered, so the person sees who the bot will be for them. */
export interface SessionStarted {
  readonly session: SessionSummary;
  readonly stackstormUser: string;
  readonly address: string;
}

/** A login used up its attempts. Nothing that was typed is in it. */
export interface LoginDead {
  readonly user: ChatUser;
  readonly session: string;
  /** Wrong tries. */
  readonly failures: number;
  /** Ms since the epoch, and the address of the last of them. */
  readonly at: number;
  readonly address: string;
}

/**
 * `ended`: by the person; `cancelled`: by an admin; `expired`: StackStorm refused its credential before its time; `left`:
 * the person's account in chat is closed, or the workspace has removed the bot.
 */
export type EndReason = 'ended' | 'cancelled' | 'expired' | 'left';

export interface SessionEnded {
  readonly session: SessionSummary;
  readonly reason: EndReason;
}

/**
 * What people are told of their sessions. Each is called once over all instances, by the one whose compare and set won.
 * The answer to a browser or a command never waits for them; what they throw is logged.
 */
export interface SessionEvents {
  readonly onStarted?: (event: SessionStarted) => Promise<void>;
  readonly onDead?: (event: LoginDead) => Promise<void>;
  readonly onEnded?: (event: SessionEnded) => Promise<void>;
}
