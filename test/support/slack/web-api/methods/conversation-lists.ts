import { z } from 'zod';
import { FAMILY } from '../../scopes.ts';
import type { Channel, ChannelKind } from '../../world-types.ts';
import { flag, text, whole } from '../arguments.ts';
import { type Call, type Method, method, page, SlackFault } from '../call.ts';
import { wireChannel } from './conversations.ts';

const READ = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];

const KINDS: Readonly<Record<string, ChannelKind>> = {
  public_channel: 'public',
  private_channel: 'private',
  mpim: 'mpim',
  im: 'im',
};

const shape = {
  types: z.string().optional(),
  exclude_archived: flag.optional(),
  cursor: text.optional(),
  limit: whole.optional(),
};

interface ListArguments {
  readonly types?: string | undefined;
  readonly exclude_archived?: boolean | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

export function conversationLists(): Record<string, Method> {
  return {
    'conversations.list': method({ scopes: READ }, shape, (call, args) => {
      const { bot } = call.installation;
      return listed(call, args, (channel) => channel.kind === 'public' || channel.members.has(bot));
    }),

    'users.conversations': method({ scopes: READ }, { ...shape, user: text.optional() }, (call, args) => {
      const { bot } = call.installation;
      const user = args.user === undefined ? bot : call.person(args.user);
      if (user === undefined) throw new SlackFault('user_not_found');
      return listed(
        call,
        args,
        (channel) => channel.members.has(user) && (channel.kind === 'public' || channel.members.has(bot)),
      );
    }),
  };
}

function listed(call: Call, args: ListArguments, wanted: (channel: Channel) => boolean) {
  const { team } = call;
  const kinds = (args.types ?? 'public_channel').split(',').map((type) => {
    const kind = KINDS[type.trim()];
    if (kind === undefined) throw new SlackFault('invalid_types');
    return kind;
  });
  for (const kind of kinds) call.need(`${FAMILY[kind]}:read`);
  const found = call.world.channels.all.filter(
    (channel) =>
      call.world.channels.touches(channel, team) &&
      kinds.includes(channel.kind) &&
      !(args.exclude_archived === true && channel.archived) &&
      wanted(channel),
  );
  const { items, next } = page(found, args, 100, 1000);
  return {
    channels: items.map((channel) => wireChannel(call, channel)),
    response_metadata: { next_cursor: next },
  };
}
