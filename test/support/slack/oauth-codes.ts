import { createHash } from 'node:crypto';
import type { SlackWorld } from './world.ts';
import type { Enterprise, SlackApp, SlackUser, Workspace } from './world-types.ts';

/** A code is good for ten minutes, once. */
const LIFETIME_MS = 10 * 60_000;

/** What a person agreed to on a consent page. */
export interface Consent {
  readonly flow: 'install' | 'openid';
  readonly app: SlackApp;
  readonly user: SlackUser;
  readonly where: Workspace | Enterprise;
  readonly team: Workspace;
  readonly scopes: readonly string[];
  readonly userScopes: readonly string[];
  /** As it was sent; undefined: none was, and none may be sent with the code. */
  readonly redirectUri: string | undefined;
  readonly nonce: string | undefined;
  readonly codeChallenge: string | undefined;
}

interface Code {
  readonly consent: Consent;
  readonly expiresAt: number;
  used: boolean;
}

/** What an app sends to exchange a code. */
export interface CodeRequest {
  readonly flow: Consent['flow'];
  readonly app: SlackApp;
  readonly code: string;
  readonly redirectUri: string | undefined;
  readonly codeVerifier: string | undefined;
}

/** The codes of the consent pages. */
export class OAuthCodes {
  readonly #world: SlackWorld;
  readonly #codes = new Map<string, Code>();

  constructor(world: SlackWorld) {
    this.#world = world;
  }

  issue(consent: Consent): string {
    const code = `${consent.team.id}.${this.#world.core.word()}`;
    this.#codes.set(code, { consent, expiresAt: this.#world.now() + LIFETIME_MS, used: false });
    return code;
  }

  /** Uses a code up. A string is Slack's error (https://docs.slack.dev/reference/methods/oauth.v2.access#errors). */
  take(request: CodeRequest): Consent | string {
    const code = this.#codes.get(request.code);
    if (code === undefined || code.consent.app !== request.app || code.consent.flow !== request.flow)
      return 'invalid_code';
    if (code.used) return 'code_already_used';
    code.used = true;
    if (this.#world.now() > code.expiresAt) return 'code_expired';
    const { redirectUri, codeChallenge } = code.consent;
    if (redirectUri !== request.redirectUri) return 'bad_redirect_uri';
    if (codeChallenge !== undefined && codeChallenge !== s256(request.codeVerifier ?? ''))
      return 'invalid_code_verifier';
    return code.consent;
  }
}

function s256(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
