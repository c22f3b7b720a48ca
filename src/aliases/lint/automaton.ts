import { anchorOrder, instructionSize, op, type Program } from '../regex/program.ts';
import { isWord } from '../regex/unicode.ts';
import type { Language } from './language.ts';

interface State {
  /** Instructions that the next character may be read by, before jumps are followed; ascending. */
  readonly places: readonly number[];
  readonly before: 'nothing' | 'word' | 'other';
  readonly next: Map<number, number>;
  /** What following jumps leads to, by what comes next. */
  readonly reach: (Reach | undefined)[];
  only?: ReadonlySet<number> | 'any';
}

interface Reach {
  readonly readers: readonly number[];
  readonly matched: boolean;
}

/** What comes next, as far as anchors ask. */
const nextOther = 0;
const nextWord = 1;
const nextEnd = 2;

/** State in which no text matches any more, and in which every text does. */
export const dead = 0;
export const won = 1;

/**
 * A language as a machine that is in one state at a time, so that two can be walked side by side. Its states are made as
 * they are come to.
 */
export class Automaton {
  readonly language: Language;
  readonly #program: Program;
  readonly #hasBoundary: boolean;
  readonly #states: State[] = [];
  readonly #ids = new Map<string, number>();
  readonly start: number;

  constructor(language: Language) {
    this.language = language;
    this.#program = language.program;
    this.#hasBoundary = hasBoundary(language.program);
    this.#id([], 'other');
    this.#id([-1], 'other');
    this.start = this.#id([0], 'nothing');
  }

  /** The state after one more character. */
  step(id: number, codePoint: number): number {
    if (id === dead || id === won) return id;
    const state = this.#states[id];
    if (state === undefined) return dead;
    const known = state.next.get(codePoint);
    if (known !== undefined) return known;
    const made = this.#step(state, codePoint);
    state.next.set(codePoint, made);
    return made;
  }

  /** The only characters that lead on from here, where they are few: inside fixed words there is one. */
  only(id: number): ReadonlySet<number> | undefined {
    const state = this.#states[id];
    if (state === undefined || id === won) return undefined;
    if (state.only === undefined) state.only = this.#only(state);
    return state.only === 'any' ? undefined : state.only;
  }

  #only(state: State): ReadonlySet<number> | 'any' {
    const { code, anchored } = this.#program;
    if (!anchored || this.#hasBoundary) return 'any';
    const { readers, matched } = this.#reach(state, nextOther);
    if (matched || readers.some((reader) => code[reader] !== op.char)) return 'any';
    return new Set(readers.map((reader) => code[reader + 1] ?? 0));
  }

  /** Whether the text may end here. */
  accepts(id: number): boolean {
    const state = this.#states[id];
    return id === won || (id !== dead && state !== undefined && this.#reach(state, nextEnd).matched);
  }

  #step(state: State, codePoint: number): number {
    const word = this.#hasBoundary && isWord(codePoint);
    const { readers, matched } = this.#reach(state, word ? nextWord : nextOther);
    if (matched) return won;
    const places = new Set<number>(this.#program.anchored ? [] : [0]);
    for (const reader of readers) {
      if (!this.#reads(reader, codePoint)) continue;
      // A back reference may go on: what it repeats is not known here.
      places.add(this.#program.code[reader] === op.backreference ? reader : reader + instructionSize);
    }
    return this.#id(
      [...places].sort((one, other) => one - other),
      word ? 'word' : 'other',
    );
  }

  #reads(reader: number, codePoint: number): boolean {
    const operand = this.#program.code[reader + 1] ?? 0;
    switch (this.#program.code[reader]) {
      case op.char:
        return codePoint === operand;
      case op.test:
        return this.#program.tests[operand]?.(codePoint) === true;
      case op.anyInLine:
        return codePoint !== 0x0a;
      default:
        return true;
    }
  }

  #id(places: readonly number[], before: State['before']): number {
    const key = `${before} ${places.join(' ')}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    if (places.length === 0 && this.#states.length > 0) return dead;
    const id = this.#states.push({ places, before, next: new Map(), reach: [] }) - 1;
    this.#ids.set(key, id);
    return id;
  }

  #reach(state: State, next: number): Reach {
    const known = state.reach[next];
    if (known !== undefined) return known;
    const made = this.#follow(state, next);
    state.reach[next] = made;
    return made;
  }

  #follow({ places, before }: State, next: number): Reach {
    const { code } = this.#program;
    const seen = new Set<number>();
    const readers: number[] = [];
    const open = [...places];
    let matched = false;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const operand = code[at + 1] ?? 0;
      const following = at + instructionSize;
      switch (code[at]) {
        case op.match:
          matched = true;
          break;
        case op.split:
          open.push(operand, code[at + 2] ?? 0);
          break;
        case op.jump:
          open.push(operand);
          break;
        case op.leave:
          open.push(code[at + 2] ?? 0, following);
          break;
        case op.save:
        case op.enter:
        case op.look:
          open.push(following);
          break;
        case op.at:
          if (holds(operand, before, next)) open.push(following);
          break;
        case op.backreference:
          readers.push(at);
          open.push(following);
          break;
        default:
          readers.push(at);
      }
    }
    return { readers, matched };
  }
}

function holds(anchor: number, before: State['before'], next: number): boolean {
  switch (anchorOrder[anchor]) {
    case 'beginning':
    case 'beginningOfText':
      return before === 'nothing';
    case 'end':
    case 'endOfText':
      return next === nextEnd;
    case 'boundary':
      return (before === 'word') !== (next === nextWord);
    default:
      return (before === 'word') === (next === nextWord);
  }
}

function hasBoundary({ code }: Program): boolean {
  const boundaries: readonly number[] = [anchorOrder.indexOf('boundary'), anchorOrder.indexOf('notBoundary')];
  for (let at = 0; at < code.length; at += instructionSize) {
    if (code[at] === op.at && boundaries.includes(code[at + 1] ?? -1)) return true;
  }
  return false;
}
