import fc from 'fast-check';

/** A catalog and a command that may belong to it. */
export interface AliasCase {
  readonly catalog: readonly AliasDraft[];
  readonly command: string;
}

export interface AliasDraft {
  readonly name: string;
  readonly formats: readonly (
    | string
    | { representation: string[]; match_multiple?: boolean; display?: string }
  )[];
}

/** Formats of every kind that packs hold, each with a command that it matches; both are mutated. */
const pairs = [
  ['ping {{host}}', 'ping web1'],
  ['ping {{ host }} count {{ count=3 }}', 'ping "web 1" count 5'],
  ['run {{cmd}} on {{hosts}}', "run 'a on b' on web1,web2 timeout=5"],
  ['run {{cmd}} on {{hosts}}', 'run echo x=1 on h x=1'],
  ['run {{cmd}} on {{hosts=localhost}}', 'run uptime -p on'],
  ['say {{ phrase = "hello there" }}', 'say "x" and "y"'],
  ['list vms', 'list vms'],
  ['list vms {{zone=eu}} {{limit=10}}', 'list vms eu 5'],
  ['get( type {{type}})? {{what}}', 'get type a b'],
  ['(start|stop|restart) {{service}}( on {{host}})?', 'restart nginx on web1'],
  ['deploy {{app}} to {{env}}[!.]?', 'deploy app to prod!'],
  ['pack get {{pack}}', 'pack get  foo '],
  ["cfg {{conf={'k': 'v'}}}", 'cfg {"a": {"b": 1}} k={"x": 1}'],
  ['note {{text=""}}', 'note'],
  ['a.b {{c}}', 'axb 1'],
  ['(?:\\b|^)fixes (?P<key>[A-Z]+-\\d+)(?:\\b|$)', 'this fixes AB-1 and fixes CD-22'],
  ['(?:^|\\b)deploys (?P<app>\\w+)(?:$|\\b)', 'deploys web'],
  ['((up|down) ?)+', 'up down up'],
  ['(set {{k}} )+end', 'set a set b end'],
  ['foo|bar', 'foox'],
  ['^\\s*exact\\s*$', 'exact'],
  ['{{a}}:{{b}}', 'a:b'],
  ['', 'k=v'],
] as const;

const formatPieces = [
  ...[
    '{{a}}',
    '{{ b }}',
    '{{c=1}}',
    ' {{d="x y"}}',
    "{{e='q'}}",
    '{{f={}}}',
    '{{',
    '}}',
    '=',
    ' ',
    '  ',
    '\n',
    '\t',
  ],
  ...[
    '(',
    ')',
    '(?:',
    '(?P<n>',
    '?',
    '*',
    '+',
    '*?',
    '|',
    '^',
    '$',
    '\\b',
    '\\s',
    '\\w+',
    '\\d',
    '.',
    '[a-c]',
    '[^x]',
  ],
  ...[
    '{2}',
    '{1,2}',
    '\\',
    '#',
    '-',
    ':',
    'é',
    '😀',
    '"',
    "'",
    'on',
    'to',
    '( to {{z}})?',
    '(?=a)',
    '(?!b)',
    '(?<!x)',
  ],
] as const;

const commandPieces = [
  ...[
    ' a=b',
    '  c=d',
    ' k="x y"',
    " q='z'",
    ' j={"a": 1}',
    ' =',
    ' a =b',
    'x=',
    '"',
    "'",
    '{',
    '}',
    ' ',
    '  ',
    '\n',
    '\t',
  ],
  ...[
    '\u00a0',
    '\u0085',
    '\ufeff',
    '\u2028',
    '\u001c',
    'é',
    '😀',
    '٣',
    ' on ',
    ' to ',
    'x',
    '1',
    ' __proto__=1',
    '""',
    '|',
  ],
] as const;

interface Change {
  readonly kind: 'insert' | 'remove' | 'repeat';
  readonly at: number;
  readonly length: number;
  readonly piece: string;
}

function changes(pieces: readonly string[], most: number): fc.Arbitrary<Change[]> {
  const change = fc.record({
    kind: fc.constantFrom('insert' as const, 'insert' as const, 'remove' as const, 'repeat' as const),
    at: fc.nat(1000),
    length: fc.integer({ min: 1, max: 4 }),
    piece: fc.constantFrom(...pieces),
  });
  return fc.array(change, { maxLength: most });
}

const formatChanges = fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, changes(formatPieces, 3));
const commandChanges = changes(commandPieces, 3);

function mutated(text: string, changed: readonly Change[]): string {
  return changed.reduce(applied, text).slice(0, 90);
}

function applied(text: string, { kind, at, length, piece }: Change): string {
  const place = at % (text.length + 1);
  const before = text.slice(0, place);
  const part = text.slice(place, place + length);
  const after = text.slice(place + length);
  if (kind === 'insert') return before + piece + part + after;
  return kind === 'remove' ? before + after : before + part + part + after;
}

interface Wrapping {
  readonly as: 'string' | 'object';
  readonly match_multiple: boolean | undefined;
  readonly display: string | undefined;
}

const wrapping: fc.Arbitrary<Wrapping> = fc.record({
  as: fc.constantFrom('string', 'string', 'object'),
  match_multiple: fc.constantFrom(undefined, undefined, true, false),
  display: fc.constantFrom(undefined, 'shown', ''),
});

function wrapped(format: string, { as, match_multiple, display }: Wrapping): AliasDraft['formats'][number] {
  if (as === 'string') return format;
  return {
    representation: [format],
    ...(match_multiple === undefined ? {} : { match_multiple }),
    ...(display === undefined ? {} : { display }),
  };
}

const pair = fc.constantFrom(...pairs);
const format = fc
  .tuple(pair, formatChanges, wrapping)
  .map(([[text], changed, wrap]) => wrapped(mutated(text, changed), wrap));

/** Seeded pairs of a catalog and a command, for comparing two matchers. */
export const aliasCases: fc.Arbitrary<AliasCase> = fc
  .record({
    target: pair,
    targetChanges: formatChanges,
    wrap: wrapping,
    others: fc.array(format, { maxLength: 3 }),
    commandChanges,
  })
  .map(({ target: [text, typed], targetChanges, wrap, others, commandChanges: typos }) => ({
    catalog: [wrapped(mutated(text, targetChanges), wrap), ...others].map((one, index) => ({
      name: `a${index}`,
      formats: [one],
    })),
    command: mutated(typed, typos),
  }));
