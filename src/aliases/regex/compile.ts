import { type CharTest, isCaseless, setTest } from './char-test.ts';
import { UnsupportedPatternError } from './errors.ts';
import { anchorOrder, instructionSize, type Look, op, type Program } from './program.ts';
import { type Node, type Sequence, type SetItem, type Syntax, setKey, widthOf } from './syntax.ts';

/** Instructions; a pack's patterns have some dozens. */
const longestProgram = 10_000;
/** Each doubles what the matcher remembers. */
const deepestEmptyLoops = 4;

/** Makes the program that the matcher runs. Throws UnsupportedPatternError. */
export function compileSyntax(syntax: Syntax): Program {
  return new Compiler(syntax).compile();
}

class Compiler {
  readonly #syntax: Syntax;
  readonly #code: number[] = [];
  readonly #tests: CharTest[] = [];
  readonly #testIndex = new Map<string, number>();
  readonly #looks: Look[] = [];
  #splits = 0;
  #loopDepth = 0;
  #deepestLoop = 0;
  #hasBackreference = false;

  constructor(syntax: Syntax) {
    this.#syntax = syntax;
  }

  compile(): Program {
    const { groups, names, ignoreCase, body } = this.#syntax;
    this.#sequence(body);
    this.#emit(op.match);
    const [first] = body;
    return {
      code: Int32Array.from(this.#code),
      tests: this.#tests,
      ascii: asciiTable(this.#tests),
      looks: this.#looks,
      splits: this.#splits,
      loopDepth: this.#deepestLoop,
      groups,
      names,
      ignoreCase,
      hasBackreference: this.#hasBackreference,
      anchored: first?.op === 'at' && (first.anchor === 'beginning' || first.anchor === 'beginningOfText'),
    };
  }

  get #here(): number {
    return this.#code.length;
  }

  #emit(operation: number, a = 0, b = 0, c = 0): number {
    const at = this.#code.length;
    if (at >= longestProgram * instructionSize) {
      throw new UnsupportedPatternError('pattern that is too large when its repetitions are written out');
    }
    this.#code.push(operation, a, b, c);
    return at;
  }

  #sequence(sequence: Sequence): void {
    for (const node of sequence) this.#node(node);
  }

  #node(node: Node): void {
    switch (node.op) {
      case 'char':
        if (!this.#syntax.ignoreCase || isCaseless(node.codePoint)) this.#emit(op.char, node.codePoint);
        else this.#test([{ kind: 'char', codePoint: node.codePoint }], false);
        return;
      case 'notChar':
        this.#test([{ kind: 'char', codePoint: node.codePoint }], true);
        return;
      case 'any':
        this.#emit(this.#syntax.dotAll ? op.any : op.anyInLine);
        return;
      case 'set':
        this.#test(node.items, node.negate);
        return;
      case 'at':
        this.#emit(op.at, anchorOrder.indexOf(node.anchor));
        return;
      case 'group':
        this.#group(node.index, node.body);
        return;
      case 'branch':
        this.#branch(node.branches);
        return;
      case 'repeat':
        this.#repeat(node);
        return;
      case 'look':
        this.#look(node);
        return;
      case 'backreference':
        this.#hasBackreference = true;
        this.#emit(op.backreference, node.group);
        return;
    }
  }

  #test(items: readonly SetItem[], negate: boolean): void {
    const key = `${negate} ${setKey(items)}`;
    let index = this.#testIndex.get(key);
    if (index === undefined) {
      index = this.#tests.push(setTest(items, negate, this.#syntax.ignoreCase)) - 1;
      this.#testIndex.set(key, index);
    }
    this.#emit(op.test, index);
  }

  #group(index: number | undefined, body: Sequence): void {
    if (index !== undefined) this.#emit(op.save, index * 2);
    this.#sequence(body);
    if (index !== undefined) this.#emit(op.save, index * 2 + 1);
  }

  #branch(branches: readonly Sequence[]): void {
    const ends: number[] = [];
    branches.forEach((branch, position) => {
      if (position === branches.length - 1) {
        this.#sequence(branch);
        return;
      }
      const split = this.#split();
      this.#choose(split, this.#here, 'first');
      this.#sequence(branch);
      ends.push(this.#emit(op.jump));
      this.#choose(split, this.#here, 'second');
    });
    for (const end of ends) this.#code[end + 1] = this.#here;
  }

  #split(): number {
    return this.#emit(op.split, 0, 0, this.#splits++);
  }

  #choose(split: number, target: number, choice: 'first' | 'second'): void {
    this.#code[split + (choice === 'first' ? 1 : 2)] = target;
  }

  #repeat({ lazy, min, max, body }: Extract<Node, { op: 'repeat' }>): void {
    const [least] = widthOf(body, this.#syntax.groupWidths);
    for (let count = 0; count < min; count++) {
      const before = this.#here;
      this.#sequence(body);
      // A body of no instructions would never meet the program's limit.
      if (this.#here === before) break;
    }
    const into = lazy ? 'second' : 'first';
    const past = lazy ? 'first' : 'second';
    const guarded = least === 0 && max - min > 1;
    if (guarded) this.#deepestLoop = Math.max(this.#deepestLoop, ++this.#loopDepth);
    if (this.#loopDepth > deepestEmptyLoops) {
      throw new UnsupportedPatternError('repetitions of nothing nested too deep');
    }
    const exits: number[] = [];
    const leaves: number[] = [];
    const rounds = max === Infinity ? 1 : max - min;
    for (let round = 0; round < rounds; round++) {
      const split = this.#split();
      exits.push(split);
      this.#choose(split, this.#here, into);
      if (guarded) this.#emit(op.enter, this.#loopDepth - 1);
      this.#sequence(body);
      if (guarded) leaves.push(this.#emit(op.leave, this.#loopDepth - 1));
      if (max === Infinity) this.#emit(op.jump, split);
    }
    for (const split of exits) this.#choose(split, this.#here, past);
    for (const leave of leaves) this.#code[leave + 2] = this.#here;
    if (guarded) this.#loopDepth--;
  }

  #look({ behind, negate, body }: Extract<Node, { op: 'look' }>): void {
    const [width] = widthOf(body, this.#syntax.groupWidths);
    const skip = this.#emit(op.jump);
    const start = this.#here;
    const firstSplit = this.#splits;
    // A look remembers apart from what surrounds it: it begins with no loop under way.
    const surrounding = this.#loopDepth;
    this.#sequence(body);
    this.#loopDepth = surrounding;
    this.#emit(op.match);
    this.#code[skip + 1] = this.#here;
    this.#emit(op.look, this.#looks.length);
    this.#looks.push({ negate, back: behind ? width : 0, start, firstSplit, endSplit: this.#splits });
  }
}

function asciiTable(tests: readonly CharTest[]): Uint8Array {
  const table = new Uint8Array(tests.length * 128);
  tests.forEach((test, index) => {
    for (let codePoint = 0; codePoint < 128; codePoint++)
      table[index * 128 + codePoint] = test(codePoint) ? 1 : 0;
  });
  return table;
}
