import type { Auth } from './auth/auth.ts';
import { createClientsideAuth } from './auth/clientside.ts';
import { createServersideAuth } from './auth/serverside.ts';
import { createStandaloneAuth } from './auth/standalone.ts';
import { profileOf } from './chat/by-platform.ts';
import type { ChatPlatform } from './chat/chat.ts';
import type { Config } from './config/schema.ts';
import type { Clock } from './ops/clock.ts';
import type { Logger } from './ops/logger.ts';
import type { SessionService } from './sessions/service.ts';
import type { BotCredential, StackStorm } from './stackstorm/stackstorm.ts';

/** What the modes of `auth` stand on. */
interface AuthParts {
  /** Clientside alone has sessions. */
  readonly sessions: SessionService | undefined;
  readonly stackstorm: StackStorm;
  readonly botCredential: BotCredential;
  readonly platforms: readonly ChatPlatform[];
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Who runs it, as the config has it. */
export function makeAuth(config: Config, parts: AuthParts): Auth {
  const { sessions, stackstorm, botCredential, platforms, logger, clock } = parts;
  if (sessions !== undefined) return createClientsideAuth(sessions);
  if (config.auth.mode !== 'serverside') return createStandaloneAuth(botCredential, stackstorm);
  const { credential } = config.stackstorm;
  if (credential.kind !== 'password') throw new TypeError('serverside needs a user name and a password');
  return createServersideAuth(
    { stackstorm, profile: profileOf(platforms), now: () => clock.now() },
    {
      mapping: config.auth.serverside,
      service: credential,
      tokenTtl: config.auth.tokenTtl,
      onTtlLowered: (seconds) =>
        logger.warn({ seconds }, 'StackStorm allows shorter tokens than auth.tokenTtl asks for'),
    },
  );
}
