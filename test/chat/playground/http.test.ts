import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { openSqlite } from '../../../src/storage/sqlite.ts';
import { PlaygroundClient } from '../../support/playground-client.ts';
import { type PlaygroundServer, startPlayground } from '../../support/playground-server.ts';

type Context = { after(done: () => Promise<void>): void };

async function start(t: Context): Promise<PlaygroundServer> {
  const store = await openSqlite({ path: ':memory:' });
  const server = await startPlayground(t, store);
  t.after(() => store.close());
  return server;
}

function post(
  server: PlaygroundServer,
  body: unknown,
  headers: Record<string, string> = {},
  path = 'messages',
) {
  return fetch(`${server.url}/playground/api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** The status of a request whose Host is chosen freely (fetch does not let one). */
function statusWith(server: PlaygroundServer, headers: Record<string, string>, path = '/playground/') {
  return new Promise<number | undefined>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject);
    asked.end();
  });
}

const hello = { user: 'alice', channel: 'general', text: 'hello' };

test('what a person types is answered with 202 and its id, seen by all, and delivered once', async (t) => {
  const server = await start(t);
  const response = await post(server, hello);
  assert.equal(response.status, 202);
  const { id } = await response.json();
  const [line, ...more] = await new PlaygroundClient(server.url, 'bob').read('general');
  assert.equal(more.length, 0);
  assert.deepEqual(line, {
    id,
    ts: id,
    threadTs: null,
    from: 'alice',
    channel: 'general',
    text: 'hello',
    blocks: [],
    private: false,
    edited: false,
  });
  assert.deepEqual(await server.ear.heard(1), [
    {
      eventId: id,
      user: { platform: 'playground', workspace: 'demo', id: 'alice' },
      place: { platform: 'playground', workspace: 'demo', channel: 'general', kind: 'channel' },
      messageId: id,
      text: 'hello',
      addressed: 'prefix',
      isPrivate: false,
    },
  ]);
  assert.match(id, /^[A-Za-z0-9:._-]{1,64}$/);
});

test('a direct conversation is private to its person and the bot', async (t) => {
  const server = await start(t);
  await post(server, { ...hello, channel: 'dm', text: 'help' });
  const [heard] = await server.ear.heard(1);
  assert.equal(heard?.isPrivate, true);
  assert.equal(heard?.addressed, 'bot');
  assert.equal(heard?.place.kind, 'direct');
  assert.equal((await new PlaygroundClient(server.url, 'alice').read('dm')).length, 1);
  assert.equal((await new PlaygroundClient(server.url, 'bob').read('dm')).length, 0);
});

test('a mention of the bot addresses it, and is not part of the text', async (t) => {
  const server = await start(t);
  await post(server, { ...hello, text: '@bot help' });
  const [heard] = await server.ear.heard(1);
  assert.deepEqual([heard?.addressed, heard?.text], ['bot', 'help']);
});

test('a reply stands in the thread of its first message, also a reply to a reply', async (t) => {
  const server = await start(t);
  const alice = new PlaygroundClient(server.url, 'alice');
  const root = await alice.say('general', 'first');
  const reply = await alice.say('general', 'second', { threadTs: root });
  await alice.say('general', 'third', { threadTs: reply });
  const lines = await alice.read('general');
  assert.deepEqual(
    lines.map((line) => line.threadTs),
    [null, root, root],
  );
  const heard = await server.ear.heard(3);
  assert.equal(heard[2]?.place.thread, root);
  assert.equal((await post(server, { ...hello, threadTs: '0000000001.000001' })).status, 404);
});

test('one message with one id is stored once, delivered at each POST, and is one event', async (t) => {
  const server = await start(t);
  const first = await (await post(server, { ...hello, id: 'event-1' })).json();
  const second = await (await post(server, { ...hello, id: 'event-1' })).json();
  assert.deepEqual(first, second);
  const heard = await server.ear.heard(2);
  assert.deepEqual(
    heard.map((message) => message.eventId),
    ['event-1', 'event-1'],
  );
  assert.equal((await new PlaygroundClient(server.url, 'alice').read('general')).length, 1);
  assert.equal((await post(server, { ...hello, user: 'bob', id: 'event-1' })).status, 409);
});

test('a reader waits for the next message, for an edit, and no longer than it said', async (t) => {
  const server = await start(t);
  const read = async (query: string) => {
    const response = await fetch(`${server.url}/playground/api/messages?user=alice&channel=general&${query}`);
    assert.equal(response.status, 200);
    return response.json();
  };
  const place = { platform: 'playground', workspace: 'demo', channel: 'general', kind: 'channel' } as const;
  const ref = await server.playground.post(place, { text: 'working' }, 'key-1');

  const next = read(`after=${ref.id}&waitMs=10000`);
  await server.playground.post(place, { text: 'done' }, 'key-2');
  assert.deepEqual(
    (await next).messages.map((line: { text: string }) => line.text),
    ['done'],
  );

  const { cursor } = await read('');
  const change = read(`after=${cursor}&waitMs=10000`);
  await server.playground.edit(ref, { text: 'worked' });
  const [edited] = (await change).messages;
  assert.deepEqual([edited.id, edited.text, edited.edited], [ref.id, 'worked', true]);

  assert.deepEqual((await read('after=9999999999.000000&waitMs=30')).messages, []);
  const all = (await read('waitMs=0')).messages;
  assert.deepEqual((await read('after=0&waitMs=0')).messages, all);
  assert.deepEqual((await read('after=&waitMs=0')).messages, all);
});

test('waiting readers are let go when the playground stops, and nothing is taken any more', async (t) => {
  const server = await start(t);
  const waiting = fetch(`${server.url}/playground/api/messages?user=alice&waitMs=30000`);
  await server.playground.stop();
  assert.deepEqual((await (await waiting).json()).messages, []);
  assert.equal((await post(server, hello)).status, 503);
});

test('a press reaches the bot only for a button that is there, from somebody who sees it', async (t) => {
  const server = await start(t);
  const place = { platform: 'playground', workspace: 'demo', channel: 'general', kind: 'channel' } as const;
  const user = { platform: 'playground', workspace: 'demo', id: 'alice' };
  const buttons = [{ label: 'Stop', action: 'stop', value: '7' }];
  const ref = await server.playground.whisper(
    user,
    { text: 'stop it?', parts: [{ type: 'buttons', buttons }] },
    { key: 'w', near: place },
  );
  const press = { user: 'alice', messageId: ref.id, action: 'stop', value: '7' };
  assert.equal((await post(server, { ...press, user: 'bob' }, {}, 'actions')).status, 404);
  assert.equal((await post(server, { ...press, value: '8' }, {}, 'actions')).status, 404);
  assert.equal(server.ear.actions.length, 0);
  const answer = await post(server, press, {}, 'actions');
  assert.equal(answer.status, 202);
  const { id } = await answer.json();
  assert.deepEqual(server.ear.actions, [
    { eventId: id, user, place, messageId: ref.id, action: 'stop', value: '7' },
  ]);
});

test('bad input is refused with a problem and reaches nobody', async (t) => {
  const server = await start(t);
  const statuses = [
    await post(server, 'no json'),
    await post(server, ''),
    await post(server, 'null'),
    await post(server, { ...hello, user: 'mallory' }),
    await post(server, { ...hello, channel: 'dm-bob' }),
    await post(server, { ...hello, text: '' }),
    await post(server, { ...hello, text: 7 }),
    await post(server, { ...hello, more: true }),
    await post(server, { ...hello, id: 'a b' }),
    await post(server, { ...hello, text: 'x'.repeat(70_000) }),
    await fetch(`${server.url}/playground/api/messages?user=mallory`),
    await fetch(`${server.url}/playground/api/messages?user=alice&after=x`),
    await fetch(`${server.url}/playground/api/messages?user=alice&waitMs=-1`),
    await fetch(`${server.url}/playground/nothing`),
    await fetch(`${server.url}/playground/assets/..%2f..%2fpackage.json`),
  ];
  assert.deepEqual(
    statuses.map((response) => response.status),
    [400, 400, 422, 422, 422, 422, 422, 422, 422, 413, 422, 422, 422, 404, 404],
  );
  for (const response of statuses) {
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    assert.equal((await response.json()).status, response.status);
  }
  assert.equal(server.ear.messages.length, 0);
});

test('a page on another origin, a rebound Host and a proxy in front are refused', async (t) => {
  const server = await start(t);
  const own = `127.0.0.1:${server.port}`;
  const refused = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `http://127.0.0.1:${server.port + 1}` },
    { origin: `http://localhost:${server.port}` },
    { origin: `https://${own}` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'application/jsonp' },
    { forwarded: 'for=10.0.0.1' },
    { 'x-forwarded-for': '10.0.0.1' },
    { 'x-forwarded-host': own },
    { 'x-forwarded-proto': 'https' },
    { 'x-forwarded-anything': '' },
  ];
  for (const headers of refused) {
    assert.equal((await post(server, hello, headers)).status, 403, JSON.stringify(headers));
  }
  const hosts = [
    'evil.example',
    `evil.example:${server.port}`,
    '127.0.0.1',
    `127.0.0.1:${server.port + 1}`,
    `127.0.0.1.evil.example:${server.port}`,
    `localhost.evil.example:${server.port}`,
    `10.0.0.1:${server.port}`,
  ];
  for (const host of hosts) {
    assert.equal(await statusWith(server, { host }), 403, host);
    assert.equal(await statusWith(server, { host }, '/playground/api/messages?user=alice'), 403, host);
  }
  assert.equal(await statusWith(server, { host: own, 'x-forwarded-for': '10.0.0.1' }), 403);
  assert.equal(
    await statusWith(
      server,
      { host: own, 'sec-fetch-site': 'cross-site' },
      '/playground/api/messages?user=alice',
    ),
    403,
  );
  assert.equal(server.ear.messages.length, 0);

  for (const host of [own, `localhost:${server.port}`, `LOCALHOST:${server.port}`, `[::1]:${server.port}`]) {
    assert.equal(await statusWith(server, { host }), 200, host);
  }
  const page = { origin: server.url, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' };
  assert.equal((await post(server, hello, page)).status, 202);
  assert.equal(
    (await post(server, hello, { 'content-type': 'application/json; charset=utf-8' })).status,
    202,
  );
});

test('the page and its files come with a strict CSP, are not stored, and name nothing elsewhere', async (t) => {
  const server = await start(t);
  const page = await fetch(`${server.url}/playground/`);
  const html = await page.text();
  const files = [...html.matchAll(/(?:src|href)="(?<file>[^"#]+)"/g)].map(
    (found) => found.groups?.['file'] ?? '',
  );
  assert.ok(files.length >= 4);
  for (const file of files) {
    const response = await fetch(new URL(file, page.url));
    assert.equal(response.status, 200, file);
    const csp = response.headers.get('content-security-policy') ?? '';
    assert.match(csp, /default-src 'none'/);
    assert.match(csp, /frame-ancestors 'none'/);
    assert.doesNotMatch(csp, /unsafe|https?:/);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  }
  assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|\bstyle=|\bon[a-z]+=|https?:/);
  const bare = await fetch(`${server.url}/playground`, { redirect: 'manual' });
  assert.deepEqual([bare.status, bare.headers.get('location')], [308, '/playground/']);
});
