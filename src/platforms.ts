import type { App } from '@slack/bolt';
import type { Hono } from 'hono';
import type { ChatPlatform } from './chat/chat.ts';
import { createSlackInstall } from './chat/slack/install.ts';
import { type SlackFeatures, scopesFor } from './chat/slack/scopes.ts';
import type { SlackSignInOptions } from './chat/slack/sign-in.ts';
import { attachSlack, createSlackPlatform, type Slack, type SlackWay } from './chat/slack/slack.ts';
import { installedGreeting } from './commands/greeting.ts';
import type { Config } from './config/schema.ts';
import { systemClock } from './ops/clock.ts';
import { type OpenParts, trustedProxiesOf } from './parts.ts';

/** The chat platforms that a config names, ready to be given to createBot. */
export interface OpenPlatforms {
  readonly platforms: readonly ChatPlatform[];
  /** What they add to the public listener. */
  mount(app: Hono): void;
  /** By platform; each rejects with the reason while it does not hear or reach its chat. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  close(): Promise<void>;
}

/** The config names no chat platform that can be opened. */
export class NoPlatformError extends Error {
  readonly code = 'no-chat-platform';

  constructor() {
    super(
      'The config names no chat platform. Add "chat": {"slack": {…}} (docs/slack.md); "bolt-stackstorm demo" needs none.',
    );
    this.name = 'NoPlatformError';
  }
}

type SlackConfig = NonNullable<Config['chat']['slack']>;

/** What of Slack the config turns on. */
export function slackFeatures({
  auth,
  chat: { slack },
  access,
  executions,
}: Config): SlackFeatures | undefined {
  if (slack === undefined) return undefined;
  const { prefixInChannels, mentions, home, files, customize, install } = slack;
  return {
    prefixInChannels,
    mentions,
    home,
    files,
    customize,
    emails: needsEmails(auth),
    reactions: executions.reactions !== undefined,
    userGroups: access.rules.some(({ groups, approve }) => (groups ?? approve?.groups) !== undefined),
    install: install !== undefined,
    signIn: confirmsWithSlack(auth),
  };
}

/**
 * Opens Slack as the config has it; with `app`, beside the listeners of that Bolt App. `folder` is where paths of install
 * steps go from. Throws NoPlatformError, PipelineError (a step that cannot be loaded), RangeError or TypeError for a proxy
 * that is none.
 */
export async function openPlatforms(
  config: Config,
  parts: OpenParts,
  { folder, app }: { readonly folder: string; readonly app?: App },
): Promise<OpenPlatforms> {
  const { slack } = config.chat;
  const features = slackFeatures(config);
  if (slack === undefined || features === undefined) throw new NoPlatformError();
  const apiUrl = `${slack.apiUrl}/`;
  const { store, encryption, audit, logger, connection } = parts;
  const shared = { logger, clock: systemClock, ...(connection === undefined ? {} : { connection }) };
  const install =
    slack.install === undefined
      ? undefined
      : await createSlackInstall(
          { ...shared, store, encryption, audit },
          {
            ...slack.install,
            folder,
            apiUrl,
            scopes: scopesFor(features),
            publicUrl: publicUrlOf(config),
            trustedProxies: trustedProxiesOf(config),
            greeting: installedGreeting(config.commands, slack.command),
          },
        );
  const deps = { ...shared, random: Math.random, installations: install?.installations ?? fixedToken(slack) };
  const { command, prefixInChannels, mentions, home, files, customize, replies, straightenQuotes } = slack;
  const options = {
    command,
    prefixInChannels,
    mentions,
    home,
    files,
    customize,
    replies,
    straightenQuotes,
    prefix: config.commands.prefix,
    apiUrl,
    signIn: slackSignIn(config),
  };
  const own =
    app === undefined ? createSlackPlatform({ ...options, way: wayOf(config, slack) }, deps) : undefined;
  const opened: Slack | undefined = own ?? (app === undefined ? undefined : attachSlack(app, options, deps));
  if (opened === undefined) throw new NoPlatformError();
  return {
    platforms: [opened.platform],
    checks: { slack: () => opened.ready() },
    mount(hono) {
      own?.mount(hono);
      install?.mount(hono);
    },
    async close() {
      await opened.close();
      await install?.close();
    },
  };
}

function needsEmails(auth: Config['auth']): boolean {
  if (auth.mode === 'serverside') return auth.serverside.email !== undefined;
  return auth.mode === 'clientside' && auth.clientCertificate?.match === 'email';
}

function confirmsWithSlack(auth: Config['auth']): boolean {
  return auth.mode === 'clientside' && auth.confirm === 'slack';
}

/** The client with which people sign in with Slack; undefined where nobody has to. */
export function slackSignIn({ auth, chat: { slack } }: Config): SlackSignInOptions | undefined {
  return confirmsWithSlack(auth) && slack !== undefined ? signInOf(slack) : undefined;
}

function signInOf({ signIn, install }: SlackConfig) {
  return (
    signIn ?? (install && { clientId: install.clientId, clientSecret: install.clientSecret, pkce: false })
  );
}

function wayOf(config: Config, slack: SlackConfig): SlackWay {
  if (slack.mode === 'http' && slack.signingSecret !== undefined) {
    return { mode: 'http', signingSecret: slack.signingSecret, publicUrl: publicUrlOf(config) };
  }
  if (slack.mode === 'socket' && slack.appToken !== undefined) {
    return { mode: 'socket', appToken: slack.appToken };
  }
  throw new NoPlatformError();
}

function fixedToken({ botToken }: SlackConfig): { readonly botToken: string } {
  if (botToken === undefined) throw new NoPlatformError();
  return { botToken };
}

function publicUrlOf({ auth }: Config): string {
  if (auth.publicUrl === undefined) throw new NoPlatformError();
  return auth.publicUrl;
}
