import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { SignInError } from '../sign-in.ts';

/** What Slack writes into an id_token (https://docs.slack.dev/authentication/sign-in-with-slack#response). */
const claimsSchema = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  /** One audience, ours: a token for several may be handed on by any of them. */
  aud: z.string(),
  /** Seconds since the epoch. */
  exp: z.number(),
  iat: z.number(),
  nonce: z.string(),
  name: z.string().optional(),
  'https://slack.com/user_id': z.string().min(1),
  'https://slack.com/team_id': z.string().min(1),
  /** On Enterprise Grid; Slack's SDK knows it of userInfo, its pages do not show it. */
  'https://slack.com/enterprise_id': z.string().min(1).optional(),
});

/** Who Slack says that it is. */
export interface SlackIdentity {
  readonly userId: string;
  readonly teamId: string;
  readonly enterpriseId: string | undefined;
  readonly name: string | undefined;
}

export interface IdTokenExpectation {
  readonly issuer: string;
  readonly clientId: string;
  readonly nonce: string;
  /** Ms since the epoch. */
  readonly now: number;
}

/** How far Slack's clock and ours may differ, in seconds. */
const toleranceSeconds = 120;
/** Slack's tokens live five minutes; one that was made longer ago is not the answer to what we have just asked. */
const oldestSeconds = 600;

/**
 * The claims of an id_token, checked as OpenID Connect Core 1.0, section 3.1.3.7, has it: iss, aud, exp, iat, nonce. The
 * signature is not looked at, as rule 6 there allows: the token comes straight from Slack's token endpoint over a TLS
 * connection that is verified, in answer to our client secret, and never through a browser. Throws SignInError
 * `not-proven`, which names the claim.
 */
export function readIdToken(token: string, expected: IdTokenExpectation): SlackIdentity {
  const claims = claimsOf(token);
  const seconds = expected.now / 1000;
  const require = (isRight: boolean, claim: string) => {
    if (!isRight) throw new SignInError('not-proven', claim);
  };
  require(claims.iss === expected.issuer, 'iss');
  require(claims.aud === expected.clientId, 'aud');
  require(claims.exp > seconds - toleranceSeconds, 'exp');
  require(claims.iat < seconds + toleranceSeconds && claims.iat > seconds - oldestSeconds, 'iat');
  require(isSame(claims.nonce, expected.nonce), 'nonce');
  const userId = claims['https://slack.com/user_id'];
  require(claims.sub === userId, 'sub');
  return {
    userId,
    teamId: claims['https://slack.com/team_id'],
    enterpriseId: claims['https://slack.com/enterprise_id'],
    name: claims.name === '' ? undefined : claims.name,
  };
}

function claimsOf(token: string): z.infer<typeof claimsSchema> {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) throw new SignInError('not-proven', 'id_token');
  const parsed = claimsSchema.safeParse(parsedJson(Buffer.from(payload, 'base64url').toString('utf8')));
  if (!parsed.success)
    throw new SignInError('not-proven', String(parsed.error.issues[0]?.path[0] ?? 'id_token'));
  return parsed.data;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
