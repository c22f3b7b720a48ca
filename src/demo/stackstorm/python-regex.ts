import { otherCasesIn } from './letter-cases.ts';
import { parsePythonRegex } from './python-regex-parser.ts';
import {
  type Category,
  type Flag,
  type Position,
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
 * `re.compile(pattern, flags)` as JavaScript says it.
 * @throws PythonRegexError, UnsupportedConstructError: see parsePythonRegex; the latter also for patterns whose captures
 * JavaScript would forget between the rounds of a repeat
 */
export function translatePythonRegex(
  pattern: string,
  options: { dotAll?: boolean; ignoreCase?: boolean },
): TranslatedRegex {
  const tree = parsePythonRegex(pattern);
  refuseWhatCapturesDifferently(tree);
  const flags = new Set(tree.flags);
  if (options.dotAll) flags.add('s');
  if (options.ignoreCase) flags.add('i');
  return { source: sequence(tree.body, flags), flags: 'sv', names: tree.names };
}

type Flags = ReadonlySet<Flag>;

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

function sequence(nodes: readonly RegexNode[], flags: Flags): string {
  return nodes.map((node) => emit(node, flags)).join('');
}

function emit(node: RegexNode, flags: Flags): string {
  switch (node.op) {
    case 'literal':
      return setOf([{ kind: 'literal', code: node.code }], false, flags);
    case 'notLiteral':
      return setOf([{ kind: 'literal', code: node.code }], true, flags);
    case 'any':
      return flags.has('s') ? '.' : String.raw`[^\n]`;
    case 'set':
      return setOf(node.items, node.negate, flags);
    case 'at':
      return position(node.position, flags);
    case 'repeat': {
      const bounds = `{${node.min},${node.max === Number.POSITIVE_INFINITY ? '' : node.max}}`;
      return `(?:${sequence(node.body, flags)})${bounds}${node.lazy ? '?' : ''}`;
    }
    case 'group':
      return node.index === null ? `(?:${sequence(node.body, flags)})` : `(${sequence(node.body, flags)})`;
    case 'scoped': {
      const inner = new Set([...flags, ...node.add].filter((flag) => !node.remove.has(flag)));
      return `(?:${sequence(node.body, inner)})`;
    }
    case 'assert':
      return `(?${node.behind ? '<' : ''}${node.negate ? '!' : '='}${sequence(node.body, flags)})`;
    case 'reference':
      if (flags.has('i')) throw new UnsupportedConstructError('reference that ignores case');
      return `(?:\\${node.index})`;
    case 'branch':
      return `(?:${node.alternatives.map((alternative) => sequence(alternative, flags)).join('|')})`;
  }
}

function setOf(items: readonly SetItem[], negate: boolean, flags: Flags): string {
  const [only] = items;
  const members = items.map((item) => setMember(item, flags)).join('');
  if (!negate && items.length === 1 && only?.kind === 'literal' && members === character(only.code))
    return members;
  return `[${negate ? '^' : ''}${members}]`;
}

function setMember(item: SetItem, flags: Flags): string {
  if (item.kind === 'category') return (flags.has('a') ? asciiSets : unicodeSets)[item.category];
  const [low, high] = item.kind === 'literal' ? [item.code, item.code] : [item.low, item.high];
  const written = low === high ? character(low) : `${character(low)}-${character(high)}`;
  return flags.has('i') ? written + otherCasesIn(low, high).map(character).join('') : written;
}

function position(place: Position, flags: Flags): string {
  const word = (flags.has('a') ? asciiSets : unicodeSets).w;
  switch (place) {
    case 'beginning':
      return flags.has('m') ? String.raw`(?<![^\n])` : '^';
    case 'beginningString':
      return '^';
    case 'end':
      return flags.has('m') ? String.raw`(?![^\n])` : String.raw`(?=\n?$)`;
    case 'endString':
      return '$';
    case 'boundary':
      return `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
    case 'nonBoundary':
      return `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
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
