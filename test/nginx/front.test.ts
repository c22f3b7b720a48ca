import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { Hono } from 'hono';
import { listen } from '../../src/ops/listen.ts';
import { type Front, needsNginx, serverName, socketPath, startNginx } from '../support/nginx.ts';

const forged = {
  'x-forwarded-for': '198.51.100.7',
  'x-forwarded-proto': 'gopher',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-port': '1',
  'x-real-ip': '198.51.100.7',
  forwarded: 'for=198.51.100.7;proto=https',
  'x-ssl-client-verify': 'SUCCESS',
  'x-ssl-client-cert': 'forged',
  x_forwarded_for: '198.51.100.7',
  'x-anything': 'else',
};

/** Answers what it was sent. */
function mirror(): Hono {
  return new Hono().all('*', async (c) =>
    c.json({ path: c.req.path, headers: c.req.header(), body: await c.req.text() }),
  );
}

/** Everything that comes on a connection until it is closed. */
async function untilClosed(socket: ReturnType<typeof connect>, sent: string): Promise<string> {
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(sent);
  await closed;
  return heard;
}

describe('what passes the TLS front', needsNginx, () => {
  let front: Front;
  let withSlack: Front;
  const closing: (() => Promise<void>)[] = [];
  const t = { after: (close: () => Promise<void>) => void closing.push(close) };

  before(async () => {
    const socket = await socketPath(t);
    const listener = await listen(mirror().fetch, { host: '', port: 0, socket });
    closing.push(() => listener.close(0));
    const upstream = `unix:${socket}`;
    [front, withSlack] = await Promise.all([
      startNginx(t, { upstream }),
      startNginx(t, { upstream, slack: true }),
    ]);
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  it('is of a request only what the bot needs; where it came from is said by the front alone', async () => {
    const headers = {
      ...forged,
      cookie: 'a=1',
      origin: front.origin,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/json',
      'x-slack-signature': 'v0=forged',
    };
    const answer = await front.ask('/login/api/open', { method: 'POST', headers, body: '{"link":"x"}' });
    assert.equal(answer.status, 200);
    assert.deepEqual(JSON.parse(answer.body), {
      path: '/login/api/open',
      headers: {
        host: serverName,
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'https',
        cookie: 'a=1',
        origin: front.origin,
        'sec-fetch-site': 'same-origin',
        'content-type': 'application/json',
        'content-length': '12',
      },
      body: '{"link":"x"}',
    });
  });

  it('is the login, and nothing else: no ops listener, no playground, no Slack unless it is on', async () => {
    const closed = [
      '/',
      '/healthz',
      '/readyz',
      '/metrics',
      '/playground/',
      '/playground/api/messages',
      '/slack/events',
    ];
    const odd = [
      '/login/api/other',
      '/login/api/open/',
      '/login/x',
      '/login/assets/../../package.json',
      '/LOGIN/',
    ];
    const climbing = [
      '/login/assets/..%2f..%2fpackage.json',
      '/login/assets/%2e%2e/index.html',
      '/login/assets/.x.js',
    ];
    for (const path of [
      ...closed,
      ...odd,
      ...climbing,
      '/login/../metrics',
      '/login/api/open/../../../metrics',
    ]) {
      const { status, body } = await front.ask(path);
      assert.deepEqual([path, status, JSON.parse(body).code], [path, 404, 'not-found']);
    }
    const other = await front.ask('/login/', { headers: { host: 'evil.example' } });
    assert.equal(other.status, 421);
  });

  it('is Slack, where it is on, with its own headers and larger bodies', async () => {
    const body = `{"pad":"${'x'.repeat(100_000)}"}`;
    const headers = {
      ...forged,
      'x-slack-signature': 'v0=s',
      'x-slack-request-timestamp': '1',
      'x-slack-retry-num': '2',
    };
    const answer = await withSlack.ask('/slack/events', { method: 'POST', headers, body });
    assert.equal(answer.status, 200);
    const seen = JSON.parse(answer.body);
    assert.equal(seen.body, body);
    assert.deepEqual(seen.headers, {
      ...{ host: serverName, 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' },
      ...{ 'x-slack-signature': 'v0=s', 'x-slack-request-timestamp': '1', 'x-slack-retry-num': '2' },
      'content-length': String(body.length),
    });
    for (const path of [
      '/slack/install',
      '/slack/install/start',
      '/slack/oauth_redirect?code=c',
      '/slack/assets/login.css',
    ])
      assert.equal((await withSlack.ask(path)).status, 200, path);
    for (const path of ['/slack/', '/slack/other', '/metrics'])
      assert.equal((await withSlack.ask(path)).status, 404, path);
  });

  it('is no body over 8 KiB', async () => {
    const fits = await front.ask('/login/api/open', { method: 'POST', body: 'x'.repeat(8_192) });
    assert.equal(fits.status, 200);
    const answer = await front.ask('/login/api/open', { method: 'POST', body: 'x'.repeat(8_193) });
    assert.equal(answer.status, 413);
    assert.equal(JSON.parse(answer.body).code, 'body-too-large');
    assert.equal(answer.headers['content-type'], 'application/problem+json');
  });

  it('is no plain HTTP: nothing is answered, least of all a redirect', async () => {
    const request = `GET /login/ HTTP/1.1\r\nHost: ${serverName}\r\n\r\n`;
    for (const port of [front.plainPort, front.port]) {
      assert.equal(await untilClosed(connect(port, '127.0.0.1'), request), '', `port ${port}`);
    }
  });

  it('leaves no query, cookie, referrer, body or unknown path in the logs', async () => {
    const secrets = [
      'query-secret',
      'cookie-secret',
      'referrer-secret',
      'body-secret',
      'path-secret',
      'agent-secret',
    ];
    const headers = {
      cookie: 'a=cookie-secret',
      referer: 'https://x/?referrer-secret',
      'user-agent': 'agent-secret',
    };
    for (const some of [front, withSlack]) {
      for (const path of [
        '/login/?query-secret',
        '/login/path-secret',
        '/slack/oauth_redirect?code=query-secret',
      ]) {
        await some.ask(path, { headers });
      }
      const body = `body-secret${'x'.repeat(9_000)}`;
      await some.ask('/login/api/open?query-secret', { method: 'POST', headers, body });
      // nginx writes a request's line after its answer has gone, and before it turns to the next.
      await some.ask('/login/');
      const logs = await some.logs();
      assert.match(logs, /"method":"GET","path":"\/login\/","status":200/);
      assert.match(logs, /"method":"POST","path":"\/login\/api\/open","status":413/);
      for (const secret of secrets) assert.doesNotMatch(logs, new RegExp(secret));
    }
  });
});

describe('the TLS front against too much and too slow', needsNginx, () => {
  it('bounds how often one client asks', async (t) => {
    const socket = await socketPath(t);
    const listener = await listen(mirror().fetch, { host: '', port: 0, socket });
    t.after(() => listener.close(0));
    const front = await startNginx(t, { upstream: `unix:${socket}` });
    const asked = Array.from({ length: 30 }, () =>
      front.ask('/login/api/open', { method: 'POST', body: '{}' }),
    );
    const answers = await Promise.all(asked);
    const limited = answers.filter(({ status }) => status === 429);
    assert.ok(limited.length > 0 && limited.length < 15, `${limited.length} of 30 were refused`);
    for (const { headers, body } of limited) {
      assert.equal(headers['retry-after'], '10');
      assert.equal(JSON.parse(body).code, 'too-many-requests');
    }
    assert.equal((await front.ask('/login/')).status, 200, 'the page has a limit of its own');
  });

  it('cuts clients that send no handshake, no header, or no body', async (t) => {
    const hurried = (config: string) => {
      assert.match(config, /client_header_timeout 10s;\s+client_body_timeout 10s;\s+send_timeout 10s;/);
      return config.replaceAll(/(client_(?:header|body)_timeout) 10s;/g, '$1 150ms;');
    };
    const front = await startNginx(t, { upstream: 'unix:/nowhere', change: hurried });
    const { ca } = front.authority;
    const tls = async () => {
      const socket = connectTls({ host: '127.0.0.1', port: front.port, servername: serverName, ca });
      await once(socket, 'secureConnect');
      return socket;
    };
    assert.equal(await untilClosed(connect(front.port, '127.0.0.1'), ''), '');
    assert.equal(await untilClosed(await tls(), 'GET /login/ HT'), '');
    const begun = `POST /login/api/open HTTP/1.1\r\nHost: ${serverName}\r\nContent-Length: 100\r\n\r\n{`;
    assert.doesNotMatch(await untilClosed(await tls(), begun), /^HTTP\/1\.1 [^4]/);
  });

  it('says so in the bot’s words where the bot is away', async (t) => {
    const front = await startNginx(t, { upstream: 'unix:/nowhere' });
    const answer = await front.ask('/login/api/open', { method: 'POST', body: '{}' });
    assert.equal(answer.status, 500);
    assert.equal(JSON.parse(answer.body).code, 'internal-error');
    assert.equal((await front.ask('/login/')).status, 200);
  });
});
