import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { AliasIndex } from '../src/aliases/alias-index.ts';
import { representationsOf } from '../src/aliases/representation.ts';
import { actionAlias } from '../src/stackstorm/wire.ts';
import { manyAliases as manyPublicAliases } from '../test/aliases/support/aliases.ts';
import { sharedUrl } from '../test/support/shared.ts';
import { manyAliases } from './aliases.ts';
import { atMost, base, type Figure, median, percentile } from './measure.ts';

const count = 5_000;
const texts = 4_000;
const maxLength = 2_000;
const noise = ['a=b', 'k="x y"', '"', "'", '{', '}', '  ', 'é', '{{x}}', ' on ', ' to ', 'honk-', 'x', '1'];
/** What froze hubot-stackstorm and StackStorm, and texts of one sign. */
const hostile = [
  `${'a="b" '.repeat(330)}end`,
  `${'a={b} '.repeat(330)}end`,
  `${'a=b  '.repeat(400)}x`,
  ' '.repeat(maxLength),
  '{'.repeat(maxLength),
  '"'.repeat(maxLength),
  'x '.repeat(maxLength / 2),
  `${'a=b=c '.repeat(330)}end`,
];

/** R5: how long a text keeps the event loop at 5,000 aliases, however bad it is. */
export function matchingFigures(): Figure[] {
  const isPublic = existsSync(sharedUrl('stackstorm/aliases/aliases.json'));
  const aliases = isPublic
    ? manyPublicAliases(count)
    : manyAliases(count).map((alias) => actionAlias.parse(alias));
  const index = new AliasIndex();
  index.replaceAll(aliases);
  const words = aliases.flatMap(representationsOf).map(({ representation }) => literalsOf(representation));
  const plain = words.map((own) => own.join(' value '));
  const fuzzed = fc.sample(fuzzedText(words), { numRuns: texts, seed: 5 });

  for (const text of plain.slice(0, 500)) index.match(text);
  const common = plain.map((text) => timeOf(index, text));
  const bad = [...hostile, ...fuzzed].map((text) => timeOf(index, text));
  const of = isPublic ? 'aliases made from real ones' : 'aliases of this bench (the real ones are not here)';
  return [
    base('R5', `${count} ${of}: a plain command, p50`, median(common), 'ms'),
    atMost('R5', 'plain commands, p99', percentile(common, 0.99), 'ms', 5),
    atMost(
      'R5',
      `hostile and fuzzed texts of up to ${maxLength} characters, p99`,
      percentile(bad, 0.99),
      'ms',
      5,
    ),
    base('R5', 'the worst of them', Math.max(...bad), 'ms'),
  ];
}

/** Begins as some alias asks, so that it must be tried, and goes on with more of its words among noise. */
function fuzzedText(words: readonly (readonly string[])[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...words), fc.array(fc.nat(1_000), { maxLength: 500, size: 'max' }))
    .map(([own, picks]) => {
      const pieces = [...own, ...own, ...own, ...noise];
      return `${own.join(' x ')} ${picks.map((pick) => pieces[pick % pieces.length]).join(' ')}`.slice(
        0,
        maxLength,
      );
    });
}

/** The words of a format outside its parameters, without the signs of a pattern. */
function literalsOf(representation: string): string[] {
  return representation
    .replace(/\{\{.*?\}\}/gu, ' ')
    .split(/[^\p{L}\p{N}_.-]+/u)
    .filter((word) => word !== '');
}

/** Ms of the processor: on a machine that is busy with something else the clock would tell of that. */
function timeOf(index: AliasIndex, text: string): number {
  const from = process.cpuUsage();
  index.match(text);
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000;
}
