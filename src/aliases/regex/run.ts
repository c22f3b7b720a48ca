import { BudgetExceededError } from './errors.ts';
import { anchorOrder, instructionSize, type Look, op, type Program } from './program.ts';
import type { Subject } from './subject.ts';
import { isWord, lower } from './unicode.ts';

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

/** Bits: 8 MiB. Programs and texts that need more are too expensive. */
const mostMemory = 1 << 26;
let visited = new Uint32Array(1024);

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
  /** Alternatives not yet tried: [instruction, position, loops]; and captures to restore: [-1 - slot, position, 0]. */
  readonly #stack: number[] = [];
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
    const { code, tests } = this.#program;
    const codePoints = this.#codePoints;
    const length = this.#length;
    const budget = this.#budget;
    const stack = this.#stack;
    const base = stack.length;
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
          case op.char:
            going = position < length && codePoints[position] === operand;
            position++;
            loops = noLoops;
            break;
          case op.any:
            going = position < length;
            position++;
            loops = noLoops;
            break;
          case op.anyInLine:
            going = position < length && codePoints[position] !== 10;
            position++;
            loops = noLoops;
            break;
          case op.test:
            going = position < length && tests[operand]?.(codePoints[position] ?? 0) === true;
            position++;
            loops = noLoops;
            break;
          case op.at:
            going = this.#isAt(operand, position);
            break;
          case op.split:
            if (this.#remember && this.#wasTried(code[pc + 3] ?? 0, position, loops)) {
              going = false;
            } else {
              stack.push(code[pc + 2] ?? 0, position, loops);
              pc = operand - instructionSize;
            }
            break;
          case op.jump:
            pc = operand - instructionSize;
            break;
          case op.save:
            stack.push(-1 - operand, this.#captures[operand] ?? -1, 0);
            this.#captures[operand] = position;
            break;
          case op.enter:
            loops &= ~(1 << operand);
            break;
          case op.leave:
            if ((loops & (1 << operand)) === 0) {
              loops |= 1 << operand;
              pc = (code[pc + 2] ?? 0) - instructionSize;
            }
            break;
          case op.look: {
            const look = this.#program.looks[operand];
            going = look !== undefined && this.#looks(look, position);
            break;
          }
          case op.backreference: {
            const end = this.#afterSame(operand, position);
            going = end >= 0;
            if (end > position) loops = noLoops;
            position = end;
            break;
          }
          default:
            if (!(this.#mustAdvance && base === 0 && position === this.#from)) return position;
            going = false;
        }
        pc += instructionSize;
      }
      // Back to the last alternative.
      for (;;) {
        if (stack.length === base) return -1;
        loops = stack.pop() ?? 0;
        position = stack.pop() ?? 0;
        pc = stack.pop() ?? 0;
        if (pc >= 0) break;
        this.#captures[-1 - pc] = position;
      }
    }
  }

  #isAt(anchor: number, position: number): boolean {
    const length = this.#length;
    switch (anchorOrder[anchor]) {
      case 'beginning':
      case 'beginningOfText':
        return position === 0;
      case 'end':
        return position === length || (position === length - 1 && this.#codePoints[position] === 10);
      case 'endOfText':
        return position === length;
      case 'boundary':
        return length > 0 && this.#isWordAt(position - 1) !== this.#isWordAt(position);
      case 'notBoundary':
        return length > 0 && this.#isWordAt(position - 1) === this.#isWordAt(position);
      default:
        return false;
    }
  }

  #isWordAt(position: number): boolean {
    return position >= 0 && position < this.#length && isWord(this.#codePoints[position] ?? 0);
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

  #looks(look: Look, position: number): boolean {
    const start = position - look.back;
    if (start < 0) return look.negate;
    const stack = this.#stack;
    const base = stack.length;
    const outerMustAdvance = this.#mustAdvance;
    this.#mustAdvance = false;
    const found = this.#run(look.start, start) >= 0;
    this.#mustAdvance = outerMustAdvance;
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
    const stack = this.#stack;
    while (stack.length > base) {
      stack.pop();
      const position = stack.pop() ?? 0;
      const pc = stack.pop() ?? 0;
      if (pc < 0) this.#captures[-1 - pc] = position;
    }
  }

  /** A look is not gone back into, but what it captured must be restored with everything before it. */
  #keepRestores(base: number): void {
    const stack = this.#stack;
    let kept = base;
    for (let entry = base; entry < stack.length; entry += 3) {
      const pc = stack[entry] ?? 0;
      if (pc >= 0) continue;
      stack[kept] = pc;
      stack[kept + 1] = stack[entry + 1] ?? 0;
      stack[kept + 2] = 0;
      kept += 3;
    }
    stack.length = kept;
  }

  #wasTried(split: number, position: number, loops: number): boolean {
    const key = ((split * (this.#length + 1) + position) << this.#program.loopDepth) | loops;
    const word = key >>> 5;
    const bit = 1 << (key & 31);
    const bits = visited[word] ?? 0;
    if ((bits & bit) !== 0) return true;
    visited[word] = bits | bit;
    return false;
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
