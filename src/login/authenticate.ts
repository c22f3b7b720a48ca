import { z } from 'zod';
import type { Attempt, ProvenCredential } from '../sessions/attempt.ts';
import { sessionId } from '../sessions/link.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import type { LoginDeps, LoginOptions } from './app.ts';
import { prove, type TypedCredentials, typedCredentials } from './credentials.ts';
import type { ProblemCode } from './problems.ts';
import type { ProblemDetails, Replies } from './replies.ts';
import type { BodyHandler } from './security.ts';

const loginInput = z.object({ login: sessionId, secret: z.string().min(1).max(2048) }).and(typedCredentials);

/** How often a browser asks again while the probe of password logins goes on (S9). */
const probeRetryMs = 10_000;

/**
 * `POST /login/api/authenticate`. In this order: what was typed is well formed; the browser holds this very login, and
 * its certificate is its person's where that counts;
 * password logins are safe; an attempt is taken and the secret is right; StackStorm takes the credentials; the login is
 * still the user's. Only then is there a session, or a code that makes it one.
 */
export function authenticateHandler(deps: LoginDeps, options: LoginOptions, replies: Replies): BodyHandler {
  const proof = {
    tokenTtl: options.tokenTtl,
    onLowered: warnOnce(deps),
    now: deps.now,
  };
  return async (c, client, body) => {
    const answer = (code: ProblemCode, details?: ProblemDetails) => {
      deps.metrics.logins.inc({ outcome: code });
      return replies.problem(code, details);
    };
    // The same bytes whatever the credentials were worth: the end of a login must not tell that they were right.
    const dead = () => answer('login-dead', { cookie: deps.cookie.ended });
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return answer('malformed-body');
    const input = loginInput.safeParse(body);
    if (!input.success) return answer('invalid-input', { fields: fieldsOf(input.error) });
    if (!options.methods.includes(input.data.method)) return answer('invalid-input', { fields: ['method'] });

    const ref = deps.cookie.read(c);
    if (ref === undefined || ref.session !== input.data.login) return answer('no-login');
    const unproven = await deps.certificates?.refusal(c, ref, client.address);
    if (unproven !== undefined) return answer(unproven);
    if (input.data.method === 'password' && !deps.passwords.isOpen) {
      return answer('login-unavailable', { retryAfterMs: probeRetryMs });
    }

    const attempted = await deps.sessions.attempt(ref, input.data.secret, client.address);
    switch (attempted.kind) {
      case 'dead':
        return dead();
      case 'sign-in-required':
        return answer('sign-in-required');
      case 'limited':
        return answer('too-many-requests', { retryAfterMs: attempted.retryAfterMs });
      case 'wrong-secret':
        return answer('wrong-secret', { attemptsLeft: attempted.attemptsLeft });
      case 'right-secret':
        break;
    }

    const proven = await tryToProve(deps, input.data, proof, attempted.attempt);
    if ('problem' in proven) {
      return proven.problem === 'login-dead' ? dead() : answer(proven.problem, proven.details);
    }
    const lived = await attempted.attempt.succeed(proven);
    if (lived.kind === 'dead') return dead();
    if (lived.kind === 'account-bound') return answer('account-bound', { cookie: deps.cookie.ended });
    const { stackstormUser } = proven;
    if (lived.kind === 'provisional') {
      const { code } = lived;
      deps.metrics.logins.inc({ outcome: 'provisional' });
      const cookie = deps.cookie.given({ ...ref, code }, lived.expiresAt - deps.now());
      const confirm = { code, expiresAt: new Date(lived.expiresAt).toISOString() };
      return replies.json({ stackstormUser, confirm }, { cookie, status: 202 });
    }
    deps.metrics.logins.inc({ outcome: 'ok' });
    const expiresAt = new Date(lived.session.expiresAt).toISOString();
    return replies.json({ stackstormUser, expiresAt }, { cookie: deps.cookie.ended });
  };
}

interface NotProven {
  readonly problem: ProblemCode;
  readonly details?: ProblemDetails;
}

/** StackStorm's word on the credentials, or the problem to answer; the attempt has then been ended. */
async function tryToProve(
  deps: LoginDeps,
  typed: TypedCredentials,
  proof: Parameters<typeof prove>[2],
  attempt: Attempt,
): Promise<ProvenCredential | NotProven> {
  try {
    return await prove(deps.stackstorm, typed, proof);
  } catch (error) {
    const code = problemOf(error);
    if (code === 'wrong-credentials') {
      const failed = await attempt.fail();
      return failed.kind === 'dead'
        ? { problem: 'login-dead' }
        : { problem: code, details: { attemptsLeft: failed.attemptsLeft } };
    }
    await attempt.giveBack(code);
    if (code === 'internal-error') throw error;
    deps.logger.warn({ err: error }, 'StackStorm could not be asked about a login');
    return { problem: code };
  }
}

function problemOf(error: unknown): ProblemCode {
  if (!(error instanceof StackStormError)) return 'internal-error';
  if (error.code === 'unauthorized') return 'wrong-credentials';
  return error.code === 'timed-out' ? 'stackstorm-timeout' : 'stackstorm-unreachable';
}

function fieldsOf(error: z.ZodError): string[] {
  return [...new Set(error.issues.map(({ path }) => String(path[0] ?? 'method')))];
}

function warnOnce({ logger }: LoginDeps): (ttlSeconds: number) => void {
  let isWarned = false;
  return (ttlSeconds) => {
    if (!isWarned)
      logger.warn({ ttlSeconds }, 'StackStorm allows tokens only this long; auth.tokenTtl asks for more');
    isWarned = true;
  };
}
