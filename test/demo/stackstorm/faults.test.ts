import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import {
  createEmbeddedStackStorm,
  demoBot,
  type EmbeddedStackStorm,
  type Listening,
} from '../../../src/demo/stackstorm/stackstorm.ts';

let stackstorm: EmbeddedStackStorm;
let listening: Listening;

beforeEach(async () => {
  stackstorm = createEmbeddedStackStorm({ pace: { scheduledAfter: null, runningAfter: 0, runs: 0 } });
  listening = await stackstorm.listen();
});
afterEach(async () => {
  await listening.close();
});

const headers = { 'st2-api-key': demoBot.apiKey, 'content-type': 'application/json' };
const user = (): Promise<Response> => fetch(`${listening.url}/api/v1/user`, { headers });
const runHello = (signal?: AbortSignal): Promise<Response> =>
  fetch(`${listening.url}/api/v1/aliasexecution`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      name: 'hello',
      format: 'hello',
      command: 'hello',
      user: 'U1',
      source_channel: 'C1',
    }),
    ...(signal === undefined ? {} : { signal }),
  });
const login = (name: string, password: string, body = '{}'): Promise<Response> =>
  fetch(`${listening.url}/auth/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${name}:${password}`)}`, 'content-type': 'application/json' },
    body,
  });
const stream = (): Promise<Response> => fetch(`${listening.url}/stream/v1/stream`, { headers });

test('a fault strikes as often as it is told to, and where', async () => {
  stackstorm.state.faults.add({ inject: { kind: 'html' }, service: 'api', path: '/user', times: 1 });
  assert.equal(
    (await fetch(`${listening.url}/api/v1/rules`, { headers })).headers.get('content-type'),
    'application/json',
  );
  const struck = await user();
  assert.equal(struck.status, 200);
  assert.match(struck.headers.get('content-type') ?? '', /^text\/html/);
  assert.equal((await user()).headers.get('content-type'), 'application/json');
});

test('done, then 500: the execution runs and nobody was told its id', async () => {
  stackstorm.state.faults.add({ inject: { kind: 'done-then-500' }, path: '/aliasexecution' });
  const response = await runHello();
  assert.equal(response.status, 500);
  assert.deepEqual(await response.json(), { faultstring: 'Internal Server Error' });
  assert.equal(stackstorm.state.executions.all.length, 1);
});

test('done, then the connection is cut', async () => {
  stackstorm.state.faults.add({ inject: { kind: 'done-then-cut' }, path: '/aliasexecution' });
  await assert.rejects(runHello(), TypeError);
  assert.equal(stackstorm.state.executions.all.length, 1);
});

test('done, and no answer ever; and no answer at all', async () => {
  const seen = new Promise<void>((resolve) => {
    stackstorm.state.bus.subscribe(() => resolve());
  });
  const off = stackstorm.state.faults.add({ inject: { kind: 'done-then-hang' }, path: '/aliasexecution' });
  const abort = new AbortController();
  const answer = runHello(abort.signal);
  await seen;
  abort.abort();
  await assert.rejects(answer, { name: 'AbortError' });
  off();
  assert.equal((await runHello()).status, 201);
});

test('the connection is cut and nothing is done', async () => {
  stackstorm.state.faults.add({ inject: { kind: 'cut' } });
  await assert.rejects(runHello(), TypeError);
  assert.equal(stackstorm.state.executions.all.length, 0);
});

test('200 with a faultstring, and any other answer', async () => {
  stackstorm.state.faults.add({ inject: { kind: 'faultstring-200', faultstring: 'no' }, times: 1 });
  stackstorm.state.faults.add({
    inject: { kind: 'answer', status: 502, body: 'bad gateway', contentType: 'text/html' },
  });
  const first = await user();
  assert.deepEqual([first.status, await first.json()], [200, { faultstring: 'no' }]);
  const second = await user();
  assert.deepEqual([second.status, await second.text()], [502, 'bad gateway']);
});

test('a slow answer is given up by the client without harm', async () => {
  const client = new AbortController();
  // Given up when the fault strikes, not after a time: on a slow machine the request might not have come by then.
  const inject = {
    kind: 'slow' as const,
    get ms() {
      client.abort();
      return 3_600_000;
    },
  };
  stackstorm.state.faults.add({ inject, times: 1 });
  await assert.rejects(fetch(`${listening.url}/api/v1/user`, { headers, signal: client.signal }));
  assert.equal((await user()).status, 200);
});

test('nginx with its backend down answers the stream 200 with 13 bytes of two content types', async () => {
  stackstorm.state.faults.add({ inject: { kind: 'backend-down' } });
  const answer = await stream();
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'application/octet-stream, text/event-stream');
  assert.equal(await answer.text(), 'retry: 1000\n\n');
  assert.equal((await user()).status, 503);
});

test('the two content types are two lines on the wire', async () => {
  stackstorm.state.faults.add({ inject: { kind: 'backend-down' } });
  const { hostname, port } = new URL(listening.url);
  const socket = connect(Number(port), hostname);
  socket.end('GET /stream/v1/stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += String(chunk);
  assert.match(text, /content-type: application\/octet-stream\r\ncontent-type: text\/event-stream\r\n/i);
});

test('st2auth in proxy mode takes any password, and a long token is refused, not shortened', async () => {
  assert.equal((await login('nobody', 'x')).status, 401);
  stackstorm.state.proxyMode = true;
  assert.equal((await login('nobody', 'x')).status, 201);
  stackstorm.state.maxTokenTtl = 600;
  const refused = await login('alice', 'alice', '{"ttl":601}');
  assert.equal(refused.status, 400);
  assert.deepEqual(await refused.json(), {
    faultstring: 'TTL specified 601 is greater than max allowed 600.',
  });
});

test('open streams end, are cut, and are no longer counted', async () => {
  const direct = await stackstorm.listen({ app: 'stream' });
  for (const stop of [() => stackstorm.state.endStreams(), () => stackstorm.state.cutStreams()]) {
    const open = await fetch(`${direct.url}/v1/stream`, { headers });
    const reader = open.body?.getReader();
    await reader?.read();
    assert.equal(stackstorm.state.streamCount, 1);
    const rest = reader?.read();
    stop();
    if (stop.toString().includes('end')) assert.equal((await rest)?.done, true);
    else await assert.rejects(rest ?? Promise.resolve(), TypeError);
    assert.equal(stackstorm.state.streamCount, 0);
  }
  await direct.close();
});

test('a client that leaves ends its stream', async () => {
  const abort = new AbortController();
  const open = await fetch(`${listening.url}/stream/v1/stream`, { headers, signal: abort.signal });
  await open.body?.getReader().read();
  assert.equal(stackstorm.state.streamCount, 1);
  const left = stackstorm.state.nextStreamEnd();
  abort.abort();
  await left;
  assert.equal(stackstorm.state.streamCount, 0);
});

test('the tokens of a user can be made to expire', async () => {
  const token: unknown = Reflect.get(Object(await (await login('alice', 'alice')).json()), 'token');
  const as = { 'x-auth-token': String(token) };
  assert.equal((await fetch(`${listening.url}/api/v1/user`, { headers: as })).status, 200);
  stackstorm.state.accounts.expireTokensOf('alice');
  const refused = await fetch(`${listening.url}/api/v1/user`, { headers: as });
  assert.deepEqual(await refused.json(), { faultstring: 'Unauthorized - Token has expired.' });
});
