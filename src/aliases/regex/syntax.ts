/**
 * A Python regular expression, parsed as far as `sre_parse` of CPython 3.11 parses it: the same tree decides which
 * anchors StackStorm sees (NOTES Q8).
 * @module
 */

export type CharClass = 'digit' | 'notDigit' | 'space' | 'notSpace' | 'word' | 'notWord';

export type SetItem =
  | { readonly kind: 'char'; readonly codePoint: number }
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'class'; readonly charClass: CharClass };

export type Anchor = 'beginning' | 'beginningOfText' | 'end' | 'endOfText' | 'boundary' | 'notBoundary';

export type Sequence = readonly Node[];

export type Node =
  | { readonly op: 'char'; readonly codePoint: number }
  | { readonly op: 'notChar'; readonly codePoint: number }
  | { readonly op: 'any' }
  | { readonly op: 'set'; readonly negate: boolean; readonly items: readonly SetItem[] }
  | { readonly op: 'at'; readonly anchor: Anchor }
  | { readonly op: 'branch'; readonly branches: readonly Sequence[] }
  /** `index` is undefined for a group that captures nothing. */
  | { readonly op: 'group'; readonly index: number | undefined; readonly body: Sequence }
  /** `max` is Infinity where there is none. */
  | {
      readonly op: 'repeat';
      readonly lazy: boolean;
      readonly min: number;
      readonly max: number;
      readonly body: Sequence;
    }
  | { readonly op: 'look'; readonly behind: boolean; readonly negate: boolean; readonly body: Sequence }
  | { readonly op: 'backreference'; readonly group: number };

/** The least and the greatest number of characters that something can match. */
export type Width = readonly [least: number, greatest: number];

export interface Syntax {
  readonly body: Sequence;
  /** Capturing groups, the whole match not counted. */
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
  /** The width of each group, by its number. */
  readonly groupWidths: ReadonlyMap<number, Width>;
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  /** The pattern is one sequence without `|` at its top, and begins with no flags: what is put before or behind its text is put before or behind its nodes. */
  readonly plain: boolean;
}

/** Whether two nodes are the same for Python's common-prefix factoring, which compares flat nodes by value. */
export function sameFlatNode(a: Node, b: Node): boolean {
  if (a.op === 'char' && b.op === 'char') return a.codePoint === b.codePoint;
  if (a.op === 'notChar' && b.op === 'notChar') return a.codePoint === b.codePoint;
  if (a.op === 'any' && b.op === 'any') return true;
  if (a.op === 'at' && b.op === 'at') return a.anchor === b.anchor;
  if (a.op === 'backreference' && b.op === 'backreference') return a.group === b.group;
  if (a.op === 'set' && b.op === 'set') {
    return a.negate === b.negate && setKey(a.items) === setKey(b.items);
  }
  return false;
}

/** The same for two sets of the same members in the same order. */
export function setKey(items: readonly SetItem[]): string {
  return items.map(itemKey).join(' ');
}

function itemKey(item: SetItem): string {
  if (item.kind === 'char') return `${item.codePoint}`;
  return item.kind === 'range' ? `${item.from}-${item.to}` : item.charClass;
}

/** Without repetitions, in the order of first appearance, as Python keeps a set. */
export function uniqueItems(items: readonly SetItem[]): SetItem[] {
  const seen = new Map<string, SetItem>();
  for (const item of items) if (!seen.has(itemKey(item))) seen.set(itemKey(item), item);
  return [...seen.values()];
}

/** The width of a sequence whose groups, where it refers back to any, have these. */
export function widthOf(sequence: Sequence, groups: Syntax['groupWidths']): Width {
  let least = 0;
  let greatest = 0;
  for (const node of sequence) {
    const [low, high] = nodeWidth(node, groups);
    least += low;
    greatest += high;
  }
  return [least, greatest];
}

function nodeWidth(node: Node, groups: Syntax['groupWidths']): Width {
  switch (node.op) {
    case 'char':
    case 'notChar':
    case 'any':
    case 'set':
      return [1, 1];
    case 'at':
    case 'look':
      return [0, 0];
    case 'group':
      return widthOf(node.body, groups);
    case 'backreference':
      return groups.get(node.group) ?? [0, 0];
    case 'branch': {
      const widths = node.branches.map((branch) => widthOf(branch, groups));
      return [Math.min(...widths.map(([low]) => low)), Math.max(...widths.map(([, high]) => high))];
    }
    case 'repeat': {
      const [low, high] = widthOf(node.body, groups);
      return [low * node.min, high === 0 || node.max === 0 ? 0 : high * node.max];
    }
  }
}

/** `\s*` */
export const anySpaces: Node = {
  op: 'repeat',
  lazy: false,
  min: 0,
  max: Infinity,
  body: [{ op: 'set', negate: false, items: [{ kind: 'class', charClass: 'space' }] }],
};
