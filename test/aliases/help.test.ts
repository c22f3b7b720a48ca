import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { AliasIndex } from '../../src/aliases/alias-index.ts';
import { departures } from '../../src/aliases/departures.ts';
import { examplesOf } from '../../src/aliases/examples.ts';
import { HelpFilterError, type HelpQuery, listHelp } from '../../src/aliases/help.ts';
import { needsShared, readSharedJson } from '../support/shared.ts';
import { anAlias, publicAliases } from './support/aliases.ts';

const rows = z.array(
  z.object({
    filter: z.string().nullable(),
    pack: z.string().nullable(),
    limit: z.unknown(),
    offset: z.unknown(),
    expect: z.unknown(),
  }),
);

const number = (value: unknown) => (typeof value === 'number' ? value : Number.NaN);

function answer(index: AliasIndex, query: HelpQuery): unknown {
  try {
    const { available, rows } = listHelp(index.aliases, query);
    return {
      available,
      helpstrings: rows.map(({ pack, display, description }) => ({ pack, display, description })),
    };
  } catch (error) {
    if (error instanceof HelpFilterError) return { error: 're.error' };
    if (error instanceof TypeError) return { error: 'TypeError' };
    throw error;
  }
}

test('every row of help.json gets the answer of StackStorm', needsShared, () => {
  const index = new AliasIndex();
  index.replaceAll(publicAliases());
  const all = rows.parse(readSharedJson('stackstorm/aliases/help.json'));
  for (const { expect, limit, offset, ...query } of all) {
    const given = { ...query, limit: number(limit), offset: number(offset) };
    assert.deepEqual(answer(index, given), expect, JSON.stringify(given));
  }
  console.log(`help.json: ${all.length} of ${all.length} rows pass`);
});

test('one row for each format with a display, of enabled aliases, with a window', () => {
  const aliases = [
    anAlias('a.x', ['ping {{host}}', { representation: ['no display'] }], { description: 'Pings' }),
    anAlias('a.off', ['off'], { enabled: false }),
    anAlias('b.y', [{ display: 'Deploy <app>', representation: ['deploy {{app}}', 'ship {{app}}'] }]),
  ];
  const texts = (query: HelpQuery) => listHelp(aliases, query).rows.map(({ display }) => display);
  assert.deepEqual(texts({}), ['ping {{host}}', 'Deploy <app>']);
  assert.deepEqual(texts({ filter: 'DEPLOY|nothing' }), ['Deploy <app>']);
  assert.deepEqual(texts({ pack: 'b' }), ['Deploy <app>']);
  assert.deepEqual(texts({ limit: 1, offset: 1 }), ['Deploy <app>']);
  assert.equal(listHelp(aliases, { limit: 1 }).available, 2);
  assert.equal(listHelp(aliases, { filter: 'deploy' }).rows[0]?.description, '');
});

test('a bad filter and one that takes too long are errors of their own', () => {
  const aliases = [anAlias('a.x', [`ping ${'a'.repeat(5000)}`])];
  const code = (filter: string) => {
    try {
      listHelp(aliases, { filter });
      return undefined;
    } catch (error) {
      return error instanceof HelpFilterError ? error.code : error;
    }
  };
  assert.equal(code('('), 'bad-filter');
  assert.equal(code('(?>a)'), 'bad-filter');
  assert.equal(code('(a*)*(a*)*\\1b'), 'filter-too-expensive');
  assert.equal(code('(a+)+$'), undefined);
});

const any = { count: 3, fits: () => true };

test('examples are what the matcher reads as commands of their alias, and none where nothing is', async () => {
  const rows = [
    anAlias('a.plain', ['deploy {{app}} to {{env=staging}}', 'ship {{app}}']),
    anAlias('a.choice', ['set (?P<level>low|high) on (?P<id>\\d{3})']),
    anAlias('a.none', ['(?P<x>a)(?<!a)b']),
    anAlias('b.one', ['same {{words}}']),
    anAlias('b.other', ['same {{words}}']),
    anAlias('b.off', ['off {{words}}'], { enabled: false }),
    anAlias('b.multiple', [
      { display: 'fixes', representation: ['fixes (?P<id>[A-Z]+-\\d+)'], match_multiple: true },
    ]),
  ];
  const index = new AliasIndex();
  index.replaceAll(rows);
  assert.deepEqual(await Promise.all(rows.map((row) => examplesOf(index, row, undefined, any))), [
    ['deploy my-app to staging', 'ship my-app'],
    ['set low on 000'],
    [],
    [],
    [],
    [],
    ['fixes A-0'],
  ]);
});

test('examples of the real aliases match; few, which others shadow, have none', needsShared, async () => {
  const index = new AliasIndex();
  index.replaceAll(publicAliases());
  let count = 0;
  const without: string[] = [];
  for (const alias of index.aliases) {
    if (!alias.enabled || index.formatsOf(alias.ref).length === 0) continue;
    const examples = await examplesOf(index, alias, undefined, any);
    for (const example of examples) {
      const match = index.match(example);
      assert.equal(match.kind === 'match' && match.alias.ref, alias.ref, example);
    }
    count += examples.length;
    if (examples.length === 0) without.push(alias.ref);
  }
  assert.ok(count > 100, String(count));
  assert.ok(without.length <= 12, without.join(', '));
});

test('where a text departs from a pattern is marked; long ones cost no more', () => {
  const marked = (pattern: string, typed: string) =>
    departures(pattern, typed).reduce(
      (line, { start, end }) => line.padEnd(start) + '^'.repeat(Math.max(end - start, 1)),
      '',
    );
  for (const [pattern, typed, marks] of [
    ['list vms', 'lisst vms', '^^^^'],
    ['list vms', 'list all vms', '    ^'],
    ['list vms', 'list vms now', '        ^'],
    ['list vms', 'list vms now=1', ''],
    ['list vms', '', '^^^^^^^^'],
    ['run {{cmd}} on {{hosts}}', 'run uptime -a onn web1 web2', '            ^^'],
    ['run {{cmd}} on {{hosts}}', 'run uptime', '            ^^^^^^^^^^^^'],
    ['deploy <app> to <env>', 'deplyo my big api too prod', '^^^^^^       ^^'],
    ['scale {{app}} to {{count}}', 'scale to 4', '      ^^^^^^^'],
    ['wait {{ seconds = 5 }} seconds', 'wait secnds', '                       ^^^^^^^'],
  ] as const) {
    assert.equal(marked(pattern, typed), marks, `${pattern} | ${typed}`);
  }
  const start = performance.now();
  departures(
    '{{a}} xxxxxxxxxxxxxxxxxxxxxxx '.repeat(1_000),
    'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy '.repeat(1_000),
  );
  departures('<'.repeat(100_000), '{{'.repeat(100_000));
  assert.ok(performance.now() - start < 500);
});
