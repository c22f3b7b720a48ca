import { createHash, randomBytes } from 'node:crypto';
import {
  type ChatSignIn,
  type ProvenPerson,
  type SignInAnswer,
  SignInError,
  type SignInRequest,
} from '../sign-in.ts';
import { type PersonName, userOf } from './places.ts';

/** How long a code is good, in ms, as with Slack. */
const codeTtl = 10 * 60_000;
const mostCodes = 1_000;

/** What the playground's page was asked, and who pressed "allow" on it. */
interface Consent {
  readonly person: PersonName;
  readonly nonce: string;
  readonly redirectUri: string;
  readonly codeChallenge: string;
  readonly expiresAt: number;
}

/**
 * Signing in at the playground, where everyone may be anyone: for the demo of what Sign in with Slack does. Its codes are
 * as strict as Slack's: good once, for ten minutes, for the nonce, address and verifier that they were asked with.
 */
export class PlaygroundSignIn implements ChatSignIn {
  readonly label = 'Sign in with the playground';
  readonly #address: string | undefined;
  readonly #now: () => number;
  readonly #codes = new Map<string, Consent>();

  /** `address` is where the playground's pages are, if not on the login page's own listener. */
  constructor(address: string | undefined, now: () => number) {
    this.#address = address;
    this.#now = now;
  }

  authorizeUrl({ user, state, nonce, redirectUri, codeChallenge }: SignInRequest): string {
    const url = new URL('/playground/sign-in', this.#address ?? redirectUri);
    const parameters = {
      state,
      nonce,
      redirect_uri: redirectUri,
      code_challenge: codeChallenge,
      login_hint: user.id,
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url.href;
  }

  /** Somebody says on the page who they are; answers the code. */
  allow(consent: Omit<Consent, 'expiresAt'>): string {
    const code = randomBytes(32).toString('base64url');
    this.#codes.set(code, { ...consent, expiresAt: this.#now() + codeTtl });
    const [oldest] = this.#codes.keys();
    if (this.#codes.size > mostCodes && oldest !== undefined) this.#codes.delete(oldest);
    return code;
  }

  async prove({ code, nonce, redirectUri, codeVerifier }: SignInAnswer): Promise<ProvenPerson> {
    const consent = this.#codes.get(code);
    this.#codes.delete(code);
    if (consent === undefined || consent.expiresAt <= this.#now()) {
      throw new SignInError('refused', 'invalid_code');
    }
    if (consent.redirectUri !== redirectUri) throw new SignInError('refused', 'bad_redirect_uri');
    const challenge = createHash('sha256').update(codeVerifier).digest('base64url');
    if (consent.codeChallenge !== challenge) throw new SignInError('refused', 'invalid_code_verifier');
    if (consent.nonce !== nonce) throw new SignInError('not-proven', 'nonce');
    return { user: userOf(consent.person), name: consent.person };
  }
}
