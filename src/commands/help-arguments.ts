import { parseArgs } from 'node:util';
import { z } from 'zod';

const defaultRows = 20;
/** Longer lists do not fit into one message. */
export const maxRows = 50;
/** Characters of a button's value; platforms take little more (Slack: 2,000). */
const longestValue = 1_900;

/** What somebody asked of help. */
export interface Asked {
  readonly pack?: string | undefined;
  readonly filter?: string | undefined;
  /** Words that stand anywhere in the display or the description. */
  readonly words: string;
  readonly limit: number;
  readonly offset: number;
}

/** The arguments, or undefined where they are none of ours. Chat programs make one long dash of two. */
export function readArguments(rest: string): Asked | undefined {
  const args = [...rest.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/gu)].map(
    ([, double, single, bare]) => double ?? single ?? (bare ?? '').replace(/^[—–]/u, '--'),
  );
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
  const { values, positionals } = parsed;
  const limit = wholeNumber(values.limit, defaultRows);
  const offset = wholeNumber(values.offset, 0);
  if (limit === undefined || offset === undefined || limit < 1 || limit > maxRows) return undefined;
  return {
    ...(values.pack === undefined ? {} : { pack: values.pack }),
    ...(values.filter === undefined ? {} : { filter: values.filter }),
    words: positionals.join(' '),
    limit,
    offset,
  };
}

/** The page that begins at `offset`, as one asks for it. */
export function commandOf(asked: Asked, offset: number): string {
  return [
    'help',
    ...(asked.words === '' ? [] : [asked.words]),
    ...(asked.pack === undefined ? [] : ['--pack', asked.pack]),
    ...(asked.filter === undefined ? [] : ['--filter', `"${asked.filter}"`]),
    ...(asked.limit === defaultRows ? [] : ['--limit', String(asked.limit)]),
    '--offset',
    String(offset),
  ].join(' ');
}

/** The same page as a button's value; undefined where it is too long for one. */
export function pageValueOf({ words, pack, filter, limit }: Asked, offset: number): string | undefined {
  const value = JSON.stringify({ w: words, p: pack, f: filter, l: limit, o: offset } satisfies Value);
  return value.length > longestValue ? undefined : value;
}

type Value = z.input<typeof page>;
const page = z.strictObject({
  w: z.string(),
  p: z.string().optional(),
  f: z.string().optional(),
  l: z.int().min(1).max(maxRows),
  o: z.int().min(0).max(1_000_000),
});

/** What a button's value asks for, or undefined where it is none of ours. */
export function readValue(value: string): Asked | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const read = page.safeParse(parsed).data;
  return read && { words: read.w, pack: read.p, filter: read.f, limit: read.l, offset: read.o };
}

/** Throws TypeError for what is no option. */
function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      pack: { type: 'string' },
      filter: { type: 'string' },
      limit: { type: 'string' },
      offset: { type: 'string' },
    },
  });
}

function wholeNumber(text: string | undefined, otherwise: number): number | undefined {
  if (text === undefined) return otherwise;
  return /^\d{1,6}$/u.test(text) ? Number(text) : undefined;
}
