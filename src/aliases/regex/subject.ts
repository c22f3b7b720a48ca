/** A text that is matched, by code points as Python counts them. Steps are counted per code point. */
export class Subject {
  readonly text: string;
  readonly codePoints: Int32Array;
  /** Where each code point begins in `text`; undefined where every one is a single unit. */
  readonly #offsets: Int32Array | undefined;

  constructor(text: string) {
    this.text = text;
    const codePoints = new Int32Array(text.length);
    const offsets = new Int32Array(text.length + 1);
    let count = 0;
    for (let offset = 0; offset < text.length; count++) {
      const codePoint = text.codePointAt(offset) ?? 0;
      codePoints[count] = codePoint;
      offsets[count] = offset;
      offset += codePoint > 0xffff ? 2 : 1;
    }
    offsets[count] = text.length;
    this.codePoints = codePoints.subarray(0, count);
    this.#offsets = count === text.length ? undefined : offsets;
  }

  get length(): number {
    return this.codePoints.length;
  }

  /** The text between two code points. */
  slice(start: number, end: number): string {
    const offsets = this.#offsets;
    return offsets === undefined
      ? this.text.slice(start, end)
      : this.text.slice(offsets[start], offsets[end]);
  }
}
