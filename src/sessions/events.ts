import type { ChatUser } from '../chat/chat.ts';
import type { SessionSummary } from './session.ts';

/** A login went live. `stackstormUser` is what StackStorm answered, so the person sees who the bot will be for them. */
export interface SessionStarted {
  readonly session: SessionSummary;
  readonly stackstormUser: string;
  readonly address: string;
  /** What the chat user had before it, and has no more. */
  readonly replaced?: SessionSummary;
}

/** StackStorm has taken a login's credentials, and the page shows a code: the person is to enter it in chat. */
export interface LoginProvisional {
  readonly user: ChatUser;
  readonly session: string;
  readonly stackstormUser: string;
  /** Until when the code is taken; ms since the epoch. */
  readonly expiresAt: number;
  /** Of the browser. */
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
 * Why a login was stopped although its secret, and often its credentials, were right. `account-bound`: the StackStorm
 * user is logged in from another chat account (`auth.oneChatUserPerAccount`). `not-me`: who opened the link said that it
 * is not them who asked. `not-confirmed`: the code was not entered in chat. `certificate-mismatch`,
 * `sign-in-mismatch`: the browser's person is not the chat user of the link.
 */
export type LoginRefusal =
  | 'account-bound'
  | 'not-me'
  | 'not-confirmed'
  | 'certificate-mismatch'
  | 'sign-in-mismatch';

/** A login was stopped by one of the defences of a link. Nothing that was typed is in it. */
export interface LoginRefused {
  readonly user: ChatUser;
  readonly session: string;
  readonly reason: LoginRefusal;
  /** The address of the browser. */
  readonly address: string;
  /** What StackStorm answered, where it was asked. */
  readonly stackstormUser?: string;
  /** Who is logged in as that StackStorm user (`account-bound`): they are told too. */
  readonly others?: readonly ChatUser[];
}

/** A StackStorm user is logged in from several chat accounts now, which is allowed (`auth.oneChatUserPerAccount`). */
export interface AccountShared {
  readonly session: SessionSummary;
  readonly stackstormUser: string;
  readonly others: readonly ChatUser[];
}

/** A chat user may fail no more for a while. Told once in that time, however many tries follow. */
export interface TooManyFailures {
  readonly user: ChatUser;
  readonly failures: number;
  /** Ms in which they failed. */
  readonly window: number;
  /** Of the try that was one too many, and when it came (ms since the epoch). */
  readonly address: string;
  readonly at: number;
}

/** A session has little time left. */
export interface SessionEnding {
  readonly session: SessionSummary;
  /** Ms from now. */
  readonly left: number;
}

/**
 * An admin has ended every session of a workspace; each is told of as a {@link SessionEnded} too. Once for each
 * workspace of the admin's scope.
 */
export interface AllCancelled {
  readonly by: ChatUser;
  readonly platform: string;
  readonly workspace: string;
  readonly count: number;
  /** Ms since the epoch. */
  readonly at: number;
}

/**
 * `ended`: by the person; `ended-elsewhere`: by the same StackStorm user, from another chat account; `cancelled`: by an
 * admin; `cancelled-all`: with all others of the admin's scope; `expired`: StackStorm refused its credential before its
 * time; `ran-out`: its time is over; `idle`: nobody used it; `left`: the person's account in chat is closed, or the
 * workspace has removed the bot. A session that a new login replaces is told of with that one.
 */
export type EndReason =
  | 'ended'
  | 'ended-elsewhere'
  | 'cancelled'
  | 'cancelled-all'
  | 'expired'
  | 'ran-out'
  | 'idle'
  | 'left';

export interface SessionEnded {
  readonly session: SessionSummary;
  readonly reason: EndReason;
}

/**
 * What people are told of their sessions. Each is called once over all instances, by the one whose compare and set won.
 * The answer to a browser or a command never waits for them; what they throw is logged.
 */
export interface SessionEvents {
  readonly onProvisional?: (event: LoginProvisional) => Promise<void>;
  readonly onStarted?: (event: SessionStarted) => Promise<void>;
  readonly onShared?: (event: AccountShared) => Promise<void>;
  readonly onDead?: (event: LoginDead) => Promise<void>;
  readonly onRefused?: (event: LoginRefused) => Promise<void>;
  readonly onTooManyFailures?: (event: TooManyFailures) => Promise<void>;
  readonly onEnding?: (event: SessionEnding) => Promise<void>;
  readonly onEnded?: (event: SessionEnded) => Promise<void>;
  readonly onAllCancelled?: (event: AllCancelled) => Promise<void>;
}
