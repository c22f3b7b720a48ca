import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AliasIndex } from '../../src/aliases/alias-index.ts';
import { CandidateIndex } from '../../src/aliases/candidates.ts';
import { compileFormat } from '../../src/aliases/format.ts';
import { FormatCache, type IndexedFormat } from '../../src/aliases/indexed-format.ts';
import { matchFormat, readCommand } from '../../src/aliases/match.ts';
import { instructionSize } from '../../src/aliases/regex/program.ts';
import { passesOf, representationsOf } from '../../src/aliases/representation.ts';
import { needsShared } from '../support/shared.ts';
import { anAlias, manyAliases } from './support/aliases.ts';

const enough = 1_000_000_000;

/** Steps that one format takes over a text. */
function stepsOf(format: string, text: string): number {
  const budget = { left: enough };
  matchFormat(compileFormat(format), readCommand(text), budget);
  return enough - budget.left;
}

function indexOf(...formats: string[]): AliasIndex {
  const index = new AliasIndex();
  index.replaceAll(formats.map((format, at) => anAlias(`p.a${at}`, [format])));
  return index;
}

/** What freezes StackStorm's matcher: FACTS.md ("CPU bomb"), the timings beside it, NOTES section 7. */
const blowUps = [
  ...[6, 8, 10, 11, 12, 16].map((pairs) => `ping ${'a=b  '.repeat(pairs)}x`),
  ...[14, 16, 18].map((pairs) => `${'a="b" '.repeat(pairs)}end`),
  ...[14, 16, 18].map((pairs) => `${'a={b} '.repeat(pairs)}end`),
  ...[12, 14, 16].map((pairs) => `${'a=b  '.repeat(pairs)}end`),
  `${'a=b=c '.repeat(20)}end`,
  ' '.repeat(1600),
];

test('a command that would blow up StackStorm is refused with the reason', () => {
  const index = indexOf('ping {{x}}', '{{anything}}');
  for (const text of blowUps) {
    assert.deepEqual(index.match(text), { kind: 'refused', reason: 'would-blow-up' }, text);
  }
});

test('its harmless neighbours are not', () => {
  const index = indexOf('ping {{x}}');
  for (const text of [
    `ping ${'a=b '.repeat(12)}x`,
    `ping ${'a=b '.repeat(160)}end`,
    `ping ${'a=b  '.repeat(12)}`,
    `ping ${'word '.repeat(390)}`,
    `ping   x   a=1   b=2   c=3   y`,
    `ping ${'x'.repeat(1900)}`,
  ]) {
    assert.notEqual(index.match(text).kind, 'refused', text);
  }
});

test('a match that would cost StackStorm too much is refused, with the alias named', () => {
  const alias = anAlias('p.hard', ['(?:(?:x+x+)+y|x.*)']);
  const index = new AliasIndex();
  index.replaceAll([alias]);
  assert.equal(index.match('xxxx').kind, 'match');
  assert.deepEqual(index.match('x'.repeat(60)), { kind: 'refused', reason: 'would-blow-up', alias });
});

test('a pattern that uses up its steps refuses the command and names its alias: it is not passed over', () => {
  const hard = anAlias('p.hard', ['(?P<x>a*)*(?P<y>a*)*(?P=x)!']);
  const index = new AliasIndex();
  index.replaceAll([hard, anAlias('p.easy', ['{{word}}'])]);
  assert.equal(index.match('hello').kind, 'match');
  assert.deepEqual(index.match(`${'a'.repeat(60)}!b`), {
    kind: 'refused',
    reason: 'too-expensive',
    alias: hard,
  });
});

test('the steps of a format grow as its text does', () => {
  const eight = Array.from({ length: 8 }, (_, at) => `w${at} {{p${at}}}`).join(' ');
  const formats = [
    'run {{cmd}} on {{hosts}}',
    `${eight} end`,
    '{{a}} {{b}} {{c}} {{d}} {{e}}!',
    'x {{a=1}} {{b=2}} {{c=3}} {{d=4}} y',
    '((beep|honk|meep)-?)+ {{vin}}[!.]*',
    '(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)z',
    '(?:\\b|^)a (?P<x>.+)+(?:\\b|$)q',
  ];
  const texts: readonly ((length: number) => string)[] = [
    (length) => 'run x on '.repeat(length / 9),
    (length) => 'w0 w1 w2 w3 w4 w5 w6 w7 '.repeat(length / 24),
    (length) => '"\'{ '.repeat(length / 4),
    (length) => 'beep-honk-'.repeat(length / 10),
    (length) => `a ${'x'.repeat(length)}`,
    (length) => ' '.repeat(length),
    (length) => 'a "b\' {c '.repeat(length / 9),
  ];
  let worst = 0;
  for (const format of formats) {
    const instructions = compileFormat(format).regex.program.code.length / instructionSize;
    for (const text of texts) {
      const [short, long] = [stepsOf(format, text(1920)), stepsOf(format, text(7680))];
      assert(long < 4.4 * short, `${format}: ${short} steps for 1920 characters, ${long} for 7680`);
      assert(long < 2 * 7680 * instructions, `${format}: ${long} steps of ${instructions} instructions`);
      worst = Math.max(worst, short);
    }
  }
  console.log(`hardest format over 1920 characters: ${worst} steps`);
});

test(
  'over 5,000 aliases the steps of a command are linear in its text and its candidates',
  needsShared,
  () => {
    const aliases = manyAliases(5000).filter(({ enabled }) => enabled);
    const cache = new FormatCache(10_000);
    const formats = aliases.flatMap((alias): IndexedFormat[] =>
      representationsOf(alias).flatMap((representation) => {
        const requirement = cache.requirementOf(representation.representation);
        assert(!('reason' in requirement), representation.representation);
        return { ...representation, passes: passesOf(alias), requirement };
      }),
    );
    const candidates = new CandidateIndex<IndexedFormat>();
    candidates.addAll(formats);
    const noise = [
      'a=b',
      'k="x y"',
      '"',
      "'",
      '{',
      '}',
      '  ',
      'é',
      '{{x}}',
      ' on ',
      ' to ',
      'honk-',
      'x',
      '1',
    ];
    // A text that begins as the format asks, so that it must be tried, and goes on with more of its words.
    const cases = fc.tuple(
      fc.constantFrom(...formats),
      fc.array(fc.nat(1000), { maxLength: 500, size: 'max' }),
    );
    const textOf = ({ requirement: { texts } }: IndexedFormat, picks: readonly number[]) => {
      const pieces = [...texts, ...texts, ...texts, ...noise];
      const tail = picks.map((pick) => pieces[pick % pieces.length]).join(' ');
      return `${texts.join(' x ')} ${tail}`.slice(0, 2000);
    };
    const index = new AliasIndex();
    index.replaceAll(aliases);
    const worst = { steps: 0, candidates: 0, ms: 0, text: 0 };
    const times: number[] = [];
    fc.assert(
      fc.property(cases, ([format, picks]) => {
        const command = textOf(format, picks);
        const read = readCommand(command);
        const tried = new Set([...candidates.of(read.stream)].map(({ representation }) => representation));
        let steps = 0;
        for (const representation of tried) {
          const compiled = cache.get(representation);
          const budget = { left: enough };
          matchFormat(compiled, read, budget);
          const taken = enough - budget.left;
          const instructions = compiled.regex.program.code.length / instructionSize;
          assert(taken <= 2 * instructions * (read.subject.length + 1), `${representation}: ${taken} steps`);
          steps += taken;
        }
        const before = performance.now();
        index.match(command);
        const ms = performance.now() - before;
        times.push(ms);
        worst.ms = Math.max(worst.ms, ms);
        worst.candidates = Math.max(worst.candidates, tried.size);
        if (steps > worst.steps) Object.assign(worst, { steps, text: command.length });
      }),
      { numRuns: 500, seed: 5 },
    );
    const ordered = times.sort((one, other) => one - other);
    const at = (share: number) => ordered[Math.floor(ordered.length * share)]?.toFixed(2);
    console.log(
      `5,000 aliases, ${formats.length} patterns: worst ${worst.steps} steps (a text of ${worst.text} characters), ` +
        `${worst.candidates} patterns tried; ${at(0.5)} ms p50, ${at(0.99)} ms p99, ${worst.ms.toFixed(2)} ms worst`,
    );
  },
);
