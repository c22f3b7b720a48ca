import { PythonRegexError } from './python-regex-tree.ts';

/** sre_parse's Tokenizer: code points, a backslash and the character after it being one token. */
export class PatternSource {
  readonly #characters: readonly string[];
  #position = 0;

  constructor(pattern: string) {
    this.#characters = Array.from(pattern);
  }

  get position(): number {
    return this.#position;
  }

  seek(position: number): void {
    this.#position = position;
  }

  /** The next token without taking it; null at the end. */
  get next(): string | null {
    const character = this.#characters[this.#position];
    if (character === undefined) return null;
    if (character !== '\\') return character;
    const escaped = this.#characters[this.#position + 1];
    if (escaped === undefined) throw new PythonRegexError('bad escape (end of pattern)');
    return character + escaped;
  }

  take(): string | null {
    const token = this.next;
    if (token !== null) this.#position += token.startsWith('\\') ? 2 : 1;
    return token;
  }

  accept(token: string): boolean {
    if (this.next !== token) return false;
    this.take();
    return true;
  }

  takeWhile(pattern: RegExp, limit = Number.POSITIVE_INFINITY): string {
    let taken = '';
    for (let count = 0; count < limit; count += 1) {
      const token = this.next;
      if (token === null || !pattern.test(token) || token.startsWith('\\')) break;
      taken += token;
      this.take();
    }
    return taken;
  }

  /** Everything before `terminator`, which is taken too. */
  until(terminator: string, what: string, mayBeEmpty: boolean): string {
    let text = '';
    for (let token = this.take(); token !== terminator; token = this.take()) {
      if (token === null) throw new PythonRegexError(`missing ${terminator}, unterminated ${what}`);
      text += token;
    }
    if (text === '' && !mayBeEmpty) throw new PythonRegexError(`missing ${what}`);
    return text;
  }
}
