import type { Command } from 'commander';
import type { Environment } from '../parts.ts';
import { CliError, exitCodes } from './exit-codes.ts';

interface MatchFlags {
  readonly catalog?: string;
  readonly format?: string;
  readonly multiple?: boolean;
}

interface LintFlags {
  readonly catalog?: string;
  readonly live?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

/** `bolt-stackstorm alias match` and `alias lint`, for pack authors. */
export function addAlias(program: Command, environment: Environment): void {
  const alias = program.command('alias').description('for pack authors: tries and checks action aliases');
  addMatch(alias);
  addLint(alias, environment);
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

/** 0 without errors, 1 with some or where StackStorm does not answer, 2 where what was asked is not right. */
function addLint(alias: Command, environment: Environment): void {
  alias
    .command('lint')
    .description(
      'finds aliases that cannot be run, or not always: ambiguous, shadowed, unreachable, unanchored, invalid',
    )
    .option('--catalog <file>', catalogHelp)
    .option('--live', 'the aliases of the StackStorm that a config names')
    .option('-c, --config <file>', 'the config for --live')
    .option('--json', 'prints all findings as JSON')
    .action(async ({ catalog, live = false, config, json = false }: LintFlags) => {
      const source = sourceOf(catalog, live, config);
      if (source === undefined) {
        throw new CliError(
          'Name where the aliases are: --catalog FILE, or --live with --config FILE.',
          exitCodes.invalid,
        );
      }
      const { lint } = await import('./alias-lint.ts');
      if (!(await lint(source, { json, environment }))) process.exitCode = exitCodes.failed;
    });
}

/** Exactly one of the two. */
function sourceOf(catalog: string | undefined, live: boolean, config: string | undefined) {
  if (catalog !== undefined) return live || config !== undefined ? undefined : { catalog };
  return live && config !== undefined ? { config } : undefined;
}

const catalogHelp = 'the aliases, as "st2 action-alias list -a all -j" writes them';
