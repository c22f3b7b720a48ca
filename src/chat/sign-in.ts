/**
 * How a person proves in a browser who they are on a chat platform: OpenID Connect's authorization code flow (OpenID
 * Connect Core 1.0, section 3.1), as far as a platform has it. The login page asks for it before its form where
 * `auth.confirm` is `slack` (security.md T1).
 * @module
 */

import type { ChatUser } from './chat.ts';

/** What a platform's page is asked. `state`, `nonce` and the verifier behind `codeChallenge` are used once. */
export interface SignInRequest {
  /** Whose login it is. A platform may lead people to the right workspace; it proves nothing. */
  readonly user: ChatUser;
  readonly state: string;
  readonly nonce: string;
  readonly redirectUri: string;
  /** S256 of a PKCE verifier (RFC 7636); a platform that does not offer PKCE leaves it out. */
  readonly codeChallenge: string;
}

/** What came back, and what it was asked with. */
export interface SignInAnswer {
  readonly user: ChatUser;
  readonly code: string;
  readonly nonce: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
}

/** Who the platform says that the browser's person is. */
export interface ProvenPerson {
  readonly user: ChatUser;
  /** What they are called, for their own eyes. */
  readonly name: string;
}

/**
 * `unreachable`: the platform did not answer, or is at fault itself; trying again may help. `refused`: it does not take the
 * code, or the bot. `not-proven`: what it answered proves nothing.
 */
export type SignInErrorCode = 'unreachable' | 'refused' | 'not-proven';

/** Holds no code, token or secret. */
export class SignInError extends Error {
  readonly code: SignInErrorCode;
  /** The platform's own code, or the claim that is wrong; safe for logs. */
  readonly reason: string;

  constructor(code: SignInErrorCode, reason: string, options: { cause?: unknown } = {}) {
    super(`sign-in: ${code} (${reason})`, options);
    this.name = 'SignInError';
    this.code = code;
    this.reason = reason;
  }
}

/** Signing in at a chat platform, in a browser. */
export interface ChatSignIn {
  /** What the button says, such as `Sign in with Slack`. */
  readonly label: string;
  /** The page of the platform to go to. */
  authorizeUrl(request: SignInRequest): string;
  /** Exchanges the code for the platform's word on who it is. Throws {@link SignInError}. A code is never sent twice. */
  prove(answer: SignInAnswer): Promise<ProvenPerson>;
}
