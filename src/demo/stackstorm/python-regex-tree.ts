/**
 * The tree of a Python regular expression, shaped as CPython's sre_parse shapes it: StackStorm looks for anchors in that
 * tree, so its shape is part of the answer.
 * @module
 */

export type Category = 'd' | 'D' | 's' | 'S' | 'w' | 'W';
export type SetItem =
  | { readonly kind: 'literal'; readonly code: number }
  | { readonly kind: 'range'; readonly low: number; readonly high: number }
  | { readonly kind: 'category'; readonly category: Category };

/** `beginning` is `^`, `beginningString` `\A`, `end` `$`, `endString` `\Z`. */
export type Position = 'beginning' | 'beginningString' | 'end' | 'endString' | 'boundary' | 'nonBoundary';

export type RegexNode =
  | { readonly op: 'literal'; readonly code: number }
  | { readonly op: 'notLiteral'; readonly code: number }
  | { readonly op: 'any' }
  | { readonly op: 'set'; readonly negate: boolean; readonly items: readonly SetItem[] }
  | { readonly op: 'at'; readonly position: Position }
  | {
      readonly op: 'repeat';
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
      readonly body: readonly RegexNode[];
    }
  /** `index` is null for `(?:...)`, which the parser flattens away before anyone sees the tree. */
  | { readonly op: 'group'; readonly index: number | null; readonly body: readonly RegexNode[] }
  | {
      readonly op: 'assert';
      readonly negate: boolean;
      readonly behind: boolean;
      readonly body: readonly RegexNode[];
    }
  /** `(?i:...)`, `(?-s:...)`: flags for the body alone. */
  | {
      readonly op: 'scoped';
      readonly add: ReadonlySet<Flag>;
      readonly remove: ReadonlySet<Flag>;
      readonly body: readonly RegexNode[];
    }
  | { readonly op: 'reference'; readonly index: number }
  | { readonly op: 'branch'; readonly alternatives: readonly (readonly RegexNode[])[] };

/** Ignore case, multiline, dot matches all, ASCII only. */
export type Flag = 'i' | 'm' | 's' | 'a';

export interface RegexTree {
  readonly body: readonly RegexNode[];
  /** The global flags that the pattern itself sets. */
  readonly flags: ReadonlySet<Flag>;
  /** Group name to group number, in the order of their opening. */
  readonly names: ReadonlyMap<string, number>;
}

/** Python's `re.error`: the pattern does not compile there. */
export class PythonRegexError extends Error {
  override readonly name = 'PythonRegexError';
  readonly code = 're.error';
}

/** A construct of Python that has no like in JavaScript; the pattern is valid there. */
export class UnsupportedConstructError extends Error {
  override readonly name = 'UnsupportedConstructError';
  readonly code = 'unsupported';
  readonly construct: string;

  constructor(construct: string) {
    super(`Python-only construct: ${construct}`);
    this.construct = construct;
  }
}

/** The fewest and the most code points that the nodes can match; `Infinity` is unbounded. Follows SubPattern.getwidth. */
export function widthOf(
  nodes: readonly RegexNode[],
  groups: ReadonlyMap<number, readonly RegexNode[]>,
): readonly [number, number] {
  let low = 0;
  let high = 0;
  for (const node of nodes) {
    const [nodeLow, nodeHigh] = widthOfNode(node, groups);
    low += nodeLow;
    high += nodeHigh;
  }
  return [low, high];
}

function widthOfNode(
  node: RegexNode,
  groups: ReadonlyMap<number, readonly RegexNode[]>,
): readonly [number, number] {
  switch (node.op) {
    case 'branch': {
      const widths = node.alternatives.map((alternative) => widthOf(alternative, groups));
      return [Math.min(...widths.map(([low]) => low)), Math.max(...widths.map(([, high]) => high))];
    }
    case 'group':
    case 'scoped':
      return widthOf(node.body, groups);
    case 'repeat': {
      const [low, high] = widthOf(node.body, groups);
      return [low * node.min, high === 0 ? 0 : high * node.max];
    }
    case 'reference':
      return widthOf(groups.get(node.index) ?? [], groups);
    case 'at':
    case 'assert':
      return [0, 0];
    default:
      return [1, 1];
  }
}
