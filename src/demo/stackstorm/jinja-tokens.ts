import { JinjaSyntaxError } from './jinja-values.ts';

const tokenPattern =
  /\s*(?:(\d+\.\d+|\d+)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([A-Za-z_]\w*)|(==|!=|<=|>=|\/\/|\*\*|[-+*/%~<>()[\]{}.,:|=]))/y;

/** One token of a Jinja expression. */
export type JinjaToken =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'name'; readonly value: string }
  | { readonly kind: 'mark'; readonly value: string };

/** @throws JinjaSyntaxError */
export function tokenizeJinja(source: string): JinjaToken[] {
  const tokens: JinjaToken[] = [];
  const text = source.trim();
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const at = tokenPattern.lastIndex;
    const hit = tokenPattern.exec(text);
    if (hit === null) throw new JinjaSyntaxError(`unexpected char ${JSON.stringify(text[at] ?? '')}`);
    const [, number, double, single, name, mark] = hit;
    const quoted = double ?? single;
    if (number !== undefined) tokens.push({ kind: 'number', value: Number(number) });
    else if (quoted !== undefined) tokens.push({ kind: 'text', value: unescaped(quoted) });
    else if (name !== undefined) tokens.push({ kind: 'name', value: name });
    else tokens.push({ kind: 'mark', value: mark ?? '' });
  }
  return tokens;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, letter: string) =>
    letter === 'n' ? '\n' : letter === 't' ? '\t' : letter,
  );
}
