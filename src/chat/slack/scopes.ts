/** What of Slack the config turns on; scopes, events and the manifest follow it. */
export interface SlackFeatures {
  /** `!command` in channels and group DMs. */
  readonly prefixInChannels: boolean;
  readonly mentions: boolean;
  readonly home: boolean;
  readonly files: boolean;
  /** Names and icons of `extra.slack`. */
  readonly customize: boolean;
  /** A command is marked while it runs, and when it has ended. */
  readonly reactions?: boolean;
  /** Access rules name user groups. */
  readonly userGroups: boolean;
  /** Workspaces install the app by OAuth. */
  readonly install: boolean;
  /** People are known by their e-mail address. */
  readonly emails?: boolean;
  /** People sign in with Slack before they log in. */
  readonly signIn?: boolean;
}

interface Needs {
  readonly scopes: readonly string[];
  readonly events: readonly string[];
}

/**
 * Each feature with the bot scopes and the events that it needs, and no more
 * (https://docs.slack.dev/reference/scopes, https://docs.slack.dev/reference/events).
 */
const needs: Readonly<Record<(typeof featureNames)[number] | 'always', Needs>> = {
  always: {
    scopes: [
      'commands',
      'chat:write',
      'im:write',
      'im:history',
      'users:read',
      'channels:read',
      'groups:read',
    ],
    events: ['message.im', 'user_change'],
  },
  prefixInChannels: {
    scopes: ['channels:history', 'groups:history', 'mpim:history'],
    events: ['message.channels', 'message.groups', 'message.mpim'],
  },
  mentions: { scopes: ['app_mentions:read'], events: ['app_mention'] },
  home: { scopes: [], events: ['app_home_opened'] },
  files: { scopes: ['files:write'], events: [] },
  customize: { scopes: ['chat:write.customize'], events: [] },
  reactions: { scopes: ['reactions:write'], events: [] },
  userGroups: { scopes: ['usergroups:read'], events: [] },
  emails: { scopes: ['users:read.email'], events: [] },
  install: { scopes: [], events: ['app_uninstalled', 'tokens_revoked'] },
};

const featureNames = [
  'prefixInChannels',
  'mentions',
  'home',
  'files',
  'customize',
  'reactions',
  'userGroups',
  'emails',
  'install',
] as const satisfies readonly (keyof SlackFeatures)[];

function needsOf(features: SlackFeatures): readonly Needs[] {
  return [needs.always, ...featureNames.filter((name) => features[name]).map((name) => needs[name])];
}

/** The least bot scopes for these features, by name. */
export function scopesFor(features: SlackFeatures): readonly string[] {
  return needsOf(features)
    .flatMap(({ scopes }) => scopes)
    .sort();
}

/** The scopes that are asked of a person, for themselves (https://docs.slack.dev/authentication/sign-in-with-slack). */
export function userScopesFor({ signIn = false }: SlackFeatures): readonly string[] {
  return signIn ? ['openid', 'profile'] : [];
}

/** The bot events to subscribe to for these features, by name. */
export function eventsFor(features: SlackFeatures): readonly string[] {
  return needsOf(features)
    .flatMap(({ events }) => events)
    .sort();
}
