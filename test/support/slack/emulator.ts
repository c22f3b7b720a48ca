/**
 * The strict Slack emulator: one server on loopback with the Web API, Socket Mode, OAuth pages and response_urls, and
 * people who use it. Start here: {@link startSlack}.
 * @module
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type EmulatedApp, withWays } from './app-ways.ts';
import type { Patience } from './dispatch.ts';
import { SlackPerson } from './person.ts';
import { ResponseUrls } from './response-urls.ts';
import { type SlackServer, startServer } from './server.ts';
import type { Weather } from './weather.ts';
import { SlackWorld } from './world.ts';
import type { AppOptions, InstallOptions } from './world-apps.ts';
import type { ChannelOptions } from './world-channels.ts';
import type { UserOptions } from './world-people.ts';
import type {
  ApiCall,
  Channel,
  Enterprise,
  Installation,
  Message,
  SlackApp,
  SlackUser,
  UserGroup,
  Violation,
  Workspace,
} from './world-types.ts';

export type { EmulatedApp } from './app-ways.ts';
export { SlackPerson } from './person.ts';

export interface SlackOptions {
  /** Milliseconds since the epoch; default: the machine's clock. */
  readonly now?: () => number;
  /** How long an app has to acknowledge, in ms. Default: Slack's 3,000. */
  readonly ackTimeoutMs?: number;
  /** How often an event is delivered again. Default: Slack's 3. */
  readonly retries?: number;
  /** The test expects violations; otherwise one at its end fails it. */
  readonly allowViolations?: boolean;
}

type Member = SlackUser | SlackPerson;

/** A running emulator. Times and limits in {@link patience} may be changed at any time. */
export class SlackEmulator {
  readonly world: SlackWorld;
  readonly patience: Patience;
  readonly responses: ResponseUrls;
  readonly #apps = new Map<SlackApp, EmulatedApp>();
  readonly #people = new Map<SlackUser, SlackPerson>();
  #server: SlackServer | undefined;

  constructor(options: SlackOptions = {}) {
    this.world = new SlackWorld(options.now === undefined ? {} : { now: options.now });
    this.patience = { ackTimeoutMs: options.ackTimeoutMs ?? 3000, retries: options.retries ?? 3 };
    this.responses = new ResponseUrls(this.world, () => this.url);
    this.world.events.onEvent((delivery) => this.#apps.get(delivery.app)?.deliver(delivery));
  }

  /** `http://127.0.0.1:port`, without a slash at the end. */
  get url(): string {
    if (this.#server === undefined) throw new Error('the emulator is not started');
    return this.#server.url;
  }

  /** What `chat.slack.apiUrl` (and Bolt's `slackApiUrl`) is set to. */
  get apiUrl(): string {
    return `${this.url}/api/`;
  }

  /** Every Web API call, in order. */
  get calls(): readonly ApiCall[] {
    return this.world.calls;
  }

  /** What happens to Web API calls: errors, 429, 5xx, cuts, waits. */
  get weather(): Weather {
    return this.world.weather;
  }

  /** What Slack would cut silently or discourages; see {@link SlackOptions.allowViolations}. */
  get violations(): readonly Violation[] {
    return this.world.violations;
  }

  enterprise(id: string, name?: string): Enterprise {
    return this.world.people.enterprise(id, name);
  }

  /** `enterprise` is the id of the Grid org that it belongs to. */
  workspace(options: { id?: string; name?: string; domain?: string; enterprise?: string } = {}): Workspace {
    return this.world.people.workspace(options);
  }

  app(options: AppOptions = {}): EmulatedApp {
    const app = withWays(this.world.apps.app(options), this.world, this.patience);
    this.#apps.set(app, app);
    return app;
  }

  /** Installs without the OAuth pages, in a workspace or a whole org. */
  install(app: SlackApp, where: Workspace | Enterprise, options: InstallOptions = {}): Installation {
    return this.world.apps.install(app, where, options);
  }

  user(team: Workspace, options: UserOptions = {}): SlackPerson {
    return this.person(this.world.people.user(team, options));
  }

  /** The driver of a user who is in the world already. */
  person(user: SlackUser): SlackPerson {
    const known = this.#people.get(user) ?? new SlackPerson(this, user);
    this.#people.set(user, known);
    return known;
  }

  channel(
    team: Workspace,
    options: Omit<ChannelOptions, 'members'> & { readonly members?: readonly Member[] } = {},
  ): Channel {
    return this.world.channels.create(team, { ...options, members: (options.members ?? []).map(userOf) });
  }

  usergroup(
    team: Workspace,
    options: { id?: string; handle: string; name?: string; users?: readonly Member[]; enabled?: boolean },
  ): UserGroup {
    return this.world.people.usergroup(team, { ...options, users: (options.users ?? []).map(userOf) });
  }

  /** The bot scopes that the app's calls, its subscribed events and its slash commands needed until now. */
  scopesNeeded(app: SlackApp): Set<string> {
    return this.world.scopesNeeded(app);
  }

  /** What the app has posted in a channel, everybody's eyes, oldest first. */
  postedBy(app: SlackApp, channel: Channel): Message[] {
    return [...channel.messages.values()].filter((one) => one.app === app && !one.deleted);
  }

  /** See {@link SlackWorld.until}. */
  until<T>(look: () => T | undefined | false, what?: string): Promise<T> {
    return this.world.until(look, what);
  }

  /** The app, with its ways in, that an app-level token names. */
  emulated(app: SlackApp): EmulatedApp {
    const known = this.#apps.get(app);
    if (known === undefined) throw new Error(`${app.id} was not made by slack.app()`);
    return known;
  }

  async listen(): Promise<void> {
    this.#server = await startServer(this);
  }

  async close(): Promise<void> {
    for (const app of this.#apps.values()) {
      app.http.close();
      await app.sockets.close();
    }
    await this.#server?.close();
  }
}

/** Starts an emulator that ends with the test, which fails when it did what Slack would cut silently or discourages. */
export async function startSlack(t: TestContext, options: SlackOptions = {}): Promise<SlackEmulator> {
  const slack = new SlackEmulator(options);
  await slack.listen();
  t.after(async () => {
    await slack.close();
    if (options.allowViolations !== true)
      assert.deepEqual(slack.violations, [], 'violations of Slack’s advice');
  });
  return slack;
}

function userOf(member: Member): SlackUser {
  return member instanceof SlackPerson ? member.user : member;
}
