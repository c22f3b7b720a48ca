import { webApi } from '@slack/bolt';
import type { Logger } from '../../ops/logger.ts';
import type { ChannelKind } from '../chat.ts';
import { Channels } from './channels.ts';
import { Clients, clientOptions } from './clients.ts';
import { createConnection, type SlackConnectionOptions } from './connection.ts';
import { asChatError } from './errors.ts';
import { FixedInstallation } from './fixed-installation.ts';
import { type Installation, keyOf } from './installations.ts';
import { People, type Person } from './people.ts';
import { UserGroups } from './user-groups.ts';

export interface InspectionOptions {
  /** Ends with a slash. */
  readonly apiUrl: string;
  readonly botToken: string;
}

/**
 * What Slack says of a bot token, of people and of places, for whoever tries a config: as the bot would read it, and
 * nothing is posted, opened or changed. Every question may throw ChatError.
 */
export interface SlackInspection {
  installation(): Promise<Installation>;
  /** The bot token's scopes; undefined where Slack does not name them. */
  scopes(): Promise<readonly string[] | undefined>;
  /** `said` is the workspace or org that the person is said to be of. */
  person(id: string, said?: string): Promise<Person>;
  groupsOf(person: Person): Promise<readonly string[]>;
  /** Undefined: the bot may not know of such a place. */
  channelKind(id: string): Promise<ChannelKind | undefined>;
  close(): Promise<void>;
}

/** Throws TypeError for a proxy that is none. */
export function inspectSlack(
  options: InspectionOptions,
  deps: { readonly connection?: SlackConnectionOptions; readonly logger: Logger; readonly now: () => number },
): SlackInspection {
  const { logger, now } = deps;
  const connection = createConnection(deps.connection ?? {});
  const fixed = new FixedInstallation({ ...options, connection, logger });
  const clients = new Clients({ apiUrl: options.apiUrl, connection, installations: fixed, logger });
  const people = new People(clients, now);
  const channels = new Channels(clients, now);
  const groups = new UserGroups(clients, now);
  return {
    installation: () => fixed.identify(),
    async scopes() {
      const client = clients.of(await fixed.identify());
      const answer = await client.auth.test().catch((error: unknown) => Promise.reject(asChatError(error)));
      return answer.response_metadata?.scopes;
    },
    person: async (id, said) => people.find(await fixed.identify(), id, said),
    async groupsOf({ user, teams }) {
      const installation = await fixed.identify();
      return groups.of(keyOf(installation), installation.isEnterpriseInstall ? teams : [], user.id);
    },
    async channelKind(id) {
      // The bot has no scope to ask about these: nobody but the person and the bot is in one.
      if (id.startsWith('D')) return 'direct';
      return (await channels.find(keyOf(await fixed.identify()), id))?.kind;
    },
    close: () => connection.close(),
  };
}

/**
 * Asks Slack for a Socket Mode connection, as a start does, and does not open it. Throws ChatError with Slack's reason.
 */
export async function tryAppToken(
  { apiUrl, appToken }: { readonly apiUrl: string; readonly appToken: string },
  deps: { readonly connection?: SlackConnectionOptions; readonly logger: Logger },
): Promise<void> {
  const connection = createConnection(deps.connection ?? {});
  try {
    const client = new webApi.WebClient(appToken, clientOptions({ apiUrl, connection, logger: deps.logger }));
    await client.apps.connections.open();
  } catch (error) {
    throw asChatError(error);
  } finally {
    await connection.close();
  }
}
