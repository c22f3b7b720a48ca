/**
 * What Slack sends to apps, as JSON: the shapes of https://docs.slack.dev/apis/events-api,
 * https://docs.slack.dev/interactivity/implementing-slash-commands and https://docs.slack.dev/reference/interaction-payloads.
 * Who is named where matters more than anything else here: `team_id` and `authorizations` name the installation, the
 * user's own workspace stands in the inner event and in `user.team_id`, and a slash command does not tell it at all.
 * @module
 */
import { sameOrg } from './world-people.ts';
import type {
  Channel,
  Delivery,
  Installation,
  Json,
  Message,
  SlackUser,
  View,
  Workspace,
} from './world-types.ts';

/** The deprecated verification token, which nobody should look at. */
const TOKEN = 'deprecated-verification-token';

/** The envelope of an event. `eventId` is the same for every delivery of it. */
export function eventEnvelope(delivery: Delivery, eventId: string, eventTime: number): Json {
  const { app, installation, team, event, isExtSharedChannel } = delivery;
  return {
    token: TOKEN,
    team_id: team.id,
    context_team_id: team.id,
    context_enterprise_id: team.enterprise?.id ?? null,
    ...(team.enterprise === undefined ? {} : { enterprise_id: team.enterprise.id }),
    api_app_id: app.id,
    event,
    type: 'event_callback',
    event_id: eventId,
    event_time: eventTime,
    authorizations: [
      {
        enterprise_id: installation.enterprise?.id ?? null,
        team_id: installation.team?.id ?? null,
        user_id: installation.bot.id,
        is_bot: true,
        is_enterprise_install: installation.isEnterpriseInstall,
      },
    ],
    is_ext_shared_channel: isExtSharedChannel,
    event_context: `4-${eventId}`,
  };
}

/** Who did it, through which installation, and in which workspace they were looking at Slack. */
export interface Actor {
  readonly user: SlackUser;
  readonly installation: Installation;
  readonly team: Workspace;
}

export interface SlashCommandText {
  readonly channel: Channel;
  readonly command: string;
  readonly text: string;
  readonly triggerId: string;
  readonly responseUrl: string;
}

/** The fields of a slash command. Over HTTP they are a form, where absent is absent and everything is a string. */
export function slashCommandPayload(actor: Actor, typed: SlashCommandText): Json {
  const { user, installation, team } = actor;
  return {
    token: TOKEN,
    team_id: team.id,
    team_domain: team.domain,
    ...(team.enterprise === undefined
      ? {}
      : { enterprise_id: team.enterprise.id, enterprise_name: team.enterprise.name }),
    channel_id: typed.channel.id,
    channel_name: shownName(typed.channel),
    user_id: user.id,
    user_name: user.name,
    command: typed.command,
    text: typed.text,
    api_app_id: installation.app.id,
    is_enterprise_install: String(installation.isEnterpriseInstall),
    response_url: typed.responseUrl,
    trigger_id: typed.triggerId,
  };
}

/** Where the element stood that a person used. */
export type Source =
  | { readonly message: Message; readonly shown: Json; readonly responseUrl: string }
  | { readonly view: View; readonly shown: Json };

export function blockActionsPayload(
  actor: Actor,
  source: Source,
  options: { readonly action: Json; readonly triggerId: string; readonly state: Json },
): Json {
  const common = {
    ...interactionCommon(actor),
    type: 'block_actions',
    trigger_id: options.triggerId,
    actions: [options.action],
  };
  if ('view' in source)
    return {
      ...common,
      container: { type: 'view', view_id: source.view.id },
      view: source.shown,
    };
  const { message } = source;
  const ephemeral = message.ephemeralTo !== undefined;
  return {
    ...common,
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel.id,
      is_ephemeral: ephemeral,
      ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    },
    channel: { id: message.channel.id, name: shownName(message.channel) },
    // Slack does not give an ephemeral message back.
    ...(ephemeral ? {} : { message: source.shown }),
    state: { values: options.state },
    response_url: source.responseUrl,
  };
}

export function viewSubmissionPayload(actor: Actor, shown: Json, triggerId: string): Json {
  return {
    ...interactionCommon(actor),
    type: 'view_submission',
    trigger_id: triggerId,
    view: shown,
    response_urls: [],
  };
}

export function viewClosedPayload(actor: Actor, shown: Json, isCleared: boolean): Json {
  return { ...interactionCommon(actor), type: 'view_closed', view: shown, is_cleared: isCleared };
}

/** The name that Slack gives instead of a private conversation's own. */
function shownName(channel: Channel): string {
  if (channel.kind === 'im') return 'directmessage';
  if (channel.kind === 'private') return 'privategroup';
  return channel.name;
}

function interactionCommon(actor: Actor): Json {
  const { user, installation, team } = actor;
  const { enterprise } = installation;
  return {
    user: { id: user.id, username: user.name, name: user.name, team_id: ownTeam(user, team).id },
    api_app_id: installation.app.id,
    token: TOKEN,
    // An org-wide installation has no workspace of its own.
    team: installation.isEnterpriseInstall
      ? null
      : {
          id: team.id,
          domain: team.domain,
          ...(enterprise === undefined
            ? {}
            : { enterprise_id: enterprise.id, enterprise_name: enterprise.name }),
        },
    enterprise: enterprise === undefined ? null : { id: enterprise.id, name: enterprise.name },
    is_enterprise_install: installation.isEnterpriseInstall,
  };
}

/** On Grid the workspace that the person looks at; for somebody of another organisation, their own. */
function ownTeam(user: SlackUser, team: Workspace): Workspace {
  return user.teams.has(team.id) || sameOrg(user.team, team) ? team : user.team;
}
