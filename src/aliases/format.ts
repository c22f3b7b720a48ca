import { PatternError, UnsupportedPatternError } from './regex/errors.ts';
import { parsePattern } from './regex/parse.ts';
import { Regex } from './regex/regex.ts';
import { Subject } from './regex/subject.ts';
import { type Anchor, anySpaces, type Node, type Sequence, type Syntax } from './regex/syntax.ts';

/** One representation of an alias, made ready for matching. */
export interface CompiledFormat {
  readonly format: string;
  /** The pattern that StackStorm makes of the format, anchors included. */
  readonly syntax: Syntax;
  readonly regex: Regex;
  /** Parameters with a default, and the default's text. */
  readonly defaults: readonly (readonly [name: string, value: string])[];
  /**
   * A parameter that has a default but no group, because of a newline in the default (NOTES Q7): StackStorm answers
   * every command that matches with KeyError.
   */
  readonly missing: string | undefined;
}

const key = String.raw`\s*(\S+?)\s*`;
const defaultValue = String.raw`\s*=\s*(?:""|''|"(.+?)"|'(.+?)'|({.+?})|(.+?))\s*`;
const optional = `{{${key}${defaultValue}}}`;
const parameter = (space: string, name: string) =>
  `${space}["']?(?P<${name}>(?:(?<=').+?(?=')|(?<=").+?(?=")|{.+?}|.+?))["']?`;

const optionalAnywhere = new Regex(optional, { dotAll: true });
/** Here the dot stops at a newline, unlike in `optionalAnywhere`. */
const optionalWithSpace = new Regex(String.raw`(\s*)${optional}`);
const requiredWithSpace = new Regex(String.raw`(\s*){{${key}}}`);

/** Steps for reading one format; the longest that is known takes some thousands. */
const readingSteps = 3_000_000;

/**
 * Makes a format's pattern exactly as StackStorm does (NOTES section 2, steps 3 to 5). Source: st2common
 * models/utils/action_alias_utils.py, whose own expressions are run here on the bounded matcher.
 * Throws PatternError where StackStorm answers 500, UnsupportedPatternError.
 */
export function compileFormat(format: string): CompiledFormat {
  const defaults: [string, string][] = [];
  let pattern = format;
  if (format.includes('{{')) {
    const budget = { left: readingSteps };
    try {
      for (const match of optionalAnywhere.matches(new Subject(format), budget)) {
        const value = [2, 3, 4, 5].map((group) => match.group(group) ?? '').join('');
        defaults.push([match.group(1) ?? '', value]);
      }
      pattern = optionalWithSpace.replace(
        pattern,
        (match) => `(?:${parameter(match.group(1) ?? '', match.group(2) ?? '')})?`,
        budget,
      );
      pattern = requiredWithSpace.replace(
        pattern,
        (match) => parameter(match.group(1) ?? '', match.group(2) ?? ''),
        budget,
      );
    } catch (error) {
      if (error instanceof PatternError || error instanceof UnsupportedPatternError) throw error;
      throw new UnsupportedPatternError('format that takes too long to read');
    }
  }
  const syntax = anchoredSyntax(pattern);
  const regex = new Regex(syntax);
  const missing = defaults.find(([name]) => !syntax.names.has(name))?.[0];
  return { format, syntax, regex, defaults, missing };
}

const beginning: Node = { op: 'at', anchor: 'beginning' };
const end: Node = { op: 'at', anchor: 'end' };

/** Adds the anchors where StackStorm finds none; they bind to the first and last alternative only (NOTES Q8). */
function anchoredSyntax(pattern: string): Syntax {
  const syntax = parsePattern(pattern, { dotAll: true });
  const begins = hasAnchor(syntax.body, 'beginning', 'beginningOfText');
  const ends = hasAnchor(syntax.body, 'end', 'endOfText');
  if (begins && ends) return syntax;
  if (syntax.plain) {
    return {
      ...syntax,
      body: [...(begins ? [] : [beginning, anySpaces]), ...syntax.body, ...(ends ? [] : [anySpaces, end])],
    };
  }
  return parsePattern(`${begins ? '' : String.raw`^\s*`}${pattern}${ends ? '' : String.raw`\s*$`}`, {
    dotAll: true,
  });
}

/** StackStorm's look for an anchor: in groups, in the second of several alternatives, in nothing that repeats or looks around. */
function hasAnchor(sequence: Sequence, one: Anchor, other: Anchor): boolean {
  return sequence.some((node) => {
    if (node.op === 'at') return node.anchor === one || node.anchor === other;
    if (node.op === 'group') return hasAnchor(node.body, one, other);
    return node.op === 'branch' && hasAnchor(node.branches[1] ?? [], one, other);
  });
}
