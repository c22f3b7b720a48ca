import { ChatError } from '../chat/chat.ts';
import { SignInError } from '../chat/sign-in.ts';
import { isDeadToken, SlackStartError } from '../chat/slack/errors.ts';
import { inspectSlack, type SlackInspection, tryAppToken } from '../chat/slack/inspection.ts';
import { scopesFor } from '../chat/slack/scopes.ts';
import { trySignIn } from '../chat/slack/sign-in.ts';
import { startError } from '../chat/slack/socket-link.ts';
import type { Config } from '../config/schema.ts';
import { createLogger } from '../ops/logger.ts';
import { slackFeatures, slackSignIn } from '../platforms.ts';
import type { ConnectionOptions } from '../stackstorm/dispatcher.ts';
import type { CheckRow } from './check-report.ts';

/** Slack's proxies are the environment's; StackStorm's CA is not Slack's. */
type Proxies = Pick<ConnectionOptions, 'httpProxy' | 'httpsProxy' | 'noProxy'>;

/** An inspection of Slack with the config's bot token; undefined where there is none. Throws TypeError for a wrong proxy. */
export function openInspection(
  { chat: { slack } }: Config,
  connection: Proxies,
): SlackInspection | undefined {
  if (slack?.botToken === undefined) return undefined;
  const logger = createLogger({ level: 'silent' });
  return inspectSlack(
    { apiUrl: `${slack.apiUrl}/`, botToken: slack.botToken },
    { connection, logger, now: Date.now },
  );
}

/** Tries the tokens of `chat.slack` and compares the scopes; nothing is posted, and no event is taken from the bot. */
export async function checkSlack(config: Config, connection: Proxies): Promise<CheckRow[]> {
  const { slack } = config.chat;
  if (slack === undefined) return [];
  return [
    ...(await botRows(config, connection)),
    await wayRow(config, slack, connection),
    ...(await signInRows(config, slack, connection)),
  ];
}

type SlackSection = NonNullable<Config['chat']['slack']>;

async function botRows(config: Config, connection: Proxies): Promise<CheckRow[]> {
  const what = 'Slack bot token';
  const inspection = openInspection(config, connection);
  if (inspection === undefined) {
    const address = `${config.auth.publicUrl ?? ''}/slack/install`;
    return [
      {
        state: 'skipped',
        what,
        detail: `each workspace gives its own when it installs the app at ${address}`,
      },
    ];
  }
  try {
    const { name, teamId, enterpriseId } = await inspection.installation();
    const id = teamId ?? enterpriseId ?? '';
    const scopes = await inspection.scopes();
    return [
      { state: 'ok', what, detail: `the bot of ${name === undefined ? id : `${name} (${id})`}` },
      scopeRow(config, scopes),
    ];
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    return [{ state: 'failed', what, detail: botTokenWords(error) }];
  } finally {
    await inspection.close();
  }
}

function botTokenWords(error: ChatError): string {
  return isDeadToken(error) || error.reason === 'not_allowed_token_type'
    ? new SlackStartError('bot-token-refused', error.reason).message
    : `Slack does not say whose it is (${error.reason})`;
}

function scopeRow(config: Config, granted: readonly string[] | undefined): CheckRow {
  const what = 'Slack scopes';
  const features = slackFeatures(config);
  if (granted === undefined || features === undefined) {
    return { state: 'skipped', what, detail: 'Slack does not name the token’s scopes' };
  }
  const needed = scopesFor(features);
  const missing = needed.filter((scope) => !granted.includes(scope));
  if (missing.length > 0) {
    return {
      state: 'failed',
      what,
      detail: `missing: ${missing.join(', ')}. Put what "bolt-stackstorm manifest --config …" prints on the app’s page App Manifest, then reinstall the app (page Install App)`,
    };
  }
  const more = granted.filter((scope) => !needed.includes(scope));
  return more.length === 0
    ? { state: 'ok', what, detail: 'those that the config needs, and no more' }
    : { state: 'note', what, detail: `more than the bot needs: ${more.join(', ')}` };
}

async function wayRow({ auth }: Config, slack: SlackSection, connection: Proxies): Promise<CheckRow> {
  if (slack.mode === 'http' || slack.appToken === undefined) {
    const detail = `Slack must reach ${auth.publicUrl ?? ''}/slack/events: it tries that itself, on the app’s page Event Subscriptions`;
    return { state: 'skipped', what: 'Slack HTTP mode', detail };
  }
  const what = 'Slack Socket Mode';
  const logger = createLogger({ level: 'silent' });
  try {
    await tryAppToken({ apiUrl: `${slack.apiUrl}/`, appToken: slack.appToken }, { connection, logger });
    return { state: 'ok', what, detail: 'Slack lets the app connect' };
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    return { state: 'failed', what, detail: appTokenWords(error) };
  }
}

function appTokenWords(error: ChatError): string {
  return startError(error)?.message ?? `Slack does not say whether the app may connect (${error.reason})`;
}

async function signInRows(config: Config, slack: SlackSection, connection: Proxies): Promise<CheckRow[]> {
  const client = slackSignIn(config);
  if (client === undefined) return [];
  const what = 'Sign in with Slack';
  const logger = createLogger({ level: 'silent' });
  try {
    await trySignIn(client, { apiUrl: `${slack.apiUrl}/`, connection, logger });
    const address = `${config.auth.publicUrl ?? ''}/login/oidc/callback`;
    const detail = `Slack takes the app’s client; ${address} has to stand among its redirect addresses (page OAuth & Permissions)`;
    return [{ state: 'ok', what, detail }];
  } catch (error) {
    if (!(error instanceof SignInError)) throw error;
    const keys = slack.signIn === undefined ? 'chat.slack.install' : 'chat.slack.signIn';
    const detail =
      error.code === 'refused'
        ? `Slack does not take clientId and clientSecret of ${keys}: copy them again from the app’s page Basic Information, App Credentials (Slack says: ${error.reason})`
        : `Slack does not say whether it takes the app’s client (${error.reason})`;
    return [{ state: 'failed', what, detail }];
  }
}
