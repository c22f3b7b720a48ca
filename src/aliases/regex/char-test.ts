import { type CharClass, type SetItem, setKey } from './syntax.ts';
import { caseKey, caseVariants, isDecimal, isSpace, isWord, lower } from './unicode.ts';

/** Whether one code point is meant. */
export type CharTest = (codePoint: number) => boolean;

const classTests: Readonly<Record<CharClass, CharTest>> = {
  digit: isDecimal,
  notDigit: (codePoint) => !isDecimal(codePoint),
  space: isSpace,
  notSpace: (codePoint) => !isSpace(codePoint),
  word: isWord,
  notWord: (codePoint) => !isWord(codePoint),
};

/** The same few sets stand in nearly every pattern. */
const known = new Map<string, CharTest>();
const mostKnown = 1000;

/** The test of a character set; ASCII is looked up in a table. */
export function setTest(items: readonly SetItem[], negate: boolean, ignoreCase: boolean): CharTest {
  const key = `${negate} ${ignoreCase} ${setKey(items)}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const tests = items.map((item) => itemTest(item, ignoreCase));
  const test: CharTest = (codePoint) => tests.some((one) => one(codePoint)) !== negate;
  const ascii = Uint8Array.from({ length: 128 }, (_, codePoint) => (test(codePoint) ? 1 : 0));
  const made: CharTest = (codePoint) => (codePoint < 128 ? ascii[codePoint] === 1 : test(codePoint));
  if (known.size >= mostKnown) known.clear();
  known.set(key, made);
  return made;
}

function itemTest(item: SetItem, ignoreCase: boolean): CharTest {
  switch (item.kind) {
    case 'class': {
      const test = classTests[item.charClass];
      return ignoreCase ? (codePoint) => test(lower(codePoint)) : test;
    }
    case 'char': {
      if (!ignoreCase) return (codePoint) => codePoint === item.codePoint;
      const key = caseKey(item.codePoint);
      return (codePoint) => caseKey(codePoint) === key;
    }
    case 'range': {
      const inRange: CharTest = (codePoint) => codePoint >= item.from && codePoint <= item.to;
      return ignoreCase ? (codePoint) => caseVariants(codePoint).some(inRange) : inRange;
    }
  }
}

/** Whether a literal is the same in either case, so that it needs no test of its own under IGNORECASE. */
export function isCaseless(codePoint: number): boolean {
  return caseKey(codePoint) === String.fromCodePoint(codePoint) && lower(codePoint) === codePoint;
}
