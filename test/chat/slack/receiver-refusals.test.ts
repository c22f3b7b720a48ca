import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import {
  event,
  form,
  json,
  problem,
  receiverRig,
  type Sent,
  sign,
  signingSecret,
  slash,
} from '../../support/slack/receiver-rig.ts';

test('what is not Slack’s, or not of these five minutes, is refused with 401 and heard by nobody', async (t) => {
  const { app, post, lines } = await receiverRig(t);
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
  const { post } = await receiverRig(t);
  const body = event('Ev1');
  const timestamp = String(Math.floor(Date.UTC(2026, 10, 22, 12) / 1000));
  const headers = { 'x-slack-signature': sign(signingSecret, timestamp, body) };
  assert.equal((await post(` ${body}`, { headers })).status, 401);
  assert.equal((await post(body, { headers })).status, 200);
});

test('Slack’s check of the address is answered, once it is signed', async (t) => {
  const { post } = await receiverRig(t);
  const response = await post(JSON.stringify({ type: 'url_verification', token: 't', challenge: '3eZbrw' }));
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { challenge: '3eZbrw' });
});

test('the check of the certificate is answered unsigned, and nothing in it is acted on', async (t) => {
  const { app, post } = await receiverRig(t);
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
  const { post, url } = await receiverRig(t);
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
  const { post, url } = await receiverRig(t);
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
