import type { CharTest } from './char-test.ts';

/** Operations of the matcher. An instruction is `instructionSize` numbers: the operation and its operands. */
export const op = {
  /** Matched. */
  match: 0,
  /** [codePoint] */
  char: 1,
  /** Any character. */
  any: 2,
  /** Any character but U+000A. */
  anyInLine: 3,
  /** [index of a test] */
  test: 4,
  /** [index in `anchorOrder`] */
  at: 5,
  /** [first choice, second choice, number of the split] */
  split: 6,
  /** [target] */
  jump: 7,
  /** [slot]: the position is kept. */
  save: 8,
  /** [bit]: an iteration of a loop whose body can match nothing begins. */
  enter: 9,
  /** [bit, exit]: that iteration ends; one that matched nothing goes on behind the loop. */
  leave: 10,
  /** [index of a look] */
  look: 11,
  /** [group] */
  backreference: 12,
} as const;

export const instructionSize = 4;

export const anchorOrder = [
  'beginning',
  'beginningOfText',
  'end',
  'endOfText',
  'boundary',
  'notBoundary',
] as const;

export interface Look {
  readonly negate: boolean;
  /** How many characters back the look begins. */
  readonly back: number;
  readonly start: number;
  /** The splits inside are numbered from here … */
  readonly firstSplit: number;
  /** … up to and without here. */
  readonly endSplit: number;
}

export interface Program {
  readonly code: Int32Array;
  readonly tests: readonly CharTest[];
  /** What each test answers for ASCII: 128 numbers a test, 1 for true. */
  readonly ascii: Uint8Array;
  readonly looks: readonly Look[];
  readonly splits: number;
  /** How many loops whose body can match nothing stand in each other, at most. */
  readonly loopDepth: number;
  /** Capturing groups, the whole match not counted. */
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
  readonly hasBackreference: boolean;
  readonly ignoreCase: boolean;
  /** The whole pattern can match only at the beginning of the text. */
  readonly anchored: boolean;
}
