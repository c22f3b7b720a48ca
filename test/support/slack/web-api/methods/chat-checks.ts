/**
 * What chat.* methods check of their arguments.
 * @module
 */
import { z } from 'zod';
import { checkMessage, TEXT_CUT } from '../../check-message.ts';
import { repliesOf } from '../../wire.ts';
import type { Channel, Json, Message, Metadata } from '../../world-types.ts';
import { BROKEN_JSON, object } from '../arguments.ts';
import { type Call, explained, SlackFault } from '../call.ts';

const objects = z.array(object);

/** Message metadata over 16 kB is refused. */
const METADATA_BYTES = 16_000;

const metadataShape = z.strictObject({
  event_type: z.string().regex(/^[A-Za-z0-9_.-]{1,255}$/),
  event_payload: z.record(z.string(), z.unknown()),
});

/** The conversation that `channel` names: an id, a user's id (the DM with them), or `#name` of a public channel. */
export function target(call: Call, named: string): Channel {
  if (/^[UW]/.test(named)) {
    const user = call.person(named);
    if (user === undefined || !call.reaches(user)) throw new SlackFault('channel_not_found');
    if (user.isBot) throw new SlackFault('cannot_dm_bot');
    return call.world.channels.im(call.homeOf(user), user, call.installation.bot);
  }
  if (/^[CGD][A-Z0-9]+$/.test(named)) return call.channel(named);
  call.violate('channel-by-name', 'channels are named by id');
  const name = named.replace(/^#/, '');
  const found = call.world.channels.all.find(
    (one) =>
      one.name === name &&
      one.kind === 'public' &&
      call.teams.some((team) => call.world.channels.touches(one, team)),
  );
  if (found === undefined) throw new SlackFault('channel_not_found');
  return found;
}

/** @throws SlackFault where the bot must not write. */
export function writable(call: Call, channel: Channel): void {
  const { bot, app } = call.installation;
  if (channel.archived) throw new SlackFault('is_archived');
  if (channel.kind === 'im') {
    if (!app.messagesTab) throw new SlackFault('messages_tab_disabled');
    if ([...channel.members].some((one) => one !== bot && one.deleted)) throw new SlackFault('user_disabled');
  }
  if (channel.members.has(bot)) return;
  if (channel.kind !== 'public' || !call.token.scopes.has('chat:write.public'))
    throw new SlackFault('not_in_channel');
  call.need('chat:write.public');
}

/** The thread's parent, which must be there still. */
export function threadOf(call: Call, channel: Channel, named: string | undefined): string | undefined {
  if (named === undefined || named === '') return undefined;
  const parent = channel.messages.get(named);
  if (parent === undefined) {
    const rule = call.world.rules.deletedParent;
    if (rule === 'accept') return named;
    throw new SlackFault(rule);
  }
  if (parent.threadTs === undefined) return parent.ts;
  call.violate('reply-as-parent', `${named} is a reply; name its parent ${parent.threadTs}`);
  return parent.threadTs;
}

interface Words {
  readonly text?: string | undefined;
  readonly blocks?: unknown;
  readonly attachments?: unknown;
}

export function checkedWords(
  call: Call,
  args: Words,
): { text: string; blocks?: Json[]; attachments?: Json[] } {
  if (args.blocks === BROKEN_JSON) throw new SlackFault('invalid_blocks_format');
  if (args.attachments === BROKEN_JSON) throw new SlackFault('invalid_attachments');
  const fault = checkMessage(call.world, call.method, args);
  if (fault !== undefined)
    throw new SlackFault(
      fault.code,
      fault.messages === undefined ? {} : { errors: fault.messages, ...explained(fault.messages) },
    );
  return {
    text: (args.text ?? '').slice(0, TEXT_CUT),
    ...(args.blocks === undefined ? {} : { blocks: objects.parse(args.blocks) }),
    ...(args.attachments === undefined ? {} : { attachments: objects.parse(args.attachments) }),
  };
}

interface Look {
  readonly username?: string | undefined;
  readonly icon_emoji?: string | undefined;
  readonly icon_url?: string | undefined;
  readonly parse?: string | undefined;
  readonly link_names?: boolean | undefined;
}

export function customized(
  call: Call,
  look: Look,
): { username?: string; icon?: { emoji?: string; url?: string } } {
  if (look.link_names === true || look.parse === 'full')
    call.violate('auto-links', 'link_names and parse=full turn words of a result into pings');
  const { username, icon_emoji: emoji, icon_url: url } = look;
  if (username === undefined && emoji === undefined && url === undefined) return {};
  call.need('chat:write.customize');
  if (emoji !== undefined && !/^:[^\s:]+:$/.test(emoji))
    call.violate('icon', `icon_emoji ${emoji} is not :name:`);
  return {
    ...(username === undefined ? {} : { username }),
    ...(emoji === undefined && url === undefined
      ? {}
      : { icon: { ...(emoji === undefined ? {} : { emoji }), ...(url === undefined ? {} : { url }) } }),
  };
}

export function metadataOf(given: unknown): Metadata | undefined {
  if (given === undefined) return undefined;
  if (given === BROKEN_JSON) throw new SlackFault('invalid_metadata_format');
  const parsed = metadataShape.safeParse(given);
  if (!parsed.success) throw new SlackFault('invalid_metadata_schema');
  if (Buffer.byteLength(JSON.stringify(parsed.data)) > METADATA_BYTES)
    throw new SlackFault('metadata_too_large');
  return parsed.data;
}

export function ownMessage(call: Call, named: string, at: string, refusal: string): Message {
  const channel = call.channel(named);
  const message = channel.messages.get(at);
  if (message === undefined || (message.deleted && repliesOf(message).length === 0))
    throw new SlackFault('message_not_found');
  if (message.user !== call.installation.bot || message.deleted) throw new SlackFault(refusal);
  return message;
}

/** One post a second and channel, where the world asks for it. */
export function throttle(call: Call, channel: Channel): void {
  const most = call.world.rules.postPerSecond;
  if (most === undefined) return;
  const since = call.world.now() - 1000;
  const recent = call.world.calls.filter(
    (one) => one.method === 'chat.postMessage' && one.at > since && one.answer['channel'] === channel.id,
  );
  if (recent.length >= most) throw new SlackFault('ratelimited', {}, { status: 429, retryAfter: 1 });
}
