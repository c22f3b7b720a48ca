import type { ChatUser } from '../chat/chat.ts';
import { type Attempted, attempt } from './attempt.ts';
import { refuseCertificate } from './certificate.ts';
import { type Confirmed, confirm, spoil } from './confirm.ts';
import { createContext, type SessionDeps, type SessionOptions } from './context.ts';
import { settleDue } from './due.ts';
import { cancel, end, expired, type Leaver, left } from './end.ts';
import { cancelAll, type EndedEverywhere, endEverywhere } from './end-all.ts';
import { LastUse } from './last-use.ts';
import { list, type Scope } from './list.ts';
import { ranOut } from './notes.ts';
import { type LoginRef, type LoginView, type Opened, open, openLogin } from './open.ts';
import { awaitsCode, type LoginProgress, progress } from './progress.ts';
import { refuse } from './refuse.ts';
import type { LiveSession, SessionSummary } from './session.ts';
import { type SignedIn, signIn, signInFailed } from './sign-in.ts';
import { type Asked, type Started, start } from './start.ts';

/**
 * A session's whole life, step by step: asked (`start`) → opened (`open`) → tries (`attempt`) → provisional, where
 * logins are confirmed → live (`confirm`, or an attempt that succeeds) → ended (`end`, `cancel`, `expired`, or its time). Every method throws StoreError, EncryptionError where the
 * Store cannot be used, and AuditError where the act may not go on unrecorded (S8). Chat users' keys hold no `:` in
 * their parts.
 */
export interface SessionService {
  /** A link for the chat user. Ends a login of theirs that is on its way; a live session stays. */
  start(user: ChatUser, secret: string, asked: Asked): Promise<Started>;
  /**
   * Consumes a link, for a browser at `address`: exactly one opener wins. `isTheirs`: whether the browser may be the
   * link's chat user's; where it may not, the link is as good as before.
   */
  open(link: string, address: string, isTheirs?: (user: ChatUser) => Promise<boolean>): Promise<Opened>;
  /** The opened login that a browser holds, or undefined where it is over. */
  openLogin(ref: LoginRef): Promise<LoginView | undefined>;
  /** How far the login has come that a browser holds, or undefined where it is over. */
  progress(ref: LoginRef): Promise<LoginProgress | undefined>;
  /** The chat platform has said who the person of the login's browser is: noted, or the login ends. */
  signIn(ref: LoginRef, proven: ChatUser, address: string): Promise<SignedIn>;
  /** It did not: `outcome` (a code) goes into the audit log. */
  signInFailed(ref: LoginRef, outcome: string, address: string): Promise<void>;
  /** The login's browser came with somebody else's certificate: recorded, and the owner told once. Nothing ends. */
  refuseCertificate(ref: LoginRef, address: string): Promise<void>;
  /** Takes one try and checks the secret; a right one is to be ended by the {@link Attempted} attempt's methods. */
  attempt(ref: LoginRef, secret: string, address: string): Promise<Attempted>;
  /** The chat user enters the code that the login page shows. */
  confirm(user: ChatUser, code: string): Promise<Confirmed>;
  /** A code was typed in a channel, for others to read: the login that waits for it ends. True where one did. */
  spoil(user: ChatUser, channel: string): Promise<boolean>;
  /** The browser's person says that it is not their chat account: the login, or what it has become, ends. True where it did. */
  refuse(ref: LoginRef, address: string): Promise<boolean>;
  /** The user's live session. One read of the Store: another instance's end of it counts at once. */
  current(user: ChatUser): Promise<LiveSession | undefined>;
  /** For a user without a session: whether the last one ran out, so that they can be told so. */
  ranOut(user: ChatUser): Promise<boolean>;
  /** Whether a login of the user's waits for the code that its page shows. */
  awaitsCode(user: ChatUser): Promise<boolean>;
  /** Live sessions in an admin's scope, without credentials. */
  list(scope: Scope): Promise<SessionSummary[]>;
  /** The person ends their session and any login on its way. */
  end(user: ChatUser): Promise<SessionSummary | undefined>;
  /** An admin ends a session and any login on its way: by the session's UUID or a chat user key, in scope. */
  cancel(target: string, scope: Scope, by: ChatUser): Promise<SessionSummary | undefined>;
  /** The same, and every other chat account's session as the same StackStorm user. */
  endEverywhere(user: ChatUser): Promise<EndedEverywhere>;
  /** An admin ends every session and login in scope. Answers how many people had one. */
  cancelAll(scope: Scope, by: ChatUser): Promise<number>;
  /** Looks at the sessions whose time has come: reminds of those that end soon, tells of and ends those that are over. */
  settleDue(): Promise<void>;
  /** StackStorm refused the session's credential. True where this call ended it. */
  expired(user: ChatUser, session: string): Promise<boolean>;
  /** A person, or everyone of a workspace, is gone from the chat: what they had ends. Answers how many it were. */
  left(who: Leaver): Promise<number>;
}

export function createSessionService(deps: SessionDeps, options: SessionOptions): SessionService {
  const context = createContext(deps, options);
  const uses = new LastUse(context);
  return {
    start: (user, secret, asked) => start(context, user, secret, asked),
    open: (link, address, isTheirs) => open(context, link, address, isTheirs),
    refuseCertificate: (ref, address) => refuseCertificate(context, ref, address),
    openLogin: (ref) => openLogin(context, ref),
    progress: (ref) => progress(context, ref),
    confirm: (user, code) => confirm(context, user, code),
    spoil: (user, channel) => spoil(context, user, channel),
    refuse: (ref, address) => refuse(context, ref, address),
    signIn: (ref, proven, address) => signIn(context, ref, proven, address),
    signInFailed: (ref, outcome, address) => signInFailed(context, ref, outcome, address),
    attempt: (ref, secret, address) => attempt(context, ref, secret, address),
    async current(user) {
      const live = (await context.rows.get(user))?.live;
      if (live !== undefined) uses.note(user, live);
      return live;
    },
    ranOut: (user) => ranOut(context, user),
    awaitsCode: (user) => awaitsCode(context, user),
    list: (scope) => list(context, scope),
    end: (user) => end(context, user),
    cancel: (target, scope, by) => cancel(context, target, scope, by),
    endEverywhere: (user) => endEverywhere(context, user),
    cancelAll: (scope, by) => cancelAll(context, scope, by),
    settleDue: () => settleDue(context),
    expired: (user, session) => expired(context, user, session),
    left: (who) => left(context, who),
  };
}
