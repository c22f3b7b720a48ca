import { Weather } from './weather.ts';
import { wireUser } from './wire.ts';
import { Apps } from './world-apps.ts';
import { Channels } from './world-channels.ts';
import { WorldCore } from './world-core.ts';
import { WorldEvents } from './world-events.ts';
import { Messages } from './world-messages.ts';
import { People } from './world-people.ts';
import type { ApiCall, SlackApp, SlackUser, Token, View, Violation, Workspace } from './world-types.ts';

export type * from './world-types.ts';

/** How long a trigger_id may be used: 3 seconds, once (docs.slack.dev, triggers). */
const TRIGGER_MS = 3000;

interface Trigger {
  readonly app: SlackApp;
  readonly user: SlackUser;
  readonly team: Workspace;
  /** The modal that was open when it was made: views.push goes on top of it. */
  readonly view: View | undefined;
  readonly expiresAt: number;
  used: boolean;
}

/** What a world lets pass, and how strict it is; tests change it as they go. */
export interface WorldRules {
  /** Posts a second and channel that chat.postMessage takes before it answers 429. Undefined: no limit. */
  postPerSecond: number | undefined;
  /** What chat.postMessage answers when the thread's parent is gone. Slack's documentation does not say. */
  deletedParent: 'thread_not_found' | 'cannot_reply_to_message' | 'accept';
  /** chat.postEphemeral answers ok and nobody sees it, as Slack may. */
  loseEphemerals: boolean;
  /** Whether a bot may open a DM with a person of another organisation. Slack's documentation does not say. */
  dmStrangers: boolean;
  /** At which sum of characters over all blocks `msg_blocks_too_long` comes (slackapi/bolt-js#2509). */
  blocksTotal: number;
}

/**
 * A Slack of its own: organisations, workspaces, people, conversations, apps. No HTTP, no sockets: web-api/ and the ways
 * in are built on it. Tests wait with {@link until}, never by the clock.
 */
export class SlackWorld {
  readonly core: WorldCore;
  readonly people: People;
  readonly channels: Channels;
  readonly apps: Apps;
  readonly messages: Messages;
  readonly events: WorldEvents;
  /** What the Web API suffers: tests make it. */
  readonly weather: Weather;
  readonly views: View[] = [];
  /** Every Web API call, in the order in which they were answered. */
  readonly calls: ApiCall[] = [];
  readonly violations: Violation[] = [];
  readonly rules: WorldRules = {
    postPerSecond: undefined,
    deletedParent: 'thread_not_found',
    loseEphemerals: false,
    dmStrangers: true,
    blocksTotal: 13_200,
  };
  readonly #triggers = new Map<string, Trigger>();
  readonly #used = new Map<SlackApp, Set<string>>();

  constructor(options: { now?: () => number } = {}) {
    this.core = new WorldCore(options.now);
    this.events = new WorldEvents(this.core);
    this.weather = new Weather(this.core);
    this.people = new People(this.core);
    this.apps = new Apps(this.core, this.people, this.events);
    this.channels = new Channels(this.core, this.events);
    this.messages = new Messages(this.core, this.channels, this.events);
    this.events.installations = () => this.apps.installations;
  }

  now(): number {
    return this.core.now();
  }

  /** See {@link WorldCore.until}. */
  until<T>(look: () => T | undefined | false, what?: string, patienceMs?: number): Promise<T> {
    return this.core.until(look, what, patienceMs);
  }

  /** A user as a workspace sees that id. */
  user(team: Workspace, id: string): SlackUser | undefined {
    return this.people.visible(team, id, this.channels.all);
  }

  /** A trigger_id for one interaction of a person with an app. */
  trigger(app: SlackApp, user: SlackUser, team: Workspace, view?: View): string {
    const id = `${this.now()}.${this.core.id('')}`;
    this.#triggers.set(id, { app, user, team, view, expiresAt: this.now() + TRIGGER_MS, used: false });
    return id;
  }

  /** Uses up a trigger_id. A string is Slack's error. */
  takeTrigger(
    app: SlackApp,
    id: string,
  ): Trigger | 'invalid_trigger_id' | 'exchanged_trigger_id' | 'expired_trigger_id' {
    const trigger = this.#triggers.get(id);
    if (trigger === undefined || trigger.app !== app) return 'invalid_trigger_id';
    if (trigger.used) return 'exchanged_trigger_id';
    if (this.now() > trigger.expiresAt) return 'expired_trigger_id';
    trigger.used = true;
    return trigger;
  }

  /** Notes that a call needed this scope; an app-level token's are not the manifest's. */
  useScope({ app, kind }: Token, scope: string): void {
    if (kind === 'app') return;
    const used = this.#used.get(app) ?? new Set();
    this.#used.set(app, used.add(scope));
  }

  /** The bot scopes that the app's calls, subscriptions and slash commands needed. */
  scopesNeeded(app: SlackApp): Set<string> {
    const needed = new Set([...(this.#used.get(app) ?? []), ...this.events.scopesOfSubscriptions(app)]);
    if (app.commands.length > 0) needed.add('commands');
    return needed;
  }

  /** Deactivates an account: its user tokens die, its DMs are closed to bots; Slack keeps its messages. */
  deactivate(user: SlackUser): void {
    user.deleted = true;
    for (const token of this.apps.tokens.values())
      if (token.user === user && token.kind === 'user') token.state = 'inactive';
    for (const installation of this.apps.installations) {
      const team = installation.team ?? user.team;
      if (!user.teams.has(team.id)) continue;
      const changed = wireUser(user, team, this.channels.all, false);
      this.events.emitToInstallation(installation, { type: 'user_change', user: changed }, team);
    }
    this.core.touch();
  }

  violate(method: string, rule: string, detail: string): void {
    this.violations.push({ method, rule, detail });
  }
}
