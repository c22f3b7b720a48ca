import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const built = process.env['BOLT_STACKSTORM_CLI'];

/**
 * How tests start the command line: as it ships, where `npm test` has built it, which starts in a third of the time; from
 * source where a test file is run alone.
 */
export const cliCommand: readonly [string, ...string[]] = [
  process.execPath,
  ...(built === undefined ? ['--import', 'tsx', 'src/cli.ts'] : [built]),
];

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The command line as a user starts it, to its end. */
export async function runCli(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [file, ...first] = cliCommand;
  const child = spawn(file, [...first, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code: child.exitCode };
}
