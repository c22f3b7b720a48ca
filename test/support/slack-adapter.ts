import type { TestContext } from 'node:test';
import { Hono } from 'hono';
import { type Logger, pino } from 'pino';
import type {
  ChatAction,
  ChatHandler,
  ChatMessage,
  Form,
  FormAnswer,
  FormSubmission,
  Home,
  HomeRequest,
} from '../../src/chat/chat.ts';
import type { SlackConnectionOptions } from '../../src/chat/slack/connection.ts';
import type { PartsOptions } from '../../src/chat/slack/make-parts.ts';
import { createSlackPlatform, type OwnSlack, type SlackDeps } from '../../src/chat/slack/slack.ts';
import { type Clock, systemClock } from '../../src/ops/clock.ts';
import { listen } from './listen.ts';
import { acme } from './slack/acme.ts';
import { type EmulatedApp, type SlackEmulator, type SlackPerson, startSlack } from './slack/emulator.ts';
import type { AppOptions } from './slack/world-apps.ts';
import type { Channel, Installation, Workspace } from './slack/world-types.ts';

/** What an app needs that does all that the bot can. */
export const allScopes = [
  'chat:write',
  'commands',
  'im:write',
  'im:history',
  'channels:history',
  'groups:history',
  'mpim:history',
  'channels:read',
  'groups:read',
  'app_mentions:read',
  'users:read',
  'usergroups:read',
  'files:write',
  'reactions:write',
] as const;

export const allEvents = [
  'message.channels',
  'message.groups',
  'message.im',
  'message.mpim',
  'app_mention',
  'app_home_opened',
  'app_uninstalled',
  'tokens_revoked',
  'user_change',
] as const;

/** What the adapter is told where nothing is configured. `apiUrl` ends with a slash. */
export function usualOptions(apiUrl: string): PartsOptions {
  return {
    command: '/st2',
    prefix: '!',
    prefixInChannels: true,
    mentions: true,
    home: true,
    files: true,
    customize: false,
    replies: 'thread',
    straightenQuotes: true,
    apiUrl,
  };
}

type Left = Parameters<ChatHandler['left']>[0];

/** A bot that notes what it hears, and says what a test wants. */
export class NotingHandler implements ChatHandler {
  readonly messages: ChatMessage[] = [];
  readonly actions: ChatAction[] = [];
  readonly submissions: FormSubmission[] = [];
  readonly homes: HomeRequest[] = [];
  readonly gone: Left[] = [];
  onMessage: (message: ChatMessage) => Promise<void> = async () => undefined;
  onAction: (action: ChatAction) => Promise<Form | undefined> = async () => undefined;
  onSubmit: (submission: FormSubmission) => Promise<FormAnswer> = async () => ({ kind: 'done' });
  onHome: (request: HomeRequest) => Promise<Home> = async () => ({ parts: [] });
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  message(message: ChatMessage): Promise<void> {
    this.messages.push(message);
    this.#changed();
    return this.onMessage(message);
  }

  action(action: ChatAction): Promise<Form | undefined> {
    this.actions.push(action);
    this.#changed();
    return this.onAction(action);
  }

  submit(submission: FormSubmission): Promise<FormAnswer> {
    this.submissions.push(submission);
    this.#changed();
    return this.onSubmit(submission);
  }

  home(request: HomeRequest): Promise<Home> {
    this.homes.push(request);
    this.#changed();
    return this.onHome(request);
  }

  async left(who: Left): Promise<void> {
    this.gone.push(who);
    this.#changed();
  }
}

/** The adapter on the emulator: one workspace, one app with a fixed token, in Socket Mode. */
export interface AdapterRig {
  readonly slack: SlackEmulator;
  readonly team: Workspace;
  readonly app: EmulatedApp;
  readonly installation: Installation;
  readonly alice: SlackPerson;
  readonly general: Channel;
  readonly adapter: OwnSlack;
  readonly heard: NotingHandler;
  /** What was logged, a parsed line each. */
  readonly logged: Record<string, unknown>[];
  start(): Promise<void>;
  /** Waits until something was heard. */
  until<T>(look: () => T | undefined | false): Promise<T>;
}

export interface AdapterOptions {
  readonly app?: AppOptions;
  readonly options?: Partial<PartsOptions>;
  readonly connection?: SlackConnectionOptions;
  readonly clock?: Clock;
  readonly connections?: number;
  readonly enterprise?: string;
  readonly deps?: Partial<SlackDeps>;
  /** Slack sends requests, instead of Socket Mode. */
  readonly http?: boolean;
}

export async function slackAdapter(t: TestContext, given: AdapterOptions = {}): Promise<AdapterRig> {
  const slack = await startSlack(t);
  const hono = new Hono();
  const server = given.http === true ? await listen(hono) : undefined;
  const { team, app, installation, alice, general } = acme(
    slack,
    {
      ...(server === undefined ? { socketMode: true } : { requestUrl: `${server.url}/slack/events` }),
      botScopes: allScopes,
      botEvents: allEvents,
      commands: ['/st2'],
      ...given.app,
    },
    given.enterprise === undefined ? {} : { enterprise: given.enterprise },
  );
  const { logger, logged } = notingLogger(() => slack.world.core.touch());
  const adapter = createSlackPlatform(
    {
      ...usualOptions(slack.apiUrl),
      ...given.options,
      way:
        server === undefined
          ? { mode: 'socket', appToken: app.appToken, connections: given.connections ?? 1 }
          : { mode: 'http', signingSecret: app.signingSecret, publicUrl: server.url },
    },
    {
      installations: { botToken: installation.botToken },
      logger,
      clock: given.clock ?? systemClock,
      random: () => 0,
      ...(given.connection === undefined ? {} : { connection: given.connection }),
      ...given.deps,
    },
  );
  adapter.mount(hono);
  const heard = new NotingHandler(() => slack.world.core.touch());
  t.after(async () => {
    await adapter.platform.stop();
    await adapter.close();
    await server?.close();
  });
  return {
    slack,
    team,
    app,
    installation,
    alice,
    general,
    adapter,
    heard,
    logged,
    start: () => adapter.platform.start(heard),
    until: (look) => slack.until(look),
  };
}

export function notingLogger(changed: () => void = () => undefined): {
  readonly logger: Logger;
  readonly logged: Record<string, unknown>[];
} {
  const logged: Record<string, unknown>[] = [];
  const write = (line: string) => {
    logged.push(JSON.parse(line));
    changed();
  };
  const logger = pino({ level: 'debug' }, { write });
  return { logger, logged };
}
