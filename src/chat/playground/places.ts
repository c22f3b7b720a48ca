import type { ChatUser, Place } from '../chat.ts';

/** The word in chat user keys: `playground:demo:alice`. */
export const platformName = 'playground';
export const workspaceName = 'demo';
export const personNames = ['alice', 'bob', 'admin'] as const;
export type PersonName = (typeof personNames)[number];

/** Where a person can write, as the page names it: `dm` is the person's own conversation with the bot. */
export const channelNames = ['general', 'dm'] as const;
export type ChannelName = (typeof channelNames)[number];

const direct = 'dm-';

export function isPerson(id: string): id is PersonName {
  return personNames.some((name) => name === id);
}

export function userOf(person: PersonName): ChatUser {
  return { platform: platformName, workspace: workspaceName, id: person };
}

/** The id under which a person's messages in `channel` stand: `general`, `dm-alice`. */
export function channelId(channel: ChannelName, person: PersonName): string {
  return channel === 'dm' ? `${direct}${person}` : channel;
}

/** What the page calls the channel, or undefined where `person` is not in it. */
export function channelNameFor(person: PersonName, id: string): ChannelName | undefined {
  return channelNames.find((name) => channelId(name, person) === id);
}

export function placeOf(id: string): Place | undefined {
  const place = { platform: platformName, workspace: workspaceName, channel: id };
  if (id === 'general') return { ...place, kind: 'channel' };
  return id.startsWith(direct) && isPerson(id.slice(direct.length))
    ? { ...place, kind: 'direct' }
    : undefined;
}

/** Whether `person` can read and write there. */
export function isMember(person: PersonName, id: string): boolean {
  return channelNameFor(person, id) !== undefined;
}
