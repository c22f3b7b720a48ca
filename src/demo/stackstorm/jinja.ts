import { type Expression, parseExpression, print, type Scope } from './jinja-expression.ts';
import { isTrue, itemsOf, JinjaSyntaxError, Undefined } from './jinja-values.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { pythonStr } from './python-text.ts';

/**
 * The part of Jinja2 that stock packs' acknowledgements, results and the notifier use: expressions, `if`, `for`, `set`,
 * comments; trim_blocks and lstrip_blocks are on, as in StackStorm (st2common/util/jinja.py).
 * @module
 */

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly source: string }
  | { readonly kind: 'block'; readonly source: string };
/** Writes to `out` and answers the scope of what follows, which `set` changes. */
type Template = (scope: Scope, out: string[]) => Scope;

/**
 * Renders `source` with `names`.
 * @throws JinjaSyntaxError, JinjaRenderError
 */
export function renderJinja(source: string, names: JsonObject, options: { strict: boolean }): string {
  const pieces = cut(source.replace(/\n$/, ''));
  const [template, rest] = parseUntil(pieces, []);
  if (rest.length > 0) throw new JinjaSyntaxError('Encountered unknown tag');
  const out: string[] = [];
  template({ names: new Map(Object.entries(names)), strict: options.strict }, out);
  return out.join('');
}

const tagPattern = /\{#.*?#\}|\{\{-?.*?-?\}\}|\{%[-+]?.*?-?%\}/gs;

function cut(source: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimNext = false;
  const pushText = (raw: string, tag: string): void => {
    let text = trimNext ? raw.replace(/^\s+/, '') : raw;
    if (tag.startsWith('{%-') || tag.startsWith('{{-')) text = text.replace(/\s+$/, '');
    else if (tag.startsWith('{%') || tag.startsWith('{#')) text = text.replace(/(^|\n)[ \t]+$/, '$1');
    if (text !== '') pieces.push({ kind: 'text', text });
  };
  for (const hit of source.matchAll(tagPattern)) {
    const [tag] = hit;
    pushText(source.slice(at, hit.index), tag);
    at = hit.index + tag.length;
    trimNext = tag.endsWith('-%}') || tag.endsWith('-}}');
    const inner = tag.slice(2, -2).replace(/^[-+]/, '').replace(/-$/, '').trim();
    if (tag.startsWith('{{')) pieces.push({ kind: 'print', source: inner });
    else {
      if (!tag.startsWith('{#')) pieces.push({ kind: 'block', source: inner });
      if (source[at] === '\n') at += 1;
    }
  }
  const rest = source.slice(at);
  if (/\{[{%#]/.test(rest)) throw new JinjaSyntaxError('unexpected end of template');
  pushText(rest, '');
  return pieces;
}

/** Parses up to (not over) a block tag that starts with one of `ends`. */
function parseUntil(pieces: readonly Piece[], ends: readonly string[]): [Template, readonly Piece[]] {
  const parts: Template[] = [];
  let rest = pieces;
  for (let [piece] = rest; piece !== undefined; [piece] = rest) {
    if (piece.kind === 'block' && ends.includes(wordOf(piece.source))) break;
    rest = rest.slice(1);
    if (piece.kind === 'text') {
      const { text } = piece;
      parts.push((scope, out) => {
        out.push(text);
        return scope;
      });
    } else if (piece.kind === 'print') {
      const expression = parseExpression(piece.source);
      parts.push((scope, out) => {
        out.push(print(expression(scope), scope));
        return scope;
      });
    } else {
      const [template, after] = parseBlock(piece.source, rest);
      parts.push(template);
      rest = after;
    }
  }
  return [(scope, out) => parts.reduce((current, part) => part(current, out), scope), rest];
}

function parseBlock(source: string, rest: readonly Piece[]): [Template, readonly Piece[]] {
  const word = wordOf(source);
  const argument = source.slice(word.length).trim();
  if (word === 'if') return parseIf(argument, rest);
  if (word === 'for') return parseFor(argument, rest);
  const assignment = word === 'set' ? /^(\w+)\s*=(.*)$/s.exec(argument) : null;
  if (assignment !== null) {
    const name = assignment[1] ?? '';
    const value = parseExpression(assignment[2] ?? '');
    const part: Template = (scope) => ({ ...scope, names: new Map(scope.names).set(name, value(scope)) });
    return [part, rest];
  }
  throw new JinjaSyntaxError(`Encountered unknown tag '${word}'.`);
}

function parseIf(condition: string, pieces: readonly Piece[]): [Template, readonly Piece[]] {
  const test = parseExpression(condition);
  const [then, afterThen] = parseUntil(pieces, ['elif', 'else', 'endif']);
  const tag = expectBlock(afterThen, 'endif');
  let otherwise: Template = (scope) => scope;
  let rest: readonly Piece[] = afterThen.slice(1);
  if (wordOf(tag) === 'elif') [otherwise, rest] = parseIf(tag.slice('elif'.length), rest);
  else if (wordOf(tag) === 'else') {
    [otherwise, rest] = parseUntil(rest, ['endif']);
    expectBlock(rest, 'endif');
    rest = rest.slice(1);
  }
  const strictTest: Expression = (scope) => {
    const value = test(scope);
    if (value instanceof Undefined) print(value, scope);
    return value;
  };
  return [(scope, out) => (isTrue(strictTest(scope)) ? then : otherwise)(scope, out), rest];
}

function parseFor(head: string, pieces: readonly Piece[]): [Template, readonly Piece[]] {
  const parts = /^([\w\s,]+?)\s+in\s+(.+)$/s.exec(head);
  if (parts === null) throw new JinjaSyntaxError("expected token 'in'");
  const targets = (parts[1] ?? '').split(',').map((name) => name.trim());
  const list = parseExpression(parts[2] ?? '');
  const [body, afterBody] = parseUntil(pieces, ['endfor']);
  expectBlock(afterBody, 'endfor');
  const loop: Template = (scope, out) => {
    const value = list(scope);
    if (value instanceof Undefined && !scope.strict) return scope;
    const items = itemsOf(value);
    for (const [index, item] of items.entries()) {
      const names = new Map(scope.names);
      names.set('loop', {
        index: index + 1,
        index0: index,
        first: index === 0,
        last: index === items.length - 1,
      });
      const [only] = targets;
      if (targets.length === 1 && only !== undefined) names.set(only, item);
      else for (const [place, name] of targets.entries()) names.set(name, itemsOf(item)[place]);
      body({ ...scope, names }, out);
    }
    return scope;
  };
  return [loop, afterBody.slice(1)];
}

function wordOf(source: string): string {
  return /^\w*/.exec(source)?.[0] ?? '';
}

function expectBlock(pieces: readonly Piece[], what: string): string {
  const [piece] = pieces;
  if (piece?.kind !== 'block') throw new JinjaSyntaxError(`Unexpected end of template: expected '${what}'`);
  return piece.source;
}

/**
 * StackStorm's render_values: each value is rendered as text, an object or list by way of JSON; what rendering does not
 * change keeps its type. Source: st2common/util/jinja.py.
 * @throws JinjaSyntaxError, JinjaRenderError
 */
export function renderValues(mapping: JsonObject, names: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(mapping).map(([key, value]) => {
      const structured = isJsonObject(value) || Array.isArray(value);
      const text = structured ? JSON.stringify(value) : pythonStr(value);
      const rendered = renderJinja(text, names, { strict: true });
      if (rendered === text) return [key, value];
      return [key, structured ? JSON.parse(rendered) : rendered];
    }),
  );
}
