import { z } from 'zod';
import { AliasIndex } from '../aliases/alias-index.ts';
import { answerFromCatalog, FormatAnswers } from '../aliases/answers.ts';
import { readCatalog } from './catalog-file.ts';
import { type Line, linesOf } from './lines.ts';
import { printable } from './printable.ts';
import { writeOut } from './write-out.ts';

/** Standard input and output, and where notes for the person go. */
export interface MatchStreams {
  readonly input: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
  readonly notes: NodeJS.WritableStream;
}

export interface OneFormat {
  readonly format: string;
  readonly multiple?: boolean;
  /** Read, so that a wrong one is told, and not needed. */
  readonly catalog?: string;
}

/**
 * Answers each command with what StackStorm makes of it over the aliases in a file. True if every line was a command.
 * @throws CliError `invalid` where the file is no catalog.
 */
export async function matchFromCatalog(path: string, streams: MatchStreams): Promise<boolean> {
  const index = new AliasIndex();
  index.replaceAll(await readCatalog(path));
  for (const { ref, representation, code, reason } of index.faults) {
    const meaning =
      code === 'unsupported'
        ? 'this bot sets the alias aside'
        : 'this bot sets the alias aside, StackStorm fails on every command';
    streams.notes.write(`${printable(`${ref}: ${JSON.stringify(representation)}: ${reason}`)}; ${meaning}\n`);
  }
  return answerLines(streams, (command) => answerFromCatalog(index, command));
}

/** The same for one pattern. */
export async function matchOneFormat(
  { format, multiple = false, catalog }: OneFormat,
  streams: MatchStreams,
): Promise<boolean> {
  if (catalog !== undefined) await readCatalog(catalog);
  const answers = new FormatAnswers(format, { multiple });
  if (answers.fault !== undefined)
    streams.notes.write(`${printable(`${JSON.stringify(format)}: ${answers.fault.reason}`)}\n`);
  return answerLines(streams, (command) => answers.answer(command));
}

/** Bytes of one line; chat commands have at most some thousand characters. */
const longestLine = 256 * 1024;
/** A command, or an object that has one, such as a row of a table of tests. */
const commandLine = z.union([
  z.string(),
  z.object({ command: z.string() }).transform(({ command }) => command),
]);

/** One line of answer for each line, as it comes and no faster than it is read. */
async function answerLines(
  { input, output, notes }: MatchStreams,
  answer: (command: string) => object,
): Promise<boolean> {
  if (input.isTTY === true)
    notes.write('Type a command in double quotes a line, such as "st2 list vms"; Ctrl-D ends.\n');
  let wrong = 0;
  const answers = async function* () {
    let number = 0;
    for await (const line of linesOf(input, longestLine)) {
      number++;
      const command = commandOf(line);
      if ('reason' in command) wrong++;
      const told =
        'reason' in command
          ? { error: 'bad-input', line: number, reason: command.reason }
          : answer(command.text);
      yield `${JSON.stringify(told)}\n`;
    }
  };
  await writeOut(answers, output);
  if (wrong > 0) {
    notes.write(
      `${wrong === 1 ? '1 line was' : `${wrong} lines were`} no command; "bad-input" in the answers says why.\n`,
    );
  }
  return wrong === 0;
}

function commandOf(line: Line): { readonly text: string } | { readonly reason: string } {
  if ('fault' in line) {
    return line.fault === 'too-long'
      ? { reason: `longer than ${longestLine / 1024} KiB` }
      : { reason: 'not UTF-8' };
  }
  if (line.text.trim() === '') return { reason: 'empty; the empty command is ""' };
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch {
    return { reason: 'not JSON; a command is a JSON string, such as "st2 list vms"' };
  }
  const command = commandLine.safeParse(value);
  return command.success
    ? { text: command.data }
    : { reason: 'neither a JSON string nor an object with a string "command"' };
}
