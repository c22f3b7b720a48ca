import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it } from 'node:test';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import type { StackStormError } from '../../src/stackstorm/errors.ts';
import {
  captured,
  chunk,
  chunkedHead,
  credential,
  frame,
  hear,
  lastChunk,
  plainHead,
} from '../support/heard-stream.ts';
import { startRaw } from '../support/scripted-server.ts';
import { needsShared } from '../support/shared.ts';

describe('the end of the stream', () => {
  it('a close is normal, a cut is a fault; what came before is given first', async () => {
    const one = frame('st2.one', 1);
    const closed = await hear((socket) => socket.end(plainHead + one));
    assert.equal(closed.error, undefined);
    assert.equal(closed.events.length, 1);
    const ended = await hear((socket) => socket.end(chunkedHead + chunk(one) + lastChunk));
    assert.equal(ended.error, undefined);
    assert.equal(ended.events.length, 1);
    const shutdown = await hear((socket) => socket.end(chunkedHead + chunk(one)));
    assert.equal(shutdown.error?.code, 'unreachable');
    assert.equal(shutdown.events.length, 1);
    const reset = await hear((socket, _heard, news) => {
      news.once('event', () => socket.resetAndDestroy());
      socket.write(chunkedHead + chunk(one));
    });
    assert.equal(reset.error?.code, 'unreachable');
    assert.equal(reset.events.length, 1);
  });

  it('silence longer than idleMs is a fault; a heartbeat is none', async () => {
    let beats = 0;
    const { error, opened } = await hear(
      (socket) => {
        socket.write(chunkedHead + chunk('\n').toString());
        const heart = setInterval(() => {
          beats += 1;
          if (beats < 6) socket.write(chunk('\n'));
          else clearInterval(heart);
        }, 100);
      },
      { idleMs: 450 },
    );
    assert.equal(error?.code, 'timed-out');
    assert.equal(opened, 1);
    assert.ok(beats >= 6, 'six heartbeats kept it open for longer than idleMs');
  });

  it('no answer in time is timed-out', async () => {
    const { error, opened } = await hear(() => undefined, { timeoutMs: 100 });
    assert.equal(error?.code, 'timed-out');
    assert.equal(opened, 0);
  });

  it('ends at once, and without a fault, when its signal aborts; the connection goes with it', async () => {
    const sockets = new EventEmitter();
    await using server = await startRaw((socket) => {
      socket.write(
        chunkedHead + chunk(frame('st2.one', 1)).toString() + chunk(frame('st2.two', 2)).toString(),
      );
      socket.on('close', () => sockets.emit('close'));
    });
    const stackstorm = createStackStorm({ url: server.url });
    const stop = new AbortController();
    const closed = once(sockets, 'close');
    const names: string[] = [];
    for await (const event of stackstorm.stream(credential, {
      events: ['x'],
      signal: stop.signal,
      idleMs: 60_000,
    })) {
      names.push(event.name);
      stop.abort();
    }
    await closed;
    assert.deepEqual(names, ['st2.one']);
    for await (const event of stackstorm.stream(credential, { events: [], signal: stop.signal, idleMs: 1 })) {
      assert.fail(event.name);
    }
    await stackstorm.close();
  });
});

describe('what is no stream', () => {
  const refusals: [string, string, StackStormError['code']][] = [
    [
      'nginx without its backend: 200, two content types, 13 bytes',
      'HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: application/octet-stream\r\nContent-Length: 13\r\nConnection: keep-alive\r\nContent-Type: text/event-stream\r\n\r\nretry: 1000\n\n',
      'unreachable',
    ],
    [
      'the same where nginx has no default type',
      'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 13\r\n\r\nretry: 1000\n\n',
      'unreachable',
    ],
    [
      'the same without a length',
      'HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Type: text/event-stream\r\n\r\nretry: 1000\n\n',
      'unreachable',
    ],
    ['HTML under a 200', 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>', 'unreachable'],
    ['no content type', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ndata: x\n\n', 'unreachable'],
    [
      'a 401',
      'HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{"faultstring":"Unauthorized"}',
      'unauthorized',
    ],
    [
      'a 403',
      'HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{"faultstring":"No stream_view"}',
      'forbidden',
    ],
    [
      'a 500',
      'HTTP/1.1 500 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{"faultstring":"Internal Server Error"}',
      'server-error',
    ],
    [
      'a page that does not end',
      `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n${'x'.repeat(200_000)}`,
      'unreachable',
    ],
  ];
  for (const [what, text, code] of refusals) {
    it(`${what} is ${code}, and never open`, async () => {
      const { error, opened, events } = await hear((socket) => {
        socket.write(text, () => (what.includes('not end') ? undefined : socket.end()));
      });
      assert.equal(error?.code, code);
      assert.equal(opened, 0);
      assert.deepEqual(events, []);
    });
  }

  it('the captures say the same', needsShared, async () => {
    const { head, body } = captured('nginx_backend_down_stream');
    const { error, opened } = await hear((socket) => socket.end(head + body));
    assert.equal(error?.code, 'unreachable');
    assert.equal(opened, 0);
  });
});
