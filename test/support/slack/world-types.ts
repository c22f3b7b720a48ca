/**
 * What a Slack world is made of. All of it is plain mutable state of the emulator; tests and the ways in (sockets,
 * HTTP events, OAuth) read it, {@link SlackWorld} changes it.
 * @module
 */

/** A JSON object off the wire or on its way to it. */
export type Json = Readonly<Record<string, unknown>>;

export interface Enterprise {
  readonly id: string;
  readonly name: string;
}

export interface Workspace {
  readonly id: string;
  name: string;
  readonly domain: string;
  /** The Enterprise Grid org that it belongs to. */
  readonly enterprise: Enterprise | undefined;
}

/** A person or a bot user. On Grid one user is in several workspaces of the org. */
export interface SlackUser {
  readonly id: string;
  /** The workspace that the user was made in: `team_id` of users.info. */
  readonly team: Workspace;
  readonly enterprise: Enterprise | undefined;
  /** Ids of all the workspaces that the user is in (one, outside of Grid). */
  readonly teams: Set<string>;
  name: string;
  realName: string;
  displayName: string;
  email: string;
  deleted: boolean;
  /** A guest: `is_restricted`. */
  restricted: boolean;
  /** A single-channel guest: `is_ultra_restricted` (then `is_restricted` too). */
  ultraRestricted: boolean;
  admin: boolean;
  readonly isBot: boolean;
  readonly bot: { readonly id: string; readonly app: SlackApp } | undefined;
}

export interface UserGroup {
  readonly id: string;
  readonly team: Workspace;
  readonly handle: string;
  readonly name: string;
  enabled: boolean;
  readonly users: Set<SlackUser>;
}

export type ChannelKind = 'public' | 'private' | 'im' | 'mpim';

export interface Channel {
  readonly id: string;
  /** The workspace that hosts it. */
  readonly team: Workspace;
  readonly kind: ChannelKind;
  name: string;
  archived: boolean;
  readonly general: boolean;
  readonly created: number;
  readonly creator: SlackUser | undefined;
  /** Members, in the order in which they joined. */
  readonly members: Set<SlackUser>;
  /** Other workspaces that take part (Slack Connect, or multi-workspace channels of one org). */
  readonly sharedWith: Set<Workspace>;
  /** Every message, deleted ones marked, by ts. Ephemeral messages are not here. */
  readonly messages: Map<string, Message>;
}

export interface SlackFile {
  readonly id: string;
  readonly team: Workspace;
  readonly owner: SlackUser;
  name: string;
  title: string;
  readonly mimetype: string;
  readonly content: Buffer;
  readonly created: number;
  /** The messages that show it. */
  readonly shares: { readonly channel: Channel; readonly message: Message }[];
}

/** Message metadata (`metadata` of chat.postMessage). */
export interface Metadata {
  readonly event_type: string;
  readonly event_payload: Json;
}

export interface Message {
  readonly channel: Channel;
  readonly ts: string;
  readonly user: SlackUser;
  /** The app that posted it with a bot token. */
  readonly app: SlackApp | undefined;
  /** The workspace from which the author wrote. */
  readonly sourceTeam: Workspace;
  text: string;
  blocks: readonly Json[] | undefined;
  attachments: readonly Json[] | undefined;
  metadata: Metadata | undefined;
  readonly threadTs: string | undefined;
  readonly broadcast: boolean;
  readonly clientMsgId: string | undefined;
  /** `username` and `icon_*` of chat:write.customize. */
  readonly username: string | undefined;
  readonly icon: { readonly emoji?: string; readonly url?: string } | undefined;
  readonly unfurlLinks: boolean | undefined;
  readonly unfurlMedia: boolean | undefined;
  files: SlackFile[];
  readonly reactions: Map<string, Set<SlackUser>>;
  edited: { readonly user: SlackUser; readonly ts: string } | undefined;
  deleted: boolean;
  /** Only this user sees it, and only while the world lasts: never in history. */
  readonly ephemeralTo: SlackUser | undefined;
  /** What replaces or clears an ephemeral message through its response_url. */
  readonly subtype: string | undefined;
}

export interface SlashCommand {
  readonly command: string;
  readonly url?: string;
}

/** An app as its manifest says. */
export interface SlackApp {
  readonly id: string;
  name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly signingSecret: string;
  /** What the manifest asks for; an installation has its own. */
  botScopes: string[];
  userScopes: string[];
  botEvents: string[];
  commands: SlashCommand[];
  socketMode: boolean;
  /** Event subscriptions' request URL (HTTP mode). */
  requestUrl: string | undefined;
  interactivity: boolean;
  interactivityUrl: string | undefined;
  redirectUrls: string[];
  tokenRotation: boolean;
  /** Slack's setting for public clients. */
  pkce: boolean;
  orgDeploy: boolean;
  homeTab: boolean;
  messagesTab: boolean;
  /** App-level token `xapp-…` with `connections:write`, for Socket Mode. */
  readonly appToken: string;
}

/** An app in a workspace, or in a whole org (then `team` is undefined). */
export interface Installation {
  readonly app: SlackApp;
  readonly team: Workspace | undefined;
  readonly enterprise: Enterprise | undefined;
  readonly isEnterpriseInstall: boolean;
  readonly installer: SlackUser | undefined;
  readonly bot: SlackUser;
  readonly botId: string;
  /** Bot scopes that were granted, which the manifest may have outgrown. */
  readonly scopes: Set<string>;
  /** The newest bot token, for tests; older ones may live still under rotation. */
  botToken: string;
  refreshToken: string | undefined;
  active: boolean;
}

export type TokenKind = 'bot' | 'user' | 'app' | 'refresh';

export interface Token {
  readonly value: string;
  readonly kind: TokenKind;
  readonly app: SlackApp;
  readonly installation: Installation | undefined;
  /** The user whom it acts for: the bot user of a bot token. */
  readonly user: SlackUser | undefined;
  readonly scopes: Set<string>;
  /** Milliseconds since the epoch; undefined: never. */
  readonly expiresAt: number | undefined;
  state: 'live' | 'revoked' | 'inactive';
}

/** A view of one app that one person sees: a modal, or the app's Home. */
export interface View {
  readonly id: string;
  readonly app: SlackApp;
  readonly installation: Installation;
  readonly user: SlackUser;
  readonly team: Workspace;
  readonly kind: 'modal' | 'home';
  payload: Json;
  hash: string;
  readonly rootId: string;
  readonly previousId: string | undefined;
  /** The person closed or submitted it. */
  closed: boolean;
  /** Grows with every change; drivers wait on it. */
  version: number;
}

/** One event that Slack gives to one app: subscribed to, and allowed by the installation's scopes. */
export interface Delivery {
  readonly app: SlackApp;
  /** The one installation that the envelope names (Slack Connect: one delivery per app, not per installation). */
  readonly installation: Installation;
  /** Where it happened: `team_id` of the envelope. */
  readonly team: Workspace;
  /** The inner event, `type` and `event_ts` included. */
  readonly event: Json & { readonly type: string };
  readonly isExtSharedChannel: boolean;
}

/** One call of the Web API. */
export interface ApiCall {
  readonly method: string;
  readonly at: number;
  readonly token: string | undefined;
  readonly app: SlackApp | undefined;
  readonly installation: Installation | undefined;
  /** Without the token; JSON-encoded arguments (blocks in a form) parsed. */
  readonly args: Json;
  readonly httpStatus: number;
  readonly answer: Json;
  readonly cut: boolean;
}

/** Something that Slack lets pass, cuts silently, or discourages, and that the bot must not do. */
export interface Violation {
  readonly method: string;
  readonly rule: string;
  readonly detail: string;
}
