import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it } from 'node:test';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { startRaw, startScripted } from '../support/scripted-server.ts';
import { stackStormError } from '../support/stackstorm-error.ts';
import { credential, failures, request } from '../support/stackstorm-failures.ts';

const apiKey = { kind: 'apiKey', apiKey: 'key' } as const;

describe('time and the network', () => {
  it('refused: nothing was sent', async () => {
    const server = await startRaw(() => undefined);
    await server.close();
    const { get, post } = await failures(server.url);
    assert.equal(get.code, 'unreachable');
    assert.match(String(get.cause), /ECONNREFUSED/);
    assert.equal(post.mayHaveHappened, false);
  });

  it('a name that is none: nothing was sent', async () => {
    const { get, post } = await failures('http://no-such-host.invalid');
    assert.equal(get.code, 'unreachable');
    assert.equal(post.mayHaveHappened, false);
  });

  it('closed or reset after the request was written: it may have happened', async () => {
    for (const how of ['end', 'reset'] as const) {
      await using server = await startRaw((socket) =>
        how === 'end' ? socket.end() : socket.resetAndDestroy(),
      );
      const { get, post } = await failures(server.url);
      assert.equal(get.code, 'unreachable');
      assert.equal(get.mayHaveHappened, false);
      assert.equal(post.mayHaveHappened, true);
    }
  });

  it('no answer, or one that trickles for ever, is timed-out', async () => {
    for (const start of ['', 'HTTP/1.1 201 Created\r\nContent-Length: 100000\r\n\r\n']) {
      await using server = await startRaw((socket) => {
        socket.write(start);
        const trickle = setInterval(() => socket.write(start === '' ? '' : 'x'), 10);
        socket.on('close', () => clearInterval(trickle));
      });
      const { get, post } = await failures(server.url, { timeoutMs: 100 });
      assert.equal(get.code, 'timed-out');
      assert.equal(get.mayHaveHappened, false);
      assert.equal(post.code, 'timed-out');
      assert.equal(post.mayHaveHappened, true);
    }
  });

  it('given up while waiting for a connection: nothing was sent, now or later', async () => {
    let heads = '';
    const arrivals = new EventEmitter();
    await using server = await startRaw((_socket, head) => {
      heads += head;
      arrivals.emit('head');
    });
    const stackstorm = createStackStorm({ url: server.url, connections: 1 });
    const stop = new AbortController();
    const arrived = once(arrivals, 'head');
    const first = stackStormError(stackstorm.user(credential, { signal: stop.signal }));
    await arrived;
    const impatient = new AbortController();
    const second = stackStormError(stackstorm.runAlias(credential, request, { signal: impatient.signal }));
    impatient.abort();
    assert.equal((await second).code, 'timed-out');
    assert.equal((await second).mayHaveHappened, false);
    stop.abort();
    assert.equal((await first).code, 'timed-out');
    const reconnected = once(arrivals, 'head');
    const third = stackStormError(stackstorm.user(apiKey, { signal: AbortSignal.timeout(2_000) }));
    await reconnected;
    await server.close();
    assert.equal((await third).code, 'unreachable');
    await stackstorm.close();
    assert.ok(!heads.includes('POST'));
  });

  it("the caller's signal ends a call, before and in the middle", async () => {
    const arrivals = new EventEmitter();
    await using server = await startScripted(() => arrivals.emit('request'));
    const stackstorm = createStackStorm({ url: server.url });
    const before = await stackStormError(
      stackstorm.runAlias(credential, request, { signal: AbortSignal.abort() }),
    );
    assert.equal(before.mayHaveHappened, false);
    assert.equal(server.heard.length, 0);
    const stop = new AbortController();
    const arrived = once(arrivals, 'request');
    const call = stackStormError(stackstorm.runAlias(credential, request, { signal: stop.signal }));
    await arrived;
    stop.abort();
    assert.equal((await call).mayHaveHappened, true);
    await stackstorm.close();
  });
});
