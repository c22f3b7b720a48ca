import { parsePythonRegex } from './python-regex-parser.ts';
import {
  type Category,
  type RegexNode,
  type RegexTree,
  type SetItem,
  UnsupportedConstructError,
  widthOf,
} from './python-regex-tree.ts';

/** A Python pattern as one native RegExp. Groups keep their numbers; `names` says which number a name has. */
export interface TranslatedRegex {
  /** Without `g` or `y`, which are the caller's. */
  readonly source: string;
  readonly flags: string;
  readonly names: ReadonlyMap<string, number>;
}

/**
 * `re.compile(pattern, re.DOTALL)` (or without DOTALL) as JavaScript says it.
 * @throws PythonRegexError, UnsupportedConstructError: see parsePythonRegex; the latter also for patterns whose captures
 * JavaScript would forget between the rounds of a repeat
 */
export function translatePythonRegex(pattern: string, options: { dotAll: boolean }): TranslatedRegex {
  const tree = parsePythonRegex(pattern);
  refuseWhatCapturesDifferently(tree);
  const emitter = new Emitter(tree, options.dotAll);
  return { source: emitter.sequence(tree.body), flags: tree.ignoreCase ? 'svi' : 'sv', names: tree.names };
}

/** `str.isspace` of Python: JavaScript's `\s` with U+001C-U+001F and U+0085, without U+FEFF. */
const space = String.raw`\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;
const unicodeSets: Record<Category, string> = {
  d: String.raw`\p{Nd}`,
  D: String.raw`\P{Nd}`,
  s: `[${space}]`,
  S: `[^${space}]`,
  w: String.raw`[\p{L}\p{N}_]`,
  W: String.raw`[^\p{L}\p{N}_]`,
};
const asciiSets: Record<Category, string> = {
  d: '[0-9]',
  D: '[^0-9]',
  s: String.raw`[\t-\r\x20]`,
  S: String.raw`[^\t-\r\x20]`,
  w: '[A-Za-z0-9_]',
  W: '[^A-Za-z0-9_]',
};

class Emitter {
  readonly #tree: RegexTree;
  readonly #any: string;
  readonly #sets: Record<Category, string>;

  constructor(tree: RegexTree, dotAll: boolean) {
    this.#tree = tree;
    this.#any = dotAll ? '.' : String.raw`[^\n]`;
    this.#sets = tree.asciiOnly ? asciiSets : unicodeSets;
  }

  sequence(nodes: readonly RegexNode[]): string {
    return nodes.map((node) => this.#node(node)).join('');
  }

  #node(node: RegexNode): string {
    switch (node.op) {
      case 'literal':
        return character(node.code);
      case 'notLiteral':
        return `[^${character(node.code)}]`;
      case 'any':
        return this.#any;
      case 'set':
        return `[${node.negate ? '^' : ''}${node.items.map((item) => this.#item(item)).join('')}]`;
      case 'at':
        return this.#position(node.position);
      case 'repeat': {
        const bounds = `{${node.min},${node.max === Number.POSITIVE_INFINITY ? '' : node.max}}`;
        return `(?:${this.sequence(node.body)})${bounds}${node.lazy ? '?' : ''}`;
      }
      case 'group':
        return node.index === null ? `(?:${this.sequence(node.body)})` : `(${this.sequence(node.body)})`;
      case 'assert':
        return `(?${node.behind ? '<' : ''}${node.negate ? '!' : '='}${this.sequence(node.body)})`;
      case 'reference':
        return `(?:\\${node.index})`;
      case 'branch':
        return `(?:${node.alternatives.map((alternative) => this.sequence(alternative)).join('|')})`;
    }
  }

  #item(item: SetItem): string {
    if (item.kind === 'literal') return character(item.code);
    if (item.kind === 'range') return `${character(item.low)}-${character(item.high)}`;
    return this.#sets[item.category];
  }

  #position(position: Extract<RegexNode, { op: 'at' }>['position']): string {
    const word = this.#sets.w;
    switch (position) {
      case 'beginning':
        return this.#tree.multiline ? String.raw`(?<![^\n])` : '^';
      case 'beginningString':
        return '^';
      case 'end':
        return this.#tree.multiline ? String.raw`(?![^\n])` : String.raw`(?=\n?$)`;
      case 'endString':
        return '$';
      case 'boundary':
        return `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
      case 'nonBoundary':
        return `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
    }
  }
}

function character(code: number): string {
  return `\\u{${code.toString(16)}}`;
}

/**
 * Python keeps a group's last capture through the rounds of a repeat and runs a last empty round; JavaScript forgets and
 * does not. Where a name or a reference could tell, the pattern is refused instead of answered wrongly. So is a
 * reference to a group that may be unset: Python fails there, JavaScript matches the empty text.
 */
function refuseWhatCapturesDifferently(tree: RegexTree): void {
  const seen = new Set(tree.names.values());
  const references = new Set<number>();
  collect(tree.body, (node) => {
    if (node.op === 'reference') references.add(node.index);
  });
  for (const index of references) seen.add(index);
  const optional = skippable(tree.body);
  if ([...references].some((index) => optional.has(index)))
    throw new UnsupportedConstructError('reference to a group that may be unset');
  collect(tree.body, (node) => {
    if (node.op !== 'repeat' || node.max <= 1) return;
    const inside = [...captures(node.body)].filter((index) => seen.has(index));
    if (inside.length === 0) return;
    const skipped = skippable(node.body);
    if (inside.some((index) => skipped.has(index)) || widthOf(node.body, new Map())[0] === 0)
      throw new UnsupportedConstructError('capture kept between the rounds of a repeat');
  });
}

function children(node: RegexNode): readonly (readonly RegexNode[])[] {
  if (node.op === 'branch') return node.alternatives;
  return 'body' in node ? [node.body] : [];
}

function collect(nodes: readonly RegexNode[], visit: (node: RegexNode) => void): void {
  for (const node of nodes) {
    visit(node);
    for (const child of children(node)) collect(child, visit);
  }
}

function captures(nodes: readonly RegexNode[]): Set<number> {
  const found = new Set<number>();
  collect(nodes, (node) => {
    if (node.op === 'group' && node.index !== null) found.add(node.index);
  });
  return found;
}

/** The groups that a match of `nodes` may leave unset. */
function skippable(nodes: readonly RegexNode[]): Set<number> {
  const found = new Set<number>();
  for (const node of nodes) {
    const inner = children(node);
    const whole =
      node.op === 'branch' ||
      (node.op === 'repeat' && node.min === 0) ||
      (node.op === 'assert' && node.negate);
    for (const child of inner)
      for (const index of whole ? captures(child) : skippable(child)) found.add(index);
  }
  return found;
}
