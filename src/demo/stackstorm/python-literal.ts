/** Raised by parsePythonLiteral with Python's words where they are known. */
export class PythonLiteralError extends Error {
  override readonly name = 'PythonLiteralError';
  readonly code = 'python-literal';
}

const tokenPattern =
  /\s*(?:([[\](){},:])|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(True|False|None)\b)/y;

type Token =
  | { readonly kind: 'mark'; readonly mark: string }
  | { readonly kind: 'value'; readonly value: unknown };

/**
 * `ast.literal_eval`: texts, numbers, True, False, None, lists, tuples, dictionaries.
 * @throws PythonLiteralError
 */
export function parsePythonLiteral(text: string): unknown {
  const tokens = tokenize(text);
  const value = parseValue(tokens);
  if (tokens.length > 0) throw malformed(text);
  return value;

  function parseValue(rest: Token[]): unknown {
    const token = rest.shift();
    if (token === undefined) throw malformed(text);
    if (token.kind === 'value') return token.value;
    if (token.mark === '[' || token.mark === '(') return parseItems(rest, token.mark === '[' ? ']' : ')');
    if (token.mark === '{') return parseDictionary(rest);
    throw malformed(text);
  }

  function parseItems(rest: Token[], end: string): unknown[] {
    const items: unknown[] = [];
    while (!takeMark(rest, end)) {
      items.push(parseValue(rest));
      if (takeMark(rest, end)) break;
      expectMark(rest, ',');
    }
    return items;
  }

  function parseDictionary(rest: Token[]): unknown {
    const entries: [string, unknown][] = [];
    while (!takeMark(rest, '}')) {
      if (rest.length === 0) throw new PythonLiteralError("'{' was never closed (<unknown>, line 1)");
      const key = parseValue(rest);
      expectMark(rest, ':');
      entries.push([String(key), parseValue(rest)]);
      if (takeMark(rest, '}')) break;
      if (rest.length === 0) throw new PythonLiteralError("'{' was never closed (<unknown>, line 1)");
      expectMark(rest, ',');
    }
    return Object.fromEntries(entries);
  }

  function expectMark(rest: Token[], mark: string): void {
    if (!takeMark(rest, mark)) throw malformed(text);
  }
}

function takeMark(tokens: Token[], mark: string): boolean {
  const [token] = tokens;
  if (token?.kind !== 'mark' || token.mark !== mark) return false;
  tokens.shift();
  return true;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const trimmed = text.trim();
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < trimmed.length) {
    const hit = tokenPattern.exec(trimmed);
    if (hit === null) throw malformed(text);
    const [, mark, single, double, number, word] = hit;
    const quoted = single ?? double;
    if (mark !== undefined) tokens.push({ kind: 'mark', mark });
    else if (quoted !== undefined) tokens.push({ kind: 'value', value: unescaped(quoted) });
    else if (number !== undefined) tokens.push({ kind: 'value', value: Number(number) });
    else tokens.push({ kind: 'value', value: word === 'None' ? null : word === 'True' });
  }
  return tokens;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, letter: string) =>
    letter === 'n' ? '\n' : letter === 't' ? '\t' : letter === 'r' ? '\r' : letter,
  );
}

function malformed(text: string): PythonLiteralError {
  return new PythonLiteralError(`malformed node or string: ${text}`);
}
