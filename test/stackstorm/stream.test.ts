import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it } from 'node:test';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { StackStormError } from '../../src/stackstorm/errors.ts';
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
import { needsShared, readSharedText } from '../support/shared.ts';

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
