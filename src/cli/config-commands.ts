import type { Command } from 'commander';
import type { Environment } from '../parts.ts';
import { checkSummary, checkTable } from './check-report.ts';
import { readConfig } from './config-file.ts';
import { exitCodes } from './exit-codes.ts';

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
  withConfig(program.command('start').description('runs the bot')).action(
    async ({ config: path }: ConfigFlags) => {
      const config = readConfig(path, environment);
      const { start } = await import('./start.ts');
      await start(config, path, environment);
    },
  );
}

function withConfig(command: Command): Command {
  return command.requiredOption('-c, --config <file>', 'the JSON file; config.example.json shows every key');
}
