import type { Node, Sequence } from './regex/syntax.ts';
import { isSpace } from './regex/unicode.ts';

/**
 * What a text must hold for a pattern to match, so that most patterns need not be tried: each string of `texts`, in this
 * order, and one key of some group of `choices`.
 */
export interface Requirement {
  /** `texts[0]` begins at the first character that is no space. */
  readonly atStart: boolean;
  readonly texts: readonly string[];
  /** Each is a set of keys of which a match has at least one. Empty: nothing is known. */
  readonly choices: readonly (readonly string[])[];
}

/** A whole word between spaces. */
export const wordKey = (word: string) => `w${word}`;
/** A piece of at most `longestPiece` UTF-16 units that may stand anywhere. */
export const pieceKey = (piece: string) => `p${piece}`;
export const longestPiece = 3;

export const noRequirement: Requirement = { atStart: false, texts: [], choices: [] };

interface Run {
  readonly text: string;
  /** A space, or an end of the text, stands before it, and behind it. */
  readonly left: boolean;
  readonly right: boolean;
}

/** Reads it off the pattern's tree. What is in doubt is not required. */
export function requirementOf(body: Sequence): Requirement {
  const nodes = flat(body);
  const runs = runsOf(nodes);
  const [first] = runs;
  const atStart = nodes[0]?.op === 'at' && nodes[0].anchor === 'beginning' && first?.left === true;
  const begins = atStart && first !== undefined && isSpaces(nodes[1]) && nodes[2]?.op === 'char';
  return {
    atStart: begins && !isSpace(first.text.charCodeAt(0)),
    texts: runs.map(({ text }) => text),
    choices: choicesOf(nodes, runs),
  };
}

/** Groups change nothing about what a match must hold. */
function flat(sequence: Sequence): Node[] {
  return sequence.flatMap((node) => (node.op === 'group' ? flat(node.body) : [node]));
}

/** The runs of literal characters that every match holds, in order. */
function runsOf(nodes: readonly Node[]): Run[] {
  const runs: Run[] = [];
  let text = '';
  let left = false;
  let afterSpace = false;
  nodes.forEach((node, index) => {
    if (node.op === 'char') {
      if (text === '') left = afterSpace;
      text += String.fromCodePoint(node.codePoint);
      if (nodes[index + 1]?.op !== 'char') {
        runs.push({ text, left, right: spaceFollows(nodes, index + 1) });
        afterSpace = isSpace(text.charCodeAt(text.length - 1));
        text = '';
      }
      return;
    }
    if (node.op === 'at') afterSpace = afterSpace || node.anchor.startsWith('beginning');
    else if (isSpaces(node)) afterSpace = afterSpace || node.min > 0;
    else if (node.op !== 'look') afterSpace = isSpaceNode(node);
    if (node.op === 'repeat' && node.min > 0) {
      runs.push(...runsOf(flat(node.body)).map((run) => ({ ...run, left: false, right: false })));
    }
  });
  return runs;
}

function isSpaceNode(node: Node | undefined): boolean {
  if (node?.op === 'char') return isSpace(node.codePoint);
  const only = node?.op === 'set' && !node.negate && node.items.length === 1 ? node.items[0] : undefined;
  return only?.kind === 'class' && only.charClass === 'space';
}

function isSpaces(node: Node | undefined): node is Extract<Node, { op: 'repeat' }> {
  return node?.op === 'repeat' && node.body.length === 1 && isSpaceNode(node.body[0]);
}

/** Whether a space or the text's end stands at this place of every match. */
function spaceFollows(nodes: readonly Node[], from: number): boolean {
  for (const node of nodes.slice(from)) {
    if (node.op === 'at' && (node.anchor === 'end' || node.anchor === 'endOfText')) return true;
    if (isSpaceNode(node)) return true;
    if (node.op === 'repeat' && isSpaceNode(flat(node.body)[0])) {
      if (node.min > 0) return true;
      continue;
    }
    if (node.op !== 'at' && node.op !== 'look') return false;
  }
  return false;
}

function choicesOf(nodes: readonly Node[], runs: readonly Run[]): string[][] {
  const words = runs.flatMap(wordsOf).map((word) => [wordKey(word)]);
  const branches = nodes.flatMap((node) => (node.op === 'branch' ? [branchChoice(node.branches)] : []));
  const known = [...words, ...branches.filter((choice) => choice !== undefined)];
  if (known.length > 0) return known;
  return runs.flatMap(({ text }) => piecesOf(text).map((piece) => [pieceKey(piece)]));
}

/** A key of each branch; undefined if one has none. */
function branchChoice(branches: readonly Sequence[]): string[] | undefined {
  const keys: string[] = [];
  for (const branch of branches) {
    const [shortest] = requirementOf(branch).choices.toSorted((one, other) => one.length - other.length);
    if (shortest === undefined) return undefined;
    keys.push(...shortest);
  }
  return keys;
}

/** The whole words of a run; its first and last are whole only where nothing can be glued to them. */
function wordsOf({ text, left, right }: Run): string[] {
  const parts = splitAtSpaces(text);
  return parts.filter((part, index) => {
    const whole = (index > 0 || left) && (index < parts.length - 1 || right);
    return part !== '' && whole;
  });
}

/** The parts between single spaces of any kind; empty at the ends where a space stands there. */
export function splitAtSpaces(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (!isSpace(text.charCodeAt(at))) continue;
    parts.push(text.slice(start, at));
    start = at + 1;
  }
  parts.push(text.slice(start));
  return parts;
}

function piecesOf(text: string): string[] {
  if (text.length <= longestPiece) return [text];
  return Array.from({ length: text.length - longestPiece + 1 }, (_, at) => text.slice(at, at + longestPiece));
}
