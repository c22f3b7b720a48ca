import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { App, LogLevel } from '@slack/bolt';
import { Hono } from 'hono';
import { pino } from 'pino';
import { z } from 'zod';
import { UnknownWorkspaceError } from '../../../src/chat/slack/installations.ts';
import { SlackReceiver } from '../../../src/chat/slack/receiver.ts';
import { listen } from '../../support/listen.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const signingSecret = 'b5f2a1c07d3e4f6a9b8c7d6e5f4a3b2c';
const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

interface Sent {
  readonly contentType?: string;
  /** Seconds from now. */
  readonly age?: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly secret?: string;
}

async function rig(t: TestContext, authorize?: () => Promise<{ botToken: string; botId: string }>) {
  const clock = new ManualClock();
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const receiver = new SlackReceiver(
    { clock, logger },
    { signingSecret, publicUrl: 'https://chatops.example.com' },
  );
  const app = new App({
    receiver,
    authorize: authorize ?? (async () => ({ botToken: 'xoxb-1', botId: 'B1', botUserId: 'U0BOT' })),
    logLevel: LogLevel.ERROR,
    logger: quiet(),
  });
  app.error(async (error) => {
    throw error;
  });
  const arrived: string[] = [];
  const hono = new Hono();
  hono.use(async (c, next) => {
    arrived.push(c.req.path);
    await next();
  });
  receiver.mount(hono);
  const server = await listen(hono);
  t.after(() => server.close());
  await app.start();
  const url = `${server.url}/slack/events`;
  const post = (
    body: string,
    { contentType = json, age = 0, headers = {}, secret = signingSecret }: Sent = {},
  ) => {
    const timestamp = String(Math.floor(clock.now() / 1000) - age);
    const given = {
      'content-type': contentType,
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': sign(secret, timestamp, body),
      ...headers,
    };
    const sent = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return fetch(url, { method: 'POST', body, headers: sent });
  };
  return { app, receiver, clock, post, url, arrived, lines };
}

function sign(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

function quiet() {
  const nothing = () => undefined;
  return {
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: nothing,
    setLevel: nothing,
    getLevel: () => LogLevel.ERROR,
    setName: nothing,
  };
}

function event(id: string, text = 'hello'): string {
  return JSON.stringify({
    type: 'event_callback',
    event_id: id,
    team_id: 'T024',
    api_app_id: 'A1',
    event: { type: 'message', channel: 'C1', user: 'U1', text, ts: '1.1', channel_type: 'channel' },
  });
}

function slash(command: string, trigger = '1.2.abc'): string {
  return new URLSearchParams({
    command,
    text: 'list vms',
    team_id: 'T024',
    user_id: 'U1',
    channel_id: 'C1',
    trigger_id: trigger,
    response_url: 'https://hooks.slack.com/x',
  }).toString();
}

function press(trigger = '1.3.def'): string {
  const payload = {
    type: 'block_actions',
    team: { id: 'T024' },
    user: { id: 'U1' },
    trigger_id: trigger,
    actions: [{ type: 'button', action_id: 'go', block_id: 'b', action_ts: '1', value: '' }],
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

async function problem(response: Response) {
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  return z.object({ code: z.string(), status: z.number() }).parse(await response.json());
}

test('an event that Slack signed reaches the listeners and is acknowledged', async (t) => {
  const { app, post, receiver } = await rig(t);
  const heard: string[] = [];
  app.message(async ({ message }) => {
    heard.push('text' in message ? (message.text ?? '') : '');
  });
  const response = await post(event('Ev1'));
  assert.equal(response.status, 200);
  assert.equal(await response.text(), '');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.match(response.headers.get('strict-transport-security') ?? '', /max-age=31536000/);
  await receiver.stop();
  assert.deepEqual(heard, ['hello']);
});

test('what is not Slack’s, or not of these five minutes, is refused with 401 and heard by nobody', async (t) => {
  const { app, post, lines } = await rig(t);
  const heard: unknown[] = [];
  app.use(async ({ body, next }) => {
    heard.push(body);
    await next();
  });
  const signature = 'x-slack-signature';
  const forged: [string, Sent][] = [
    ['another secret', { secret: 'another' }],
    ['no signature', { headers: { [signature]: undefined } }],
    ['no timestamp', { headers: { 'x-slack-request-timestamp': undefined } }],
    ['an empty signature', { headers: { [signature]: '' } }],
    ['a word', { headers: { [signature]: 'v0' } }],
    ['no digest', { headers: { [signature]: 'v0=' } }],
    ['another version', { headers: { [signature]: `v1=${'0'.repeat(64)}` } }],
    ['a timestamp that is none', { headers: { 'x-slack-request-timestamp': 'soon' } }],
    ['the timestamp of another request', { headers: { 'x-slack-request-timestamp': '1795348801' } }],
    ['five minutes and a second ago', { age: 301 }],
    ['five minutes and a second ahead', { age: -301 }],
  ];
  for (const [what, sent] of forged) {
    const response = await post(event('Ev1'), sent);
    assert.equal(response.status, 401, what);
    assert.equal((await problem(response)).code, 'not-from-slack', what);
  }
  assert.equal(
    (await post(JSON.stringify({ type: 'url_verification', challenge: 'x' }), { secret: 'no' })).status,
    401,
  );
  assert.deepEqual(heard, []);
  assert.equal(lines.filter((line) => line.includes('signingSecret')).length, 1, 'said, but not for each');
  assert.equal((await post(event('Ev2'), { age: 299 })).status, 200);
  assert.equal((await post(event('Ev3'), { age: -299 })).status, 200);
});

test('the signature is over the bytes: another body of the same meaning is refused', async (t) => {
  const { post } = await rig(t);
  const body = event('Ev1');
  const timestamp = String(Math.floor(Date.UTC(2026, 10, 22, 12) / 1000));
  const headers = { 'x-slack-signature': sign(signingSecret, timestamp, body) };
  assert.equal((await post(` ${body}`, { headers })).status, 401);
  assert.equal((await post(body, { headers })).status, 200);
});

test('Slack’s check of the address is answered, once it is signed', async (t) => {
  const { post } = await rig(t);
  const response = await post(JSON.stringify({ type: 'url_verification', token: 't', challenge: '3eZbrw' }));
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { challenge: '3eZbrw' });
});

test('the check of the certificate is answered unsigned, and nothing in it is acted on', async (t) => {
  const { app, post } = await rig(t);
  let heard = 0;
  app.command(/.*/, async ({ ack }) => {
    heard += 1;
    await ack();
  });
  const unsigned = { 'x-slack-signature': undefined };
  const response = await post(`ssl_check=1&${slash('/st2')}`, { contentType: form, headers: unsigned });
  assert.equal(response.status, 200);
  assert.equal((await post(slash('/st2'), { contentType: form, headers: unsigned })).status, 401);
  assert.equal(heard, 0);
});

test('a body of 5 MB is refused with 413 and not read', async (t) => {
  const { post, url } = await rig(t);
  const body = 'x'.repeat(5 * 1024 * 1024);
  const response = await post(body);
  assert.equal(response.status, 413);
  assert.equal((await problem(response)).code, 'body-too-large');
  const sent = await new Promise<{ status: number; bytes: number }>((resolve, reject) => {
    let bytes = 0;
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const req = request(url, { method: 'POST', headers: { 'content-type': json } }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, bytes });
      req.destroy();
    });
    req.on('error', reject);
    const more = () => {
      if (req.destroyed || bytes >= 64 * 1024 * 1024) return;
      bytes += chunk.byteLength;
      req.write(chunk, more);
    };
    more();
  });
  assert.equal(sent.status, 413);
  assert.ok(sent.bytes < 64 * 1024 * 1024, `${sent.bytes} bytes were taken of a body without a length`);
});

test('what is no body of Slack’s is malformed; other methods are told where Slack posts', async (t) => {
  const { post, url } = await rig(t);
  for (const [body, contentType] of [
    ['{', json],
    ['[]', json],
    ['null', json],
    ['payload={', form],
  ] as const) {
    const response = await post(body, { contentType });
    assert.equal(response.status, 400, body);
    assert.equal((await problem(response)).code, 'malformed-body');
  }
  const got = await fetch(url);
  assert.equal(got.status, 405);
  assert.equal(got.headers.get('allow'), 'POST');
});

test('a retry of what is done, or still being done, is acknowledged and not acted on again', async (t) => {
  const { app, post, receiver } = await rig(t);
  let heard = 0;
  let finish: (() => void) | undefined;
  const busy = new Promise<void>((resolve) => {
    finish = resolve;
  });
  app.message(async () => {
    heard += 1;
    await busy;
  });
  const retry = { headers: { 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' } };
  assert.equal((await post(event('Ev1'))).status, 200);
  assert.equal((await post(event('Ev1'), { ...retry, age: 1 })).status, 200);
  finish?.();
  assert.equal((await post(event('Ev2'))).status, 200);
  assert.equal((await post(event('Ev2'), { ...retry, age: 1 })).status, 200);
  await receiver.stop();
  assert.equal(heard, 2);
});

test('a retry that comes while the first is under way waits for it, and takes its place if it fails', async (t) => {
  let calls = 0;
  const waiting: (() => void)[] = [];
  const { app, post, clock, arrived } = await rig(t, async () => {
    calls += 1;
    if (calls > 1) return { botToken: 'xoxb-1', botId: 'B1' };
    await new Promise<void>((resolve) => waiting.push(resolve));
    throw new Error('the storage did not answer');
  });
  let heard = 0;
  app.message(async () => {
    heard += 1;
  });
  const first = post(event('Ev1'));
  await clock.scheduled(2_500);
  const retried = post(event('Ev1'), { age: 1, headers: { 'x-slack-retry-num': '1' } });
  while (arrived.length < 2) await new Promise((resolve) => setImmediate(resolve));
  waiting[0]?.();
  assert.equal((await first).status, 500);
  assert.equal((await retried).status, 200);
  assert.equal(calls, 2);
  assert.equal(heard, 1);
});

test('a recorded request that is sent again is harmless', async (t) => {
  const { app, post, receiver } = await rig(t);
  const heard: string[] = [];
  app.command('/st2', async ({ ack }) => {
    heard.push('command');
    await ack({ text: 'for you alone' });
  });
  app.action('go', async ({ ack }) => {
    heard.push('press');
    await ack();
  });
  const answers: string[] = [];
  for (const body of [slash('/st2'), slash('/st2'), press(), press(), slash('/st2', ''), slash('/st2', '')]) {
    const response = await post(body, { contentType: form });
    assert.equal(response.status, 200);
    answers.push(await response.text());
  }
  await receiver.stop();
  assert.deepEqual(heard, ['command', 'press', 'command']);
  assert.equal(answers.filter((text) => text.includes('for you alone')).length, 2, 'a replay learns nothing');
});

test('a command that no listener takes is answered in words, other things with 404', async (t) => {
  const { post } = await rig(t);
  const command = await post(slash('/other'), { contentType: form });
  assert.equal(command.status, 200);
  const { response_type: type, text } = z
    .object({ response_type: z.string(), text: z.string() })
    .parse(await command.json());
  assert.equal(type, 'ephemeral');
  assert.match(text, /help/);
  const pressed = await post(press(), { contentType: form });
  assert.equal(pressed.status, 404);
  assert.equal((await problem(pressed)).code, 'unhandled');
});

test('who acknowledges too late has been answered for, and is not thrown at', async (t) => {
  const { app, post, clock, receiver } = await rig(t);
  const waiting: (() => void)[] = [];
  const after: string[] = [];
  const late = async (ack: () => Promise<void>) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    await ack();
    after.push('went on');
  };
  app.command('/st2', ({ ack }) => late(ack));
  app.action('go', ({ ack }) => late(ack));
  const commanded = post(slash('/st2'), { contentType: form });
  const pressed = post(press(), { contentType: form });
  while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(2_500);
  const told = z.object({ text: z.string() }).parse(await (await commanded).json());
  assert.match(told.text, /slower/);
  assert.equal((await pressed).status, 503);
  for (const go of waiting) go();
  await receiver.stop();
  assert.deepEqual(after, ['went on', 'went on']);
});

test('an event of a workspace that we do not know is not asked for again; a command there is told', async (t) => {
  const { post } = await rig(t, async () => {
    throw new UnknownWorkspaceError({ teamId: 'T999' });
  });
  const response = await post(event('Ev1'));
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('x-slack-no-retry'), '1');
  const command = await post(slash('/st2'), { contentType: form });
  assert.match(await command.text(), /not installed/);
});

test('a fault of ours is a 500 that says nothing, and Slack’s retry is acted on', async (t) => {
  let isBroken = true;
  const { app, post, lines } = await rig(t, async () => {
    if (isBroken) throw new Error('cannot read /secret/path');
    return { botToken: 'xoxb-1', botId: 'B1' };
  });
  let heard = 0;
  app.message(async () => {
    heard += 1;
  });
  const body = event('Ev1', 'run the secret thing');
  const response = await post(body);
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /secret/);
  isBroken = false;
  assert.equal((await post(body, { age: 1, headers: { 'x-slack-retry-num': '1' } })).status, 200);
  assert.equal(heard, 1);
  assert.doesNotMatch(lines.join(''), /run the secret thing/);
});

test('before the start and after the stop Slack is asked to come again', async (t) => {
  const { app, post, receiver } = await rig(t);
  let heard = 0;
  app.message(async () => {
    heard += 1;
  });
  await receiver.stop();
  const response = await post(event('Ev1'));
  assert.equal(response.status, 503);
  assert.equal((await problem(response)).code, 'not-ready');
  await receiver.start();
  assert.equal((await post(event('Ev1'), { age: 1 })).status, 200);
  await receiver.stop();
  assert.equal(heard, 1);
});
