import { PatternError } from './errors.ts';

/** The pattern, read one character or one backslash pair at a time, as Python's own reader does. */
export class PatternSource {
  readonly #characters: readonly string[];
  #index = 0;
  /** The next character (a whole code point) or escape (backslash and one character); undefined at the end. */
  next: string | undefined;

  constructor(pattern: string) {
    this.#characters = Array.from(pattern);
    this.#read();
  }

  /** Where the next character stands, in code points. */
  get position(): number {
    if (this.next === undefined) return this.#index;
    return this.#index - (this.next.startsWith('\\') ? 2 : 1);
  }

  set position(position: number) {
    this.#index = position;
    this.#read();
  }

  get(): string | undefined {
    const current = this.next;
    this.#read();
    return current;
  }

  /** Passes over `expected` if it stands next. */
  accept(expected: string): boolean {
    if (this.next !== expected) return false;
    this.#read();
    return true;
  }

  /** At most `limit` characters of `allowed`. */
  getWhile(limit: number, allowed: string): string {
    let result = '';
    while (result.length < limit && this.next !== undefined && isOneOf(this.next, allowed)) {
      result += this.next;
      this.#read();
    }
    return result;
  }

  /** Everything before `terminator`, which is passed over. Throws PatternError if it is missing or nothing stands before it. */
  getUntil(terminator: string, what: string): string {
    let result = '';
    for (;;) {
      const current = this.get();
      if (current === undefined) throw new PatternError(`missing ${terminator}, unterminated ${what}`);
      if (current === terminator) break;
      result += current;
    }
    if (result === '') throw new PatternError(`missing ${what}`);
    return result;
  }

  #read(): void {
    let character = this.#characters[this.#index];
    if (character === undefined) {
      this.next = undefined;
      return;
    }
    this.#index++;
    if (character === '\\') {
      const escaped = this.#characters[this.#index];
      if (escaped === undefined) throw new PatternError('bad escape (end of pattern)');
      this.#index++;
      character += escaped;
    }
    this.next = character;
  }
}

export function isOneOf(character: string, characters: string): boolean {
  return character.length === 1 && characters.includes(character);
}
