import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { StackStormError } from '../../src/stackstorm/errors.ts';
import type { StreamEvent } from '../../src/stackstorm/stackstorm.ts';
import { startRaw } from '../support/scripted-server.ts';
import { needsShared, readSharedText } from '../support/shared.ts';
import { everythingOf } from '../support/stackstorm-error.ts';

const credential = { kind: 'token', token: 'f00dfeedf00dfeedf00dfeedf00dfeed' } as const;
const chunkedHead =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=UTF-8\r\nCache-Control: no-cache\r\n' +
  `Set-Cookie: auth-token=${credential.token}; secure\r\nTransfer-Encoding: chunked\r\n\r\n`;
/** As through nginx: delimited by the connection's end. */
const plainHead = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n\n';

interface Heard {
  events: StreamEvent[];
  malformed: string[];
  opened: number;
  error: StackStormError | undefined;
  head: string;
}

/** Reads one connection to its end; the script gets the socket and what has been heard so far. */
async function hear(
  script: (socket: Socket, heard: Heard, news: EventEmitter) => void,
  options: { idleMs?: number; maxFrameLength?: number; timeoutMs?: number } = {},
): Promise<Heard> {
  const heard: Heard = { events: [], malformed: [], opened: 0, error: undefined, head: '' };
  const news = new EventEmitter();
  await using server = await startRaw((socket, head) => {
    heard.head = head;
    script(socket, heard, news);
  });
  const stackstorm = createStackStorm({ url: server.url, ...options });
  try {
    const stream = stackstorm.stream(credential, {
      events: ['st2.announcement__errbot', 'st2.execution__*'],
      signal: new AbortController().signal,
      idleMs: options.idleMs ?? 5_000,
      onOpen() {
        heard.opened += 1;
        news.emit('open');
      },
      onMalformed: (reason) => heard.malformed.push(reason),
    });
    for await (const event of stream) {
      heard.events.push(event);
      news.emit('event');
    }
  } catch (error) {
    if (!(error instanceof StackStormError)) throw error;
    assert.ok(!everythingOf(error).includes(credential.token));
    heard.error = error;
  } finally {
    await stackstorm.close();
  }
  return heard;
}

/** The body of a capture, without its head and its framing. */
function captured(name: string): { head: string; body: string } {
  const text = readSharedText(`stackstorm/wire/${name}.raw.txt`);
  const [, head = '', body = ''] = /^.*?\r\n\r\n(.*?\r\n\r\n)(.*)$/s.exec(text) ?? [];
  return { head, body };
}

const frame = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const chunk = (bytes: Buffer | string) => {
  const buffer = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${buffer.length.toString(16)}\r\n`), buffer, Buffer.from('\r\n')]);
};
const lastChunk = '0\r\n\r\n';

describe('the stream', () => {
  it('asks for its events by name, as an event stream', async () => {
    const { head, error } = await hear((socket) => socket.end(chunkedHead + lastChunk));
    assert.equal(error, undefined);
    assert.match(
      head,
      /^GET \/stream\/v1\/stream\?events=st2\.announcement__errbot%2Cst2\.execution__\* HTTP\/1\.1\r\n/,
    );
    assert.match(head, /accept: text\/event-stream\r\n/i);
    assert.match(head, /x-auth-token: f00dfeed/i);
  });

  for (const name of [
    'stream_main',
    'stream_e2e_chatops_results',
    'nginx_stream',
    'stream_events_announcement_glob',
  ]) {
    it(`reads the capture ${name}, whole and byte by byte`, needsShared, async () => {
      const text = readSharedText(`stackstorm/wire/${name}.raw.txt`);
      const { head, body } = captured(name);
      const whole = await hear((socket) => {
        // Captures end where the client went away.
        socket.write(head + body, () => socket.end());
      });
      const frames = [...text.matchAll(/^event: (.+)$/gm)].map(([, event]) => event);
      assert.ok(frames.length > 0);
      assert.deepEqual(
        whole.events.map((event) => event.name),
        frames,
      );
      assert.deepEqual(whole.malformed, []);
      assert.equal(whole.opened, 1);

      if (Buffer.byteLength(body) > 3_000) return;
      const bytes = await hear((socket) => {
        const rest = Buffer.from(body);
        let at = 0;
        const next = () => {
          if (at >= rest.length) socket.end();
          else socket.write(rest.subarray(at, ++at), () => setImmediate(next));
        };
        socket.setNoDelay(true);
        socket.write(head, next);
      });
      assert.deepEqual(bytes.events, whole.events);
    });
  }

  it('puts together characters and line ends that are split between chunks', async () => {
    const text = `event: st2.announcement__errbot\r\ndata: {"payload":"grüße 🚀"}\r\n\r\n${frame('b', '日本')}`;
    const buffer = Buffer.from(text);
    for (let cut = 1; cut < buffer.length; cut += 1) {
      if (cut % 3 !== 0 && buffer[cut] !== 10 && (buffer[cut] ?? 0) < 128) continue;
      const { events, malformed } = await hear((socket) => {
        socket.setNoDelay(true);
        socket.write(chunkedHead);
        socket.write(chunk(buffer.subarray(0, cut)), () => {
          setImmediate(() => {
            socket.write(chunk(buffer.subarray(cut)));
            socket.end(lastChunk);
          });
        });
      });
      assert.deepEqual(events, [
        { name: 'st2.announcement__errbot', data: { payload: 'grüße 🚀' } },
        { name: 'b', data: '日本' },
      ]);
      assert.deepEqual(malformed, []);
    }
  });

  it('is open when StackStorm has subscribed us, which its first byte says', async () => {
    const { opened, error } = await hear((socket, heard, news) => {
      socket.write(chunkedHead, () => {
        setImmediate(() => {
          assert.equal(heard.opened, 0);
          news.once('open', () => socket.end(lastChunk));
          socket.write(chunk('\n'));
        });
      });
    });
    assert.equal(opened, 1);
    assert.equal(error, undefined);
  });

  it('is open after 2 s where something on the way holds the first byte back', async () => {
    const start = performance.now();
    const { opened } = await hear((socket, _heard, news) => {
      news.once('open', () => socket.end(lastChunk));
      socket.write(chunkedHead);
    });
    assert.equal(opened, 1);
    assert.ok(performance.now() - start > 1_900);
  });

  it('reports malformed frames and goes on', async () => {
    const text =
      'event: st2.a\ndata: {not json hunter2\n\n' +
      'data: {"no":"name"}\n\n' +
      'nonsense hunter2\n\n' +
      'event: st2.empty\n\n' +
      ': comment\n\n' +
      'retry: soon\n\n' +
      frame('st2.good', { n: 1 });
    const { events, malformed, error } = await hear((socket) =>
      socket.end(chunkedHead + chunk(text) + lastChunk),
    );
    assert.deepEqual(events, [{ name: 'st2.good', data: { n: 1 } }]);
    assert.deepEqual(malformed, [
      'st2.a: the data is not JSON',
      'a frame without an event name',
      'unknown-field',
      'invalid-retry',
    ]);
    assert.equal(error, undefined);
  });

  it('passes over a frame that is too long, wherever its end is cut, and reads the next', async () => {
    const long = `event: st2.long\ndata: "${'x'.repeat(300_000)}"`;
    for (const ends of [['\n\n'], ['\n', '\n'], ['\r\n\r\n'], ['\r', '\n', '\r', '\n'], ['\r\r']]) {
      const { events, malformed, error } = await hear(
        (socket) => {
          socket.setNoDelay(true);
          socket.write(chunkedHead + chunk(frame('st2.before', 1)).toString());
          socket.write(chunk(long));
          for (const end of ends) socket.write(chunk(end));
          socket.write(chunk(frame('st2.after', 2)));
          socket.end(lastChunk);
        },
        { maxFrameLength: 100_000 },
      );
      assert.deepEqual(
        events.map(({ name }) => name),
        ['st2.before', 'st2.after'],
        JSON.stringify(ends),
      );
      assert.deepEqual(malformed, ['a frame of more than 100000 characters']);
      assert.equal(error, undefined);
    }
  });

  it('passes over a frame that is too long by the line whose end is the last that came', async () => {
    const { events, malformed } = await hear(
      (socket) => {
        socket.write(chunkedHead + chunk(`event: st2.long\ndata: "${'x'.repeat(50)}`).toString());
        for (const piece of [`${'y'.repeat(60)}"\n`, '\n', frame('st2.after', 2)]) socket.write(chunk(piece));
        socket.end(lastChunk);
      },
      { maxFrameLength: 100 },
    );
    assert.deepEqual(events, [{ name: 'st2.after', data: 2 }]);
    assert.deepEqual(malformed, ['a frame of more than 100 characters']);
  });

  it('reads a frame of several megabytes that is within the limit', async () => {
    const big = 'y'.repeat(12 * 1024 * 1024);
    const { events } = await hear((socket) => {
      socket.write(chunkedHead);
      socket.write(chunk(frame('st2.big', big)));
      socket.end(lastChunk);
    });
    assert.equal(events.length, 1);
    assert.equal(events[0]?.data, big);
  });

  it('gives up a reader that is too slow, so that memory is bounded; what came is given first', async () => {
    const text = frame('st2.n', 'z'.repeat(1_000_000));
    const news = new EventEmitter();
    await using server = await startRaw((socket) => {
      socket.on('close', () => news.emit('cut'));
      socket.write(plainHead);
      for (let n = 0; n < 80; n += 1) socket.write(text);
    });
    const cut = once(news, 'cut');
    const stackstorm = createStackStorm({ url: server.url });
    let n = 0;
    await assert.rejects(
      async () => {
        const signal = new AbortController().signal;
        for await (const _event of stackstorm.stream(credential, { events: ['x'], signal, idleMs: 60_000 })) {
          n += 1;
          if (n === 1) await cut;
        }
      },
      (error) => error instanceof StackStormError && /bytes were not read/.test(String(error.cause)),
    );
    await stackstorm.close();
    assert.ok(n > 50 && n < 80, `${n} events`);
  });
});

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
        }, 60);
      },
      { idleMs: 150 },
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
