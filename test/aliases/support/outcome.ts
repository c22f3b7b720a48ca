import { compileFormat } from '../../../src/aliases/format.ts';
import {
  FormatKeyError,
  matchAll,
  matchFormat,
  type Parameters,
  readCommand,
} from '../../../src/aliases/match.ts';
import { PatternError, UnsupportedPatternError } from '../../../src/aliases/regex/errors.ts';

/** What StackStorm's parser answers for a format and a command, in the form of the recorded vectors. */
export type Outcome =
  | { match: true; parameters: unknown }
  | { match: false }
  | { error: 're.error' | 'KeyError' }
  | { unsupported: string };

export function outcome(format: string, command: string, multiple = false): Outcome {
  try {
    const compiled = compileFormat(format);
    const read = readCommand(command);
    const budget = { left: 10_000_000 };
    if (!multiple) {
      const parameters = matchFormat(compiled, read, budget);
      return parameters === undefined ? { match: false } : { match: true, parameters: plain(parameters) };
    }
    const all = matchAll(compiled, read, budget);
    if (all === undefined) return { match: false };
    return { match: true, parameters: all.map((one) => plain(one.parameters)) };
  } catch (error) {
    if (error instanceof PatternError || error instanceof FormatKeyError) return { error: error.code };
    if (error instanceof UnsupportedPatternError) return { unsupported: error.construct };
    throw error;
  }
}

export function plain(parameters: Parameters): Record<string, string | null> {
  return Object.fromEntries(parameters);
}
