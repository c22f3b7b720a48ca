/**
 * JSON.parse with a place for each fault: V8's own messages often have none, quote the text (which may hold a secret),
 * and say nothing of a key that stands twice, of which the first would silently not count (RFC 8259, section 4).
 */

export interface JsonFault {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly found: string;
  readonly expected: string;
}

export type JsonAnswer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'fault'; readonly fault: JsonFault };

const space = /[ \t\r\n]*/y;
const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const deepest = 100;

/** Parses a text of the config file's size; a byte order mark at its start is passed over. */
export function parseJson(text: string): JsonAnswer {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  try {
    new Scanner(json).document();
    const value: unknown = JSON.parse(json);
    return { kind: 'value', value };
  } catch (error) {
    if (!(error instanceof FaultAt)) throw error;
    const before = json.slice(0, error.at).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    const { found, expected } = error;
    return { kind: 'fault', fault: { line: before.length, column, found, expected } };
  }
}

class FaultAt extends Error {
  readonly at: number;
  readonly found: string;
  readonly expected: string;

  constructor(at: number, found: string, expected: string) {
    super(expected);
    this.at = at;
    this.found = found;
    this.expected = expected;
  }
}

class Scanner {
  readonly #json: string;
  #at = 0;

  constructor(json: string) {
    this.#json = json;
  }

  document(): void {
    this.#value(0);
    if (this.#next() !== '') this.#fail('the end of the file');
  }

  #value(depth: number): void {
    const next = this.#next();
    if (depth > deepest) this.#fail(`at most ${deepest} levels`);
    if (next === '{') this.#object(depth);
    else if (next === '[') this.#list(depth);
    else if (next === '"') this.#string();
    else {
      literal.lastIndex = this.#at;
      const [found] = literal.exec(this.#json) ?? [];
      if (found === undefined)
        this.#fail('a value: "text" in double quotes, a number, true, false, null, { or [');
      this.#at += found?.length ?? 0;
    }
  }

  #object(depth: number): void {
    const keys = new Set<string>();
    this.#at += 1;
    if (this.#next() === '}') {
      this.#at += 1;
      return;
    }
    for (;;) {
      if (this.#next() !== '"') this.#fail('a key in double quotes');
      const start = this.#at;
      const key = this.#string();
      if (keys.has(key)) throw new FaultAt(start, `the key ${JSON.stringify(key)} again`, 'each key once');
      keys.add(key);
      if (this.#next() !== ':') this.#fail('":"');
      this.#at += 1;
      this.#value(depth + 1);
      if (this.#ends('}')) return;
    }
  }

  #list(depth: number): void {
    this.#at += 1;
    if (this.#next() === ']') {
      this.#at += 1;
      return;
    }
    do this.#value(depth + 1);
    while (!this.#ends(']'));
  }

  /** Past a comma (false) or past the closing bracket (true). */
  #ends(bracket: '}' | ']'): boolean {
    const next = this.#next();
    if (next !== ',' && next !== bracket) this.#fail(`"," or "${bracket}"`);
    this.#at += 1;
    return next === bracket;
  }

  #string(): string {
    const start = this.#at;
    for (let at = start + 1; ; at++) {
      const character = this.#json[at];
      if (character === undefined || character === '\n') {
        throw new FaultAt(start, 'a text that does not end', 'a double quote at its end, on the same line');
      }
      if (character === '\\') at += 1;
      else if (character === '"') {
        this.#at = at + 1;
        return this.#decoded(start, this.#json.slice(start, this.#at));
      }
    }
  }

  #decoded(start: number, quoted: string): string {
    try {
      return String(JSON.parse(quoted));
    } catch {
      throw new FaultAt(
        start,
        'a text with a character or an escape that JSON has not',
        'such as \\n, \\" or \\u00e9',
      );
    }
  }

  #next(): string {
    space.lastIndex = this.#at;
    this.#at += space.exec(this.#json)?.[0].length ?? 0;
    return this.#json[this.#at] ?? '';
  }

  #fail(expected: string): void {
    const next = this.#json[this.#at];
    throw new FaultAt(this.#at, next === undefined ? 'the end of the file' : JSON.stringify(next), expected);
  }
}
