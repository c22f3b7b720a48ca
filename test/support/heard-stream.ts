import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { StackStormError } from '../../src/stackstorm/errors.ts';
import type { StreamEvent } from '../../src/stackstorm/stackstorm.ts';
import { startRaw } from './scripted-server.ts';
import { readSharedText } from './shared.ts';
import { everythingOf } from './stackstorm-error.ts';

export const credential = { kind: 'token', token: 'f00dfeedf00dfeedf00dfeedf00dfeed' } as const;
export const chunkedHead =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=UTF-8\r\nCache-Control: no-cache\r\n' +
  `Set-Cookie: auth-token=${credential.token}; secure\r\nTransfer-Encoding: chunked\r\n\r\n`;
/** As through nginx: delimited by the connection's end. */
export const plainHead = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n\n';

interface Heard {
  events: StreamEvent[];
  malformed: string[];
  opened: number;
  error: StackStormError | undefined;
  head: string;
}

/** Reads one connection to its end; the script gets the socket and what has been heard so far. */
export async function hear(
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
export function captured(name: string): { head: string; body: string } {
  const text = readSharedText(`stackstorm/wire/${name}.raw.txt`);
  const [, head = '', body = ''] = /^.*?\r\n\r\n(.*?\r\n\r\n)(.*)$/s.exec(text) ?? [];
  return { head, body };
}

export const frame = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
export const chunk = (bytes: Buffer | string) => {
  const buffer = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${buffer.length.toString(16)}\r\n`), buffer, Buffer.from('\r\n')]);
};
export const lastChunk = '0\r\n\r\n';
