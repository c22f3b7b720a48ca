import type { ChannelKind, Place } from '../../chat.ts';
import { type Installation, keyOf } from '../installations.ts';
import type { Parts } from '../parts.ts';
import { patiently } from '../patience.ts';
import { platformName } from '../people.ts';
import { mentionedIn } from '../text.ts';
import { handOver, meantText, orTold, personOf, sourceOf } from './heard.ts';
import { commandSource, read, type SlashCommand } from './wire.ts';

/** Says something to whoever typed the command, wherever that was. */
export type Respond = (words: string) => Promise<void>;

const elsewhereWords = 'I am not in this conversation, so I answer in a direct message.';

/** The slash command, acknowledged already: only the person and the bot see what was typed. */
export async function onSlashCommand(parts: Parts, body: unknown, respond: Respond): Promise<void> {
  const command = read.slashCommand(body);
  if (command === undefined) return;
  const installation = await sourceOf(parts, commandSource(command));
  if (installation === undefined) {
    await respond('I am not installed in this workspace.');
    return;
  }
  await orTold(parts, respond, () => hear(parts, installation, command, respond));
}

async function hear(
  parts: Parts,
  installation: Installation,
  command: SlashCommand,
  respond: Respond,
): Promise<void> {
  const person = await personOf(parts, installation, { id: command.user_id }, respond);
  if (person === undefined) return;
  const workspace = keyOf(installation);
  parts.whereabouts.saw(person.user, workspace);
  const where = await reachable(parts, installation, command);
  if (where.isElsewhere) await respond(elsewhereWords);
  const eventId = `slack:${workspace}:${command.trigger_id}`;
  const { place, channelKind } = where;
  const text = await meantText(parts, installation, command.text);
  handOver(
    parts,
    eventId,
    parts.handler()?.message({
      eventId,
      user: person.user,
      userKind: person.kind,
      place,
      channelKind,
      text,
      ...mentionedIn(command.text),
      addressed: 'bot',
      isPrivate: true,
    }),
  );
}

/** The conversation if the bot is in it, else the direct one with the person. Throws ChatError. */
async function reachable(
  parts: Parts,
  installation: Installation,
  command: SlashCommand,
): Promise<{ readonly place: Place; readonly channelKind: ChannelKind; readonly isElsewhere: boolean }> {
  const workspace = keyOf(installation);
  const { channel_id: channel, user_id: user } = command;
  if (!channel.startsWith('D')) {
    const known = await patiently(parts.clock, () => parts.channels.find(workspace, channel));
    if (known?.isMember === true) {
      const place: Place = { platform: platformName, workspace, channel, kind: 'channel' };
      return { place, channelKind: known.kind, isElsewhere: false };
    }
  }
  const place = await patiently(parts.clock, () => parts.outgoing.direct(workspace, user));
  return { place, channelKind: 'direct', isElsewhere: place.channel !== channel };
}
