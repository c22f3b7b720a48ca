import type { Command } from 'commander';
import { CliError, exitCodes } from './exit-codes.ts';

interface MatchFlags {
  readonly catalog?: string;
  readonly format?: string;
  readonly multiple?: boolean;
}

/** `bolt-stackstorm alias match`, for pack authors. */
export function addAlias(program: Command): void {
  const alias = program.command('alias').description('for pack authors: tries and checks action aliases');
  addMatch(alias);
}

function addMatch(alias: Command): void {
  alias
    .command('match')
    .description('reads commands as JSON lines and writes, as JSON lines, what StackStorm makes of each')
    .option('--catalog <file>', catalogHelp)
    .option('--format <pattern>', 'matches against this one pattern instead of the whole catalog')
    .option('--multiple', 'the pattern of --format is a match_multiple one')
    .action(async (flags: MatchFlags) => {
      const { catalog, format, multiple } = flags;
      if (catalog === undefined && format === undefined) {
        throw new CliError(
          'Name a list of aliases (--catalog FILE) or a pattern (--format).',
          exitCodes.invalid,
        );
      }
      if (multiple === true && format === undefined) {
        throw new CliError(
          '--multiple says how to read the pattern of --format; name one.',
          exitCodes.invalid,
        );
      }
      // Loaded when it is asked for, like every command that needs more than the command line.
      const { matchFromCatalog, matchOneFormat } = await import('./alias-match.ts');
      const streams = { input: process.stdin, output: process.stdout, notes: process.stderr };
      const good =
        format === undefined
          ? await matchFromCatalog(catalog ?? '', streams)
          : await matchOneFormat({ ...flags, format }, streams);
      if (!good) process.exitCode = exitCodes.invalid;
    });
}

const catalogHelp = 'the aliases, as "st2 action-alias list -a all -j" writes them';
