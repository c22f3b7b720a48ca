import { isAt } from './anchor-test.ts';
import { BudgetExceededError } from './errors.ts';
import { instructionSize, type Look, op, type Program } from './program.ts';
import type { Subject } from './subject.ts';
import { lower } from './unicode.ts';

/** Steps that may still be taken; about 70,000 take a millisecond. */
export interface StepBudget {
  left: number;
}

export interface SearchOptions {
  /** Code point at which the search begins; 0 by default. */
  readonly from?: number;
  /** A match of nothing at `from` does not count (Python's finditer after an empty match). */
  readonly mustAdvance?: boolean;
  /**
   * False forgets what was tried, so that the steps are those of Python's own matcher, which may be exponentially many.
   */
  readonly remember?: boolean;
}

// Names of this module's own: the loop below reads them at every step.
const { char: charOp, any: anyOp, anyInLine: anyInLineOp, test: testOp, at: atOp, split: splitOp } = op;
const { jump: jumpOp, save: saveOp, enter: enterOp, leave: leaveOp, look: lookOp } = op;
const { backreference: backreferenceOp } = op;
const size = instructionSize;

/** Bits: 8 MiB. Programs and texts that need more are too expensive. */
const mostMemory = 1 << 26;
let visited = new Uint32Array(1024);
/**
 * Alternatives not yet tried: [instruction, position, loops]; and captures to restore: [-1 - slot, position, 0]. One for
 * all searches, as none begins while another is under way.
 */
let stack = new Int32Array(3 * 1024);

/**
 * The leftmost match of Python's `search`: for each group its beginning and end in code points, -1 where it took no
 * part, the whole match first; undefined if there is none. Each (choice, position) is tried once: what failed there
 * fails again, wherever it is come from. Throws BudgetExceededError.
 */
export function search(
  program: Program,
  subject: Subject,
  budget: StepBudget,
  options: SearchOptions = {},
): Int32Array | undefined {
  return new Run(program, subject, budget, options).search();
}

class Run {
  readonly #program: Program;
  readonly #codePoints: Int32Array;
  readonly #length: number;
  readonly #budget: StepBudget;
  readonly #from: number;
  readonly #remember: boolean;
  readonly #captures: Int32Array;
  /** How much of the stack is in use. */
  #top = 0;
  /** All bits set: no loop is in an iteration that matched nothing so far. */
  readonly #noLoops: number;
  #mustAdvance: boolean;

  constructor(program: Program, subject: Subject, budget: StepBudget, options: SearchOptions) {
    this.#program = program;
    this.#codePoints = subject.codePoints;
    this.#length = subject.length;
    this.#budget = budget;
    this.#from = options.from ?? 0;
    this.#mustAdvance = options.mustAdvance ?? false;
    // A back reference makes what follows depend on more than the position.
    this.#remember = (options.remember ?? true) && !program.hasBackreference;
    this.#captures = new Int32Array(2 * (program.groups + 1)).fill(-1);
    this.#noLoops = (1 << program.loopDepth) - 1;
  }

  search(): Int32Array | undefined {
    this.#forget(0, this.#program.splits);
    const last = this.#program.anchored ? 0 : this.#length;
    for (let start = this.#from; start <= last; start++) {
      const end = this.#run(0, start);
      if (end >= 0) {
        this.#captures[0] = start;
        this.#captures[1] = end;
        return this.#captures;
      }
      this.#mustAdvance = false;
    }
    return undefined;
  }

  /** The end of a match that begins at `start`, with the captures set; -1, with the captures as before, if there is none. */
  #run(startInstruction: number, start: number): number {
    const length = this.#length;
    const { code, tests, ascii, loopDepth } = this.#program;
    const perSplit = length + 1;
    const codePoints = this.#codePoints;
    const budget = this.#budget;
    const remember = this.#remember;
    const base = this.#top;
    /** Not a look inside the pattern. */
    const whole = startInstruction === 0;
    const noLoops = this.#noLoops;
    let pc = startInstruction;
    let position = start;
    let loops = noLoops;
    for (;;) {
      let going = true;
      while (going) {
        if (--budget.left < 0) throw new BudgetExceededError();
        const operand = code[pc + 1] ?? 0;
        switch (code[pc]) {
          case splitOp:
            if (remember) {
              const key = (((code[pc + 3] ?? 0) * perSplit + position) << loopDepth) | loops;
              const word = visited[key >>> 5] ?? 0;
              going = (word & (1 << (key & 31))) === 0;
              visited[key >>> 5] = word | (1 << (key & 31));
            }
            if (going) {
              this.#push(code[pc + 2] ?? 0, position, loops);
              pc = operand - size;
            }
            break;
          case testOp:
            if (position >= length) {
              going = false;
            } else {
              const codePoint = codePoints[position] ?? 0;
              going =
                codePoint < 128
                  ? ascii[operand * 128 + codePoint] === 1
                  : tests[operand]?.(codePoint) === true;
            }
            position++;
            loops = noLoops;
            break;
          case anyOp:
            going = position < length;
            position++;
            loops = noLoops;
            break;
          case charOp:
            going = position < length && codePoints[position] === operand;
            position++;
            loops = noLoops;
            break;
          case jumpOp:
            pc = operand - size;
            break;
          case saveOp:
            this.#push(-1 - operand, this.#captures[operand] ?? -1, 0);
            this.#captures[operand] = position;
            break;
          case anyInLineOp:
            going = position < length && codePoints[position] !== 10;
            position++;
            loops = noLoops;
            break;
          case atOp:
            going = isAt(operand, codePoints, position);
            break;
          case enterOp:
            loops &= ~(1 << operand);
            break;
          case leaveOp:
            if ((loops & (1 << operand)) === 0) {
              loops |= 1 << operand;
              pc = (code[pc + 2] ?? 0) - size;
            }
            break;
          case lookOp: {
            const look = this.#program.looks[operand];
            going = look !== undefined && this.#looks(look, position);
            break;
          }
          case backreferenceOp: {
            const end = this.#afterSame(operand, position);
            going = end >= 0;
            if (end > position) loops = noLoops;
            position = end;
            break;
          }
          default:
            if (!whole || !this.#mustAdvance || position !== this.#from) return position;
            going = false;
        }
        pc += size;
      }
      // Back to the last alternative.
      for (;;) {
        if (this.#top === base) return -1;
        this.#top -= 3;
        pc = stack[this.#top] ?? 0;
        position = stack[this.#top + 1] ?? 0;
        loops = stack[this.#top + 2] ?? 0;
        if (pc >= 0) break;
        this.#captures[-1 - pc] = position;
      }
    }
  }

  /** Behind a repetition of the group's text, or -1. */
  #afterSame(group: number, position: number): number {
    const start = this.#captures[group * 2] ?? -1;
    const end = this.#captures[group * 2 + 1] ?? -1;
    if (start < 0 || end < start || position + end - start > this.#length) return -1;
    const { ignoreCase } = this.#program;
    for (let offset = 0; offset < end - start; offset++) {
      const one = this.#codePoints[start + offset] ?? 0;
      const other = this.#codePoints[position + offset] ?? 0;
      this.#budget.left--;
      if (ignoreCase ? lower(one) !== lower(other) : one !== other) return -1;
    }
    return position + end - start;
  }

  #push(pc: number, position: number, loops: number): void {
    const top = this.#top;
    if (top + 3 > stack.length) {
      const grown = new Int32Array(stack.length * 2);
      grown.set(stack);
      stack = grown;
    }
    stack[top] = pc;
    stack[top + 1] = position;
    stack[top + 2] = loops;
    this.#top = top + 3;
  }

  #looks(look: Look, position: number): boolean {
    const start = position - look.back;
    if (start < 0) return look.negate;
    const base = this.#top;
    const found = this.#run(look.start, start) >= 0;
    if (!found) return look.negate;
    // What succeeded was marked as tried, like what failed.
    this.#forget(look.firstSplit, look.endSplit);
    if (look.negate) {
      this.#unwind(base);
      return false;
    }
    this.#keepRestores(base);
    return true;
  }

  #unwind(base: number): void {
    while (this.#top > base) {
      this.#top -= 3;
      const pc = stack[this.#top] ?? 0;
      if (pc < 0) this.#captures[-1 - pc] = stack[this.#top + 1] ?? -1;
    }
  }

  /** A look is not gone back into, but what it captured must be restored with everything before it. */
  #keepRestores(base: number): void {
    let kept = base;
    for (let entry = base; entry < this.#top; entry += 3) {
      const pc = stack[entry] ?? 0;
      if (pc >= 0) continue;
      stack.copyWithin(kept, entry, entry + 3);
      kept += 3;
    }
    this.#top = kept;
  }

  /** Forgets what was tried at the splits from `first` up to and without `end`. */
  #forget(first: number, end: number): void {
    if (!this.#remember || first === end) return;
    const perSplit = (this.#length + 1) * 2 ** this.#program.loopDepth;
    if (end * perSplit > mostMemory) throw new BudgetExceededError();
    const from = first * perSplit;
    const to = end * perSplit;
    const words = Math.ceil(to / 32);
    if (visited.length < words) {
      const grown = new Uint32Array(words * 2);
      grown.set(visited);
      visited = grown;
    }
    // Neighbours that share the first or last word are forgotten with it: they are only tried again.
    visited.fill(0, from >>> 5, words);
    this.#budget.left -= (words - (from >>> 5)) >>> 6;
  }
}
