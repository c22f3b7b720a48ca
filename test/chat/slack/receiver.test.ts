import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { UnknownWorkspaceError } from '../../../src/chat/slack/installations.ts';
import { event, form, press, problem, receiverRig, slash } from '../../support/slack/receiver-rig.ts';

test('an event that Slack signed reaches the listeners and is acknowledged', async (t) => {
  const { app, post, receiver } = await receiverRig(t);
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

test('a retry of what is done, or still being done, is acknowledged and not acted on again', async (t) => {
  const { app, post, receiver } = await receiverRig(t);
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
  const { app, post, clock, arrived } = await receiverRig(t, async () => {
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
  const { app, post, receiver } = await receiverRig(t);
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
  const { post } = await receiverRig(t);
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
  const { app, post, clock, receiver } = await receiverRig(t);
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
  const { post } = await receiverRig(t, async () => {
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
  const { app, post, lines } = await receiverRig(t, async () => {
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
  const { app, post, receiver } = await receiverRig(t);
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
