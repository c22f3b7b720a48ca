import { parseEscape, parseSet } from './python-regex-atoms.ts';
import { PatternSource } from './python-regex-source.ts';
import {
  type Flag,
  PythonRegexError,
  type RegexNode,
  type RegexTree,
  type SetItem,
  UnsupportedConstructError,
  widthOf,
} from './python-regex-tree.ts';

/** CPython's `str.isidentifier`, but for its normal form. */
const identifier = /^[\p{XID_Start}_]\p{XID_Continue}*$/u;
const repeatable = new Set(['*', '+', '?', '{']);
const flagLetters = new Set(['a', 'i', 'L', 'm', 's', 'x', 'u']);
const maxRepeat = 4_294_967_295;

/**
 * Parses a Python 3.11 pattern into the tree that CPython's sre_parse makes of it: alternatives lose their common
 * prefix, single characters become a set, groups that capture nothing are flattened.
 * @throws PythonRegexError where `re.compile` raises `re.error`
 * @throws UnsupportedConstructError for what JavaScript cannot say (atomic groups, possessive repeats, conditionals,
 * verbose mode, named characters)
 */
export function parsePythonRegex(pattern: string): RegexTree {
  return new PythonRegexParser(pattern).parse();
}

class PythonRegexParser {
  readonly #source: PatternSource;
  readonly #names = new Map<string, number>();
  /** Closed groups by number; an open one stands in #open. */
  readonly #groups = new Map<number, readonly RegexNode[]>();
  readonly #open = new Set<number>();
  #groupCount = 1;
  #lookbehindFirstGroup: number | null = null;
  readonly #flags = new Set<Flag>();

  constructor(pattern: string) {
    this.#source = new PatternSource(pattern);
  }

  parse(): RegexTree {
    const body = this.#alternatives(true);
    if (this.#source.next !== null) throw new PythonRegexError('unbalanced parenthesis');
    return { body, flags: this.#flags, names: this.#names };
  }

  #alternatives(topLevel: boolean): RegexNode[] {
    const items: RegexNode[][] = [];
    do {
      items.push(this.#sequence(topLevel && items.length === 0));
    } while (this.#source.accept('|'));
    const [only] = items;
    if (items.length === 1 && only !== undefined) return only;

    const result: RegexNode[] = [];
    for (let prefix = commonPrefix(items); prefix !== null; prefix = commonPrefix(items)) {
      for (const item of items) item.shift();
      result.push(prefix);
    }
    result.push(asSet(items) ?? { op: 'branch', alternatives: items });
    return result;
  }

  #sequence(first: boolean): RegexNode[] {
    const nodes: RegexNode[] = [];
    for (let token = this.#source.next; token !== null; token = this.#source.next) {
      if (token === '|' || token === ')') break;
      this.#source.take();
      if (token === '[') nodes.push(parseSet(this.#source));
      else if (token === '.') nodes.push({ op: 'any' });
      else if (token === '^') nodes.push({ op: 'at', position: 'beginning' });
      else if (token === '$') nodes.push({ op: 'at', position: 'end' });
      else if (token === '(') {
        const node = this.#parenthesis(first && nodes.length === 0);
        if (node !== null) nodes.push(node);
      } else if (token.startsWith('\\')) {
        nodes.push(parseEscape(this.#source, token, (index) => this.#checkReference(index)));
      } else if (repeatable.has(token)) this.#repeat(token, nodes);
      else nodes.push({ op: 'literal', code: codePoint(token) });
    }
    return nodes.flatMap((node) => (node.op === 'group' && node.index === null ? node.body : [node]));
  }

  #repeat(token: string, nodes: RegexNode[]): void {
    const bounds = token === '{' ? this.#bounds() : simpleBounds(token);
    if (bounds === null) {
      nodes.push({ op: 'literal', code: codePoint(token) });
      return;
    }
    const item = nodes.pop();
    if (item === undefined || item.op === 'at') throw new PythonRegexError('nothing to repeat');
    if (item.op === 'repeat') throw new PythonRegexError('multiple repeat');
    const lazy = this.#source.accept('?');
    if (!lazy && this.#source.accept('+')) throw new UnsupportedConstructError('possessive repeat');
    const body = item.op === 'group' && item.index === null ? item.body : [item];
    nodes.push({ op: 'repeat', min: bounds.min, max: bounds.max, lazy, body });
  }

  /** After `{`: the bounds, or null where the brace is only a brace. */
  #bounds(): { min: number; max: number } | null {
    if (this.#source.next === '}') return null;
    const start = this.#source.position;
    const low = this.#source.takeWhile(/\d/u);
    const high = this.#source.accept(',') ? this.#source.takeWhile(/\d/u) : low;
    if (!this.#source.accept('}')) {
      this.#source.seek(start);
      return null;
    }
    const min = low === '' ? 0 : Number(low);
    const max = high === '' ? Number.POSITIVE_INFINITY : Number(high);
    if (min >= maxRepeat || (high !== '' && max >= maxRepeat)) throw new PythonRegexError('repeat too large');
    if (max < min) throw new PythonRegexError('min repeat greater than max repeat');
    return { min, max };
  }

  #parenthesis(atStart: boolean): RegexNode | null {
    if (!this.#source.accept('?')) return this.#group(null);
    const kind = this.#source.take();
    switch (kind) {
      case null:
        throw new PythonRegexError('unexpected end of pattern');
      case 'P':
        return this.#named();
      case ':':
        return { op: 'group', index: null, body: this.#body() };
      case '#':
        this.#source.until(')', 'comment', true);
        return null;
      case '=':
      case '!':
        return { op: 'assert', negate: kind === '!', behind: false, body: this.#body() };
      case '<':
        return this.#lookbehind();
      case '(':
        throw new UnsupportedConstructError('conditional group');
      case '>':
        throw new UnsupportedConstructError('atomic group');
      default:
        if (!flagLetters.has(kind) && kind !== '-') throw new PythonRegexError('unknown extension');
        return this.#flagged(kind, atStart);
    }
  }

  #named(): RegexNode {
    if (this.#source.accept('<')) {
      const name = this.#source.until('>', 'group name', false);
      if (!identifier.test(name)) throw new PythonRegexError('bad character in group name');
      return this.#group(name);
    }
    if (!this.#source.accept('=')) throw new PythonRegexError('unknown extension ?P');
    const name = this.#source.until(')', 'group name', false);
    if (!identifier.test(name)) throw new PythonRegexError('bad character in group name');
    const index = this.#names.get(name);
    if (index === undefined) throw new PythonRegexError('unknown group name');
    this.#checkReference(index);
    return { op: 'reference', index };
  }

  #group(name: string | null): RegexNode {
    const index = this.#groupCount;
    this.#groupCount += 1;
    if (name !== null) {
      if (this.#names.has(name)) throw new PythonRegexError('redefinition of group name');
      this.#names.set(name, index);
    }
    this.#open.add(index);
    const body = this.#body();
    this.#open.delete(index);
    this.#groups.set(index, body);
    return { op: 'group', index, body };
  }

  #lookbehind(): RegexNode {
    const kind = this.#source.take();
    if (kind !== '=' && kind !== '!') throw new PythonRegexError('unknown extension ?<');
    const outermost = this.#lookbehindFirstGroup === null;
    if (outermost) this.#lookbehindFirstGroup = this.#groupCount;
    const body = this.#body();
    if (outermost) this.#lookbehindFirstGroup = null;
    const [low, high] = widthOf(body, this.#groups);
    if (low !== high) throw new PythonRegexError('look-behind requires fixed-width pattern');
    return { op: 'assert', negate: kind === '!', behind: true, body };
  }

  #body(): RegexNode[] {
    const body = this.#alternatives(false);
    if (!this.#source.accept(')')) throw new PythonRegexError('missing ), unterminated subpattern');
    return body;
  }

  /** `(?i)` for the whole pattern, at its start only, or `(?i-s:...)` for a body. */
  #flagged(firstLetter: string, atStart: boolean): RegexNode | null {
    let letter: string | null = firstLetter;
    const lettersUntil = (...ends: readonly string[]): Set<Flag> => {
      const letters = new Set<Flag>();
      while (letter === null || !ends.includes(letter)) {
        if (letter === null || !flagLetters.has(letter) || letter === 'L')
          throw new PythonRegexError('unknown flag');
        if (letter === 'x') throw new UnsupportedConstructError('verbose mode');
        if (isFlag(letter)) letters.add(letter);
        letter = this.#source.take();
      }
      return letters;
    };
    const add = lettersUntil(')', ':', '-');
    if (letter === ')') {
      if (!atStart) throw new PythonRegexError('global flags not at the start of the expression');
      for (const flag of add) this.#flags.add(flag);
      return null;
    }
    if (letter === '-') letter = this.#source.take();
    const remove = lettersUntil(':');
    return { op: 'scoped', add, remove, body: this.#body() };
  }

  #checkReference(index: number): void {
    if (index >= this.#groupCount) throw new PythonRegexError('invalid group reference');
    if (this.#open.has(index)) throw new PythonRegexError('cannot refer to an open group');
    if (this.#lookbehindFirstGroup !== null && index >= this.#lookbehindFirstGroup)
      throw new PythonRegexError('cannot refer to group defined in the same lookbehind subpattern');
  }
}

function isFlag(letter: string): letter is Flag {
  return letter === 'i' || letter === 'm' || letter === 's' || letter === 'a';
}

function simpleBounds(token: string): { min: number; max: number } {
  return { min: token === '+' ? 1 : 0, max: token === '?' ? 1 : Number.POSITIVE_INFINITY };
}

/** The node that every alternative starts with, where Python would compare it as equal (nodes with a body never are). */
function commonPrefix(items: readonly (readonly RegexNode[])[]): RegexNode | null {
  const first = items[0]?.[0];
  if (first === undefined || 'body' in first || first.op === 'branch') return null;
  const key = JSON.stringify(first);
  return items.every((item) => JSON.stringify(item[0]) === key) ? first : null;
}

function asSet(items: readonly (readonly RegexNode[])[]): RegexNode | null {
  const members: SetItem[] = [];
  for (const item of items) {
    const [node] = item;
    if (item.length !== 1 || node === undefined) return null;
    if (node.op === 'literal') members.push({ kind: 'literal', code: node.code });
    else if (node.op === 'set' && !node.negate) members.push(...node.items);
    else return null;
  }
  return { op: 'set', negate: false, items: members };
}

function codePoint(token: string): number {
  return token.codePointAt(0) ?? 0;
}
