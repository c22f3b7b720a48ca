import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Hono } from 'hono';
import { createClientAddress } from '../../src/ops/client-address.ts';

const trusted = ['10.0.0.0/8', '2001:db8:ffff::/48', '192.0.2.80'];

async function addressOf(from: string, headers: Record<string, string>, proxies = trusted): Promise<string> {
  const clientOf = createClientAddress(proxies);
  const app = new Hono().get('/', (c) => c.text(clientOf(c).address));
  const env = { incoming: { socket: { remoteAddress: from } } };
  return (await app.request('/', { headers }, env)).text();
}

describe('the client’s address', () => {
  const cases: [string, string, Record<string, string>, string][] = [
    ['of a direct peer is the peer', '198.51.100.1', {}, '198.51.100.1'],
    ['is not what a direct peer says', '198.51.100.1', { 'x-forwarded-for': '203.0.113.9' }, '198.51.100.1'],
    ['is what a trusted proxy appended', '10.0.0.5', { 'x-forwarded-for': '203.0.113.9' }, '203.0.113.9'],
    [
      'is not what the client forged before it',
      '10.0.0.5',
      { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' },
      '203.0.113.9',
    ],
    [
      'is behind every trusted proxy',
      '10.0.0.5',
      { 'x-forwarded-for': '1.1.1.1, 203.0.113.9, 192.0.2.80, 10.9.9.9' },
      '203.0.113.9',
    ],
    ['of a trusted proxy alone is the proxy', '10.0.0.5', {}, '10.0.0.5'],
    [
      'where all are trusted is the left-most',
      '10.0.0.5',
      { 'x-forwarded-for': '10.0.0.7, 10.0.0.6' },
      '10.0.0.7',
    ],
    [
      'ends at what is no address',
      '10.0.0.5',
      { 'x-forwarded-for': '203.0.113.9, unknown, 10.0.0.6' },
      '10.0.0.6',
    ],
    ['ends at an empty header', '10.0.0.5', { 'x-forwarded-for': '' }, '10.0.0.5'],
    ['may have a port', '10.0.0.5', { 'x-forwarded-for': '203.0.113.9:5123' }, '203.0.113.9'],
    ['may be IPv6', '10.0.0.5', { 'x-forwarded-for': '2001:DB8::9' }, '2001:db8::9'],
    ['may be IPv6 with a port', '10.0.0.5', { 'x-forwarded-for': '[2001:db8::9]:443' }, '2001:db8::9'],
    [
      'is IPv4 where it is written as IPv6',
      '::ffff:10.0.0.5',
      { 'x-forwarded-for': '::ffff:203.0.113.9' },
      '203.0.113.9',
    ],
    ['comes through an IPv6 proxy', '2001:db8:ffff::1', { 'x-forwarded-for': '203.0.113.9' }, '203.0.113.9'],
    ['is never in Forwarded', '10.0.0.5', { forwarded: 'for=203.0.113.9;proto=https' }, '10.0.0.5'],
    [
      'is never in other headers',
      '10.0.0.5',
      { 'x-real-ip': '203.0.113.9', 'cf-connecting-ip': '203.0.113.9' },
      '10.0.0.5',
    ],
    ['of a link-local peer has no zone', 'fe80::1%eth0', {}, 'fe80::1'],
  ];
  for (const [what, from, headers, expected] of cases) {
    it(what, async () => assert.equal(await addressOf(from, headers), expected));
  }

  it('trusts nobody by default', async () => {
    assert.equal(await addressOf('10.0.0.5', { 'x-forwarded-for': '203.0.113.9' }, []), '10.0.0.5');
  });

  for (const entry of [
    '',
    'proxy.example',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '::/129',
    '10.0.0.0/-1',
  ]) {
    it(`"${entry}" is no proxy`, () => {
      assert.throws(() => createClientAddress([entry]), RangeError);
    });
  }
});
