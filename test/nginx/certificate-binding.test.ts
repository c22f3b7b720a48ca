import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { unixPeer } from '../../src/ops/client-address.ts';
import { listen } from '../../src/ops/listen.ts';
import { makeAuthority } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { LoginRig } from '../support/login-rig.ts';
import { type Asked, type Front, needsNginx, socketPath, startNginx } from '../support/nginx.ts';
import { issueLink } from '../support/sessions.ts';

const secret = 'a-secret-of-the-proxy-and-the-bot';
const bind = { required: true, match: 'email', idAlone: true } as const;

/** The login on a socket of its own. The port of the front is known before, since links begin with it. */
async function startLogin(t: TestContext, at: { readonly socket: string } | { readonly port: number }) {
  const port = await freePort();
  const rig = await LoginRig.create({
    publicUrl: `https://localhost:${port}`,
    trustedProxies: 'socket' in at ? [unixPeer] : ['127.0.0.1'],
    certificates: 'socket' in at ? bind : { ...bind, proxySecret: secret },
  });
  t.after(() => rig[Symbol.asyncDispose]());
  const listener = await listen(rig.app.fetch, { host: '127.0.0.1', port: 0, ...at });
  t.after(() => listener.close(0));
  return { rig, port };
}

async function open(
  front: Front,
  link: string,
  certificate: Asked['certificate'] | undefined,
  headers: Asked['headers'] = {},
): Promise<string> {
  const { status, body } = await front.ask('/login/api/open', {
    method: 'POST',
    body: JSON.stringify({ link }),
    headers: { 'content-type': 'application/json', origin: front.origin, ...headers },
    ...(certificate === undefined ? {} : { certificate }),
  });
  return `${status} ${body.startsWith('{') ? (JSON.parse(body).code ?? 'ok') : 'nginx'}`;
}

const person = (name: string, days = 1) => ({
  commonName: name,
  subjectAltName: `email:${name}@example.com`,
  days,
});

test('over the Unix socket, a link is its person’s by certificate', needsNginx, async (t) => {
  const socket = await socketPath(t);
  const { rig, port } = await startLogin(t, { socket });
  const front = await startNginx(t, { upstream: `unix:${socket}`, port, withClientCa: true });
  const { issue } = front.authority;
  const { link } = await issueLink(rig.rig.sessions);
  const alice = issue(person('alice'));
  const forged = {
    'x-ssl-client-verify': 'SUCCESS',
    'x-ssl-client-cert': encodeURIComponent(alice.cert),
    'x-proxy-secret': secret,
  };

  // nginx itself refuses these.
  assert.equal(await open(front, link, undefined, forged), '400 nginx');
  assert.equal(await open(front, link, makeAuthority('another ca').issue(person('alice'))), '400 nginx');
  assert.equal(await open(front, link, issue(person('alice', -1)), forged), '400 nginx');

  assert.equal(await open(front, link, issue(person('bob')), forged), '403 certificate-mismatch');
  assert.equal(await open(front, `${link.slice(0, -2)}AA`, issue(person('bob'))), '404 link-unknown');
  assert.equal(await open(front, link, alice), '200 ok');
  assert.deepEqual(
    rig.rig.audit.codes.filter((code) => !code.startsWith('link.issued')),
    ['login.refused certificate-mismatch', 'link.refused link-unknown', 'link.opened ok'],
  );
  const logs = await front.logs();
  assert.match(logs, /"certificate":"SUCCESS"/);
  assert.doesNotMatch(logs, /BEGIN|example\.com/);
});

test('over TCP, only with the secret of the proxy and the bot', needsNginx, async (t) => {
  const inner = await freePort();
  const { rig, port } = await startLogin(t, { port: inner });
  const upstream = `127.0.0.1:${inner}`;
  const [right, wrong, none] = await Promise.all([
    startNginx(t, { upstream, port, withClientCa: true, proxySecret: secret }),
    startNginx(t, { upstream, withClientCa: true, proxySecret: `another-${secret}` }),
    startNginx(t, { upstream, withClientCa: true }),
  ]);
  const alice = right.authority.issue(person('alice'));
  const { link } = await issueLink(rig.rig.sessions);
  const headers = { origin: right.origin, 'x-proxy-secret': secret };
  assert.equal(await open(wrong, link, alice, headers), '403 certificate-required');
  assert.equal(await open(none, link, alice, headers), '403 certificate-required');

  // A process of the same machine, past nginx: it has the proxy's address, and says what the proxy would.
  const direct = await fetch(`http://${upstream}/login/api/open`, {
    method: 'POST',
    body: JSON.stringify({ link }),
    headers: {
      'content-type': 'application/json',
      origin: right.origin,
      'x-forwarded-proto': 'https',
      'x-ssl-client-verify': 'SUCCESS',
      'x-ssl-client-cert': encodeURIComponent(alice.cert),
    },
  });
  assert.deepEqual([direct.status, (await direct.json()).code], [403, 'certificate-required']);

  assert.equal(await open(right, link, right.authority.issue(person('bob'))), '403 certificate-mismatch');
  assert.equal(await open(right, link, alice), '200 ok');
  assert.equal((await right.logs()).includes(secret), false);
});
