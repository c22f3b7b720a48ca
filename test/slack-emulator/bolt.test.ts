/**
 * The emulator against the real Bolt: what it hears in Socket Mode, and that a cut or a refresh of the connection loses
 * nothing.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import bolt from '@slack/bolt';
import { startSlack } from '../support/slack/emulator.ts';

const nothing = () => undefined;
const silent = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => bolt.LogLevel.ERROR,
  setName: nothing,
};

async function boltOnSlack(t: TestContext, patience: { ackTimeoutMs?: number } = {}) {
  const slack = await startSlack(t, patience);
  const team = slack.workspace({ id: 'T024', name: 'Acme' });
  const app = slack.app({
    socketMode: true,
    botScopes: ['chat:write', 'commands', 'channels:history', 'im:history', 'app_mentions:read'],
    botEvents: ['message.channels', 'message.im', 'app_mention', 'app_home_opened'],
    commands: ['/st2'],
  });
  const installation = slack.install(app, team);
  const alice = slack.user(team, { id: 'U0ALICE', name: 'alice' });
  const general = slack.channel(team, {
    id: 'C0GENERAL',
    name: 'general',
    members: [alice, installation.bot],
  });
  const receiver = new bolt.SocketModeReceiver({
    appToken: app.appToken,
    clientPingTimeout: 200,
    logger: silent,
    installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } },
  });
  const listener = new bolt.App({
    token: installation.botToken,
    receiver,
    logger: silent,
    clientOptions: { slackApiUrl: slack.apiUrl },
  });
  t.after(() => listener.stop());
  return { slack, team, app, installation, alice, general, listener };
}

function picked(value: unknown, names: readonly string[]): unknown {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([name]) => names.includes(name)));
}

test('a message is heard as Slack’s client sends it, and the answer is seen', async (t) => {
  const { slack, app, alice, general, listener, installation } = await boltOnSlack(t);
  const heard: unknown[] = [];
  listener.message(async ({ message, say, context }) => {
    heard.push({ ...message, teamId: context.teamId });
    await say('you said it');
  });
  await listener.start();
  assert.equal(app.sockets.open, 1);
  const said = await alice.say(general, 'run "a & b" on <web1> and https://x.io/?a=1&b=2.');
  const answer = await alice.sees(general, 'you said it');
  assert.equal(answer.user, installation.bot);
  const [message] = heard;
  assert.deepEqual(
    picked(message, ['type', 'user', 'channel', 'channel_type', 'ts', 'team', 'teamId', 'text']),
    {
      type: 'message',
      user: 'U0ALICE',
      channel: 'C0GENERAL',
      channel_type: 'channel',
      ts: said.ts,
      team: 'T024',
      teamId: 'T024',
      text: 'run "a &amp; b" on &lt;web1&gt; and <https://x.io/?a=1&amp;b=2>.',
    },
  );
  assert.deepEqual(slack.violations, []);
});
