import type { App } from '@slack/bolt';
import { type Bot, createBot } from './bot.ts';
import { ConfigError, type ConfigSources, parseConfig } from './config/load.ts';
import { configWarnings } from './config/warnings.ts';
import { type Environment, openParts } from './parts.ts';
import { openPlatforms } from './platforms.ts';

/** What the bot takes from outside of its config. */
export interface LibraryOptions {
  /** For `${ENV_NAME}` in the config and for HTTPS_PROXY and its kin; the process’s own is a good one. */
  readonly env: Environment;
  /** Reads the files that the config names as secrets. */
  readonly readFile: ConfigSources['readFile'];
  /** Where paths of install steps go from; the working directory unless given. */
  readonly folder?: string;
}

/**
 * Adds StackStorm to a Bolt App of yours: the bot's listeners stand beside your own, which go on as before. Your App hears
 * Slack and acknowledges; `chat.slack` names the bot token (or `install`) that the bot posts with, and what it listens for.
 * Call `start()` before or after `app.start()`; `stop()` lets go of everything that was opened.
 * Throws ConfigError with every fault, NoPlatformError, StoreError, AuditError, PipelineError.
 */
export async function stackstorm(app: App, config: string | object, options: LibraryOptions): Promise<Bot> {
  const { env, readFile, folder = '.' } = options;
  const parsed = parseConfig(config, { env, readFile });
  if (parsed instanceof ConfigError) throw parsed;
  const parts = await openParts(parsed, env);
  try {
    for (const warning of configWarnings(parsed)) parts.logger.warn(warning);
    const chat = await openPlatforms(parsed, parts, { folder, app });
    const bot = await createBot(parsed, { ...parts, ...chat });
    return {
      start: () => bot.start(),
      refresh: () => bot.refresh(),
      async stop() {
        await bot.stop();
        await chat.close();
        await parts.close();
      },
    };
  } catch (error) {
    await parts.close();
    throw error;
  }
}
