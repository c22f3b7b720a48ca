import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { createBotCredential } from '../../src/stackstorm/bot-credential.ts';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { createStreamReader, type StreamReaderOptions } from '../../src/stackstorm/stream-reader.ts';
import { json, type Script, startScripted } from '../support/scripted-server.ts';

const frame = (n: number) => `event: st2.n\ndata: ${n}\n\n`;

/** Opens a stream: StackStorm's head and its first byte. */
function open(response: ServerResponse, text = ''): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=UTF-8' });
  response.write(`\n${text}`);
}

/**
 * A reader of a scripted StackStorm whose pauses are written down and take no time; `script` gets the number of the
 * connection, from 1, as `heard.connection`.
 */
async function reading(
  script: (connection: number, response: ServerResponse) => void,
  options: Partial<StreamReaderOptions> = {},
) {
  const happened: string[] = [];
  const news = new EventEmitter();
  const logs: string[] = [];
  const happen = (what: string) => {
    happened.push(what);
    news.emit(what);
  };
  let connections = 0;
  let tokens = 0;
  const tell: Script = (request, response) => {
    if (request.path.endsWith('/tokens')) {
      tokens += 1;
      json(response, 201, { user: 'bot', token: `t${tokens}`, expiry: 'x' });
    } else script(++connections, response);
  };
  const server = await startScripted(tell);
  const stackstorm = createStackStorm({ url: server.url, timeoutMs: 2_000 });
  const source = { kind: 'password', username: 'bot', password: 'hunter2' } as const;
  const reader = createStreamReader({
    stackstorm,
    botCredential: createBotCredential({ stackstorm, source }),
    events: ['st2.n'],
    idleMs: 5_000,
    random: () => 1,
    backoff: { minMs: 100, maxMs: 1_000 },
    onEvent: ({ data }) => happen(`event ${data}`),
    onConnected: (again) => happen(again ? 'connected again' : 'connected'),
    onDisconnected: () => happen('disconnected'),
    wait: async (ms) => {
      happen(`wait ${ms}`);
      await new Promise(setImmediate);
    },
    logger: pino(
      { level: 'trace' },
      new Writable({
        write(chunk, _encoding, done) {
          logs.push(String(chunk));
          done();
        },
      }),
    ),
    ...options,
  });
  return {
    reader,
    server,
    happened,
    news,
    logs,
    tokens: () => tokens,
    async [Symbol.asyncDispose]() {
      await reader.stop();
      await stackstorm.close();
      await server.close();
    },
  };
}

describe('the stream reader', () => {
  it('connects again at once after a close, and says so each time', async () => {
    await using given = await reading((connection, response) => {
      open(response, frame(connection));
      if (connection < 2) response.end();
    });
    const last = once(given.news, 'event 2');
    given.reader.start();
    given.reader.start();
    await last;
    assert.equal(given.reader.connected, true);
    await given.reader.stop();
    assert.equal(given.reader.connected, false);
    assert.deepEqual(given.happened, [
      'connected',
      'event 1',
      'disconnected',
      'wait 0',
      'connected again',
      'event 2',
      'disconnected',
    ]);
  });

  it('closes that follow one another are slowed down, up to the longest pause', async () => {
    await using given = await reading((connection, response) => {
      open(response);
      if (connection < 8) response.end();
      else response.write(frame(8));
    });
    const last = once(given.news, 'event 8');
    given.reader.start();
    await last;
    const pauses = given.happened.filter((what) => what.startsWith('wait'));
    assert.deepEqual(pauses, [
      'wait 0',
      'wait 200',
      'wait 400',
      'wait 800',
      'wait 1000',
      'wait 1000',
      'wait 1000',
    ]);
  });

  it('backs off with jitter after faults, and starts anew after a connection that lasted', async () => {
    let clock = 0;
    const rolls = [0, 0.5, 1, 0, 0];
    await using given = await reading(
      (connection, response) => {
        if (connection <= 3) response.writeHead(502).end('<html>');
        else if (connection === 4) {
          open(response);
          clock += 10_000;
          setImmediate(() => response.socket?.resetAndDestroy());
        } else open(response, frame(5));
      },
      { now: () => clock, random: () => rolls.shift() ?? 0 },
    );
    const last = once(given.news, 'event 5');
    given.reader.start();
    await last;
    assert.deepEqual(given.happened, [
      'wait 50',
      'wait 150',
      'wait 400',
      'connected',
      'disconnected',
      'wait 50',
      'connected again',
      'event 5',
    ]);
  });

  it('a 401 renews the bot credential and connects at once', async () => {
    await using given = await reading((connection, response) => {
      if (connection === 1) json(response, 401, { faultstring: 'Unauthorized - Token has expired.' });
      else open(response, frame(2));
    });
    const last = once(given.news, 'event 2');
    given.reader.start();
    await last;
    assert.equal(given.tokens(), 2);
    assert.deepEqual(given.happened, ['connected', 'event 2']);
  });

  it('a listener that throws harms nobody', async () => {
    await using given = await reading((_connection, response) => open(response, frame(1) + frame(2)), {
      onConnected: () => {
        throw new Error('listener');
      },
      onEvent: ({ data }) => {
        if (data === 1) throw new Error('listener');
        given.news.emit('second');
      },
    });
    const second = once(given.news, 'second');
    given.reader.start();
    await second;
    assert.equal(given.reader.connected, true);
    assert.equal(given.logs.filter((line) => line.includes('failed')).length, 2);
  });

  it('stops in a pause, while it connects, and before it began', async () => {
    await using paused = await reading((_connection, response) => response.writeHead(503).end(), {
      wait: (_ms, signal) =>
        new Promise((_resolve, reject) => {
          paused.news.emit('paused');
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    });
    const inPause = once(paused.news, 'paused');
    paused.reader.start();
    await inPause;
    await paused.reader.stop();

    await using connecting = await reading(() => connecting.news.emit('asked'));
    const asked = once(connecting.news, 'asked');
    connecting.reader.start();
    await asked;
    await connecting.reader.stop();
    assert.deepEqual(connecting.happened, []);

    await using never = await reading((_connection, response) => open(response));
    await never.reader.stop();
    assert.deepEqual(never.happened, []);
  });

  it('logs no token, no faultstring, nothing of a frame', async () => {
    await using given = await reading((connection, response) => {
      if (connection === 1) json(response, 403, { faultstring: 'secret-faultstring' });
      else if (connection === 2) open(response, 'event: st2.n\ndata: {secret-frame\n\n');
      if (connection === 2) response.end();
      if (connection === 3) open(response, frame(3));
    });
    const last = once(given.news, 'event 3');
    given.reader.start();
    await last;
    const logs = given.logs.join('');
    assert.match(logs, /forbidden/);
    assert.match(logs, /malformed/);
    assert.doesNotMatch(logs, /secret|hunter2|"t1"/);
  });
});
