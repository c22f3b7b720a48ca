import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { AliasIndex } from '../../src/aliases/alias-index.ts';
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
