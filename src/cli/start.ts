import { dirname, resolve } from 'node:path';
import { createBot } from '../bot.ts';
import type { Config } from '../config/schema.ts';
import { configWarnings } from '../config/warnings.ts';
import { type Environment, openParts } from '../parts.ts';
import { NoPlatformError, openPlatforms } from '../platforms.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { onReload } from './on-reload.ts';
import { untilStopped } from './until-stopped.ts';

/**
 * The bot as a config has it, until it is asked to stop. Throws CliError `invalid` where the config names no chat
 * platform, and what opening and starting the parts throw.
 */
export async function start(config: Config, path: string, environment: Environment): Promise<void> {
  // Before anything is opened: storage and audit log are made where they are missing.
  if (config.chat.slack === undefined) {
    const cause = new NoPlatformError();
    throw new CliError(`${path}: ${cause.message}`, exitCodes.invalid, { cause });
  }
  const stopped = untilStopped();
  const closing: (() => Promise<void>)[] = [];
  try {
    const parts = await openParts(config, environment);
    closing.push(() => parts.close());
    for (const warning of configWarnings(config)) parts.logger.warn(warning);
    const chat = await openPlatforms(config, parts, { folder: dirname(resolve(path)) });
    closing.push(() => chat.close());
    const bot = await createBot(config, { ...parts, ...chat });
    closing.push(() => bot.stop());
    const { port, opsPort } = await bot.start();
    onReload(() => bot.refresh());
    const { socket } = config.server;
    parts.logger.info({ ...(socket === undefined ? { port } : { socket }), opsPort }, 'the bot is running');
    await stopped;
    parts.logger.info('the bot stops');
  } finally {
    for (const close of closing.reverse()) await close();
  }
}
