import { PatternError, UnsupportedPatternError } from './errors.ts';
import { isOneOf, type PatternSource } from './source.ts';
import type { Anchor, CharClass } from './syntax.ts';

export const digits = '0123456789';
const octalDigits = '01234567';
const hexDigits = '0123456789abcdefABCDEF';

/** What a backslash pair stands for. */
export type Escape =
  | { readonly kind: 'char'; readonly codePoint: number }
  | { readonly kind: 'class'; readonly charClass: CharClass }
  | { readonly kind: 'at'; readonly anchor: Anchor }
  | { readonly kind: 'group'; readonly group: number };

const controls: Readonly<Record<string, number>> = {
  '\\a': 7,
  '\\b': 8,
  '\\f': 12,
  '\\n': 10,
  '\\r': 13,
  '\\t': 9,
  '\\v': 11,
  '\\\\': 92,
};

const classes: Readonly<Record<string, CharClass>> = {
  '\\d': 'digit',
  '\\D': 'notDigit',
  '\\s': 'space',
  '\\S': 'notSpace',
  '\\w': 'word',
  '\\W': 'notWord',
};

const anchors: Readonly<Record<string, Anchor>> = {
  '\\A': 'beginningOfText',
  '\\b': 'boundary',
  '\\B': 'notBoundary',
  '\\Z': 'endOfText',
};

/** An escape outside a character set. Throws PatternError. */
export function readEscape(source: PatternSource, pair: string): Escape {
  const anchor = anchors[pair];
  if (anchor !== undefined) return { kind: 'at', anchor };
  const common = readCommon(source, pair);
  if (common !== undefined) return common;
  const letter = pair.slice(1);
  if (letter === '0')
    return { kind: 'char', codePoint: Number.parseInt(`0${source.getWhile(2, octalDigits)}`, 8) };
  if (isOneOf(letter, digits)) return readNumber(source, letter);
  return readPlain(pair);
}

/** An escape in a character set, where `\b` is backspace and a number is octal. Throws PatternError. */
export function readSetEscape(source: PatternSource, pair: string): Escape {
  const common = readCommon(source, pair);
  if (common !== undefined) return common;
  const letter = pair.slice(1);
  if (isOneOf(letter, octalDigits)) return octal(letter + source.getWhile(2, octalDigits));
  if (isOneOf(letter, digits)) throw new PatternError(`bad escape ${pair}`);
  return readPlain(pair);
}

function readCommon(source: PatternSource, pair: string): Escape | undefined {
  const charClass = classes[pair];
  if (charClass !== undefined) return { kind: 'class', charClass };
  const control = controls[pair];
  if (control !== undefined) return { kind: 'char', codePoint: control };
  if (pair === '\\x') return hexadecimal(source, pair, 2);
  if (pair === '\\u') return hexadecimal(source, pair, 4);
  if (pair === '\\U') return hexadecimal(source, pair, 8);
  if (pair === '\\N') throw new UnsupportedPatternError('named character \\N{…}');
  return undefined;
}

function hexadecimal(source: PatternSource, pair: string, length: number): Escape {
  const text = source.getWhile(length, hexDigits);
  if (text.length !== length) throw new PatternError(`incomplete escape ${pair}${text}`);
  const codePoint = Number.parseInt(text, 16);
  if (codePoint > 0x10ffff) throw new PatternError(`bad escape ${pair}${text}`);
  return { kind: 'char', codePoint };
}

function octal(text: string): Escape {
  const codePoint = Number.parseInt(text, 8);
  if (codePoint > 0o377) throw new PatternError(`octal escape value \\${text} outside of range 0-0o377`);
  return { kind: 'char', codePoint };
}

/** One or two digits name a group, three octal digits a character. */
function readNumber(source: PatternSource, first: string): Escape {
  let text = first;
  if (source.next !== undefined && isOneOf(source.next, digits)) {
    text += source.get() ?? '';
    const third = source.next;
    if (isOneOf(first, octalDigits) && isOneOf(text.slice(1), octalDigits)) {
      if (third !== undefined && isOneOf(third, octalDigits)) {
        source.get();
        return octal(text + third);
      }
    }
  }
  return { kind: 'group', group: Number.parseInt(text, 10) };
}

function readPlain(pair: string): Escape {
  const letter = pair.slice(1);
  if (/^[A-Za-z]$/.test(letter)) throw new PatternError(`bad escape ${pair}`);
  return { kind: 'char', codePoint: letter.codePointAt(0) ?? 0 };
}
