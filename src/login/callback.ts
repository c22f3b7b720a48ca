import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { SignInError } from '../chat/sign-in.ts';
import type { LoginDeps } from './app.ts';
import { describeUser } from './describe.ts';
import type { SignInTrip } from './oidc-cookie.ts';
import { problemOf } from './problem-of.ts';
import type { Replies } from './replies.ts';
import type { Handler } from './security.ts';
import type { SignInLeg } from './sign-in.ts';
import {
  otherPersonPage,
  problemPage,
  type SignInEnd,
  signedInPage,
  signInEndPage,
} from './sign-in-pages.ts';

const callbackQuery = z.object({
  state: z.string().max(256).default(''),
  code: z.string().min(1).max(2048).optional(),
  error: z.string().max(256).optional(),
});

/**
 * `GET /login/oidc/callback`: the chat platform leads the browser back. Only the cookie of this trip counts here; the
 * login's own is Strict and does not come along from another site. In this order: this browser set out; with this state;
 * which nobody has used; the person allowed it; the platform says who it is; and that is whose login it is. The answer is
 * a page whose script goes on from our own site.
 */
export function callbackHandler(deps: LoginDeps, leg: SignInLeg, replies: Replies): Handler {
  const ended = (end: SignInEnd, cookie?: string) => {
    deps.metrics.logins.inc({ outcome: `sign-in-${end}` });
    return replies.html(signInEndPage(end), cookie);
  };
  const answer: Handler = async (c, client) => {
    const trip = leg.cookie.read(c);
    if (trip === undefined) return ended('not-begun');
    const query = callbackQuery.safeParse(c.req.query());
    // The cookie stays: whoever sends a browser here with a state of their own ends no sign-in under way.
    if (!query.success || !isSame(query.data.state, trip.state)) return ended('other-state');
    const { code } = query.data;
    const over = async (end: SignInEnd, outcome = `sign-in-${end}`) => {
      await deps.sessions.signInFailed(trip.login, outcome, client.address);
      return ended(end, leg.cookie.ended);
    };
    if (!(await leg.states.use(trip.state, trip.login.session))) return over('used');
    if (code === undefined || query.data.error !== undefined) return over('cancelled');

    const proven = await prove(deps, leg, trip, code);
    if (typeof proven === 'string') return over(proven);
    const signedIn = await deps.sessions.signIn(trip.login, proven.user, client.address);
    switch (signedIn.kind) {
      case 'dead':
        return ended('login-dead', leg.cookie.ended);
      case 'other-person': {
        deps.metrics.logins.inc({ outcome: 'sign-in-mismatch' });
        const owner = await describeUser(deps, trip.login.user);
        const page = otherPersonPage({ name: proven.name, id: proven.user.id }, owner);
        return replies.html(page, leg.cookie.ended);
      }
      case 'signed-in':
        deps.metrics.logins.inc({ outcome: 'signed-in' });
        return replies.html(signedInPage(), leg.cookie.ended);
    }
  };
  return async (c, client) => {
    try {
      return await answer(c, client);
    } catch (error) {
      const code = problemOf(error);
      deps.metrics.logins.inc({ outcome: code });
      deps.logger.error({ err: error, code }, 'a sign-in could not be finished');
      return replies.html(problemPage(code));
    }
  };
}

async function prove(deps: LoginDeps, leg: SignInLeg, { login, nonce, verifier }: SignInTrip, code: string) {
  const signIn = leg.of(login.user);
  if (signIn === undefined) return 'refused';
  const { redirectUri } = leg;
  try {
    return await signIn.prove({ user: login.user, code, nonce, redirectUri, codeVerifier: verifier });
  } catch (error) {
    if (!(error instanceof SignInError)) throw error;
    deps.logger.warn({ code: error.code, reason: error.reason }, 'a person could not be proven');
    return error.code;
  }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
