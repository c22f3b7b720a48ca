import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import type { ChatHandler } from '../chat.ts';
import type { Channels } from './channels.ts';
import type { Clients } from './clients.ts';
import type { Installations } from './installations.ts';
import type { Outgoing } from './outgoing.ts';
import type { People } from './people.ts';
import type { UserGroups } from './user-groups.ts';
import type { Whereabouts } from './whereabouts.ts';

/** How the bot is spoken to in Slack. */
export interface HearingOptions {
  /** The slash command: `/st2`. */
  readonly command: string;
  /** `commands.prefix`: what does not begin with it in a channel is not looked at any further. */
  readonly prefix: string;
  /** Commands with the prefix in channels and group DMs. */
  readonly prefixInChannels: boolean;
  readonly mentions: boolean;
  /** The App Home. */
  readonly home: boolean;
  /** Where an answer goes. */
  readonly replies: 'thread' | 'channel';
  readonly straightenQuotes: boolean;
}

/** What listeners work with. */
export interface Parts {
  readonly options: HearingOptions;
  readonly installations: Installations;
  readonly clients: Clients;
  readonly people: People;
  readonly channels: Channels;
  readonly groups: UserGroups;
  readonly whereabouts: Whereabouts;
  readonly outgoing: Outgoing;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The bot, while it listens. */
  readonly handler: () => ChatHandler | undefined;
}
