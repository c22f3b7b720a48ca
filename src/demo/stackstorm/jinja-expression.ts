import { type JinjaToken, tokenizeJinja } from './jinja-tokens.ts';
import {
  filters,
  isTrue,
  itemsOf,
  JinjaRenderError,
  JinjaSyntaxError,
  memberOf,
  tests,
  Undefined,
} from './jinja-values.ts';
import { isJsonObject } from './json.ts';
import { pythonStr } from './python-text.ts';

/** What an expression reads its names from. */
export interface Scope {
  readonly names: ReadonlyMap<string, unknown>;
  /** jinja2.StrictUndefined: using a missing name is an error, not an empty text. */
  readonly strict: boolean;
}

export type Expression = (scope: Scope) => unknown;

/** Parses one Jinja expression: the operators, filters, tests and calls of the stock packs' templates. */
export function parseExpression(source: string): Expression {
  const parser = new ExpressionParser(tokenizeJinja(source));
  const expression = parser.ternary();
  parser.end();
  return expression;
}

const constants = new Map<string, unknown>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);
const arithmetic: Readonly<Record<string, (left: number, right: number) => number>> = {
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '//': (left, right) => Math.floor(left / right),
  '%': (left, right) => left - right * Math.floor(left / right),
};
const comparisons: Readonly<Record<string, (left: unknown, right: unknown) => boolean>> = {
  '==': (left, right) => JSON.stringify(left) === JSON.stringify(right),
  '!=': (left, right) => JSON.stringify(left) !== JSON.stringify(right),
  '<': (left, right) => Number(left) < Number(right),
  '>': (left, right) => Number(left) > Number(right),
  '<=': (left, right) => Number(left) <= Number(right),
  '>=': (left, right) => Number(left) >= Number(right),
};

class ExpressionParser {
  readonly #tokens: readonly JinjaToken[];
  #at = 0;

  constructor(tokens: readonly JinjaToken[]) {
    this.#tokens = tokens;
  }

  end(): void {
    const token = this.#tokens[this.#at];
    if (token !== undefined) throw new JinjaSyntaxError(`unexpected '${token.value}'`);
  }

  ternary(): Expression {
    const value = this.#or();
    if (!this.#name('if')) return value;
    const condition = this.#or();
    const otherwise = this.#name('else') ? this.ternary() : () => new Undefined('the inline if was not true');
    return (scope) => (isTrue(used(condition(scope), scope)) ? value(scope) : otherwise(scope));
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#name('or')) {
      const [first, second] = [left, this.#and()];
      left = (scope) => {
        const value = used(first(scope), scope);
        return isTrue(value) ? value : second(scope);
      };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#name('and')) {
      const [first, second] = [left, this.#not()];
      left = (scope) => {
        const value = used(first(scope), scope);
        return isTrue(value) ? second(scope) : value;
      };
    }
    return left;
  }

  #not(): Expression {
    if (!this.#name('not')) return this.#comparison();
    const operand = this.#not();
    return (scope) => !isTrue(used(operand(scope), scope));
  }

  #comparison(): Expression {
    let left = this.#sum();
    for (;;) {
      const token = this.#tokens[this.#at];
      const compare = token?.kind === 'mark' ? comparisons[token.value] : undefined;
      const first = left;
      if (compare !== undefined) {
        this.#at += 1;
        const second = this.#sum();
        left = (scope) => compare(used(first(scope), scope), used(second(scope), scope));
      } else if (this.#name('in')) left = contains(first, this.#sum());
      else if (this.#names('not', 'in')) {
        const inside = contains(first, this.#sum());
        left = (scope) => !inside(scope);
      } else return left;
    }
  }

  #sum(): Expression {
    let left = this.#product();
    for (let mark = this.#mark('+', '-', '~'); mark !== null; mark = this.#mark('+', '-', '~')) {
      const [operator, first, second] = [mark, left, this.#product()];
      left = (scope) => {
        const [a, b] = [used(first(scope), scope), used(second(scope), scope)];
        if (operator === '~' || (operator === '+' && typeof a === 'string' && typeof b === 'string'))
          return print(a, scope) + print(b, scope);
        if (operator === '+' && Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
        if (typeof a !== 'number' || typeof b !== 'number')
          throw new JinjaRenderError(`unsupported operand type(s) for ${operator}`);
        return operator === '+' ? a + b : a - b;
      };
    }
    return left;
  }

  #product(): Expression {
    let left = this.#unary();
    for (let mark = this.#mark('*', '/', '//', '%'); mark !== null; mark = this.#mark('*', '/', '//', '%')) {
      const [operator, first, second] = [mark, left, this.#unary()];
      left = (scope) => {
        const [a, b] = [used(first(scope), scope), used(second(scope), scope)];
        const operate = arithmetic[operator];
        if (typeof a !== 'number' || typeof b !== 'number' || operate === undefined)
          throw new JinjaRenderError(`unsupported operand type(s) for ${operator}`);
        if (b === 0 && operator !== '*') throw new JinjaRenderError('division by zero');
        return operate(a, b);
      };
    }
    return left;
  }

  #unary(): Expression {
    if (this.#mark('-') === null) return this.#postfix(this.#primary());
    const operand = this.#unary();
    return (scope) => -Number(used(operand(scope), scope));
  }

  #postfix(start: Expression): Expression {
    let value = start;
    for (;;) {
      const inner = value;
      if (this.#mark('.') !== null) {
        const name = this.#anyName();
        value = (scope) => memberOf(inner(scope), name);
      } else if (this.#mark('[') !== null) {
        const key = this.ternary();
        this.#expect(']');
        value = (scope) => memberOf(inner(scope), used(key(scope), scope));
      } else if (this.#mark('(') !== null) value = call(inner, this.#arguments());
      else if (this.#mark('|') !== null) value = this.#filter(inner);
      else if (this.#name('is')) {
        const negate = this.#name('not');
        const name = this.#anyName();
        const test = tests.get(name);
        if (test === undefined) throw new JinjaSyntaxError(`No test named '${name}'.`);
        value = (scope) => test(inner(scope)) !== negate;
      } else return value;
    }
  }

  #filter(inner: Expression): Expression {
    const name = this.#anyName();
    const filter = filters.get(name);
    if (filter === undefined) throw new JinjaSyntaxError(`No filter named '${name}'.`);
    const options = this.#mark('(') === null ? [] : this.#arguments();
    const lenient = name === 'default' || name === 'd';
    return (scope) => {
      const value = inner(scope);
      return filter(
        lenient ? value : used(value, scope),
        ...options.map((option) => used(option(scope), scope)),
      );
    };
  }

  #arguments(): Expression[] {
    return this.#listUntil(')');
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token === undefined)
      throw new JinjaSyntaxError("Expected an expression, got 'end of print statement'");
    if (token.kind === 'number' || token.kind === 'text') return () => token.value;
    if (token.kind === 'name') {
      if (constants.has(token.value)) return () => constants.get(token.value);
      return (scope) =>
        scope.names.has(token.value)
          ? scope.names.get(token.value)
          : new Undefined(`'${token.value}' is undefined`);
    }
    if (token.value === '(') {
      const inner = this.ternary();
      this.#expect(')');
      return inner;
    }
    if (token.value === '[') {
      const items = this.#listUntil(']');
      return (scope) => items.map((item) => item(scope));
    }
    throw new JinjaSyntaxError(`unexpected '${token.value}'`);
  }

  #listUntil(end: string): Expression[] {
    const items: Expression[] = [];
    if (this.#mark(end) !== null) return items;
    do items.push(this.ternary());
    while (this.#mark(',') !== null);
    this.#expect(end);
    return items;
  }

  #mark(...marks: readonly string[]): string | null {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'mark' || !marks.includes(token.value)) return null;
    this.#at += 1;
    return token.value;
  }

  #name(name: string): boolean {
    return this.#names(name);
  }

  #names(...names: readonly string[]): boolean {
    const follow = names.every((name, index) => {
      const token = this.#tokens[this.#at + index];
      return token?.kind === 'name' && token.value === name;
    });
    if (follow) this.#at += names.length;
    return follow;
  }

  #anyName(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'name') throw new JinjaSyntaxError('expected a name');
    this.#at += 1;
    return token.value;
  }

  #expect(mark: string): void {
    if (this.#mark(mark) === null) throw new JinjaSyntaxError(`expected token '${mark}'`);
  }
}

function call(callee: Expression, options: readonly Expression[]): Expression {
  return (scope) => {
    const target = used(callee(scope), scope);
    if (typeof target !== 'function') throw new JinjaRenderError('object is not callable');
    const answer: unknown = target(...options.map((option) => option(scope)));
    return answer;
  };
}

function contains(item: Expression, list: Expression): Expression {
  return (scope) => {
    const [wanted, all] = [used(item(scope), scope), used(list(scope), scope)];
    if (typeof all === 'string') return all.includes(pythonStr(wanted));
    if (isJsonObject(all)) return Object.hasOwn(all, pythonStr(wanted));
    return itemsOf(all).some((other) => JSON.stringify(other) === JSON.stringify(wanted));
  };
}

function used(value: unknown, scope: Scope): unknown {
  if (scope.strict && value instanceof Undefined) throw new JinjaRenderError(value.hint);
  return value;
}

/** What `{{ value }}` prints. */
export function print(value: unknown, scope: Scope): string {
  const usable = used(value, scope);
  return usable instanceof Undefined ? '' : pythonStr(usable);
}
