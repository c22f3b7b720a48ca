import { webApi } from '@slack/bolt';
import { z } from 'zod';
import type { Logger } from '../../ops/logger.ts';
import { ChatError, type ChatUser } from '../chat.ts';
import { type ChatSignIn, type ProvenPerson, type SignInAnswer, SignInError } from '../sign-in.ts';
import { clientOptions } from './clients.ts';
import { createConnection, type SlackConnection, type SlackConnectionOptions } from './connection.ts';
import { readIdToken, type SlackIdentity } from './id-token.ts';
import type { Installation } from './installations.ts';
import type { Parts } from './parts.ts';
import { platformName } from './people.ts';
import { answerOf, OAuthError } from './slack-oauth.ts';

export interface SlackSignInOptions {
  /** The app's "Client ID" and "Client Secret". */
  readonly clientId: string;
  readonly clientSecret: string;
  /**
   * Whether the app has Slack's setting for PKCE. Slack takes no code challenge without it, and with it takes the app for
   * a public client for good (https://docs.slack.dev/authentication/using-pkce); so it is not asked for. The client
   * secret and the nonce protect the code as well (RFC 9700, section 2.1.1).
   */
  readonly pkce: boolean;
}

/** A person waits for it, on a blank page. */
const tokenTimeoutMs = 10_000;

/** What Slack says of a client that it does not take. */
const clientFaults: ReadonlySet<string> = new Set([
  'bad_client_secret',
  'invalid_client_id',
  'invalid_client',
]);

const tokenAnswer = z.looseObject({ id_token: z.string() });

/** Sign in with Slack (https://docs.slack.dev/authentication/sign-in-with-slack). */
export function createSlackSignIn(
  { clientId, clientSecret, pkce }: SlackSignInOptions,
  deps: {
    /** Ends with a slash; Slack's pages are on the same host, which is the issuer. */
    readonly apiUrl: string;
    readonly connection: SlackConnection;
    readonly parts: Pick<Parts, 'installations' | 'people' | 'whereabouts' | 'logger' | 'clock'>;
  },
): ChatSignIn {
  const { apiUrl, connection, parts } = deps;
  const { logger, clock } = parts;
  const client = anonymousClient({ apiUrl, connection, logger });

  async function idTokenFor({ code, redirectUri, codeVerifier }: SignInAnswer): Promise<string> {
    const asked = client.apiCall('openid.connect.token', {
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      ...(pkce ? { code_verifier: codeVerifier } : {}),
    });
    return (await signInAnswer(asked)).id_token;
  }

  /**
   * The person's home by the rule of messages (`People.find`): the org on Grid, else their own workspace. The token
   * names the workspace that they signed in to. Where it does not name the org, the installation there says it, or
   * that through which the login's owner is reached (one that spans an org is not kept by workspace).
   */
  async function homeOf({ userId, teamId, enterpriseId }: SlackIdentity, owner: ChatUser): Promise<ChatUser> {
    if (enterpriseId !== undefined) return { platform: platformName, workspace: enterpriseId, id: userId };
    const own = await parts.installations.get(teamId);
    for (const installation of own === undefined ? await reaching(owner) : [own]) {
      // As it is now: a person may have joined that workspace a moment ago.
      parts.people.forget(installation, userId);
      try {
        return (await parts.people.find(installation, userId, teamId)).user;
      } catch (error) {
        if (!(error instanceof ChatError)) throw error;
        if (error.code !== 'gone') throw new SignInError('unreachable', error.reason, { cause: error });
      }
    }
    return { platform: platformName, workspace: teamId, id: userId };
  }

  async function reaching(owner: ChatUser): Promise<readonly Installation[]> {
    const keys = await parts.whereabouts.of(owner);
    const found = await Promise.all(keys.map((key) => parts.installations.get(key)));
    return found.filter((one) => one !== undefined);
  }

  return {
    label: 'Sign in with Slack',
    authorizeUrl({ user, state, nonce, redirectUri, codeChallenge }) {
      const url = new URL('/openid/connect/authorize', apiUrl);
      const parameters = {
        response_type: 'code',
        client_id: clientId,
        scope: 'openid profile',
        redirect_uri: redirectUri,
        state,
        nonce,
        // Whoever is in several workspaces is led to the one that counts. An org's id is none.
        ...(user.workspace.startsWith('T') ? { team: user.workspace } : {}),
        ...(pkce ? { code_challenge: codeChallenge, code_challenge_method: 'S256' } : {}),
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },
    async prove(answer): Promise<ProvenPerson> {
      const idToken = await idTokenFor(answer);
      const issuer = new URL(apiUrl).origin;
      const identity = readIdToken(idToken, { issuer, clientId, nonce: answer.nonce, now: clock.now() });
      return { user: await homeOf(identity, answer.user), name: identity.name ?? identity.userId };
    },
  };
}

/**
 * Whether Slack takes the app's client for signing in, asked with a code that nobody was given. Throws SignInError:
 * `refused` where it does not.
 */
export async function trySignIn(
  { clientId, clientSecret }: Pick<SlackSignInOptions, 'clientId' | 'clientSecret'>,
  deps: {
    readonly apiUrl: string;
    readonly connection?: SlackConnectionOptions;
    readonly logger: Logger;
  },
): Promise<void> {
  const connection = createConnection(deps.connection ?? {});
  try {
    const asked = anonymousClient({ ...deps, connection }).apiCall('openid.connect.token', {
      client_id: clientId,
      client_secret: clientSecret,
      code: 'bolt-stackstorm-check',
    });
    await signInAnswer(asked);
  } catch (error) {
    // That the code is none is what Slack says once it has taken the client.
    if (!(error instanceof SignInError) || error.code !== 'refused' || clientFaults.has(error.reason))
      throw error;
  } finally {
    await connection.close();
  }
}

/** Without a token: the client's secret is in the body. */
function anonymousClient(options: Parameters<typeof clientOptions>[0]): webApi.WebClient {
  return new webApi.WebClient(undefined, { ...clientOptions(options), timeout: tokenTimeoutMs });
}

/** Throws SignInError. */
async function signInAnswer(asked: Promise<unknown>): Promise<z.infer<typeof tokenAnswer>> {
  try {
    return await answerOf(tokenAnswer, asked);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const { code: fault, slackCode = fault } = error;
    throw new SignInError(fault === 'unexpected' ? 'not-proven' : fault, slackCode, { cause: error });
  }
}
