import { PatternError, UnsupportedPatternError } from './errors.ts';
import { isOneOf, type PatternSource } from './source.ts';
import { isIdentifier } from './unicode.ts';

/** What a `(` begins. */
export type GroupOpening =
  | { readonly kind: 'capture'; readonly name: string | undefined }
  | { readonly kind: 'plain' }
  | { readonly kind: 'comment' }
  | { readonly kind: 'flags'; readonly ignoreCase: boolean }
  | { readonly kind: 'reference'; readonly name: string }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negate: boolean };

/** Reads what follows a `(` up to its content; a comment, flags or a reference are read whole. */
export function openGroup(source: PatternSource): GroupOpening {
  if (!source.accept('?')) return { kind: 'capture', name: undefined };
  const sign = source.get();
  switch (sign) {
    case undefined:
      throw new PatternError('unexpected end of pattern');
    case 'P':
      return pythonExtension(source);
    case ':':
      return { kind: 'plain' };
    case '#':
      return comment(source);
    case '=':
    case '!':
      return { kind: 'look', behind: false, negate: sign === '!' };
    case '<':
      return lookbehind(source);
    case '(':
      throw new UnsupportedPatternError('conditional group (?(…)…)');
    case '>':
      throw new UnsupportedPatternError('atomic group (?>…)');
    default:
      return flags(source, sign);
  }
}

function pythonExtension(source: PatternSource): GroupOpening {
  if (source.accept('<')) return { kind: 'capture', name: groupName(source, '>') };
  if (source.accept('=')) return { kind: 'reference', name: groupName(source, ')') };
  throw new PatternError(`unknown extension ?P${source.get() ?? ''}`);
}

function groupName(source: PatternSource, terminator: string): string {
  const name = source.getUntil(terminator, 'group name');
  if (!isIdentifier(name)) throw new PatternError(`bad character in group name ${name}`);
  return name;
}

function comment(source: PatternSource): GroupOpening {
  for (;;) {
    const current = source.get();
    if (current === undefined) throw new PatternError('missing ), unterminated comment');
    if (current === ')') return { kind: 'comment' };
  }
}

function lookbehind(source: PatternSource): GroupOpening {
  const sign = source.get();
  if (sign === '=' || sign === '!') return { kind: 'look', behind: true, negate: sign === '!' };
  throw new PatternError(`unknown extension ?<${sign ?? ''}`);
}

const knownFlags = 'aiLmsxtu';

function flags(source: PatternSource, first: string): GroupOpening {
  let letters = '';
  let current: string | undefined = first;
  while (current !== undefined && isOneOf(current, knownFlags)) {
    letters += current;
    current = source.get();
  }
  if (letters.includes('L')) throw new PatternError("cannot use 'L' flag with a str pattern");
  if (letters.includes('a') && letters.includes('u')) throw new PatternError('incompatible inline flags');
  if (current === '-' || (current === ':' && letters !== '')) {
    throw new UnsupportedPatternError('flags for a part of the pattern (?i:…)');
  }
  if (current !== ')' || letters === '') throw new PatternError(`unknown extension ?${first}`);
  const other = letters.replace(/[isu]/g, '');
  if (other !== '') throw new UnsupportedPatternError(`inline flag (?${other.charAt(0)})`);
  return { kind: 'flags', ignoreCase: letters.includes('i') };
}
