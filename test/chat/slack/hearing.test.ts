/** What people say to the bot in Slack, and as what the bot hears it: real Bolt over a real socket. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatMessage } from '../../../src/chat/chat.ts';
import { slackAdapter } from '../../support/slack-adapter.ts';

const alicesKey = { platform: 'slack', workspace: 'T024', id: 'U0ALICE' };

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
  assert.equal(heard.messages.length, 1);
  assert.deepEqual(heard.messages[0], {
    eventId: `slack:T024:C0GENERAL:${said.ts}`,
    user: alicesKey,
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

test('in a thread, a private channel, a group DM: the place says so', async (t) => {
  const { alice, general, heard, installation, slack, start, team, until } = await slackAdapter(t);
  const bob = slack.user(team, { id: 'U0BOB', name: 'bob' });
  const secret = slack.channel(team, {
    id: 'G0SECRET',
    name: 'secret',
    kind: 'private',
    members: [alice, installation.bot],
  });
  const group = slack.channel(team, { kind: 'mpim', members: [alice, bob, installation.bot] });
  await start();
  const root = await alice.say(general, 'good morning');
  await alice.say(general, '!st2 one', { thread: root });
  await until(() => heard.messages.length === 1);
  await alice.say(secret, '!st2 two');
  await until(() => heard.messages.length === 2);
  await alice.say(group, '!st2 three');
  await until(() => heard.messages.length === 3);
  const seen = heard.messages.map(({ place, channelKind, isPrivate }) => ({
    thread: place.thread,
    kind: place.kind,
    channelKind,
    isPrivate,
  }));
  assert.deepEqual(seen, [
    { thread: root.ts, kind: 'channel', channelKind: 'public', isPrivate: false },
    { thread: undefined, kind: 'channel', channelKind: 'private', isPrivate: false },
    { thread: undefined, kind: 'channel', channelKind: 'group', isPrivate: false },
  ]);
});

test('a direct message needs no prefix, and is private', async (t) => {
  const { alice, app, heard, start, until } = await slackAdapter(t);
  await start();
  await alice.dm(app, 'session_start plum');
  const message = await until(() => heard.messages[0]);
  assert.equal(message.text, 'session_start plum');
  assert.deepEqual(
    [message.addressed, message.isPrivate, message.place.kind, message.channelKind],
    ['bot', true, 'direct', 'direct'],
  );
});

test('a mention comes as two events with one id, whichever comes first', async (t) => {
  const { alice, app, general, heard, start, until } = await slackAdapter(t);
  await start();
  const said = await alice.mention(general, app, 'list vms');
  await until(() => heard.messages.length === 2);
  assert.deepEqual(
    new Set(heard.messages.map(({ eventId }) => eventId)),
    new Set([`slack:T024:C0GENERAL:${said.ts}`]),
  );
  const [first, second] = heard.messages;
  assert.deepEqual(first, second);
  assert.deepEqual(
    [first?.text, first?.addressed, first?.isPrivate, first?.channelKind],
    ['list vms', 'bot', false, 'public'],
  );
});

test('mentions are named as people name them', async (t) => {
  const { alice, general, heard, slack, start, team, until } = await slackAdapter(t);
  slack.user(team, { id: 'U0BOB', name: 'bob' });
  slack.usergroup(team, { id: 'S0OPS', handle: 'ops' });
  await start();
  await alice.say(general, '!st2 page <@U0BOB> in <#C0GENERAL> and <!subteam^S0OPS>, not <@U0NOBODY>', {
    raw: true,
  });
  const message = await until(() => heard.messages[0]);
  assert.equal(message.text, '!st2 page @bob in #general and @ops, not @U0NOBODY');
});

test('an edit, a deletion, the bot’s own message and a join run nothing; a file and a reply that is shown in the channel do, and what an app says is a bot’s', async (t) => {
  const { adapter, alice, app, general, heard, installation, slack, start, until } = await slackAdapter(t);
  await start();
  const said = await alice.say(general, 'st2 list vms');
  await alice.edit(said, '!st2 list vms');
  await alice.edit(said, `<@${installation.bot.id}> list vms`, { raw: true });
  await alice.remove(said);
  await adapter.platform.post(
    { platform: 'slack', workspace: 'T024', channel: general.id, kind: 'channel' },
    { text: '!st2 from the bot itself' },
    'own',
  );
  const envelope = (event: Record<string, unknown>) => ({
    type: 'event_callback',
    team_id: 'T024',
    api_app_id: app.id,
    event_id: 'Ev1',
    event_time: 1,
    authorizations: [
      {
        team_id: 'T024',
        enterprise_id: null,
        user_id: installation.bot.id,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    event: {
      type: 'message',
      channel: general.id,
      channel_type: 'channel',
      user: 'U0ALICE',
      text: '!st2 no',
      ...event,
    },
  });
  await app.redeliver(envelope({ ts: '1.1', bot_id: installation.botId }));
  await app.redeliver(envelope({ ts: '1.2', subtype: 'channel_join' }));
  await app.redeliver(envelope({ ts: '1.3', subtype: 'file_share', text: '!st2 with a file' }));
  await app.redeliver(
    envelope({ ts: '1.4', subtype: 'thread_broadcast', thread_ts: '1.0', text: '!st2 broadcast' }),
  );
  await app.redeliver(envelope({ ts: '1.5', bot_id: 'B0OTHER', text: '!st2 in the name of alice' }));
  await until(() => heard.messages.length === 3);
  await app.settled();
  assert.deepEqual(
    heard.messages.map(({ text, userKind }) => [userKind, text]),
    [
      ['member', '!st2 with a file'],
      ['member', '!st2 broadcast'],
      ['bot', '!st2 in the name of alice'],
    ],
  );
  assert.deepEqual(slack.violations, []);
});

test('the slash command is private; in a channel it is answered there', async (t) => {
  const { alice, general, heard, start, until } = await slackAdapter(t);
  await start();
  const answer = await alice.slash(general, '/st2', 'run "a & b" <now>');
  assert.equal(answer.acknowledged, true);
  const message = await until(() => heard.messages[0]);
  assert.deepEqual(
    { ...message, eventId: '' },
    {
      eventId: '',
      user: alicesKey,
      userKind: 'member',
      place: { platform: 'slack', workspace: 'T024', channel: 'C0GENERAL', kind: 'channel' },
      channelKind: 'public',
      text: 'run "a & b" <now>',
      addressed: 'bot',
      isPrivate: true,
    },
  );
  assert.match(message.eventId, /^slack:T024:.+/);
});

test('the slash command where the bot is not: the answer goes to the direct conversation, and that is said', async (t) => {
  const { alice, app, heard, slack, start, team, until } = await slackAdapter(t);
  const bob = slack.user(team, { id: 'U0BOB', name: 'bob' });
  const open = slack.channel(team, { name: 'open', members: [alice] });
  const secret = slack.channel(team, { id: 'G0SECRET', kind: 'private', name: 'secret', members: [alice] });
  const others = slack.channel(team, { kind: 'im', members: [alice, bob] });
  await start();
  for (const [index, channel] of [open, secret, others].entries()) {
    await alice.slash(channel, '/st2', 'list vms');
    const message = await until(() => heard.messages[index]);
    assert.deepEqual(message.place, {
      platform: 'slack',
      workspace: 'T024',
      channel: alice.dmWith(app).id,
      kind: 'direct',
    });
    await alice.sees(channel, 'I answer in a direct message');
  }
  await alice.slash(alice.dmWith(app), '/st2', 'list vms');
  const message = await until(() => heard.messages[3]);
  assert.equal(message.place.kind, 'direct');
  assert.deepEqual(slack.violations, []);
});

test('what the config turns off is not heard', async (t) => {
  const { alice, app, general, heard, start, until } = await slackAdapter(t, {
    options: { prefixInChannels: false, mentions: false },
  });
  await start();
  await alice.say(general, '!st2 list vms');
  await alice.mention(general, app, 'list vms');
  await app.settled();
  await alice.dm(app, 'list vms');
  await until(() => heard.messages.length > 0);
  assert.deepEqual(
    heard.messages.map(({ place }) => place.kind),
    ['direct'],
  );
});

test('with replies in the channel, an answer stands beside the command; in a thread it stays there', async (t) => {
  const { adapter, alice, general, heard, start } = await slackAdapter(t, {
    options: { replies: 'channel' },
  });
  let count = 0;
  heard.onMessage = async ({ place, messageId = '' }: ChatMessage) => {
    count += 1;
    const near = { ...place, thread: place.thread ?? messageId };
    await adapter.platform.post(near, { text: `answer ${count}` }, `r:${count}`);
    await adapter.platform.post(
      near,
      { text: `asked for a thread ${count}`, extra: { slack: { thread_response: true } } },
      `t:${count}`,
    );
  };
  await start();
  const said = await alice.say(general, '!st2 list vms');
  assert.equal((await alice.sees(general, 'answer 1')).threadTs, undefined);
  assert.equal((await alice.sees(general, 'asked for a thread 1')).threadTs, said.ts);
  await alice.say(general, '!st2 list vms', { thread: said });
  assert.equal((await alice.sees(general, 'answer 2')).threadTs, said.ts);
});

test('an event from a workspace where the app is not installed is refused, logged, and taken', async (t) => {
  const { app, general, heard, logged, start, until } = await slackAdapter(t);
  await start();
  const outcome = await app.redeliver({
    type: 'event_callback',
    team_id: 'T0ELSE',
    api_app_id: app.id,
    event_id: 'Ev9',
    authorizations: [
      { team_id: 'T0ELSE', enterprise_id: null, user_id: 'U0', is_bot: true, is_enterprise_install: false },
    ],
    event: {
      type: 'message',
      channel: general.id,
      channel_type: 'im',
      user: 'U0ALICE',
      text: 'help',
      ts: '1.1',
    },
  });
  assert.equal(outcome.acknowledged, true);
  await until(() => logged.some(({ msg }) => String(msg).includes('not installed')));
  assert.deepEqual(heard.messages, []);
});

test('what fails between Slack and the bot is told to whoever asked', async (t) => {
  const hasty = (_ms: number, run: () => void) => {
    queueMicrotask(run);
    return () => undefined;
  };
  const { alice, app, general, heard, slack, start } = await slackAdapter(t, {
    clock: { now: Date.now, after: hasty },
  });
  await start();
  slack.world.weather.on('conversations.info', { status: 500 }, { times: 8 });
  await alice.mention(general, app, 'list vms');
  const told = await alice.sees(general, 'Something went wrong between Slack and me');
  assert.equal(told.ephemeralTo, alice.user);
  slack.world.weather.clear();
  slack.world.weather.on('conversations.info', { error: 'fatal_error' }, { times: 4 });
  await alice.slash(general, '/st2', 'list vms');
  await alice.sees(general, 'Something went wrong between Slack and me', { after: told });
  assert.deepEqual(
    heard.messages.filter(({ isPrivate }) => isPrivate),
    [],
  );
});
