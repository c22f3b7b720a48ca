/** HTTP mode against the strict emulator: real Bolt, real sockets, Slack's own retries, commands and modals. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { App } from '@slack/bolt';
import { Hono } from 'hono';
import { pino } from 'pino';
import { SlackReceiver } from '../../../src/chat/slack/receiver.ts';
import { slackLogger } from '../../../src/chat/slack/sdk-logger.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { listen } from '../../support/listen.ts';
import { startSlack } from '../../support/slack/emulator.ts';

async function acme(t: TestContext) {
  const slack = await startSlack(t);
  const team = slack.workspace({ id: 'T024', name: 'Acme' });
  const hono = new Hono();
  const server = await listen(hono);
  t.after(() => server.close());
  const app = slack.app({
    requestUrl: `${server.url}/slack/events`,
    botScopes: ['chat:write', 'commands', 'channels:history', 'im:history'],
    botEvents: ['message.channels', 'message.im'],
    commands: ['/st2', '/nobody'],
  });
  const { bot, botToken } = slack.install(app, team);
  const alice = slack.user(team, { id: 'U0ALICE', name: 'alice' });
  const general = slack.channel(team, { id: 'C0GENERAL', name: 'general', members: [alice, bot] });
  const logger = pino({ level: 'silent' });
  const receiver = new SlackReceiver(
    { clock: systemClock, logger },
    { signingSecret: app.signingSecret, publicUrl: server.url },
  );
  receiver.mount(hono);
  let authorizing: () => Promise<void> = async () => undefined;
  const listener = new App({
    receiver,
    authorize: async () => {
      await authorizing();
      return { botToken, botUserId: bot.id };
    },
    logger: slackLogger(logger),
    clientOptions: { slackApiUrl: slack.apiUrl },
  });
  listener.error((error) => Promise.reject(error));
  const onAuthorize = (run: () => Promise<void>) => {
    authorizing = run;
  };
  return { slack, app, alice, general, listener, receiver, onAuthorize };
}

test('Slack verifies the request URL, and what people write and ask arrives once', async (t) => {
  const { slack, app, alice, general, listener } = await acme(t);
  const heard: string[] = [];
  listener.message(async ({ message, say }) => {
    heard.push('text' in message ? (message.text ?? '') : '');
    await say('heard');
  });
  listener.command('/st2', async ({ command, ack }) => {
    await ack({ response_type: 'ephemeral', text: `you asked for ${command.text}` });
  });
  await listener.start();
  assert.equal(await app.http.verifyUrl(), true);
  await alice.say(general, '!st2 list vms');
  await alice.sees(general, 'heard');
  await alice.slash(general, '/st2', 'list vms');
  await alice.sees(general, 'you asked for list vms');
  await alice.slash(general, '/nobody', 'x');
  await alice.sees(general, /I do not know this command/);
  await app.redeliver();
  const replayed = await app.http.replay();
  assert.equal(replayed.status, 200);
  assert.equal(replayed.text, '');
  await app.settled();
  assert.deepEqual(heard, ['!st2 list vms']);
  assert.deepEqual(slack.violations, []);
});

test('an event that we could not take is delivered again by Slack, and acted on once', async (t) => {
  const { app, alice, general, listener, onAuthorize } = await acme(t);
  let heard = 0;
  let faults = 2;
  onAuthorize(async () => {
    if (faults-- > 0) throw new Error('the storage did not answer');
  });
  listener.message(async ({ say }) => {
    heard += 1;
    await say('done');
  });
  await listener.start();
  await alice.say(general, '!st2 list vms');
  await alice.sees(general, 'done');
  await app.settled();
  assert.equal(heard, 1);
  assert.deepEqual(app.lost, []);
  const [first, , third] = app.http.sent;
  assert.equal(first?.status, 500);
  assert.equal(third?.headers['x-slack-retry-num'], '2');
  assert.equal(third?.status, 200);
});

test('what somebody else posts is refused, and the bot says nothing about it', async (t) => {
  const { app, alice, general, listener } = await acme(t);
  let heard = 0;
  listener.message(async () => {
    heard += 1;
  });
  await listener.start();
  await alice.say(general, 'hello');
  await app.settled();
  const body = (app.http.sent.at(-1)?.body ?? '').replace(/Ev[A-Z0-9]+/, 'EvFORGED');
  const now = Math.floor(Date.now() / 1000);
  assert.equal((await app.http.post(body, { signature: `v0=${'0'.repeat(64)}` })).status, 401);
  assert.equal((await app.http.post(body, { signature: null })).status, 401);
  assert.equal((await app.http.post(body, { timestamp: now - 360 })).status, 401);
  assert.equal((await app.http.post(body, { timestamp: now + 360 })).status, 401);
  assert.equal(heard, 1);
});
