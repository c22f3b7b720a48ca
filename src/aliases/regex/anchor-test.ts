import { anchorOrder } from './program.ts';
import { isWord } from './unicode.ts';

/** Whether an anchor (its index in `anchorOrder`) holds at a position. `$` also holds before a newline at the end. */
export function isAt(anchor: number, codePoints: Int32Array, position: number): boolean {
  const { length } = codePoints;
  switch (anchorOrder[anchor]) {
    case 'beginning':
    case 'beginningOfText':
      return position === 0;
    case 'end':
      return position === length || (position === length - 1 && codePoints[position] === 10);
    case 'endOfText':
      return position === length;
    case 'boundary':
      return length > 0 && isWordAt(codePoints, position - 1) !== isWordAt(codePoints, position);
    case 'notBoundary':
      // In an empty text Python 3.11 finds neither.
      return length > 0 && isWordAt(codePoints, position - 1) === isWordAt(codePoints, position);
    default:
      return false;
  }
}

function isWordAt(codePoints: Int32Array, position: number): boolean {
  return position >= 0 && position < codePoints.length && isWord(codePoints[position] ?? 0);
}
