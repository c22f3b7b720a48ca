import { anySpaces, type Node, type Sequence } from './regex/syntax.ts';
import { isSpace } from './regex/unicode.ts';

const token =
  /(?<text>[^{}\\.^$*+?[\]()|]+)|\{\{ *(?<name>[A-Za-z_]\w*) *(?:= *(?<value>[^\s{}"'][^\s{}"']*(?: +[^\s{}"']+)*) *)?\}\}/y;

const anything: Node = { op: 'repeat', lazy: true, min: 1, max: Infinity, body: [{ op: 'any' }] };

/**
 * What an ordinary format (plain words and `{{ parameters }}`) must find in a command, without reading it as a pattern,
 * which costs a hundred times as much. Undefined for a format that is not so plain, or that may be wrong. The literal
 * text is that of the pattern; each parameter stands as "anything".
 */
export function sketchFormat(format: string): Sequence | undefined {
  const nodes: Node[] = [{ op: 'at', anchor: 'beginning' }, anySpaces];
  const names = new Set<string>();
  token.lastIndex = 0;
  while (token.lastIndex < format.length) {
    const at = token.lastIndex;
    const groups = token.exec(format)?.groups;
    if (groups === undefined) return undefined;
    const { text, name, value } = groups;
    if (text !== undefined) {
      for (const character of text) nodes.push({ op: 'char', codePoint: character.codePointAt(0) ?? 0 });
      continue;
    }
    if (name === undefined || names.has(name)) return undefined;
    names.add(name);
    if (value === undefined) {
      if (swallows(format, at)) return undefined;
      nodes.push(anything);
    } else {
      nodes.push({ op: 'repeat', lazy: false, min: 0, max: 1, body: [...takeSpaces(nodes), anything] });
    }
  }
  nodes.push(anySpaces, { op: 'at', anchor: 'end' });
  return nodes;
}

/** Whether StackStorm reads the parameter at `at` on to a later `=`, so that its name is none (NOTES Q9). */
function swallows(format: string, at: number): boolean {
  const rest = format.slice(at + 2).trimStart();
  const run = /^\S*/.exec(rest)?.[0] ?? '';
  return run.includes('=') || rest.slice(run.length).trimStart().startsWith('=');
}

/** The spaces before an optional parameter are optional with it. */
function takeSpaces(nodes: Node[]): Node[] {
  let count = 0;
  for (;;) {
    const node = nodes[nodes.length - 1 - count];
    if (node?.op !== 'char' || !isSpace(node.codePoint)) break;
    count++;
  }
  return count === 0 ? [] : nodes.splice(-count);
}
