import type { ActionAlias } from '../../stackstorm/wire.ts';
import { type CompiledFormat, compileFormat } from '../format.ts';
import { UnsupportedPatternError } from '../regex/errors.ts';
import { parsePattern } from '../regex/parse.ts';
import type { Anchor, Sequence, Syntax } from '../regex/syntax.ts';
import { passesOf, representationsOf } from '../representation.ts';
import { noRequirement, type Requirement, requirementOf } from '../requirement.ts';
import { Automaton } from './automaton.ts';
import { languageOf } from './language.ts';

/** A pattern of an enabled alias, ready to be compared with others. */
export interface LintPattern {
  readonly alias: ActionAlias;
  readonly representation: string;
  readonly format: CompiledFormat;
  /** Each match in a command counts: matching anywhere is meant. */
  readonly multiple: boolean;
  /** The one of StackStorm's two passes in which it can win; undefined where it is never tried. */
  readonly pass: 'first' | 'second' | undefined;
  readonly requirement: Requirement;
  /** Undefined where the pattern is too large to be compared. */
  readonly automaton: Automaton | undefined;
  /** It matches with anything before it, or behind it. */
  readonly open: { readonly before: boolean; readonly behind: boolean };
}

/** The patterns of an alias none of whose patterns is wrong. */
export function lintPatternsOf(alias: ActionAlias): LintPattern[] {
  const passes = passesOf(alias);
  // An alias that is in both is ended by the first: whatever it matches, it has matched there.
  const pass = passes.first ? 'first' : passes.second ? 'second' : undefined;
  return representationsOf(alias).map(({ representation, multiple }) => {
    const format = compileFormat(representation);
    const { syntax } = format;
    return {
      alias,
      representation,
      format,
      multiple,
      pass,
      requirement: syntax.ignoreCase ? noRequirement : requirementOf(syntax.body),
      automaton: automatonOf(syntax),
      open: {
        before: !isPinned(syntax.body, ['beginning', 'beginningOfText']),
        behind: !isPinned(syntax.body, ['end', 'endOfText']),
      },
    };
  });
}

/** The texts in which a plain pattern is found. */
export function automatonFor(pattern: string): Automaton {
  return new Automaton(languageOf(parsePattern(pattern, { dotAll: true })));
}

function automatonOf(syntax: Syntax): Automaton | undefined {
  try {
    return new Automaton(languageOf(syntax));
  } catch (error) {
    if (error instanceof UnsupportedPatternError) return undefined;
    throw error;
  }
}

/** Whether every way through the pattern meets one of the anchors. */
function isPinned(sequence: Sequence, anchors: readonly Anchor[]): boolean {
  return sequence.some((node) => {
    switch (node.op) {
      case 'at':
        return anchors.includes(node.anchor);
      case 'group':
        return isPinned(node.body, anchors);
      case 'repeat':
        return node.min > 0 && isPinned(node.body, anchors);
      case 'branch':
        return node.branches.every((branch) => isPinned(branch, anchors));
      default:
        return false;
    }
  });
}

/** About what somebody would type who reads the pattern and gives each parameter an `x`. */
export function typedWords(representation: string): string {
  return representation
    .replace(/\{\{.*?\}\}+/gs, 'x')
    .replace(/^\^(\\s\*)?/, '')
    .replace(/(\\s\*)?\$$/, '');
}
