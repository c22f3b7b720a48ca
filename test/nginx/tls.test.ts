import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { type Front, needsNginx, serverName, startNginx } from '../support/nginx.ts';

/** What openssl's client makes of the front: the protocol and cipher that they agree on, or undefined. */
function agreed(port: number, ...options: readonly string[]): Promise<string | undefined> {
  const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', serverName, ...options];
  return new Promise((resolve) => {
    const child = execFile('openssl', args, (_error, out) => {
      const [, protocol, cipher] = /^New, (\S+), Cipher is (\S+)$/m.exec(out) ?? [];
      resolve(cipher === undefined || cipher === '(NONE)' ? undefined : `${protocol} ${cipher}`);
    });
    child.stdin?.end();
  });
}

describe('TLS of the front, as openssl sees it', needsNginx, () => {
  let front: Front;
  const closing: (() => Promise<void>)[] = [];
  before(async () => {
    front = await startNginx(
      { after: (close: () => Promise<void>) => void closing.push(close) },
      { upstream: 'unix:/nowhere' },
    );
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  it('is 1.2 or 1.3', async () => {
    const weak = ['-cipher', 'DEFAULT@SECLEVEL=0'];
    const [tls1, tls11, tls12, tls13] = await Promise.all([
      agreed(front.port, '-tls1', ...weak),
      agreed(front.port, '-tls1_1', ...weak),
      agreed(front.port, '-tls1_2'),
      agreed(front.port, '-tls1_3'),
    ]);
    assert.deepEqual([tls1, tls11], [undefined, undefined]);
    assert.equal(tls12, 'TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384');
    assert.equal(tls13, 'TLSv1.3 TLS_AES_256_GCM_SHA384');
  });

  it('takes ciphers with forward secrecy and authenticated encryption, and no other', async () => {
    const ecdsa = (rest: string) => `ECDHE-ECDSA-${rest}`;
    const good = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'].map(ecdsa);
    const bad = ['AES128-SHA', 'AES256-SHA', 'AES128-SHA256', 'AES256-SHA384', 'AES128-CCM', 'NULL-SHA'].map(
      ecdsa,
    );
    const agreeing = async (ciphers: readonly string[]) =>
      Promise.all(ciphers.map((cipher) => agreed(front.port, '-tls1_2', '-cipher', `${cipher}:@SECLEVEL=0`)));
    assert.deepEqual(
      await agreeing(good),
      good.map((cipher) => `TLSv1.2 ${cipher}`),
    );
    assert.deepEqual(
      await agreeing([...bad, 'aRSA', 'aNULL']),
      [...bad, 'aRSA', 'aNULL'].map(() => undefined),
    );
  });

  it('has a certificate of the authority, for the name', async () => {
    assert.equal((await front.ask('/login/')).status, 200);
  });
});
