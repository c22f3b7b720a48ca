import type { Command } from 'commander';
import { CommanderError } from 'commander';
import { describeError } from '../ops/described-error.ts';
import { CliError, exitCodes } from './exit-codes.ts';

/**
 * Runs the command line and turns whatever happens into words on standard error and an exit code. Nothing that Node
 * would print of an error by itself (its own fields, its causes) gets out: they may hold a request (S1).
 */
export async function runProgram(program: Command, argv: readonly string[]): Promise<void> {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      console.error(crashWords(error));
      process.exit(exitCodes.failed);
    });
  }
  for (const command of withSubcommands(program)) command.exitOverride();
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = ended(error);
  }
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** Says what happened, where nobody has said so yet, and answers the exit code. */
function ended(error: unknown): number {
  // Commander has printed its own words: help and version are good ends, the rest is a wrong command line.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.invalid;
  if (error instanceof CliError) {
    console.error(error.message);
    return error.code;
  }
  console.error(expectedWords(error) ?? crashWords(error));
  return isWrongKey(error) ? exitCodes.invalid : exitCodes.failed;
}

/** The config names other keys than the storage has; a record that is damaged is no fault of the config's. */
function isWrongKey(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'unknown-key';
}

/** A typed error says itself what to do; Node's own about ports and files are put into words here. */
function expectedWords(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const { message } = describeError(error);
  if (error.code === 'EADDRINUSE')
    return `${message}. Something else uses that port: stop it, or take another.`;
  if (error.code === 'EACCES') return `${message}. This user may not do that.`;
  return /^[a-z-]+$/.test(error.code) ? message : undefined;
}

function crashWords(error: unknown): string {
  const { type, code, message, stack, cause } = describeError(error);
  const lines = [`bolt-stackstorm failed: ${type}${code === undefined ? '' : ` (${code})`}: ${message}`];
  if (stack !== undefined) lines.push(stack);
  if (cause !== undefined) lines.push(`because of ${cause.type}: ${cause.message}`);
  return lines.join('\n');
}
