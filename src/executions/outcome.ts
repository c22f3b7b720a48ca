import type { Post } from '../chat/chat.ts';
import type { StackStormError } from '../stackstorm/errors.ts';
import type { AliasExecutionAnswer, Execution } from '../stackstorm/wire.ts';
import { words } from './messages.ts';

/** Why a run is none. Nothing was run, but with `wrong-alias`, where what ran was cancelled. */
export type RefusalCode =
  | 'unauthorized'
  | 'not-granted'
  | 'forbidden'
  | 'rejected'
  | 'unreachable'
  | 'stopping'
  /** A fault of the bot's own, in the middle of several runs. */
  | 'fault'
  | 'wrong-alias';

/** What became of a run. The person has been told in each case. */
export type RunOutcome =
  | { readonly kind: 'accepted'; readonly executionId: string }
  /** StackStorm did not answer: it is being searched for, and the person is told what comes of it (R6). */
  | { readonly kind: 'uncertain' }
  | { readonly kind: 'refused'; readonly code: RefusalCode };

/** What became of the one POST of a run. */
export type Sent =
  | Accepted
  | { readonly kind: 'uncertain'; readonly requestId: string }
  /** Nothing has left: this instance slept too long, and another one has taken the run over. */
  | { readonly kind: 'lost' }
  | Refused;

export interface Accepted {
  readonly kind: 'accepted';
  readonly execution: Execution;
  /** What StackStorm said of the alias; absent for a rerun, which is of an execution. */
  readonly answer?: AliasExecutionAnswer;
}

export interface Refused {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  readonly post: Post;
  /** StackStorm's own words and what concerns a login are for the person alone. */
  readonly isPrivate: boolean;
}

/**
 * A failed POST, sorted (R6). `uncertain` is everything after which StackStorm may be running the alias: it is never
 * repeated, it is searched for.
 */
export function sentOf(error: StackStormError, requestId: string, login: string | undefined): Sent {
  const isUncertain =
    error.mayHaveHappened ||
    error.code === 'server-error' ||
    error.code === 'timed-out' ||
    error.code === 'unexpected-answer';
  if (isUncertain) return { kind: 'uncertain', requestId: error.requestId ?? requestId };
  switch (error.code) {
    case 'unauthorized':
      return refused('unauthorized', words.unauthorized(login), true);
    case 'forbidden':
      return refused('forbidden', words.forbidden(error), true);
    case 'unreachable':
      return refused('unreachable', words.unreachable(), false);
    default:
      return refused('rejected', words.rejected(error), true);
  }
}

export function refused(code: RefusalCode, post: Post, isPrivate: boolean): Refused {
  return { kind: 'refused', code, post, isPrivate };
}
