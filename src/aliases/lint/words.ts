import type { FormatFault } from '../indexed-format.ts';

/** What is said of findings: what is wrong, then what to do. */

export function invalid({ code, reason }: FormatFault, enabled: boolean): string {
  if (code === 'unsupported') {
    return `${reason}. The bot sets the whole alias aside, nobody can run it. Write the pattern without it.`;
  }
  if (code === 'KeyError') {
    return `${reason}. StackStorm answers commands that match with an error 500. Write the default in one line.`;
  }
  const consequence = enabled
    ? 'While the alias is enabled StackStorm answers every command, of any alias, with an error 500 where it matches itself; the bot sets this alias aside.'
    : 'Harmless while the alias is disabled; enabled, it makes StackStorm fail on every command that it matches itself.';
  return `${reason}. ${consequence} Correct the pattern.`;
}

export const notAList =
  'the representation is a text and not a list. StackStorm matches it, but fails when it runs it. Write it as a list of one.';

export const shadowed =
  'an alias of another pack has the same name. StackStorm looks an alias up by its name, without the pack, so it could run the wrong one; the bot refuses to run any of them. Rename one.';

export const neverTried =
  'match_multiple is neither true nor false, so StackStorm tries no pattern of the alias. Take it out, or write true or false.';

export const empty =
  'the pattern is empty (a format with a display and no representation has an empty one): only a command of nothing but key=value pairs matches it. Give it a representation.';

export const neverMatches =
  'no command matches. StackStorm puts a space at both ends of a command, so that ^ and $ written in the pattern see it: write ^\\s* and \\s*$, or leave them out (they are added); and key=value at the end of a command is cut off before matching, so a pattern cannot end with one.';

export const alwaysAmbiguous =
  'every command that matches it also matches another pattern, and StackStorm refuses a command that matches two. Make the others narrower, or take this one out.';

export const alwaysTaken =
  'every command that matches it is taken by another pattern, which StackStorm tries before match_multiple ones. Make the others narrower, or take this one out.';

export const ambiguous =
  'some commands match both, and StackStorm refuses a command that matches two. Give them different fixed words before the first parameter.';

export function unanchored({
  before,
  behind,
}: {
  readonly before: boolean;
  readonly behind: boolean;
}): string {
  const where = before && behind ? 'before and behind it' : before ? 'before it' : 'behind it';
  return `it matches with anything ${where}: StackStorm's own anchors bind to the first and the last of several alternatives only, and are left out where the pattern has some. Put alternatives in parentheses, (?:one|two), or write match_multiple if that is meant.`;
}

export const unanchoredMultiple =
  'it matches anywhere in any command, and as another format of the alias has match_multiple: false, StackStorm tries it before everything else: it makes commands of other aliases ambiguous. Put the two into two aliases.';
