import { PatternError, UnsupportedPatternError } from './errors.ts';
import { digits, readEscape } from './escapes.ts';
import { type GroupOpening, openGroup } from './group-opening.ts';
import { parseSet } from './parse-set.ts';
import { isOneOf, PatternSource } from './source.ts';
import {
  type Node,
  type Sequence,
  type SetItem,
  type Syntax,
  sameFlatNode,
  uniqueItems,
  type Width,
  widthOf,
} from './syntax.ts';

/** Python's own largest count, 2**32 - 1: at or above it `re` throws OverflowError. */
const largestCount = 0xffffffff;
/** Python gives up at its recursion limit; no pack comes near this. */
const deepest = 100;

export interface PatternFlags {
  readonly dotAll?: boolean;
  readonly ignoreCase?: boolean;
}

/**
 * Parses a Python pattern. Source: the grammar of CPython 3.11's `re._parser`, its factoring of common prefixes out of
 * alternatives and its flattening of groups included, because StackStorm looks for anchors in that tree.
 * Throws PatternError, UnsupportedPatternError.
 */
export function parsePattern(pattern: string, flags: PatternFlags = {}): Syntax {
  return new Parser(pattern, flags).parse();
}

class Parser {
  readonly #source: PatternSource;
  readonly #names = new Map<string, number>();
  readonly #groupWidths = new Map<number, Width>();
  readonly #dotAll: boolean;
  #ignoreCase: boolean;
  #groups = 0;
  #plain = true;
  /** Groups opened before the outermost lookbehind that is being read. */
  #groupsBeforeLookbehind: number | undefined;

  constructor(pattern: string, flags: PatternFlags) {
    this.#source = new PatternSource(pattern);
    this.#dotAll = flags.dotAll ?? false;
    this.#ignoreCase = flags.ignoreCase ?? false;
  }

  parse(): Syntax {
    const body = this.#alternatives(0);
    if (this.#source.next !== undefined) throw new PatternError('unbalanced parenthesis');
    return {
      body,
      groups: this.#groups,
      names: this.#names,
      groupWidths: this.#groupWidths,
      ignoreCase: this.#ignoreCase,
      dotAll: this.#dotAll,
      plain: this.#plain,
    };
  }

  #alternatives(depth: number): Node[] {
    if (depth > deepest) throw new UnsupportedPatternError(`groups nested deeper than ${deepest}`);
    const branches: Node[][] = [];
    do {
      branches.push(this.#sequence(depth, depth === 0 && branches.length === 0));
    } while (this.#source.accept('|'));
    const [only, second] = branches;
    if (only !== undefined && second === undefined) return only;
    if (depth === 0) this.#plain = false;
    const factored = takeCommonPrefix(branches);
    const set = asSet(branches);
    return [...factored, set ?? { op: 'branch', branches }];
  }

  #sequence(depth: number, first: boolean): Node[] {
    const source = this.#source;
    const nodes: Node[] = [];
    for (;;) {
      const current = source.next;
      if (current === undefined || current === '|' || current === ')') break;
      source.get();
      if (current.startsWith('\\')) nodes.push(this.#escape(current));
      else if (current === '[') nodes.push(parseSet(source));
      else if (isOneOf(current, '*+?{')) this.#repeat(nodes, current);
      else if (current === '.') nodes.push({ op: 'any' });
      else if (current === '(') {
        const node = this.#group(depth, first && nodes.length === 0);
        if (node !== undefined) nodes.push(node);
      } else if (current === '^') nodes.push({ op: 'at', anchor: 'beginning' });
      else if (current === '$') nodes.push({ op: 'at', anchor: 'end' });
      else nodes.push({ op: 'char', codePoint: current.codePointAt(0) ?? 0 });
    }
    return nodes.flatMap((node) => (node.op === 'group' && node.index === undefined ? node.body : [node]));
  }

  #escape(pair: string): Node {
    const meaning = readEscape(this.#source, pair);
    switch (meaning.kind) {
      case 'char':
        return { op: 'char', codePoint: meaning.codePoint };
      case 'class':
        return { op: 'set', negate: false, items: [{ kind: 'class', charClass: meaning.charClass }] };
      case 'at':
        return { op: 'at', anchor: meaning.anchor };
      case 'group':
        return this.#backreference(meaning.group);
    }
  }

  #backreference(group: number | undefined): Node {
    if (group === undefined || group > this.#groups) throw new PatternError('invalid group reference');
    if (!this.#groupWidths.has(group)) throw new PatternError('cannot refer to an open group');
    if (this.#groupsBeforeLookbehind !== undefined && group > this.#groupsBeforeLookbehind) {
      throw new PatternError('cannot refer to group defined in the same lookbehind subpattern');
    }
    return { op: 'backreference', group };
  }

  #repeat(nodes: Node[], sign: string): void {
    const counts =
      sign === '{' ? this.#counts() : { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity };
    if (counts === undefined) {
      nodes.push({ op: 'char', codePoint: 0x7b });
      return;
    }
    const item = nodes.pop();
    if (item === undefined || item.op === 'at') throw new PatternError('nothing to repeat');
    if (item.op === 'repeat') throw new PatternError('multiple repeat');
    const body = item.op === 'group' && item.index === undefined ? item.body : [item];
    const lazy = this.#source.accept('?');
    if (!lazy && this.#source.next === '+') throw new UnsupportedPatternError('possessive quantifier');
    nodes.push({ op: 'repeat', lazy, ...counts, body });
  }

  /** What stands after `{`; undefined if it is no count, so that the brace is a literal one. */
  #counts(): { min: number; max: number } | undefined {
    const source = this.#source;
    if (source.next === '}') return undefined;
    const start = source.position;
    const low = source.getWhile(Infinity, digits);
    const high = source.accept(',') ? source.getWhile(Infinity, digits) : low;
    if (!source.accept('}')) {
      source.position = start;
      return undefined;
    }
    const min = low === '' ? 0 : Number(low);
    const max = high === '' ? Infinity : Number(high);
    if (min >= largestCount || (high !== '' && max >= largestCount)) {
      throw new PatternError('the repetition number is too large');
    }
    if (max < min) throw new PatternError('min repeat greater than max repeat');
    return { min, max };
  }

  /** What stands after `(`, up to its `)`; undefined for a comment or flags, which match nothing. */
  #group(depth: number, atStart: boolean): Node | undefined {
    const opening = openGroup(this.#source);
    switch (opening.kind) {
      case 'comment':
        return undefined;
      case 'flags':
        if (!atStart) throw new PatternError('global flags not at the start of the expression');
        this.#plain = false;
        if (opening.ignoreCase) this.#ignoreCase = true;
        return undefined;
      case 'reference':
        return this.#backreference(this.#names.get(opening.name));
      case 'look':
        return this.#look(depth, opening);
      case 'capture':
        return this.#capture(depth, opening.name);
      case 'plain':
        return { op: 'group', index: undefined, body: this.#enclosed(depth) };
    }
  }

  #look(depth: number, { behind, negate }: Extract<GroupOpening, { kind: 'look' }>): Node {
    const before = this.#groupsBeforeLookbehind;
    if (behind) this.#groupsBeforeLookbehind ??= this.#groups;
    const body = this.#enclosed(depth);
    this.#groupsBeforeLookbehind = before;
    const [least, greatest] = widthOf(body, this.#groupWidths);
    if (behind && least !== greatest) throw new PatternError('look-behind requires fixed-width pattern');
    return { op: 'look', behind, negate, body };
  }

  #capture(depth: number, name: string | undefined): Node {
    const index = ++this.#groups;
    if (name !== undefined) {
      if (this.#names.has(name)) throw new PatternError(`redefinition of group name ${name}`);
      this.#names.set(name, index);
    }
    const body = this.#enclosed(depth);
    this.#groupWidths.set(index, widthOf(body, this.#groupWidths));
    return { op: 'group', index, body };
  }

  #enclosed(depth: number): Node[] {
    const body = this.#alternatives(depth + 1);
    if (!this.#source.accept(')')) throw new PatternError('missing ), unterminated subpattern');
    return body;
  }
}

/** Moves what all branches begin with out of them, and answers it. */
function takeCommonPrefix(branches: Node[][]): Node[] {
  const prefix: Node[] = [];
  for (;;) {
    const first = branches[0]?.[0];
    if (first === undefined) return prefix;
    const shared = branches.every((branch) => branch[0] !== undefined && sameFlatNode(branch[0], first));
    if (!shared) return prefix;
    prefix.push(first);
    for (const branch of branches) branch.shift();
  }
}

/** Branches of one character each are a set. */
function asSet(branches: readonly Sequence[]): Node | undefined {
  const items: SetItem[] = [];
  for (const [node, more] of branches) {
    if (node === undefined || more !== undefined) return undefined;
    if (node.op === 'char') items.push({ kind: 'char', codePoint: node.codePoint });
    else if (node.op === 'set' && !node.negate) items.push(...node.items);
    else return undefined;
  }
  return { op: 'set', negate: false, items: uniqueItems(items) };
}
