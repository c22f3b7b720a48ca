const built = process.env['BOLT_STACKSTORM_CLI'];

/**
 * How tests start the command line: as it ships, where `npm test` has built it, which starts in a third of the time; from
 * source where a test file is run alone.
 */
export const cliCommand: readonly [string, ...string[]] = [
  process.execPath,
  ...(built === undefined ? ['--import', 'tsx', 'src/cli.ts'] : [built]),
];
