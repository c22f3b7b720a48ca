/**
 * Python's ideas of a space, a word character, a digit and a letter's case, by code point. They are Unicode's, and
 * differ from JavaScript's `\s`, `\w`, `\d` and from its `i` flag (NOTES Q12 and section 4).
 * @module
 */

/** `str.isspace`: JavaScript's `\s` with U+001C to U+001F and U+0085, without U+FEFF. */
export function isSpace(codePoint: number): boolean {
  if (codePoint < 0x80) {
    return (
      codePoint === 0x20 || (codePoint >= 9 && codePoint <= 13) || (codePoint >= 0x1c && codePoint <= 0x1f)
    );
  }
  return (
    codePoint === 0x85 ||
    codePoint === 0xa0 ||
    codePoint === 0x1680 ||
    (codePoint >= 0x2000 && codePoint <= 0x200a) ||
    codePoint === 0x2028 ||
    codePoint === 0x2029 ||
    codePoint === 0x202f ||
    codePoint === 0x205f ||
    codePoint === 0x3000
  );
}

const wordCharacter = /^[\p{L}\p{N}_]$/u;
const decimal = /^\p{Nd}$/u;
const identifier = /^[_\p{XID_Start}]\p{XID_Continue}*$/u;

/** Python's Unicode `\w`. */
export function isWord(codePoint: number): boolean {
  if (codePoint < 0x80) {
    return (
      (codePoint >= 0x61 && codePoint <= 0x7a) ||
      (codePoint >= 0x41 && codePoint <= 0x5a) ||
      (codePoint >= 0x30 && codePoint <= 0x39) ||
      codePoint === 0x5f
    );
  }
  return wordCharacter.test(String.fromCodePoint(codePoint));
}

/** Python's Unicode `\d`. */
export function isDecimal(codePoint: number): boolean {
  if (codePoint < 0x80) return codePoint >= 0x30 && codePoint <= 0x39;
  return decimal.test(String.fromCodePoint(codePoint));
}

/** `str.isidentifier`: what a group's name must be. */
export function isIdentifier(name: string): boolean {
  return identifier.test(name);
}

/** The one code point that Python compares under IGNORECASE. */
export function lower(codePoint: number): number {
  if (codePoint < 0x80) return codePoint >= 0x41 && codePoint <= 0x5a ? codePoint + 0x20 : codePoint;
  return String.fromCodePoint(codePoint).toLowerCase().codePointAt(0) ?? codePoint;
}

/** Equal for two code points exactly if Python's IGNORECASE holds them for the same letter. */
export function caseKey(codePoint: number): string {
  return String.fromCodePoint(lower(codePoint)).toUpperCase();
}

/** The code points under which a range is looked up under IGNORECASE. */
export function caseVariants(codePoint: number): readonly number[] {
  const small = lower(codePoint);
  const large = String.fromCodePoint(small).toUpperCase();
  const largeCodePoint = large.codePointAt(0);
  const single = largeCodePoint !== undefined && String.fromCodePoint(largeCodePoint) === large;
  return single ? [codePoint, small, largeCodePoint, lower(largeCodePoint)] : [codePoint, small];
}
