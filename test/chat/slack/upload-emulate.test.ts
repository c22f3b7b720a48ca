/** Files upload v2 against an independent emulator of Slack's Web API: npm's `emulate`, of which nothing is ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import bolt from '@slack/bolt';
import { createEmulator } from 'emulate';
import { pino } from 'pino';
import { attachSlack } from '../../../src/chat/slack/slack.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { freePort } from '../../support/free-port.ts';
import { usualOptions } from '../../support/slack-adapter.ts';

test('an independent Slack takes a long result as a file in the thread', async (t) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const botToken = 'xoxb-emulated';
  const slack = await createEmulator({
    service: 'slack',
    port,
    baseUrl: url,
    seed: {
      tokens: {
        [botToken]: {
          login: 'U000000001',
          scopes: ['chat:write', 'files:write', 'channels:read', 'channels:history'],
        },
      },
      slack: {
        team: { name: 'Acme', domain: 'acme' },
        users: [{ name: 'bot' }],
        channels: [{ name: 'ops' }],
      },
    },
  });
  t.after(() => slack.close());
  const clientOptions = { slackApiUrl: `${url}/api/`, retryConfig: { retries: 0 } };
  const app = new bolt.App({
    token: botToken,
    signingSecret: 'none',
    clientOptions,
    tokenVerificationEnabled: false,
  });
  const { platform, close } = attachSlack(app, usualOptions(`${url}/api/`), {
    installations: { botToken },
    logger: pino({ level: 'silent' }),
    clock: systemClock,
    random: Math.random,
  });
  t.after(() => close());

  const who = await app.client.auth.test();
  const { channels = [] } = await app.client.conversations.list();
  const channel = channels.find(({ name }) => name === 'ops')?.id ?? '';
  const parent = await app.client.chat.postMessage({ channel, text: '!st2 run it' });
  const thread = parent.ts ?? '';
  const output = Array.from({ length: 4_000 }, (_, line) => `line ${line}`).join('\n');
  await platform.post(
    { platform: 'slack', workspace: who.team_id ?? '', channel, kind: 'channel', thread },
    { text: output, parts: [{ type: 'code', text: output }] },
    'result:1',
  );
  const { messages = [] } = await app.client.conversations.replies({ channel, ts: thread });
  const [file] = messages.flatMap(({ files = [] }) => files);
  assert.ok(file?.url_private !== undefined, JSON.stringify(messages.map(({ text }) => text?.slice(0, 80))));
  const held = await fetch(file.url_private, { headers: { authorization: `Bearer ${botToken}` } });
  assert.equal(await held.text(), output);
});
