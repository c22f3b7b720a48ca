import type { ChatUser } from '../chat/chat.ts';
import type { Credential } from '../stackstorm/credential.ts';

export type AuthMode = 'standalone' | 'clientside' | 'serverside';

/** Why a chat user has no credential now. */
export type RefusalReason =
  /** No session: the person is told in private how to log in, and nothing is run. */
  | 'no-session'
  /** There was one; it has run out, or StackStorm said 401 in the middle of it. */
  | 'session-expired'
  /** They have logged in, and have not entered the code that the page shows: nothing is theirs before that. */
  | 'code-awaited'
  /** Serverside: nothing says who they are at StackStorm. */
  | 'not-mapped';

export type Grant =
  | {
      readonly kind: 'granted';
      readonly credential: Credential;
      /** Who StackStorm says that the credential is (S10). */
      readonly stackstormUser: string;
      /** The session's UUID; absent in standalone. */
      readonly session?: string;
      /** When the person logged in, in ms since the epoch; absent where nobody does. */
      readonly startedAt?: number;
      /** Ms since the epoch; absent where it does not end. */
      readonly expiresAt?: number;
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason };

/** Who runs it (S7): the one place where a chat user becomes a credential. */
export interface Auth {
  readonly mode: AuthMode;
  /** Throws StoreError or StackStormError where it cannot be told; never falls back to another credential. */
  credentialFor(user: ChatUser): Promise<Grant>;
  /** StackStorm said 401 to this grant: the session ends (if it is still that one) on every instance. */
  rejected(user: ChatUser, grant: Grant & { kind: 'granted' }): Promise<void>;
}
