import type { CompiledFormat } from './format.ts';
import type { Match } from './regex/regex.ts';
import type { StepBudget } from './regex/run.ts';
import { Subject } from './regex/subject.ts';
import { isSpace } from './regex/unicode.ts';
import { readTrailingPairs, type TrailingPairs } from './trailing-pairs.ts';

/** What an alias is given: strings, or null for a group of the pattern that took no part. Any key may occur, `__proto__` too. */
export type Parameters = ReadonlyMap<string, string | null>;

/** A command made ready for all formats. */
export interface ReadCommand extends TrailingPairs {
  readonly command: string;
  readonly subject: Subject;
  /** Nothing but spaces is left beside the pairs. */
  readonly blank: boolean;
}

/** One of the matches of a match_multiple format. */
export interface MultipleMatch {
  /** The part of the command that matched, without the trailing pairs. */
  readonly text: string;
  readonly parameters: Parameters;
}

/** StackStorm's KeyError: a default that stands over a newline has no group (NOTES Q7); its API answers 500. */
export class FormatKeyError extends Error {
  readonly code = 'KeyError';
  readonly parameter: string;

  constructor(parameter: string) {
    super(`the default of ${parameter} stands over a newline`);
    this.name = 'FormatKeyError';
    this.parameter = parameter;
  }
}

/** Reads what is the same for every format. */
export function readCommand(command: string): ReadCommand {
  const pairs = readTrailingPairs(command);
  const subject = new Subject(pairs.stream);
  return { ...pairs, command, subject, blank: subject.codePoints.every(isSpace) };
}

/**
 * The parameters that StackStorm reads from a command (NOTES section 2, steps 6 to 8); undefined where the command does
 * not match. Throws BudgetExceededError, FormatKeyError.
 */
export function matchFormat(
  format: CompiledFormat,
  command: ReadCommand,
  budget: StepBudget,
): Parameters | undefined {
  const match = format.regex.search(command.subject, budget);
  return match && parametersOf(format, command, match);
}

/**
 * All matches in one command, for match_multiple; empty if there is none, undefined where StackStorm refuses the whole
 * command because of one of them. Throws BudgetExceededError, FormatKeyError.
 */
export function matchAll(
  format: CompiledFormat,
  command: ReadCommand,
  budget: StepBudget,
): readonly MultipleMatch[] | undefined {
  const found: MultipleMatch[] = [];
  for (const match of format.regex.matches(command.subject, budget)) {
    const parameters = parametersOf(format, command, match);
    if (parameters === undefined) return undefined;
    found.push({ text: match.text, parameters });
  }
  return found;
}

function parametersOf(format: CompiledFormat, command: ReadCommand, match: Match): Parameters | undefined {
  if (format.missing !== undefined) throw new FormatKeyError(format.missing);
  const parameters = match.namedGroups();
  for (const [name, value] of format.defaults) parameters.set(name, parameters.get(name) || value);
  for (const [name, value] of command.pairs) parameters.set(name, value);
  const hasValue = () => [...parameters.values()].some((value) => value !== null && value !== '');
  return format.format !== '' && command.blank && !hasValue() ? undefined : parameters;
}

/** Whether two readings of a command are the same. */
export function sameParameters(one: Parameters, other: Parameters): boolean {
  if (one.size !== other.size) return false;
  for (const [name, value] of one) if (!other.has(name) || other.get(name) !== value) return false;
  return true;
}
