import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Hono } from 'hono';
import { listen } from '../../src/ops/listen.ts';
import { makeAuthority } from '../support/certificates.ts';
import { type Front, needsNginx, socketPath, startNginx } from '../support/nginx.ts';

const alice = { commonName: 'alice', subjectAltName: 'email:alice@example.com' };
const forged = { 'x-ssl-client-verify': 'SUCCESS', 'x-ssl-client-cert': 'forged' };
const login = ['/login/', '/login/assets/login.js', '/login/api/login'];

describe('the front with client certificates', needsNginx, () => {
  let front: Front;
  let withSlack: Front;
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    const t = { after: (close: () => Promise<void>) => void closing.push(close) };
    const socket = await socketPath(t);
    const app = new Hono().all('*', (c) => c.json(c.req.header()));
    const listener = await listen(app.fetch, { host: '', port: 0, socket });
    closing.push(() => listener.close(0));
    const upstream = `unix:${socket}`;
    [front, withSlack] = await Promise.all([
      startNginx(t, { upstream, withClientCa: true }),
      startNginx(t, { upstream, withClientCa: true, slack: true }),
    ]);
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  it('refuses who has none, or one of another authority, whatever headers they send', async () => {
    const stranger = makeAuthority('another ca').issue(alice);
    for (const path of login) {
      assert.equal((await front.ask(path, { headers: forged })).status, 400, path);
      assert.equal((await withSlack.ask(path, { headers: forged })).status, 403, path);
      for (const some of [front, withSlack]) {
        assert.equal((await some.ask(path, { headers: forged, certificate: stranger })).status, 400, path);
      }
    }
    const { status, headers } = await withSlack.ask('/login/');
    assert.equal(status, 403);
    assert.equal(headers['x-frame-options'], 'DENY');
  });

  it('hands over whose it is', async () => {
    const certificate = front.authority.issue(alice);
    for (const some of [front, withSlack]) {
      for (const path of login) assert.equal((await some.ask(path, { certificate })).status, 200, path);
      const seen = JSON.parse((await some.ask('/login/api/login', { headers: forged, certificate })).body);
      assert.equal(seen['x-ssl-client-verify'], 'SUCCESS');
      const handed = new X509Certificate(decodeURIComponent(seen['x-ssl-client-cert']));
      assert.equal(handed.raw.equals(new X509Certificate(certificate.cert).raw), true);
    }
  });

  it('asks none of Slack, and hands over no forged one', async () => {
    const answer = await withSlack.ask('/slack/events', { method: 'POST', headers: forged, body: '{}' });
    assert.equal(answer.status, 200);
    const seen = JSON.parse(answer.body);
    assert.equal(seen['x-ssl-client-verify'], 'NONE');
    assert.equal(seen['x-ssl-client-cert'], undefined);
  });
});
