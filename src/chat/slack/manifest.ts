import { eventsFor, type SlackFeatures, scopesFor, userScopesFor } from './scopes.ts';

export interface ManifestOptions {
  /** What the app is called in Slack; 35 characters at most. */
  readonly name: string;
  /** With the slash. */
  readonly command: string;
  readonly features: SlackFeatures;
  /** Where Slack reaches the bot; needed for HTTP mode, for installations and to sign in. */
  readonly publicUrl?: string | undefined;
  readonly mode: 'socket' | 'http';
}

/** The paths on our public listener that Slack, or whoever installs the app, asks for. */
const slackPaths = {
  events: '/slack/events',
  install: '/slack/install',
  redirect: '/slack/oauth_redirect',
  signedIn: '/login/oidc/callback',
} as const;

/** The manifest of the app as the config wants it (https://docs.slack.dev/reference/app-manifest). */
export function appManifest({ name, command, features, publicUrl = '', mode }: ManifestOptions) {
  const requestUrl = mode === 'http' ? { request_url: `${publicUrl}${slackPaths.events}` } : {};
  const slashUrl = mode === 'http' ? { url: `${publicUrl}${slackPaths.events}` } : {};
  const redirects = [
    ...(features.install ? [slackPaths.redirect] : []),
    ...(features.signIn === true ? [slackPaths.signedIn] : []),
  ];
  const userScopes = userScopesFor(features);
  return {
    display_information: {
      name,
      description: 'Runs StackStorm from chat, as yourself',
      background_color: '#1f2a44',
    },
    features: {
      app_home: {
        home_tab_enabled: features.home,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: false,
      },
      bot_user: { display_name: name, always_online: true },
      slash_commands: [
        {
          command,
          ...slashUrl,
          description: 'Runs a StackStorm command as yourself',
          usage_hint: 'help',
          should_escape: true,
        },
      ],
    },
    oauth_config: {
      ...(redirects.length > 0 ? { redirect_urls: redirects.map((path) => `${publicUrl}${path}`) } : {}),
      scopes: { bot: scopesFor(features), ...(userScopes.length > 0 ? { user: userScopes } : {}) },
    },
    settings: {
      event_subscriptions: { ...requestUrl, bot_events: eventsFor(features) },
      interactivity: { is_enabled: true, ...requestUrl },
      org_deploy_enabled: features.install,
      socket_mode_enabled: mode === 'socket',
      token_rotation_enabled: features.install,
    },
  };
}
