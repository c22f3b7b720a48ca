import { type Command, Option } from 'commander';
import type { ChannelKind, UserKind } from '../chat/chat.ts';
import { channelKinds, userKinds } from '../config/access-section.ts';
import type { Environment } from '../parts.ts';
import { checkSummary, checkTable } from './check-report.ts';
import { readConfig } from './config-file.ts';
import { exitCodes } from './exit-codes.ts';
import { printable } from './printable.ts';

interface ConfigFlags {
  readonly config: string;
}

interface CheckFlags extends ConfigFlags {
  readonly access?: string;
  readonly userKind?: UserKind;
  readonly groups?: readonly string[];
  readonly channelKind?: ChannelKind;
}

/** `bolt-stackstorm check`: 0 where all that was tried works, 1 where something does not, 2 where the config is wrong. With `--access`: 0 allowed, 1 refused. */
export function addCheck(program: Command, environment: Environment): void {
  withConfig(
    program
      .command('check')
      .description('looks for faults in a config and tries every connection that it names'),
  )
    .option(
      '--access <question>',
      'tries the access rules instead: "<user> <channel> <command>"; runs nothing',
    )
    .addOption(
      new Option(
        '--user-kind <kind>',
        'with --access: what the user is, where Slack is not to say it',
      ).choices(userKinds),
    )
    .addOption(
      new Option('--groups <ids>', 'with --access: the user groups that the user is in').argParser((ids) =>
        ids.split(',').filter((id) => id !== ''),
      ),
    )
    .addOption(
      new Option('--channel-kind <kind>', 'with --access: how others read the channel').choices(channelKinds),
    )
    .action(async ({ config: path, access, ...known }: CheckFlags) => {
      const config = readConfig(path, environment);
      if (access !== undefined) {
        const { checkAccess } = await import('./check-access.ts');
        const answer = await checkAccess(config, environment, { asked: access, ...known });
        console.log(answer.rows.map(([label, words]) => `${label.padEnd(9)}${printable(words)}`).join('\n'));
        if (!answer.allowed) process.exitCode = exitCodes.failed;
        return;
      }
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
