import { z } from 'zod';
import { TEXT_CUT } from '../../check-message.ts';
import { lean, wireMessage } from '../../wire.ts';
import { flag, text, ts } from '../arguments.ts';
import { type Method, method, SlackFault } from '../call.ts';
import {
  checkedWords,
  customized,
  metadataOf,
  ownMessage,
  target,
  threadOf,
  throttle,
  writable,
} from './chat-checks.ts';

const loose = z.unknown().optional();

const words = { text: text.optional(), blocks: loose, attachments: loose };

const looks = {
  parse: z.enum(['none', 'full']).optional(),
  link_names: flag.optional(),
  username: text.optional(),
  icon_emoji: text.optional(),
  icon_url: text.optional(),
};

export function chatMethods(): Record<string, Method> {
  return {
    'chat.postMessage': method(
      { scopes: ['chat:write'] },
      {
        channel: text,
        ...words,
        ...looks,
        metadata: loose,
        thread_ts: text.optional(),
        reply_broadcast: flag.optional(),
        unfurl_links: flag.optional(),
        unfurl_media: flag.optional(),
        mrkdwn: flag.optional(),
      },
      (call, args) => {
        const channel = target(call, args.channel);
        writable(call, channel);
        const said = checkedWords(call, args);
        const threadTs = threadOf(call, channel, args.thread_ts);
        const metadata = metadataOf(args.metadata);
        const look = customized(call, args);
        throttle(call, channel);
        const message = call.world.messages.post(call.installation, channel, {
          ...said,
          ...look,
          ...(metadata === undefined ? {} : { metadata }),
          ...(threadTs === undefined ? {} : { threadTs, broadcast: args.reply_broadcast ?? false }),
          ...(args.unfurl_links === undefined ? {} : { unfurlLinks: args.unfurl_links }),
          ...(args.unfurl_media === undefined ? {} : { unfurlMedia: args.unfurl_media }),
        });
        const cut = (args.text?.length ?? 0) > TEXT_CUT;
        return lean({
          channel: channel.id,
          ts: message.ts,
          message: wireMessage(message, { metadata: true }),
          warning: cut ? 'message_truncated' : undefined,
          response_metadata: cut ? { warnings: ['message_truncated'] } : undefined,
        });
      },
    ),

    'chat.postEphemeral': method(
      { scopes: ['chat:write'] },
      { channel: text, user: text, ...words, ...looks, thread_ts: text.optional() },
      (call, args) => {
        const channel = target(call, args.channel);
        writable(call, channel);
        const user = [...channel.members].find((one) => one.id === args.user);
        if (user === undefined || user.deleted) throw new SlackFault('user_not_in_channel');
        const said = checkedWords(call, args);
        if ((args.text?.length ?? 0) > TEXT_CUT) throw new SlackFault('msg_too_long');
        const threadTs = threadOf(call, channel, args.thread_ts);
        const look = customized(call, args);
        if (call.world.rules.loseEphemerals) return { message_ts: call.world.core.ts() };
        const message = call.world.messages.whisper(call.installation, channel, user, {
          ...said,
          ...look,
          ...(threadTs === undefined ? {} : { threadTs }),
        });
        return { message_ts: message.ts };
      },
    ),

    'chat.update': method(
      { scopes: ['chat:write'] },
      {
        channel: text,
        ts,
        ...words,
        parse: looks.parse,
        link_names: looks.link_names,
        metadata: loose,
        reply_broadcast: flag.optional(),
        unfurl_links: flag.optional(),
        unfurl_media: flag.optional(),
      },
      (call, args) => {
        const message = ownMessage(call, args.channel, args.ts, 'cant_update_message');
        const said = checkedWords(call, args);
        if ((args.text?.length ?? 0) > 4000) throw new SlackFault('msg_too_long');
        const metadata = metadataOf(args.metadata);
        if (args.blocks === undefined && message.blocks !== undefined)
          call.violate('blocks-kept', 'an update without blocks keeps the old ones; send [] to drop them');
        call.world.messages.edit(message, call.installation.bot, {
          text: said.text,
          ...(said.blocks === undefined ? {} : { blocks: said.blocks }),
          ...(said.attachments === undefined ? {} : { attachments: said.attachments }),
          ...(metadata === undefined ? {} : { metadata }),
        });
        return {
          channel: message.channel.id,
          ts: message.ts,
          text: message.text,
          message: wireMessage(message, { metadata: true }),
        };
      },
    ),

    'chat.delete': method({ scopes: ['chat:write'] }, { channel: text, ts }, (call, args) => {
      const message = ownMessage(call, args.channel, args.ts, 'cant_delete_message');
      call.world.messages.delete(message);
      return { channel: message.channel.id, ts: message.ts };
    }),

    'chat.getPermalink': method({}, { channel: text, message_ts: ts }, (call, args) => {
      const channel = call.channel(args.channel);
      const message = channel.messages.get(args.message_ts);
      if (message === undefined || message.deleted) throw new SlackFault('message_not_found');
      const thread = message.threadTs === undefined ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
      return {
        channel: channel.id,
        permalink: `https://${channel.team.domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`,
      };
    }),

    'reactions.add': method(
      { scopes: ['reactions:write'] },
      { channel: text, name: text, timestamp: ts },
      (call, args) => {
        const channel = call.channel(args.channel);
        const message = channel.messages.get(args.timestamp);
        if (message === undefined || message.deleted) throw new SlackFault('message_not_found');
        if (!/^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/.test(args.name)) throw new SlackFault('invalid_name');
        if (!channel.members.has(call.installation.bot)) throw new SlackFault('not_in_channel');
        if (channel.archived) throw new SlackFault('is_archived');
        if (!call.world.messages.react(message, call.installation.bot, args.name))
          throw new SlackFault('already_reacted');
        return {};
      },
    ),

    'reactions.remove': method(
      { scopes: ['reactions:write'] },
      { channel: text, name: text, timestamp: ts },
      (call, args) => {
        const message = call.channel(args.channel).messages.get(args.timestamp);
        if (message === undefined || message.deleted) throw new SlackFault('message_not_found');
        if (!call.world.messages.unreact(message, call.installation.bot, args.name))
          throw new SlackFault('no_reaction');
        return {};
      },
    ),
  };
}
