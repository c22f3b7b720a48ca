import { CHANNEL_TYPE, EVENT_SCOPES, FAMILY, MESSAGE_EVENT } from './scopes.ts';
import type { WorldCore } from './world-core.ts';
import { sameOrg } from './world-people.ts';
import type { Channel, Delivery, Installation, Json, SlackApp, Workspace } from './world-types.ts';

export type DeliveryListener = (delivery: Delivery) => void;

type Event = Json & { readonly type: string };

/** Decides which app hears what: only what its manifest subscribes to, and only with the scope that the event needs. */
export class WorldEvents {
  /** Everything that was given out, for tests. */
  readonly deliveries: Delivery[] = [];
  /** Live installations; set by the world (apps need events, and events need apps). */
  installations: () => readonly Installation[] = () => [];
  readonly #listeners = new Set<DeliveryListener>();
  readonly #core: WorldCore;

  constructor(core: WorldCore) {
    this.#core = core;
  }

  onEvent(listener: DeliveryListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The scopes that the app's subscriptions need, for the manifest's test: an event with alternatives needs them all. */
  scopesOfSubscriptions(app: SlackApp): Set<string> {
    return new Set(app.botEvents.flatMap((event) => [...(EVENT_SCOPES[event] ?? [])]));
  }

  /** A message event (any subtype), for apps whose bot is a member of the conversation. */
  emitMessage(channel: Channel, event: Json, team: Workspace): void {
    const scope = `${FAMILY[channel.kind]}:history`;
    this.#give(
      channel,
      MESSAGE_EVENT[channel.kind],
      (installation) => installation.scopes.has(scope),
      { ...event, type: 'message', channel: channel.id, channel_type: CHANNEL_TYPE[channel.kind] },
      team,
    );
  }

  /** `app_mention`, to the app whose bot user is named; never in a DM (docs.slack.dev/reference/events/app_mention). */
  emitMention(channel: Channel, installation: Installation, event: Json, team: Workspace): void {
    if (channel.kind === 'im') return;
    this.#give(
      channel,
      'app_mention',
      (one) => one === installation && one.scopes.has('app_mentions:read'),
      { ...event, type: 'app_mention', channel: channel.id },
      team,
    );
  }

  /** Another event about a conversation, with the scope of that kind of conversation. */
  emitInChannel(channel: Channel, type: string, event: Json): void {
    const wanted = EVENT_SCOPES[type] ?? [];
    const family = wanted.filter((scope) => scope.startsWith(`${FAMILY[channel.kind]}:`));
    const needed = family.length > 0 ? family : wanted;
    const allowed = (one: Installation) =>
      needed.length === 0 || needed.some((scope) => one.scopes.has(scope));
    this.#give(channel, type, allowed, { ...event, type, event_ts: this.#core.ts() }, channel.team);
  }

  /** An event for one installation alone (app_home_opened, app_uninstalled, tokens_revoked). */
  emitToInstallation(installation: Installation, event: Event, team?: Workspace): void {
    const { app } = installation;
    if (!installation.active || !app.botEvents.includes(event.type)) return;
    const needed = EVENT_SCOPES[event.type] ?? [];
    if (needed.length > 0 && !needed.some((scope) => installation.scopes.has(scope))) return;
    this.#send({
      app,
      installation,
      team: team ?? installation.team ?? installation.bot.team,
      event: { event_ts: this.#core.ts(), ...event },
      isExtSharedChannel: false,
    });
  }

  /**
   * One delivery for each app, whatever the number of its installations in the conversation ("No duplicated event
   * triggering between shared channels"); the envelope names the installation whose bot joined last.
   */
  #give(
    channel: Channel,
    subscription: string,
    allowed: (installation: Installation) => boolean,
    event: Event,
    team: Workspace,
  ): void {
    const joined = [...channel.members];
    const chosen = new Map<SlackApp, Installation>();
    for (const installation of this.installations()) {
      const { app, bot } = installation;
      if (!installation.active || !app.botEvents.includes(subscription)) continue;
      if (!channel.members.has(bot) || !allowed(installation)) continue;
      const other = chosen.get(app);
      if (other === undefined || joined.indexOf(bot) > joined.indexOf(other.bot))
        chosen.set(app, installation);
    }
    const external = [...channel.sharedWith].some((one) => !sameOrg(one, channel.team));
    for (const [app, installation] of chosen) {
      const home = installation.team ?? (sameOrg(team, installation.bot.team) ? team : installation.bot.team);
      this.#send({ app, installation, team: home, event, isExtSharedChannel: external });
    }
  }

  #send(delivery: Delivery): void {
    this.deliveries.push(delivery);
    for (const listener of [...this.#listeners]) listener(delivery);
    this.#core.touch();
  }
}
