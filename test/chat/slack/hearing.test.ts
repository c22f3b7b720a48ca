/** What people say to the bot in Slack, and as what the bot hears it: real Bolt over a real socket. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slackAdapter } from '../../support/slack-adapter.ts';

test('a command in a channel is heard as it was meant, and everybody sees the answer in its thread', async (t) => {
  const { adapter, alice, general, heard, slack, start } = await slackAdapter(t);
  heard.onMessage = async (message) => {
    const thread = message.messageId ?? '';
    await adapter.platform.post({ ...message.place, thread }, { text: 'done <!channel>' }, 'result:1');
  };
  await start();
  await alice.say(general, 'good morning');
  const said = await alice.say(general, '!st2 run "a & b" on <web1>');
  const answer = await alice.sees(general, 'done');
  const [message] = heard.messages;
  assert.equal(heard.messages.length, 1);
  assert.deepEqual(message, {
    eventId: `slack:T024:C0GENERAL:${said.ts}`,
    user: { platform: 'slack', workspace: 'T024', id: 'U0ALICE' },
    userKind: 'member',
    place: { platform: 'slack', workspace: 'T024', channel: 'C0GENERAL', kind: 'channel' },
    channelKind: 'public',
    messageId: `${said.ts}-new`,
    text: '!st2 run "a & b" on <web1>',
    addressed: 'prefix',
    isPrivate: false,
  });
  assert.equal(answer.threadTs, said.ts);
  assert.equal(answer.unfurlLinks, false);
  assert.deepEqual(slack.violations, []);
});

test('a whisper reaches its person alone', async (t) => {
  const { adapter, alice, general, heard, installation, slack, start, team } = await slackAdapter(t);
  const bob = slack.user(team, { id: 'U0BOB', name: 'bob' });
  general.members.add(bob.user);
  heard.onMessage = async ({ user, place, messageId = '' }) => {
    await adapter.platform.whisper(
      user,
      { text: 'psst' },
      { key: 'w:1', near: { ...place, thread: messageId } },
    );
  };
  await start();
  await alice.say(general, '!st2 help');
  const whisper = await alice.sees(general, 'psst');
  assert.equal(whisper.ephemeralTo, alice.user);
  assert.equal(whisper.threadTs, undefined, 'Slack does not show it in a thread that has not begun');
  assert.equal(bob.seesNow(general).filter((one) => one.user === installation.bot).length, 0);
  assert.deepEqual(slack.violations, []);
});
