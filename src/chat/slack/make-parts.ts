import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import type { ChatHandler } from '../chat.ts';
import type { ChatSignIn } from '../sign-in.ts';
import { Channels } from './channels.ts';
import { Clients } from './clients.ts';
import type { SlackConnection } from './connection.ts';
import { Files } from './files.ts';
import { FixedInstallation } from './fixed-installation.ts';
import { HomePages } from './home-page.ts';
import type { Installations } from './installations.ts';
import { Outgoing, type OutgoingOptions } from './outgoing.ts';
import type { HearingOptions, Parts } from './parts.ts';
import { People } from './people.ts';
import { createSlackSignIn, type SlackSignInOptions } from './sign-in.ts';
import { UserGroups } from './user-groups.ts';
import { Whereabouts } from './whereabouts.ts';

export interface PartsOptions extends HearingOptions, OutgoingOptions {
  /** Ends with a slash. */
  readonly apiUrl: string;
  /** Absent: nobody can sign in with Slack. */
  readonly signIn?: SlackSignInOptions | undefined;
}

export interface PartsDeps {
  /** Where the app is installed; or the one bot token there is. */
  readonly installations: Installations | { readonly botToken: string };
  readonly connection: SlackConnection;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The adapter's parts, wired, and the handler that they speak to. */
export interface MadeParts {
  readonly parts: Parts;
  readonly pages: HomePages;
  /** Where there is one bot token. */
  readonly fixed: FixedInstallation | undefined;
  readonly signIn: ChatSignIn | undefined;
  handle(handler: ChatHandler | undefined): void;
}

export function makeParts(options: PartsOptions, deps: PartsDeps): MadeParts {
  const { apiUrl, signIn } = options;
  const { connection, logger, clock } = deps;
  const fixed =
    'botToken' in deps.installations
      ? new FixedInstallation({ botToken: deps.installations.botToken, apiUrl, connection, logger })
      : undefined;
  const installations = 'botToken' in deps.installations ? fixed : deps.installations;
  if (installations === undefined) throw new TypeError('slack: neither a bot token nor installations');
  const clients = new Clients({ apiUrl, connection, installations, logger });
  const now = () => clock.now();
  const channels = new Channels(clients, now);
  const whereabouts = new Whereabouts(installations);
  const files = new Files({ clients, connection, logger, clock });
  let current: ChatHandler | undefined;
  const parts: Parts = {
    options,
    installations,
    clients,
    people: new People(clients, now),
    channels,
    groups: new UserGroups(clients, now),
    whereabouts,
    outgoing: new Outgoing({ clients, channels, whereabouts, files, logger }, options),
    logger,
    clock,
    handler: () => current,
  };
  return {
    parts,
    pages: new HomePages(),
    fixed,
    signIn: signIn && createSlackSignIn(signIn, { apiUrl, connection, parts }),
    handle(handler) {
      current = handler;
    },
  };
}
