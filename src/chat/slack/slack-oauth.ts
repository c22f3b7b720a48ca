import { webApi } from '@slack/bolt';
import { z } from 'zod';

/**
 * `refused`: Slack said no, and why (`slackCode`). `unreachable`: it did not answer, is busy, or is at fault itself; what
 * it did is not known. `unexpected`: an answer that is not of Slack's contract.
 */
export type OAuthErrorCode = 'refused' | 'unreachable' | 'unexpected';

/** Holds no code, token or secret. */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode;
  /** Slack's own word, such as `invalid_code`. */
  readonly slackCode: string | undefined;

  constructor(code: OAuthErrorCode, slackCode?: string) {
    super(`slack oauth: ${code}${slackCode === undefined ? '' : ` (${slackCode})`}`);
    this.name = 'OAuthError';
    this.code = code;
    this.slackCode = slackCode;
  }
}

const named = z.looseObject({ id: z.string(), name: z.string().nullish() });

const rotation = {
  refresh_token: z.string().optional(),
  /** Seconds. */
  expires_in: z.number().positive().optional(),
};

/** What `oauth.v2.access` answers for a code (https://docs.slack.dev/reference/methods/oauth.v2.access). */
const answerSchema = z.looseObject({
  app_id: z.string(),
  access_token: z.string().min(1),
  scope: z.string(),
  bot_user_id: z.string(),
  team: named.nullish(),
  enterprise: named.nullish(),
  is_enterprise_install: z.boolean().nullish(),
  authed_user: z.looseObject({ id: z.string() }),
  ...rotation,
});

/** Slack's answer to an install, whole. It holds tokens: never logged. */
export type OAuthAnswer = z.infer<typeof answerSchema>;

const renewedSchema = z.looseObject({ access_token: z.string().min(1), ...rotation });
export type RenewedToken = z.infer<typeof renewedSchema>;

const whoSchema = z.looseObject({ bot_id: z.string().optional() });

export interface SlackOAuth {
  /** Throws OAuthError. A code is good once: this is never tried again. */
  exchange(code: string): Promise<OAuthAnswer>;
  /** Throws OAuthError. */
  renew(refreshToken: string): Promise<RenewedToken>;
  /** The `bot_id` of a bot token. Throws OAuthError. */
  botIdOf(botToken: string): Promise<string | undefined>;
  /** Removes the app where this token is good, or at least ends the token. Throws OAuthError. */
  uninstall(botToken: string): Promise<void>;
}

export interface SlackOAuthOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** A client of the Web API that tries once; without a token for `oauth.v2.access`. */
  readonly newClient: (token?: string) => webApi.WebClient;
}

/** Slack's side of an install, over the SDK's own client. */
export function createSlackOAuth(options: SlackOAuthOptions): SlackOAuth {
  const app = { client_id: options.clientId, client_secret: options.clientSecret };
  const anonymous = options.newClient();
  const ask = <T>(schema: z.ZodType<T>, args: Record<string, string>) =>
    answerOf(schema, anonymous.apiCall('oauth.v2.access', { ...app, ...args }));
  return {
    exchange: (code) => ask(answerSchema, { code, redirect_uri: options.redirectUri }),
    renew: (token) => ask(renewedSchema, { grant_type: 'refresh_token', refresh_token: token }),
    async botIdOf(botToken) {
      return (await answerOf(whoSchema, options.newClient(botToken).auth.test())).bot_id;
    },
    async uninstall(botToken) {
      const client = options.newClient(botToken);
      try {
        await answerOf(z.unknown(), client.apps.uninstall(app));
      } catch (error) {
        if (!(error instanceof OAuthError) || error.code !== 'refused') throw error;
        await answerOf(z.unknown(), client.auth.revoke());
      }
    },
  };
}

/** Slack's own trouble, whatever it calls it. */
const passing = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
]);

/** Throws OAuthError. */
export async function answerOf<T>(schema: z.ZodType<T>, asked: Promise<unknown>): Promise<T> {
  let answer: unknown;
  try {
    answer = await asked;
  } catch (error) {
    if (!(error instanceof webApi.WebAPIPlatformError)) throw new OAuthError('unreachable');
    const slackCode = /^[a-z_]{1,64}$/.exec(error.data.error)?.[0];
    throw new OAuthError(passing.has(error.data.error) ? 'unreachable' : 'refused', slackCode);
  }
  const parsed = schema.safeParse(answer);
  if (!parsed.success) throw new OAuthError('unexpected');
  return parsed.data;
}
