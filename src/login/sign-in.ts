import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ChatUser } from '../chat/chat.ts';
import type { ChatSignIn } from '../chat/sign-in.ts';
import { sessionId } from '../sessions/link.ts';
import type { Encryption } from '../storage/encryption.ts';
import { Limiter } from '../storage/limiter.ts';
import type { Store } from '../storage/store.ts';
import type { LoginDeps } from './app.ts';
import { createOidcCookie, type OidcCookie, tripMs } from './oidc-cookie.ts';
import type { Replies } from './replies.ts';
import type { BodyHandler } from './security.ts';
import { SignInStates } from './sign-in-states.ts';

/** Where a chat platform leads back to. Always on the public URL, whatever a request says of itself. */
export const callbackPath = '/login/oidc/callback';

/** What the way to the chat platform and back needs (`auth.confirm: "slack"`). */
export interface SignInLeg {
  /** How the person's platform proves who somebody is. Undefined: it cannot, and nobody of it can log in. */
  readonly of: (user: ChatUser) => ChatSignIn | undefined;
  readonly cookie: OidcCookie;
  readonly states: SignInStates;
  /** By login. */
  readonly limiter: Limiter;
  readonly redirectUri: string;
}

export interface SignInLegParts {
  readonly of: SignInLeg['of'];
  readonly store: Store;
  readonly encryption: Encryption;
  /** Ms since the epoch. */
  readonly now: () => number;
}

/** How often one login may set out to the platform. */
const limit = { count: 20, window: tripMs };

export function createSignInLeg({ of, store, encryption, now }: SignInLegParts, publicUrl: URL): SignInLeg {
  return {
    of,
    cookie: createOidcCookie(encryption, publicUrl),
    states: new SignInStates(store),
    limiter: new Limiter(store, 'sign-in', limit, now),
    redirectUri: new URL(callbackPath, publicUrl).href,
  };
}

const signInBody = z.object({ login: sessionId });

/** `POST /login/api/sign-in`: where the browser goes to show who its person is; it takes `state` and `nonce` along. */
export function signInHandler(deps: LoginDeps, leg: SignInLeg, replies: Replies): BodyHandler {
  return async (c, _client, json) => {
    const body = signInBody.safeParse(json);
    if (!body.success) return replies.problem('malformed-body');
    const ref = deps.cookie.read(c);
    if (ref === undefined || ref.session !== body.data.login) return replies.problem('no-login');
    const { user, session } = ref;
    if ((await deps.sessions.openLogin(ref)) === undefined) {
      return replies.problem('login-dead', { cookie: deps.cookie.ended });
    }
    const signIn = leg.of(user);
    if (signIn === undefined) {
      deps.logger.error(
        { platform: user.platform },
        'auth.confirm is slack, and this platform has no sign-in',
      );
      return replies.problem('login-unavailable');
    }
    const taken = await leg.limiter.take(session);
    if (taken.kind === 'limited') return replies.problem('too-many-requests', taken);

    const [state, nonce, verifier] = [word(), word(), word()];
    await leg.states.begin(state, session);
    const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
    const url = signIn.authorizeUrl({ user, state, nonce, codeChallenge, redirectUri: leg.redirectUri });
    const cookie = leg.cookie.given({ state, nonce, verifier, login: { user, session } }, tripMs);
    deps.metrics.logins.inc({ outcome: 'sign-in-begun' });
    return replies.json({ url }, { cookie });
  };
}

/** 256 random bits; 43 characters, as RFC 7636 wants of a verifier. */
function word(): string {
  return randomBytes(32).toString('base64url');
}
