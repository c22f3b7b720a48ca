import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newLink, parseLink } from '../../src/sessions/link.ts';

describe('a link', () => {
  it('is a UUID v4 and 32 random bytes, and is stored by the hash of its key alone', () => {
    const link = newLink();
    const [uuid, key, ...rest] = link.text.split('.');
    assert.match(uuid ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(Buffer.from(key ?? '', 'base64url').length, 32);
    assert.deepEqual(rest, []);
    assert.ok(!link.rowId.includes(key ?? ''));
    assert.deepEqual(parseLink(link.text), { session: link.session, rowId: link.rowId });
  });

  it('is never made twice', () => {
    const texts = new Set(Array.from({ length: 1_000 }, () => newLink().text));
    assert.equal(texts.size, 1_000);
  });

  const good = newLink().text;
  const bad: Record<string, string> = {
    empty: '',
    'without a key': good.slice(0, 36),
    'with an empty key': good.slice(0, 37),
    'with a short key': good.slice(0, -1),
    'with a long key': `${good}A`,
    'of another UUID version': `${good.slice(0, 14)}1${good.slice(15)}`,
    'in upper case': good.toUpperCase(),
    'with padding': `${good.slice(0, -1)}=`,
    'with a line break': `${good}\n`,
    'with a second dot': `${good.slice(0, 40)}.${good.slice(41)}`,
    huge: 'a'.repeat(100_000),
    'with a wildcard': `${good.slice(0, 36)}.%${good.slice(38)}`,
  };
  for (const [what, text] of Object.entries(bad)) {
    it(`${what} is none`, () => assert.equal(parseLink(text), undefined));
  }
});
