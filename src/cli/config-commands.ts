import type { Command } from 'commander';
import { configWarnings } from '../config/warnings.ts';
import type { Environment } from '../parts.ts';
import { checkSummary, checkTable } from './check-report.ts';
import { readConfig } from './config-file.ts';
import { CliError, exitCodes } from './exit-codes.ts';

interface ConfigFlags {
  readonly config: string;
}

/** `bolt-stackstorm check`: 0 where all that was tried works, 1 where something does not, 2 where the config is wrong. */
export function addCheck(program: Command, environment: Environment): void {
  withConfig(
    program
      .command('check')
      .description('looks for faults in a config and tries every connection that it names'),
  ).action(async ({ config: path }: ConfigFlags) => {
    const config = readConfig(path, environment);
    console.log(`${path} is valid.\n`);
    // Loaded when it is asked for: keygen and start need neither StackStorm's client nor the catalog.
    const { check } = await import('./check.ts');
    const rows = await check(config, environment);
    console.log(`${checkTable(rows)}\n\n${checkSummary(rows)}`);
    if (rows.some(({ state }) => state === 'failed')) process.exitCode = exitCodes.failed;
  });
}

/** `bolt-stackstorm start`. */
export function addStart(program: Command, environment: Environment): void {
  withConfig(program.command('start').description('runs the bot')).action(({ config: path }: ConfigFlags) => {
    const config = readConfig(path, environment);
    for (const warning of configWarnings(config)) console.error(`Warning: ${warning}`);
    throw new CliError(
      `${path} is valid, but names no chat platform, and this version has none to name yet: Slack comes next. Until then, "bolt-stackstorm demo" shows everything with a chat page of its own.`,
      exitCodes.invalid,
    );
  });
}

function withConfig(command: Command): Command {
  return command.requiredOption('-c, --config <file>', 'the JSON file; config.example.json shows every key');
}
