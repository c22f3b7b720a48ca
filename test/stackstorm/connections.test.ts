import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createStackStorm, type StackStormOptions } from '../../src/stackstorm/client.ts';
import type { AliasExecutionRequest } from '../../src/stackstorm/stackstorm.ts';
import { makeCertificates } from '../support/certificates.ts';
import { startForwardProxy } from '../support/forward-proxy.ts';
import { json, type Script, startRaw, startScripted } from '../support/scripted-server.ts';
import { everythingOf, stackStormError } from '../support/stackstorm-error.ts';

const credential = { kind: 'token', token: 'f00dfeedf00dfeedf00dfeedf00dfeed' } as const;
const own = makeCertificates();
const user: Script = ({ path }, response) => {
  if (path.endsWith('/stream')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('\nevent: st2.n\ndata: 1\n\n');
  } else json(response, 200, { username: 'alice', authentication: {} });
};
const run: AliasExecutionRequest = {
  name: 'a',
  format: 'a',
  command: 'a',
  user: 'U1',
  source_channel: 'C1',
  source_context: {},
  notification_route: 'errbot',
};

/** One call and one stream; gives back what the call answered. */
async function reach(options: StackStormOptions): Promise<string> {
  const stackstorm = createStackStorm(options);
  try {
    const { username } = await stackstorm.user(credential);
    let events = 0;
    const signal = new AbortController().signal;
    for await (const _event of stackstorm.stream(credential, { events: ['st2.n'], signal, idleMs: 5_000 })) {
      events += 1;
    }
    assert.equal(events, 1);
    return username;
  } finally {
    await stackstorm.close();
  }
}

async function refused(options: StackStormOptions) {
  const stackstorm = createStackStorm(options);
  const error = await stackStormError(stackstorm.runAlias(credential, run));
  await stackstorm.close();
  assert.ok(!everythingOf(error).includes(credential.token));
  return error;
}

describe('TLS to StackStorm', () => {
  it('a certificate of our own authority is good with its CA file, and refused without it', async () => {
    await using server = await startScripted(user, own);
    assert.equal(await reach({ url: server.url, ca: own.ca }), 'alice');
    const error = await refused({ url: server.url });
    assert.equal(error.code, 'unreachable');
    assert.equal(error.mayHaveHappened, false);
    assert.match(String(error.cause), /certificate/);
    assert.equal(server.heard.length, 2, 'nothing was sent to the one that is not trusted');
  });

  it('another authority, another name: refused, and the reason says so', async () => {
    await using server = await startScripted(user, own);
    assert.equal((await refused({ url: server.url, ca: makeCertificates().ca })).code, 'unreachable');
    const named = makeCertificates('DNS:st2.example');
    await using other = await startScripted(user, named);
    assert.match(String((await refused({ url: other.url, ca: named.ca })).cause), /altnames/);
  });

  it('allowInsecureTls takes any', async () => {
    await using server = await startScripted(user, own);
    assert.equal(await reach({ url: server.url, allowInsecureTls: true }), 'alice');
  });

  it('a port that speaks no TLS is unreachable', async () => {
    await using server = await startRaw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const error = await refused({ url: server.url.replace('http:', 'https:'), timeoutMs: 1_000 });
    assert.equal(error.mayHaveHappened, false);
  });
});

describe('proxies', () => {
  it('https goes through HTTPS_PROXY by CONNECT, the certificate checked through the tunnel', async () => {
    await using server = await startScripted(user, own);
    await using proxy = await startForwardProxy();
    const options = { url: server.url, httpsProxy: proxy.url };
    assert.equal(await reach({ ...options, ca: own.ca }), 'alice');
    assert.deepEqual(new Set(proxy.asked), new Set([`CONNECT 127.0.0.1:${server.port}`]));
    const error = await refused(options);
    assert.equal(error.code, 'unreachable');
    assert.equal(error.mayHaveHappened, false);
    assert.equal(await reach({ ...options, allowInsecureTls: true }), 'alice');
  });

  it('http goes through HTTP_PROXY in absolute form, streams too, and not through HTTPS_PROXY', async () => {
    await using server = await startScripted(user);
    await using proxy = await startForwardProxy();
    assert.equal(await reach({ url: server.url, httpProxy: proxy.url }), 'alice');
    assert.deepEqual(proxy.asked, [
      `GET ${server.url}/api/v1/user`,
      `GET ${server.url}/stream/v1/stream?events=st2.n`,
    ]);
    proxy.asked.length = 0;
    assert.equal(await reach({ url: server.url, httpsProxy: proxy.url }), 'alice');
    assert.deepEqual(proxy.asked, []);
  });

  it('NO_PROXY names what is reached directly', async () => {
    await using server = await startScripted(user);
    await using secure = await startScripted(user, own);
    await using proxy = await startForwardProxy();
    const proxies = { httpProxy: proxy.url, httpsProxy: proxy.url, ca: own.ca };
    for (const noProxy of [
      '127.0.0.1',
      '*',
      `st2.example, 127.0.0.1:${server.port} 127.0.0.1:${secure.port}`,
    ]) {
      assert.equal(await reach({ url: server.url, ...proxies, noProxy }), 'alice');
      assert.equal(await reach({ url: secure.url, ...proxies, noProxy }), 'alice');
      assert.deepEqual(proxy.asked, [], noProxy);
    }
    assert.equal(await reach({ url: server.url, ...proxies, noProxy: '127.0.0.1:1,example.com' }), 'alice');
    assert.equal(proxy.asked.length, 2);
  });

  it('the environment is not read here', async () => {
    await using server = await startScripted(user);
    await using proxy = await startForwardProxy();
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = proxy.url;
    try {
      assert.equal(await reach({ url: server.url }), 'alice');
    } finally {
      names.forEach((name, at) => {
        const value = before[at];
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      });
    }
    assert.deepEqual(proxy.asked, []);
  });

  it('a proxy with a password gets it, and it is in no error', async () => {
    await using server = await startScripted(user);
    await using secure = await startScripted(user, own);
    await using proxy = await startForwardProxy('hunter2');
    const wrong = proxy.url.replace('hunter2', 'swordfish');
    for (const { url } of [server, secure]) {
      const proxies = { httpProxy: proxy.url, httpsProxy: proxy.url };
      assert.equal(await reach({ url, ca: own.ca, ...proxies }), 'alice');
      const error = await refused({ url, ca: own.ca, httpProxy: wrong, httpsProxy: wrong, timeoutMs: 2_000 });
      assert.equal(error.code, 'unreachable');
      assert.ok(!everythingOf(error).includes('swordfish'));
    }
    for (const { headers } of [...server.heard, ...secure.heard]) {
      assert.equal(headers['proxy-authorization'], undefined);
    }
  });

  it('a proxy without a scheme is an http one; what is no address is refused without repeating it', async () => {
    await using server = await startScripted(user);
    await using proxy = await startForwardProxy();
    const bare = proxy.url.replace('http://', '');
    assert.equal(await reach({ url: server.url, httpProxy: ` ${bare} ` }), 'alice');
    assert.equal(proxy.asked.length, 2);
    for (const httpsProxy of ['socks5://u:hunter2@127.0.0.1', 'http://u:hunter2@:1', 'ftp://u:hunter2@a']) {
      assert.throws(
        () => createStackStorm({ url: server.url, httpsProxy }),
        (error) => error instanceof TypeError && !everythingOf(error).includes('hunter2'),
      );
    }
  });

  it('a proxy that is down, or that cannot reach StackStorm, is unreachable', async () => {
    const gone = await startRaw(() => undefined);
    await gone.close();
    await using proxy = await startForwardProxy();
    for (const scheme of ['http', 'https']) {
      const url = gone.url.replace('http:', `${scheme}:`);
      const down = await refused({ url, httpProxy: gone.url, httpsProxy: gone.url, timeoutMs: 2_000 });
      assert.equal(down.code, 'unreachable');
      assert.equal(down.mayHaveHappened, false);
      const beyond = await refused({ url, httpProxy: proxy.url, httpsProxy: proxy.url, timeoutMs: 2_000 });
      assert.equal(beyond.code, 'unreachable');
    }
  });

  it('a proxy that never answers is timed-out, and nothing was sent to StackStorm', async () => {
    await using silent = await startRaw(() => undefined);
    const url = 'https://127.0.0.1:9';
    const error = await refused({ url, httpsProxy: silent.url, timeoutMs: 200 });
    assert.equal(error.code, 'timed-out');
    assert.equal(error.mayHaveHappened, false);
  });
});
