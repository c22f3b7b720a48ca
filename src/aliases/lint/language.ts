import { compileSyntax } from '../regex/compile.ts';
import type { Program } from '../regex/program.ts';
import { type Node, type Sequence, type SetItem, type Syntax, widthOf } from '../regex/syntax.ts';

/** The texts that a pattern matches, without what it reads from them: for comparing patterns. */
export interface Language {
  readonly program: Program;
  /** False where the texts are at most these: looks around and back references are passed over. */
  readonly exact: boolean;
  /** The characters that the pattern tells from others. */
  readonly characters: ReadonlySet<number>;
  /** It has sets, classes or word boundaries, so that one other character cannot stand for all. */
  readonly hasClasses: boolean;
}

/** The language of a parsed pattern. Throws UnsupportedPatternError where it is too large. */
export function languageOf(syntax: Syntax): Language {
  const body = new Simplifier(syntax).sequence(syntax.body);
  const program = compileSyntax({ ...syntax, body });
  const characters = new Set<number>();
  const hasClasses = collect(body, characters);
  if (syntax.ignoreCase) for (const codePoint of [...characters]) addCases(characters, codePoint);
  return {
    program,
    exact: program.looks.length === 0 && !program.hasBackreference,
    characters,
    hasClasses: hasClasses || syntax.ignoreCase,
  };
}

/**
 * Makes the tree small without changing what it matches. What StackStorm puts in for a parameter (quoted text, braces or
 * any text, between optional quotes) matches exactly what `.+` does.
 */
class Simplifier {
  readonly #syntax: Syntax;

  constructor(syntax: Syntax) {
    this.#syntax = syntax;
  }

  sequence(nodes: Sequence): Node[] {
    const kept: Node[] = [];
    for (const node of nodes.flatMap((each) => this.#node(each))) {
      const last = kept.at(-1);
      if (last !== undefined && this.#isText(last) && isSkippable(node)) continue;
      if (this.#isText(node)) {
        for (let before = kept.at(-1); before !== undefined && isSkippable(before); before = kept.at(-1))
          kept.pop();
      }
      kept.push(node);
    }
    return kept;
  }

  #node(node: Node): Node[] {
    switch (node.op) {
      case 'group':
        return this.sequence(node.body);
      case 'repeat': {
        const body = this.sequence(node.body);
        return body.length === 0 ? [] : [{ ...node, body }];
      }
      case 'branch':
        return this.#branch(node.branches.map((branch) => this.sequence(branch)));
      default:
        return [node];
    }
  }

  #branch(branches: readonly Node[][]): Node[] {
    for (const [only, more] of branches) {
      if (only?.op !== 'repeat' || more !== undefined || !this.#isText(only)) continue;
      const { min } = only;
      const least = (branch: Sequence) => widthOf(branch, this.#syntax.groupWidths)[0];
      if (branches.every((branch) => least(branch) >= min)) return [only];
    }
    return [{ op: 'branch', branches }];
  }

  /** `.*` or `.+`, a newline included. */
  #isText(node: Node): boolean {
    if (node.op !== 'repeat' || node.max !== Infinity || node.min > 1 || !this.#syntax.dotAll) return false;
    return node.body.length === 1 && node.body[0]?.op === 'any';
  }
}

function isSkippable(node: Node): boolean {
  return node.op === 'repeat' && node.min === 0;
}

/** Adds the characters that the nodes tell from others; true if they have sets, classes or boundaries. */
function collect(nodes: Sequence, into: Set<number>): boolean {
  let classes = false;
  for (const node of nodes) {
    switch (node.op) {
      case 'char':
      case 'notChar':
        into.add(node.codePoint);
        break;
      case 'set':
        for (const item of node.items) collectItem(item, into);
        classes = classes || node.items.some(({ kind }) => kind !== 'char');
        break;
      case 'branch':
        for (const branch of node.branches) classes = collect(branch, into) || classes;
        break;
      case 'repeat':
      case 'group':
      case 'look':
        classes = collect(node.body, into) || classes;
        break;
      case 'at':
        classes = classes || node.anchor === 'boundary' || node.anchor === 'notBoundary';
        break;
    }
  }
  return classes;
}

function collectItem(item: SetItem, into: Set<number>): void {
  if (item.kind === 'char') into.add(item.codePoint);
  if (item.kind !== 'range') return;
  for (const codePoint of [item.from - 1, item.from, item.to, item.to + 1]) {
    if (codePoint >= 0 && codePoint <= 0x10ffff) into.add(codePoint);
  }
}

function addCases(into: Set<number>, codePoint: number): void {
  const text = String.fromCodePoint(codePoint);
  for (const cased of [text.toLowerCase(), text.toUpperCase()]) into.add(cased.codePointAt(0) ?? codePoint);
}
