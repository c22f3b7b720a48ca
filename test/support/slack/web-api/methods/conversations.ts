import { lean, repliesOf, wireMessage } from '../../wire.ts';
import { sameOrg } from '../../world-people.ts';
import type { Channel, Json, Message, SlackUser } from '../../world-types.ts';
import { flag, idList, text, ts, whole } from '../arguments.ts';
import { type Call, type Method, method, page, SlackFault } from '../call.ts';

const HISTORY = ['channels:history', 'groups:history', 'im:history', 'mpim:history'];
const READ = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];

const paging = { cursor: text.optional(), limit: whole.optional() };
const span = {
  latest: text.optional(),
  oldest: text.optional(),
  inclusive: flag.optional(),
  include_all_metadata: flag.optional(),
};

interface Span {
  readonly latest?: string | undefined;
  readonly oldest?: string | undefined;
  readonly inclusive?: boolean | undefined;
}

export function conversationMethods(): Record<string, Method> {
  return {
    'conversations.open': method(
      { scopes: ['im:write', 'mpim:write'] },
      {
        channel: text.optional(),
        users: idList.optional(),
        return_im: flag.optional(),
        prevent_creation: flag.optional(),
      },
      (call, args) => {
        const channel = opened(call, args);
        return { channel: args.return_im === true ? wireChannel(call, channel) : { id: channel.id } };
      },
    ),

    'conversations.info': method(
      { scopes: READ },
      { channel: text, include_locale: flag.optional(), include_num_members: flag.optional() },
      (call, args) => {
        const channel = call.known(args.channel);
        const members = args.include_num_members === true ? { num_members: channel.members.size } : {};
        return { channel: { ...wireChannel(call, channel), ...members } };
      },
    ),

    'conversations.members': method({ scopes: READ }, { channel: text, ...paging }, (call, args) => {
      const channel = call.known(args.channel);
      const { items, next } = page([...channel.members], args, 100, 1000);
      return { members: items.map((user) => user.id), response_metadata: { next_cursor: next } };
    }),

    'conversations.history': method(
      { scopes: HISTORY },
      { channel: text, ...paging, ...span },
      (call, args) => {
        const channel = call.readable(args.channel);
        const top = [...channel.messages.values()]
          .filter((one) => (one.threadTs === undefined || one.broadcast) && within(one, args))
          .reverse();
        const { items, next } = page(top, args, 100, 999);
        return {
          messages: items.map((one) => wire(call, one, args.include_all_metadata)),
          has_more: next !== '',
          pin_count: 0,
          ...(next === '' ? {} : { response_metadata: { next_cursor: next } }),
        };
      },
    ),

    'conversations.replies': method(
      { scopes: HISTORY },
      { channel: text, ts, ...paging, ...span },
      (call, args) => {
        const channel = call.readable(args.channel);
        const named = channel.messages.get(args.ts);
        const parent = named?.threadTs === undefined ? named : channel.messages.get(named.threadTs);
        if (parent === undefined) throw new SlackFault('thread_not_found');
        const thread = [parent, ...repliesOf(parent).filter((one) => within(one, args))];
        const { items, next } = page(thread, args, 1000, 1000);
        return {
          messages: items.map((one) => wire(call, one, args.include_all_metadata)),
          has_more: next !== '',
          ...(next === '' ? {} : { response_metadata: { next_cursor: next } }),
        };
      },
    ),
  };
}

function wire(call: Call, message: Message, metadata: boolean | undefined): Json {
  return wireMessage(message, { metadata: metadata === true, reader: call.homeOf(call.installation.bot) });
}

/** Whether a message lies between `oldest` and `latest`; its own ts counts only with `inclusive`. */
function within(message: Message, { oldest, latest, inclusive }: Span): boolean {
  const at = Number(message.ts);
  const after = oldest === undefined || at > Number(oldest) || (inclusive === true && at === Number(oldest));
  const before = latest === undefined || at < Number(latest) || (inclusive === true && at === Number(latest));
  return after && before;
}

interface OpenArguments {
  readonly channel?: string | undefined;
  readonly users?: readonly string[] | undefined;
  readonly prevent_creation?: boolean | undefined;
}

function opened(call: Call, { channel: id, users: ids }: OpenArguments): Channel {
  const { world, installation } = call;
  if (id !== undefined) return call.channel(id);
  if (ids === undefined || ids.length === 0) throw new SlackFault('users_list_not_supplied');
  if (ids.length > 8) throw new SlackFault('too_many_users');
  const users = ids.map((one) => found(call, one));
  call.need(users.length === 1 ? 'im:write' : 'mpim:write');
  const [first] = users;
  if (first === undefined) throw new SlackFault('users_list_not_supplied');
  return users.length === 1
    ? world.channels.im(call.homeOf(first), first, installation.bot)
    : world.channels.mpim(call.homeOf(first), [...users, installation.bot]);
}

function found(call: Call, id: string): SlackUser {
  const user = call.person(id);
  if (user === undefined) throw new SlackFault('user_not_found');
  if (user.deleted) throw new SlackFault('user_disabled');
  if (!call.reaches(user)) throw new SlackFault('user_not_visible');
  if (user.isBot) throw new SlackFault('cannot_dm_bot');
  return user;
}

/** A conversation object. */
export function wireChannel(call: Call, channel: Channel): Json {
  const { bot } = call.installation;
  const others = [...channel.sharedWith];
  const external = others.some((team) => !sameOrg(team, channel.team));
  const person = [...channel.members].find((one) => one !== bot);
  if (channel.kind === 'im')
    return lean({
      id: channel.id,
      created: channel.created,
      is_archived: channel.archived,
      is_im: true,
      is_org_shared: false,
      context_team_id: channel.team.id,
      user: person?.id,
      is_user_deleted: person?.deleted ?? false,
      is_open: true,
      priority: 0,
    });
  return lean({
    id: channel.id,
    name: channel.name,
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_im: false,
    is_mpim: channel.kind === 'mpim',
    is_private: channel.kind !== 'public',
    created: channel.created,
    creator: channel.creator?.id,
    is_archived: channel.archived,
    is_general: channel.general,
    name_normalized: channel.name,
    is_shared: others.length > 0,
    is_org_shared: others.length > 0 && !external,
    is_ext_shared: external,
    is_pending_ext_shared: false,
    shared_team_ids: [channel.team.id, ...others.map((team) => team.id)],
    context_team_id: channel.team.id,
    is_member: channel.members.has(bot),
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  });
}
