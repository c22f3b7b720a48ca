import type { SlackEmulator } from './emulator.ts';
import { Interactions, type PressAnswer, type SubmitAnswer } from './interactions.ts';
import { type Decision, decide } from './oauth.ts';
import { slashCommandPayload } from './payloads.ts';
import { escapeText, sentText } from './typing.ts';
import type { Entered } from './view-state.ts';
import { wireView } from './wire.ts';
import { wordsOf } from './words-of.ts';
import { sameOrg } from './world-people.ts';
import type { Channel, Installation, Message, SlackApp, SlackUser, View, Workspace } from './world-types.ts';

export interface SayOptions {
  /** The message under which it is said, or its ts. */
  readonly thread?: Message | string;
  /** Sends the text as it is, without what Slack's client makes of typed text. */
  readonly raw?: boolean;
  readonly smartQuotes?: boolean;
  /** The workspace of the org from which a Grid user writes. Default: the channel's, or the user's own. */
  readonly from?: Workspace;
}

/** What a person sees after a slash command: nothing, the app's words, or Slack's own complaint. */
export interface SlashAnswer {
  readonly acknowledged: boolean;
  /** `operation_timeout` (no acknowledgement in 3 s) or `dispatch_failed` (the app cannot be reached). */
  readonly error: string | undefined;
  /** What the acknowledgement said, when it said something. */
  readonly message: Message | undefined;
}

/** What a message must be to be the one: these words in it, or what a function says. */
export type Wanted = string | RegExp | ((message: Message) => boolean);

/** Drives Slack as one person does, with only what that person can see and do. Impossible acts throw. */
export class SlackPerson {
  readonly user: SlackUser;
  readonly #slack: SlackEmulator;
  readonly #interactions: Interactions;

  constructor(slack: SlackEmulator, user: SlackUser) {
    this.#slack = slack;
    this.user = user;
    this.#interactions = new Interactions(slack, user);
  }

  get id(): string {
    return this.user.id;
  }

  /** Types a message. Resolves with it once it stands in the channel; apps may not have heard it yet. */
  async say(channel: Channel, text: string, options: SayOptions = {}): Promise<Message> {
    this.#mustBeIn(channel);
    const { thread } = options;
    const threadTs = typeof thread === 'string' ? thread : (thread?.threadTs ?? thread?.ts);
    return this.#slack.world.messages.say(this.user, channel, {
      text: options.raw === true ? text : this.#sent(text, channel, options.smartQuotes ?? false),
      ...(threadTs === undefined ? {} : { threadTs }),
      ...(options.from === undefined ? {} : { sourceTeam: options.from }),
    });
  }

  /** Types a message that begins with a mention of the app's bot user. */
  mention(channel: Channel, app: SlackApp, text: string, options: SayOptions = {}): Promise<Message> {
    const typed = options.raw === true ? text : this.#sent(text, channel, options.smartQuotes ?? false);
    return this.say(channel, `<@${this.installationOf(app).bot.id}> ${typed}`, { ...options, raw: true });
  }

  /** The direct conversation with the app. */
  dmWith(app: SlackApp): Channel {
    const { world } = this.#slack;
    return world.channels.im(this.user.team, this.user, this.installationOf(app).bot);
  }

  /** Writes to the app in its direct conversation. */
  dm(app: SlackApp, text: string, options: SayOptions = {}): Promise<Message> {
    return this.say(this.dmWith(app), text, options);
  }

  /** Edits her own message; Slack shows it as edited and tells apps `message_changed`. */
  async edit(message: Message, text: string, options: { raw?: boolean } = {}): Promise<void> {
    if (message.user !== this.user) throw new Error('a person edits her own messages only');
    const sent = options.raw === true ? text : this.#sent(text, message.channel, false);
    this.#slack.world.messages.edit(message, this.user, { text: sent });
  }

  /** Deletes her own message. */
  async remove(message: Message): Promise<void> {
    if (message.user !== this.user) throw new Error('a person deletes her own messages only');
    this.#slack.world.messages.delete(message);
  }

  /**
   * Types a slash command. Resolves when the app acknowledged it, or when Slack gave up. Slash commands do not exist in
   * threads. `escape`: the command's manifest says `should_escape`, so that mentions and links are marked up.
   */
  async slash(
    channel: Channel,
    command: string,
    text = '',
    options: { app?: SlackApp; escape?: boolean; raw?: boolean } = {},
  ): Promise<SlashAnswer> {
    this.#mustBeIn(channel);
    const { world, responses } = this.#slack;
    const installation = this.#commandOf(command, options.app);
    const team = this.teamIn(channel);
    const context = { installation, user: this.user, channel };
    const payload = slashCommandPayload(
      { user: this.user, installation, team },
      {
        channel,
        command,
        text: options.raw === true ? text : this.#slashText(text, channel, options.escape ?? false),
        triggerId: world.trigger(installation.app, this.user, team),
        responseUrl: responses.create(context),
      },
    );
    const outcome = await this.#slack
      .emulated(installation.app)
      .dispatch({ type: 'slash_commands', payload });
    if (!outcome.acknowledged) return { acknowledged: false, error: outcome.reason, message: undefined };
    const before = new Set(this.seesNow(channel));
    const error =
      outcome.response === undefined ? undefined : responses.say(context, outcome.response, 'ack');
    const message = this.seesNow(channel).find((one) => !before.has(one));
    return { acknowledged: true, error, message };
  }

  /**
   * Uses an element of a message or a view by its action_id: presses a button, or picks or types `value`. `typed`: what
   * stands in the view's other fields. Resolves when the app acknowledged it, or when Slack gave up.
   */
  press(
    on: Message | View,
    actionId: string,
    options: { value?: string | readonly string[]; typed?: Entered } = {},
  ): Promise<PressAnswer> {
    if ('rootId' in on) return this.#interactions.onView(on, actionId, options.value, options.typed);
    if (!this.seesNow(on.channel).includes(on)) throw new Error(`${this.user.id} does not see that message`);
    const { app } = on;
    const installation = this.#slack.world.apps.installations.find(
      (one) => one.bot === on.user && one.active,
    );
    if (app === undefined || installation === undefined) throw new Error('no app posted that message');
    const team = installation.team ?? this.teamIn(on.channel);
    return this.#interactions.onMessage(on, { installation, team }, actionId, options.value);
  }

  /** Fills in the fields of a modal (by action_id or block_id) and submits it. */
  submit(view: View, values: Entered = {}): Promise<SubmitAnswer> {
    return this.#interactions.submit(view, values);
  }

  /** Closes a modal, or with `all` the stack under it too. */
  close(view: View, options: { all?: boolean } = {}): Promise<void> {
    return this.#interactions.close(view, options);
  }

  /** Waits for the modal on top that the app shows her; `wanted` looks at it as it is now. */
  modal(app: SlackApp, wanted: (view: View) => boolean = () => true): Promise<View> {
    return this.#view(app, 'modal', wanted);
  }

  /** Opens the app's Home tab, of which the app hears; what it shows comes with {@link home}. */
  async openHome(app: SlackApp): Promise<void> {
    const { world } = this.#slack;
    const installation = this.installationOf(app);
    const view = world.views.findLast((one) => this.#isHers(one, app, 'home'));
    world.events.emitToInstallation(
      installation,
      {
        type: 'app_home_opened',
        user: this.user.id,
        channel: this.dmWith(app).id,
        tab: 'home',
        ...(view === undefined ? {} : { view: wireView(view) }),
      },
      installation.team ?? this.user.team,
    );
  }

  /** Waits for the app's Home as she sees it; `wanted` looks at it as it is now. */
  home(app: SlackApp, wanted: (view: View) => boolean = () => true): Promise<View> {
    return this.#view(app, 'home', wanted);
  }

  /**
   * Opens a consent page (an app's install page leads there, or Sign in with Slack), and allows or cancels. Answers
   * where Slack sends her browser, which is not followed. @throws Error with what the page complains of
   */
  consent(address: string, decision: Decision = {}): Promise<URL> {
    return decide(address, this.user, decision);
  }

  /** The messages that she can see in the channel now, her ephemeral ones included, oldest first. */
  seesNow(channel: Channel): Message[] {
    return this.#slack.world.messages.seenBy(this.user, channel);
  }

  /**
   * Waits for a message by somebody else that she can see: the newest that is wanted (words in its text or blocks, or a
   * predicate). `after`: only younger ones than this message.
   */
  sees(channel: Channel, wanted: Wanted, options: { after?: Message } = {}): Promise<Message> {
    const { after } = options;
    return this.#slack.until(
      () =>
        this.seesNow(channel).findLast(
          (one) =>
            one.user !== this.user && (after === undefined || one.ts > after.ts) && isWanted(one, wanted),
        ),
      `${this.user.name} in ${channel.name} sees ${String(wanted)}`,
    );
  }

  /** The app's installation that serves her: her own workspace's, else her org's, else one whose channel she shares. */
  installationOf(app: SlackApp): Installation {
    const { apps, channels } = this.#slack.world;
    const live = apps.installations.filter((one) => one.app === app && one.active);
    const found =
      live.find((one) => one.team !== undefined && this.user.teams.has(one.team.id)) ??
      live.find((one) => one.isEnterpriseInstall && one.enterprise === this.user.enterprise) ??
      live.find((one) => channels.all.some((c) => c.members.has(one.bot) && c.members.has(this.user)));
    if (found === undefined) throw new Error(`${app.id} is not installed where ${this.user.id} is`);
    return found;
  }

  /** The workspace that she looks at when she is in this channel. */
  teamIn(channel: Channel): Workspace {
    return this.user.teams.has(channel.team.id) ? channel.team : this.user.team;
  }

  #view(app: SlackApp, kind: View['kind'], wanted: (view: View) => boolean): Promise<View> {
    return this.#slack.until(() => {
      const top = this.#slack.world.views.findLast((one) => this.#isHers(one, app, kind));
      return top !== undefined && wanted(top) && top;
    }, `the ${kind} of ${app.name} for ${this.user.name}`);
  }

  #isHers(view: View, app: SlackApp, kind: View['kind']): boolean {
    return view.app.id === app.id && view.kind === kind && view.user === this.user && !view.closed;
  }

  #mustBeIn(channel: Channel): void {
    if (this.user.deleted) throw new Error(`${this.user.id} is deactivated`);
    if (!channel.members.has(this.user)) throw new Error(`${this.user.id} is not in ${channel.name}`);
    if (channel.archived) throw new Error(`${channel.name} is archived`);
  }

  #commandOf(command: string, app: SlackApp | undefined): Installation {
    const { installations } = this.#slack.world.apps;
    const found = installations.find(
      (one) =>
        one.active &&
        (app === undefined || one.app === app) &&
        one.app.commands.some((known) => known.command === command) &&
        one.scopes.has('commands') &&
        (one.team === undefined ? one.enterprise === this.user.enterprise : this.user.teams.has(one.team.id)),
    );
    if (found === undefined) throw new Error(`${command} is not a command in ${this.user.team.name}`);
    return found;
  }

  #sent(text: string, channel: Channel, smartQuotes: boolean): string {
    const { people, channels } = this.#slack.world;
    const team = this.teamIn(channel);
    return sentText(
      text,
      {
        users: people.users.filter((one) => sameOrg(one.team, team) || channel.members.has(one)),
        channels: channels.all.filter((one) => channels.touches(one, team)),
        usergroups: people.usergroups.filter((one) => one.enabled && one.team === team),
      },
      { smartQuotes },
    );
  }

  #slashText(text: string, channel: Channel, marked: boolean): string {
    return marked ? this.#sent(text, channel, false) : escapeText(text);
  }
}

function isWanted(message: Message, wanted: Wanted): boolean {
  if (typeof wanted === 'function') return wanted(message);
  const words = wordsOf(message);
  return typeof wanted === 'string' ? words.includes(wanted) : wanted.test(words);
}
