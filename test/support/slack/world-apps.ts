import type { WorldCore } from './world-core.ts';
import type { WorldEvents } from './world-events.ts';
import type { People } from './world-people.ts';
import type {
  Enterprise,
  Installation,
  SlackApp,
  SlackUser,
  SlashCommand,
  Token,
  TokenKind,
  Workspace,
} from './world-types.ts';

export interface AppOptions {
  readonly id?: string;
  readonly name?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly signingSecret?: string;
  readonly botScopes?: readonly string[];
  readonly userScopes?: readonly string[];
  readonly botEvents?: readonly string[];
  readonly commands?: readonly (string | SlashCommand)[];
  readonly socketMode?: boolean;
  readonly requestUrl?: string;
  readonly interactivity?: boolean;
  readonly interactivityUrl?: string;
  readonly redirectUrls?: readonly string[];
  readonly tokenRotation?: boolean;
  readonly pkce?: boolean;
  readonly orgDeploy?: boolean;
  readonly homeTab?: boolean;
  readonly messagesTab?: boolean;
}

export interface InstallOptions {
  readonly installer?: SlackUser;
  readonly scopes?: readonly string[];
  readonly botUserId?: string;
}

/** How long a token lives under rotation: 12 hours (docs.slack.dev, using token rotation). */
export const ROTATED_TOKEN_SECONDS = 43_200;

/** Apps, their installations and their tokens. */
export class Apps {
  readonly apps = new Map<string, SlackApp>();
  readonly installations: Installation[] = [];
  readonly tokens = new Map<string, Token>();
  readonly #core: WorldCore;
  readonly #people: People;
  readonly #events: WorldEvents;

  constructor(core: WorldCore, people: People, events: WorldEvents) {
    this.#core = core;
    this.#people = people;
    this.#events = events;
  }

  app(options: AppOptions = {}): SlackApp {
    const id = options.id ?? this.#core.id('A');
    const app: SlackApp = {
      id,
      name: options.name ?? 'StackStorm',
      clientId: options.clientId ?? `${Date.UTC(2026, 0)}.${this.apps.size + 1}`,
      clientSecret: options.clientSecret ?? this.#core.word(),
      signingSecret: options.signingSecret ?? this.#core.word(),
      botScopes: [...(options.botScopes ?? [])],
      userScopes: [...(options.userScopes ?? [])],
      botEvents: [...(options.botEvents ?? [])],
      commands: (options.commands ?? []).map((one) => (typeof one === 'string' ? { command: one } : one)),
      socketMode: options.socketMode ?? false,
      requestUrl: options.requestUrl,
      interactivity: options.interactivity ?? true,
      interactivityUrl: options.interactivityUrl,
      redirectUrls: [...(options.redirectUrls ?? [])],
      tokenRotation: options.tokenRotation ?? false,
      pkce: options.pkce ?? false,
      orgDeploy: options.orgDeploy ?? false,
      homeTab: options.homeTab ?? true,
      messagesTab: options.messagesTab ?? true,
      appToken: `xapp-1-${id}-${this.#core.word()}`,
    };
    this.apps.set(id, app);
    this.issue('app', app, { value: app.appToken, scopes: ['connections:write'] });
    return app;
  }

  /**
   * Installs the app in a workspace or a whole org, as the OAuth page does once somebody pressed Allow: the bot user is
   * made at the first install, the scopes grow with the next ones, new tokens are issued.
   */
  install(app: SlackApp, where: Workspace | Enterprise, options: InstallOptions = {}): Installation {
    const { team, enterprise } = this.#place(where);
    const again = this.installations.find(
      (one) =>
        one.app === app &&
        (team === undefined ? one.isEnterpriseInstall && one.enterprise === enterprise : one.team === team),
    );
    if (again !== undefined) {
      for (const scope of options.scopes ?? app.botScopes) again.scopes.add(scope);
      again.active = true;
      again.bot.deleted = false;
      this.#giveTokens(again);
      return again;
    }
    const botId = this.#core.id('B');
    const teams =
      team !== undefined
        ? [team]
        : [...this.#people.workspaces.values()].filter((one) => one.enterprise === enterprise);
    const [home, ...others] = teams;
    if (home === undefined) throw new Error('an org without workspaces cannot install');
    const bot = this.#people.user(home, {
      name: app.name.toLowerCase(),
      realName: app.name,
      bot: { id: botId, app },
      alsoIn: others,
      ...(options.botUserId === undefined ? {} : { id: options.botUserId }),
    });
    const installation: Installation = {
      app,
      team,
      enterprise,
      isEnterpriseInstall: team === undefined,
      installer: options.installer,
      bot,
      botId,
      scopes: new Set(options.scopes ?? app.botScopes),
      botToken: '',
      refreshToken: undefined,
      active: true,
    };
    this.installations.push(installation);
    this.#giveTokens(installation);
    this.#core.touch();
    return installation;
  }

  /** Makes a token. The newest bot and refresh tokens stand in the installation too. */
  issue(
    kind: TokenKind,
    app: SlackApp,
    options: {
      value?: string;
      scopes: Iterable<string>;
      installation?: Installation;
      user?: SlackUser;
      expiresAt?: number;
    },
  ): Token {
    const prefix = kind === 'bot' ? 'xoxb' : kind === 'user' ? 'xoxp' : 'xoxe-1';
    const rotated = kind !== 'refresh' && options.expiresAt !== undefined ? 'xoxe.' : '';
    const token: Token = {
      value: options.value ?? `${rotated}${prefix}-${this.#core.word()}`,
      kind,
      app,
      installation: options.installation,
      user: options.user,
      scopes: new Set(options.scopes),
      expiresAt: options.expiresAt,
      state: 'live',
    };
    this.tokens.set(token.value, token);
    return token;
  }

  /**
   * Exchanges a refresh token, once, for a new pair (oauth.v2.access with grant_type refresh_token). Undefined:
   * `invalid_refresh_token`.
   */
  refresh(app: SlackApp, refreshToken: string): Installation | undefined {
    const token = this.tokens.get(refreshToken);
    if (token?.kind !== 'refresh' || token.app !== app || token.state !== 'live') return undefined;
    if (token.installation?.active !== true) return undefined;
    token.state = 'revoked';
    this.#giveTokens(token.installation);
    return token.installation;
  }

  /** Revokes one token, as auth.revoke or an admin does; apps that subscribed hear `tokens_revoked`. */
  revoke(token: Token): void {
    token.state = 'revoked';
    const { installation, user } = token;
    if (installation !== undefined && user !== undefined) {
      const named = token.kind === 'bot' ? { bot: [user.id] } : { oauth: [user.id] };
      this.#events.emitToInstallation(installation, { type: 'tokens_revoked', tokens: named });
    }
    this.#core.touch();
  }

  /** Removes the app: every token dies (`account_inactive`), `tokens_revoked` and `app_uninstalled` are sent. */
  uninstall(installation: Installation): void {
    if (!installation.active) return;
    for (const token of this.tokens.values())
      if (token.installation === installation) token.state = 'inactive';
    this.#events.emitToInstallation(installation, {
      type: 'tokens_revoked',
      tokens: { oauth: [], bot: [installation.bot.id] },
    });
    this.#events.emitToInstallation(installation, { type: 'app_uninstalled' });
    installation.active = false;
    installation.bot.deleted = true;
    this.#core.touch();
  }

  #place(where: Workspace | Enterprise): { team: Workspace | undefined; enterprise: Enterprise | undefined } {
    return 'domain' in where
      ? { team: where, enterprise: where.enterprise }
      : { team: undefined, enterprise: where };
  }

  #giveTokens(installation: Installation): void {
    const { app, bot } = installation;
    const rotation = app.tokenRotation;
    const token = this.issue('bot', app, {
      installation,
      user: bot,
      scopes: installation.scopes,
      ...(rotation ? { expiresAt: this.#core.now() + ROTATED_TOKEN_SECONDS * 1000 } : {}),
    });
    installation.botToken = token.value;
    if (!rotation) return;
    installation.refreshToken = this.issue('refresh', app, {
      installation,
      user: bot,
      scopes: installation.scopes,
    }).value;
  }
}
