import type { PatternSource } from './python-regex-source.ts';
import {
  type Category,
  type Position,
  PythonRegexError,
  type RegexNode,
  type SetItem,
  UnsupportedConstructError,
} from './python-regex-tree.ts';

const categories = new Map<string, Category>([
  ['d', 'd'],
  ['D', 'D'],
  ['s', 's'],
  ['S', 'S'],
  ['w', 'w'],
  ['W', 'W'],
]);
const positions = new Map<string, Position>([
  ['A', 'beginningString'],
  ['b', 'boundary'],
  ['B', 'nonBoundary'],
  ['Z', 'endString'],
]);
const controls = new Map<string, number>([
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
  ['\\', 92],
]);
const hexLengths = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);
const hexDigit = /[0-9A-Fa-f]/u;
const octalDigit = /[0-7]/u;
const asciiLetter = /[A-Za-z]/u;
const highestCodePoint = 0x10ffff;

/** An escape outside a set: sre_parse `_escape`. `token` is the backslash and the character after it. */
export function parseEscape(
  source: PatternSource,
  token: string,
  checkReference: (index: number) => void,
): RegexNode {
  const letter = token.slice(1);
  const position = positions.get(letter);
  if (position !== undefined) return { op: 'at', position };
  const category = categories.get(letter);
  if (category !== undefined) return { op: 'set', negate: false, items: [{ kind: 'category', category }] };
  if (letter === '0') return { op: 'literal', code: parseInt(`0${source.takeWhile(octalDigit, 2)}`, 8) };
  if (/[1-9]/u.test(letter)) return reference(source, letter, checkReference);
  return { op: 'literal', code: literalEscape(source, token) };
}

function reference(
  source: PatternSource,
  firstDigit: string,
  checkReference: (index: number) => void,
): RegexNode {
  const digits = firstDigit + source.takeWhile(/\d/u, 1);
  if (/^[0-7]{2}$/u.test(digits)) {
    const third = source.takeWhile(octalDigit, 1);
    if (third !== '') {
      const code = parseInt(digits + third, 8);
      if (code > 0o377) throw new PythonRegexError('octal escape value outside of range 0-0o377');
      return { op: 'literal', code };
    }
  }
  const index = Number(digits);
  checkReference(index);
  return { op: 'reference', index };
}

/** Hex, control and punctuation escapes, which are the same inside and outside a set. */
function literalEscape(source: PatternSource, token: string): number {
  const letter = token.slice(1);
  const control = controls.get(letter);
  if (control !== undefined) return control;
  const length = hexLengths.get(letter);
  if (length !== undefined) {
    const digits = source.takeWhile(hexDigit, length);
    const code = parseInt(digits, 16);
    if (digits.length !== length || code > highestCodePoint)
      throw new PythonRegexError(`incomplete escape ${token}`);
    return code;
  }
  if (letter === 'N') throw new UnsupportedConstructError('named character');
  if (asciiLetter.test(letter)) throw new PythonRegexError(`bad escape ${token}`);
  return token.codePointAt(1) ?? 0;
}

/** After `[`: a set, or the one character that it comes down to. */
export function parseSet(source: PatternSource): RegexNode {
  const items: SetItem[] = [];
  const negate = source.accept('^');
  for (;;) {
    const token = source.take();
    if (token === null) throw new PythonRegexError('unterminated character set');
    if (token === ']' && items.length > 0) break;
    const low = setItem(source, token);
    if (!source.accept('-')) {
      items.push(low);
      continue;
    }
    const end = source.take();
    if (end === null) throw new PythonRegexError('unterminated character set');
    if (end === ']') {
      items.push(low, { kind: 'literal', code: 45 });
      break;
    }
    const high = setItem(source, end);
    if (low.kind !== 'literal' || high.kind !== 'literal' || high.code < low.code)
      throw new PythonRegexError('bad character range');
    items.push({ kind: 'range', low: low.code, high: high.code });
  }
  const unique = [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
  const [only] = unique;
  if (unique.length === 1 && only?.kind === 'literal')
    return { op: negate ? 'notLiteral' : 'literal', code: only.code };
  return { op: 'set', negate, items: unique };
}

/** One member of a set: sre_parse `_class_escape`. */
function setItem(source: PatternSource, token: string): SetItem {
  if (!token.startsWith('\\')) return { kind: 'literal', code: token.codePointAt(0) ?? 0 };
  const letter = token.slice(1);
  const category = categories.get(letter);
  if (category !== undefined) return { kind: 'category', category };
  if (octalDigit.test(letter)) {
    const code = parseInt(letter + source.takeWhile(octalDigit, 2), 8);
    if (code > 0o377) throw new PythonRegexError('octal escape value outside of range 0-0o377');
    return { kind: 'literal', code };
  }
  if (/\d/u.test(letter)) throw new PythonRegexError(`bad escape ${token}`);
  return { kind: 'literal', code: literalEscape(source, token) };
}
