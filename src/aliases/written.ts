import type { CompiledFormat } from './format.ts';
import type { Node, Sequence, SetItem, Syntax } from './regex/syntax.ts';
import { isDecimal, isSpace, isWord } from './regex/unicode.ts';

/** How a value stands in a command: as it is, in quotes, or (a word stands in its place) as a pair at the end. */
export type Style = 'bare' | 'double' | 'single' | 'pair';

/** The parameters that every text of the pattern gives. */
export function neededNames({ syntax }: CompiledFormat): ReadonlySet<string> {
  return needed(syntax.body, namesOf(syntax));
}

/**
 * A short text of the pattern's own shape that has the values in it. Whether StackStorm reads them from it is for the
 * matcher to say. Undefined where the pattern needs a value that is not there.
 */
export function writeFormat(
  { syntax }: CompiledFormat,
  values: ReadonlyMap<string, string>,
  styles: ReadonlyMap<string, Style>,
): { readonly text: string; readonly placed: ReadonlySet<string> } | undefined {
  const writer = new Writer(namesOf(syntax), values, styles);
  const text = writer.write(syntax.body);
  return text === undefined ? undefined : { text, placed: writer.placed };
}

/** A short value that the pattern of this parameter takes; undefined where it takes any, or has none that can be told. */
export function sampleOf({ syntax }: CompiledFormat, name: string): string | undefined {
  const index = syntax.names.get(name);
  const body = index === undefined ? undefined : bodyOf(syntax.body, index);
  const sample = body && new Writer(new Map(), new Map(), new Map()).write(body);
  return sample === undefined || /^[.'"\s]*$/.test(sample) ? undefined : sample;
}

function bodyOf(sequence: Sequence, index: number): Sequence | undefined {
  for (const node of sequence) {
    if (node.op === 'group' && node.index === index) return node.body;
    const inner = node.op === 'branch' ? node.branches : 'body' in node ? [node.body] : [];
    for (const one of inner) {
      const found = bodyOf(one, index);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

type Names = ReadonlyMap<number, string>;

function namesOf({ names }: Syntax): Names {
  return new Map([...names].map(([name, index]) => [index, name]));
}

function needed(sequence: Sequence, names: Names): Set<string> {
  const found = new Set<string>();
  for (const node of sequence) for (const name of neededBy(node, names)) found.add(name);
  return found;
}

function neededBy(node: Node, names: Names): ReadonlySet<string> {
  if (node.op === 'group') {
    const name = node.index === undefined ? undefined : names.get(node.index);
    return name === undefined ? needed(node.body, names) : new Set([name]);
  }
  if (node.op === 'repeat') return node.min > 0 ? needed(node.body, names) : new Set();
  if (node.op !== 'branch') return new Set();
  const [first = new Set<string>(), ...others] = node.branches.map((branch) => needed(branch, names));
  return new Set([...first].filter((name) => others.every((other) => other.has(name))));
}

class Writer {
  readonly placed = new Set<string>();
  readonly #names: Names;
  readonly #values: ReadonlyMap<string, string>;
  readonly #styles: ReadonlyMap<string, Style>;
  readonly #groups = new Map<number, string>();

  constructor(names: Names, values: ReadonlyMap<string, string>, styles: ReadonlyMap<string, Style>) {
    this.#names = names;
    this.#values = values;
    this.#styles = styles;
  }

  write(sequence: Sequence): string | undefined {
    let text = '';
    for (const node of sequence) {
      const piece = this.#node(node);
      if (piece === undefined) return undefined;
      text += piece;
    }
    return text;
  }

  #node(node: Node): string | undefined {
    switch (node.op) {
      case 'char':
        return String.fromCodePoint(node.codePoint);
      case 'notChar':
        return node.codePoint === letterX ? 'y' : 'x';
      case 'any':
        // Most are a full stop that its author did not know for a pattern.
        return '.';
      case 'set':
        return memberOf(node.items, node.negate);
      case 'at':
      case 'look':
        return '';
      case 'backreference':
        return this.#groups.get(node.group) ?? '';
      case 'group':
        return this.#group(node.index, node.body);
      case 'repeat':
        return this.#repeat(node);
      case 'branch':
        return this.#branch(node.branches);
    }
  }

  #group(index: number | undefined, body: Sequence): string | undefined {
    const name = index === undefined ? undefined : this.#names.get(index);
    const text = name === undefined ? this.write(body) : this.#value(name);
    if (index !== undefined && text !== undefined) this.#groups.set(index, text);
    return text;
  }

  #value(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    const style = this.#styles.get(name) ?? 'bare';
    if (style === 'pair') return name;
    this.placed.add(name);
    return quoted(value, style);
  }

  #repeat({ min, max, body }: Extract<Node, { op: 'repeat' }>): string | undefined {
    if (min > 0) {
      const once = this.write(body);
      return once?.repeat(Math.min(min, longestRepeat));
    }
    if (max === 0 || !this.#wantsPlace(body)) return '';
    return this.write(body) ?? '';
  }

  /** Whether a value that is to be said in its place has it in there. */
  #wantsPlace(sequence: Sequence): boolean {
    return sequence.some((node) => {
      if (node.op === 'group') {
        const name = node.index === undefined ? undefined : this.#names.get(node.index);
        if (name === undefined) return this.#wantsPlace(node.body);
        return this.#values.has(name) && this.#styles.get(name) !== 'pair';
      }
      if (node.op === 'branch') return node.branches.some((branch) => this.#wantsPlace(branch));
      return node.op === 'repeat' && node.max > 0 && this.#wantsPlace(node.body);
    });
  }

  /** The first alternative that has a place for a value, else the first that can be written. */
  #branch(branches: readonly Sequence[]): string | undefined {
    const wanted = branches.filter((branch) => this.#wantsPlace(branch));
    for (const branch of [...wanted, ...branches.filter((one) => !wanted.includes(one))]) {
      const text = this.write(branch);
      if (text !== undefined) return text;
    }
    return undefined;
  }
}

const letterX = 0x78;
/** Nobody types more of one thing. */
const longestRepeat = 50;

function quoted(value: string, style: Exclude<Style, 'pair'>): string {
  if (style === 'bare') return value;
  return style === 'double' ? `"${value}"` : `'${value}'`;
}

function memberOf(items: readonly SetItem[], negate: boolean): string | undefined {
  if (negate) return [...'xo-0. '].find((one) => !items.some((item) => holds(item, one.codePointAt(0) ?? 0)));
  const offered = items.flatMap((item) => someOf(item));
  return offered.find((one) => /^\p{Ll}$/u.test(one)) ?? offered[0];
}

function someOf(item: SetItem): string[] {
  if (item.kind === 'char') return [String.fromCodePoint(item.codePoint)];
  if (item.kind === 'range') return [String.fromCodePoint(item.from)];
  return [...'x0 -'].filter((one) => holds(item, one.codePointAt(0) ?? 0)).slice(0, 1);
}

function holds(item: SetItem, codePoint: number): boolean {
  if (item.kind === 'char') return item.codePoint === codePoint;
  if (item.kind === 'range') return item.from <= codePoint && codePoint <= item.to;
  switch (item.charClass) {
    case 'digit':
      return isDecimal(codePoint);
    case 'notDigit':
      return !isDecimal(codePoint);
    case 'space':
      return isSpace(codePoint);
    case 'notSpace':
      return !isSpace(codePoint);
    case 'word':
      return isWord(codePoint);
    case 'notWord':
      return !isWord(codePoint);
  }
}
