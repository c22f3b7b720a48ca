import type { ChannelKind, ChatMessage, Place } from '../../chat.ts';
import { type Installation, keyOf } from '../installations.ts';
import type { Parts } from '../parts.ts';
import { patiently } from '../patience.ts';
import { platformName } from '../people.ts';
import { mentionedIn, stripMention, undoSlackText } from '../text.ts';
import { messageIdOf } from '../threads.ts';
import { handOver, meantText, orTold, personOf, sourceOf, tellNear } from './heard.ts';
import { eventSource, type MessageEvent, read } from './wire.ts';

/** Messages that somebody typed; others tell of edits, deletions, joins. */
const typedSubtypes: ReadonlySet<string | undefined> = new Set([undefined, 'file_share', 'thread_broadcast']);

const channelKinds: Readonly<Record<string, ChannelKind>> = {
  im: 'direct',
  mpim: 'group',
  group: 'private',
  channel: 'public',
};

/**
 * `message` and `app_mention`: a text that mentions the bot comes as both, in any order, with one event id. What is not
 * for the bot is dropped before anything is asked of Slack.
 */
export async function onMessage(parts: Parts, body: unknown, given: unknown): Promise<void> {
  const event = read.messageEvent(given);
  if (event?.user === undefined || event.hidden) return;
  // A mention that was added to a message comes as an app_mention with `edited`: edits are not run.
  if (!typedSubtypes.has(event.subtype) || event.edited !== undefined) return;
  const installation = await sourceOf(parts, eventSource(body));
  if (installation === undefined || isOwn(installation, event)) return;
  const command = commandIn(parts, installation, event);
  if (command === undefined) return;

  const { user: id } = event;
  const place = placeOf(installation, event);
  // Bots that are told things tell things back.
  const tell = async (words: string) => (isOfApp(event) ? undefined : tellNear(parts, place, id, words));
  await orTold(parts, tell, () => hear(parts, { installation, event, place, id, command, tell }));
}

interface Heard {
  readonly installation: Installation;
  readonly event: MessageEvent;
  readonly place: Place;
  readonly id: string;
  readonly command: Command;
  readonly tell: (words: string) => Promise<void>;
}

async function hear(parts: Parts, heard: Heard): Promise<void> {
  const { installation, event, place, id, command, tell } = heard;
  const said = event.user_team ?? event.source_team;
  const person = await personOf(parts, installation, { id, said }, tell);
  if (person === undefined) return;
  parts.whereabouts.saw(person.user, place.workspace);
  const message: ChatMessage = {
    eventId: `slack:${place.workspace}:${event.channel}:${event.ts}`,
    user: person.user,
    userKind: isOfApp(event) ? 'bot' : person.kind,
    place,
    channelKind: await channelKindOf(parts, place, event),
    messageId: messageIdOf(event.ts, parts.options.replies),
    text: await meantText(parts, installation, command.text),
    ...mentionedIn(command.text),
    addressed: command.addressed,
    isPrivate: isDirect(event),
  };
  handOver(parts, message.eventId, parts.handler()?.message(message));
}

function isOwn({ botUserId, botId }: Installation, event: MessageEvent): boolean {
  return event.user === botUserId || (botId !== undefined && event.bot_id === botId);
}

/** An app said it, as itself or in the name of a person who has lent it their token: nobody typed it. */
function isOfApp(event: MessageEvent): boolean {
  return event.bot_id !== undefined;
}

/** The words for the bot, still as Slack delivers them. */
interface Command {
  readonly text: string;
  readonly addressed: 'bot' | 'prefix';
}

function commandIn(parts: Parts, installation: Installation, event: MessageEvent): Command | undefined {
  const { mentions, prefix, prefixInChannels, straightenQuotes } = parts.options;
  const mentioned = stripMention(event.text, installation.botUserId);
  if (isDirect(event)) return { text: mentioned ?? event.text, addressed: 'bot' };
  if (mentioned !== undefined) return mentions ? { text: mentioned, addressed: 'bot' } : undefined;
  const isPrefixed =
    prefixInChannels &&
    prefix !== '' &&
    undoSlackText(event.text, { straightenQuotes }).trimStart().startsWith(prefix);
  return isPrefixed ? { text: event.text, addressed: 'prefix' } : undefined;
}

function isDirect(event: MessageEvent): boolean {
  return event.channel_type === 'im';
}

function placeOf(installation: Installation, event: MessageEvent): Place {
  const { channel, thread_ts: thread, ts } = event;
  return {
    platform: platformName,
    workspace: keyOf(installation),
    channel,
    kind: isDirect(event) ? 'direct' : 'channel',
    ...(thread === undefined || thread === ts ? {} : { thread }),
  };
}

/** A mention does not say it. Where Slack does not either, the place is taken for a public one. */
async function channelKindOf(parts: Parts, place: Place, event: MessageEvent): Promise<ChannelKind> {
  const said = event.channel_type === undefined ? undefined : channelKinds[event.channel_type];
  if (said !== undefined) return said;
  const known = await patiently(parts.clock, () => parts.channels.find(place.workspace, event.channel));
  return known?.kind ?? 'public';
}
