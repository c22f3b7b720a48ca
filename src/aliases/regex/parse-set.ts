import { PatternError } from './errors.ts';
import { type Escape, readSetEscape } from './escapes.ts';
import type { PatternSource } from './source.ts';
import { type Node, type SetItem, uniqueItems } from './syntax.ts';

/** Reads a character set whose `[` was read. A first `]` is a literal one. Throws PatternError. */
export function parseSet(source: PatternSource): Node {
  const negate = source.accept('^');
  const items: SetItem[] = [];
  for (;;) {
    const current = next(source);
    if (current === ']' && items.length > 0) break;
    const from = member(source, current);
    if (!source.accept('-')) {
      items.push(from);
      continue;
    }
    const then = next(source);
    if (then === ']') {
      items.push(from, { kind: 'char', codePoint: 0x2d });
      break;
    }
    const to = member(source, then);
    if (from.kind !== 'char' || to.kind !== 'char' || to.codePoint < from.codePoint) {
      throw new PatternError(`bad character range ${current}-${then}`);
    }
    items.push({ kind: 'range', from: from.codePoint, to: to.codePoint });
  }
  const unique = uniqueItems(items);
  const [only, second] = unique;
  if (only?.kind === 'char' && second === undefined) {
    return { op: negate ? 'notChar' : 'char', codePoint: only.codePoint };
  }
  return { op: 'set', negate, items: unique };
}

function next(source: PatternSource): string {
  const current = source.get();
  if (current === undefined) throw new PatternError('unterminated character set');
  return current;
}

function member(source: PatternSource, current: string): Exclude<SetItem, { kind: 'range' }> {
  if (!current.startsWith('\\')) return { kind: 'char', codePoint: current.codePointAt(0) ?? 0 };
  const meaning: Escape = readSetEscape(source, current);
  if (meaning.kind === 'char' || meaning.kind === 'class') return meaning;
  throw new PatternError(`bad escape ${current}`);
}
