import { sameOrg } from './world-people.ts';
import type { Channel, Json, Message, SlackFile, SlackUser, View, Workspace } from './world-types.ts';

/** Leaves out what is undefined, as Slack's JSON does. */
export function lean(fields: Record<string, unknown>): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The user's org or, outside of Grid, own workspace: `user_team`. */
function homeOf(user: SlackUser): string {
  return user.enterprise?.id ?? user.team.id;
}

/** A file object, as messages and files.* answer it. */
export function wireFile(file: SlackFile): Json {
  return {
    id: file.id,
    created: file.created,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: file.name.split('.').at(-1) ?? 'text',
    user: file.owner.id,
    user_team: file.team.id,
    size: file.content.length,
    mode: 'hosted',
    is_external: false,
    permalink: `https://${file.team.domain}.slack.com/files/${file.owner.id}/${file.id}/${file.name}`,
    url_private: `https://files.slack.com/files-pri/${file.team.id}-${file.id}/${file.name}`,
    channels: file.shares.filter((one) => one.channel.kind === 'public').map((one) => one.channel.id),
    groups: file.shares
      .filter((one) => ['private', 'mpim'].includes(one.channel.kind))
      .map((one) => one.channel.id),
    ims: file.shares.filter((one) => one.channel.kind === 'im').map((one) => one.channel.id),
  };
}

/**
 * A message as history, message events and answers show it. Metadata only when asked for (`include_all_metadata`).
 * `reader` is the workspace that reads: authors of other organisations carry `user_team` and `user_profile`.
 */
export function wireMessage(
  message: Message,
  options: { metadata?: boolean; reader?: Workspace } = {},
): Json {
  const { user, app, channel } = message;
  const shared = channel.sharedWith.size > 0;
  const replies = repliesOf(message);
  // An app that writes under another name (chat:write.customize) has no user in what Slack shows.
  const disguised = message.username !== undefined || message.icon !== undefined;
  const stranger = options.reader !== undefined && !sameOrg(options.reader, user.team);
  return lean({
    type: 'message',
    subtype: message.deleted ? 'tombstone' : disguised ? 'bot_message' : message.subtype,
    hidden: message.deleted ? true : undefined,
    user: message.deleted ? 'USLACKBOT' : disguised ? undefined : user.id,
    text: message.deleted ? 'This message was deleted.' : message.text,
    ts: message.ts,
    client_msg_id: message.clientMsgId,
    team: user.team.id,
    user_team: shared ? homeOf(user) : undefined,
    source_team: shared ? message.sourceTeam.id : undefined,
    user_profile: stranger ? wireProfile(user) : undefined,
    app_id: app?.id,
    bot_id: user.bot?.id,
    bot_profile:
      user.bot === undefined
        ? undefined
        : {
            id: user.bot.id,
            app_id: user.bot.app.id,
            name: user.bot.app.name,
            deleted: user.deleted,
            updated: channel.created,
            team_id: user.team.id,
          },
    username: message.username,
    icons:
      message.icon === undefined
        ? undefined
        : lean({ emoji: message.icon.emoji, image_64: message.icon.url }),
    blocks: message.deleted ? undefined : message.blocks,
    attachments: message.deleted ? undefined : message.attachments,
    metadata: options.metadata === true ? message.metadata : undefined,
    files: message.files.length === 0 || message.deleted ? undefined : message.files.map(wireFile),
    upload: message.files.length === 0 ? undefined : false,
    edited:
      message.edited === undefined ? undefined : { user: message.edited.user.id, ts: message.edited.ts },
    reactions:
      message.reactions.size === 0
        ? undefined
        : [...message.reactions].map(([name, users]) => ({
            name,
            users: [...users].map((one) => one.id),
            count: users.size,
          })),
    thread_ts: message.threadTs ?? (replies.length > 0 ? message.ts : undefined),
    parent_user_id:
      message.threadTs === undefined ? undefined : channel.messages.get(message.threadTs)?.user.id,
    ...(replies.length === 0
      ? {}
      : {
          reply_count: replies.length,
          reply_users_count: new Set(replies.map((one) => one.user)).size,
          latest_reply: replies.at(-1)?.ts,
          reply_users: [...new Set(replies.map((one) => one.user.id))],
          is_locked: false,
          subscribed: false,
        }),
  });
}

/** The live replies under a message, oldest first. */
export function repliesOf(message: Message): Message[] {
  return [...message.channel.messages.values()].filter((one) => one.threadTs === message.ts && !one.deleted);
}

function wireProfile(user: SlackUser): Json {
  return {
    real_name: user.realName,
    display_name: user.displayName,
    name: user.name,
    team: user.team.id,
    is_restricted: user.restricted,
    is_ultra_restricted: user.ultraRestricted,
  };
}

/**
 * A user object as users.info answers it to `reader`. `is_stranger`: of another organisation, and in no channel that the
 * reader takes part in. People of other organisations come without roles and e-mail.
 */
export function wireUser(
  user: SlackUser,
  reader: Workspace,
  channels: readonly Channel[],
  email: boolean,
): Json {
  const foreign = !sameOrg(reader, user.team);
  const meets = channels.some(
    (one) => one.members.has(user) && (one.team === reader || one.sharedWith.has(reader)),
  );
  return lean({
    id: user.id,
    team_id: user.teams.has(reader.id) ? reader.id : user.team.id,
    name: user.name,
    deleted: user.deleted,
    real_name: user.realName,
    tz: 'Etc/UTC',
    tz_label: 'Coordinated Universal Time',
    tz_offset: 0,
    profile: lean({
      real_name: user.realName,
      real_name_normalized: user.realName,
      display_name: user.displayName,
      display_name_normalized: user.displayName,
      team: user.team.id,
      email: email && !foreign && !user.isBot ? user.email : undefined,
      bot_id: user.bot?.id,
      api_app_id: user.bot?.app.id,
    }),
    is_admin: foreign || user.deleted ? undefined : user.admin,
    is_owner: foreign || user.deleted ? undefined : false,
    is_primary_owner: foreign || user.deleted ? undefined : false,
    is_restricted: user.deleted ? undefined : user.restricted,
    is_ultra_restricted: user.deleted ? undefined : user.ultraRestricted,
    is_bot: user.isBot,
    is_app_user: false,
    is_stranger: foreign ? !meets : undefined,
    is_email_confirmed: foreign || user.isBot ? undefined : true,
    updated: 1,
    enterprise_user:
      user.enterprise === undefined
        ? undefined
        : {
            id: user.id,
            enterprise_id: user.enterprise.id,
            enterprise_name: user.enterprise.name,
            is_admin: false,
            is_owner: false,
            teams: [...user.teams],
          },
  });
}

/** A view object, as views.* answer it and interactions carry it. */
export function wireView(view: View): Json {
  return lean({
    id: view.id,
    team_id: view.team.id,
    app_id: view.app.id,
    bot_id: view.installation.botId,
    app_installed_team_id: view.installation.team?.id ?? view.installation.enterprise?.id,
    private_metadata: '',
    callback_id: '',
    external_id: '',
    title: view.kind === 'home' ? { type: 'plain_text', text: 'View Title', emoji: true } : undefined,
    close: null,
    submit: null,
    clear_on_close: false,
    notify_on_close: false,
    ...view.payload,
    hash: view.hash,
    root_view_id: view.rootId,
    previous_view_id: view.previousId ?? null,
    state: { values: {} },
  });
}
