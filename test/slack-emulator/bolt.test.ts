/**
 * The emulator against the real Bolt: what it hears in Socket Mode, and that a cut or a refresh of the connection loses
 * nothing.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import bolt from '@slack/bolt';
import { acme } from '../support/slack/acme.ts';
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
  const { team, app, installation, alice, general } = acme(slack, {
    socketMode: true,
    botScopes: ['chat:write', 'commands', 'channels:history', 'im:history', 'app_mentions:read'],
    botEvents: ['message.channels', 'message.im', 'app_mention', 'app_home_opened'],
    commands: ['/st2'],
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

test('a slash command: the acknowledgement is seen, the response_url takes five posts', async (t) => {
  const { alice, general, listener, slack } = await boltOnSlack(t);
  const refused: unknown[] = [];
  listener.command('/st2', async ({ ack, command, respond }) => {
    await ack(`you typed ${command.text}`);
    for (let post = 1; post <= 5; post += 1) await respond(`post ${post}`);
    await respond('post 6').catch((error: unknown) => refused.push(error));
    slack.world.core.touch();
  });
  await listener.start();
  const answer = await alice.slash(general, '/st2', 'list <vms> & more');
  assert.equal(answer.acknowledged, true);
  assert.equal(answer.message?.text, 'you typed list &lt;vms&gt; &amp; more');
  assert.equal(answer.message?.ephemeralTo, alice.user);
  await alice.sees(general, 'post 5');
  await slack.until(() => refused.length === 1, 'the refusal of the sixth post');
  assert.ok(refused[0] instanceof Error && refused[0].message.includes('404'));
  assert.ok(!alice.seesNow(general).some((one) => one.text === 'post 6'));
});

test('a slash command that nobody acknowledges, or that nobody hears, ends with Slack’s complaint', async (t) => {
  const { alice, general, listener } = await boltOnSlack(t, { ackTimeoutMs: 50 });
  assert.equal((await alice.slash(general, '/st2')).error, 'dispatch_failed');
  listener.command('/st2', async () => undefined);
  await listener.start();
  assert.equal((await alice.slash(general, '/st2')).error, 'operation_timeout');
  await assert.rejects(alice.slash(general, '/other'), /not a command/);
});

test('a button opens a modal, which complains, changes, and closes', async (t) => {
  const { slack, alice, app, general, listener } = await boltOnSlack(t);
  const button = {
    type: 'button',
    action_id: 'ask',
    value: '42',
    text: { type: 'plain_text', text: 'Ask' },
  } as const;
  const link = {
    type: 'button',
    action_id: 'open',
    url: 'https://st2.example/x',
    text: { type: 'plain_text', text: 'Open' },
  } as const;
  const plain = (text: string) => ({ type: 'plain_text' as const, text });
  const field = (name: string, more: { min_length?: number }) => ({
    type: 'plain_text_input' as const,
    action_id: name,
    ...more,
  });
  const modal = (title: string) => ({
    type: 'modal' as const,
    callback_id: 'secret',
    title: plain(title),
    submit: plain('Go'),
    blocks: [
      {
        type: 'input' as const,
        block_id: 'word',
        label: plain('Word'),
        element: field('word', { min_length: 2 }),
      },
      {
        type: 'input' as const,
        block_id: 'note',
        optional: true,
        label: plain('Note'),
        element: field('text', {}),
      },
    ],
  });
  const heard: Record<string, unknown>[] = [];
  listener.message(async ({ say }) => {
    await say({ text: 'ask me', blocks: [{ type: 'actions', block_id: 'b', elements: [button, link] }] });
  });
  listener.action('ask', async ({ ack, body, client }) => {
    await ack();
    if (body.type !== 'block_actions') return;
    heard.push({ user: body.user, team: body.team, channel: body.channel, container: body.container });
    await client.views.open({ trigger_id: body.trigger_id, view: modal('Secret') });
  });
  listener.action('open', async ({ ack }) => ack());
  const words: unknown[] = [];
  listener.view('secret', async ({ ack, view }) => {
    words.push(view.state.values);
    const { value } = view.state.values['word']?.['word'] ?? {};
    if (value === 'plum') await ack();
    else if (value === 'pear') await ack({ response_action: 'update', view: modal('Again') });
    else await ack({ response_action: 'errors', errors: { word: 'not that one' } });
  });
  await listener.start();

  await alice.say(general, 'hello');
  const asked = await alice.sees(general, 'ask me');
  assert.equal((await alice.press(asked, 'open')).url, 'https://st2.example/x');
  assert.deepEqual(await alice.press(asked, 'ask'), { acknowledged: true, error: undefined, url: undefined });
  const view = await alice.modal(app);
  assert.deepEqual(heard, [
    {
      user: { id: 'U0ALICE', username: 'alice', name: 'alice', team_id: 'T024' },
      team: { id: 'T024', domain: 'acme' },
      channel: { id: 'C0GENERAL', name: 'general' },
      container: { type: 'message', message_ts: asked.ts, channel_id: 'C0GENERAL', is_ephemeral: false },
    },
  ]);
  await assert.rejects(alice.submit(view, { word: 'plum', typo: 'x' }), /no field typo/);
  await assert.rejects(alice.submit(view, { note: 'x' }), /word must be filled in/);
  await assert.rejects(alice.submit(view, { word: 'x' }), /takes 2 to 3000 characters/);
  await assert.rejects(alice.press(asked, 'nothing'), /no element nothing/);
  assert.deepEqual((await alice.submit(view, { word: 'apple' })).errors, { word: 'not that one' });
  assert.equal((await alice.submit(view, { word: 'pear' })).view, view);
  assert.deepEqual(view.payload['title'], { type: 'plain_text', text: 'Again' });
  const closed = await alice.submit(view, { word: 'plum', text: 'soon' });
  assert.equal(closed.view, undefined);
  assert.deepEqual(words.at(-1), {
    word: { word: { type: 'plain_text_input', value: 'plum' } },
    note: { text: { type: 'plain_text_input', value: 'soon' } },
  });
  await assert.rejects(alice.submit(view, { word: 'plum' }), /closed/);
  assert.deepEqual(slack.violations, []);
});

test('a cut in the middle of 200 messages: each is heard, the unacknowledged again', async (t) => {
  const { app, alice, general, listener, slack } = await boltOnSlack(t, { ackTimeoutMs: 60_000 });
  const heard: string[] = [];
  listener.message(async ({ message, body }) => {
    heard.push(body.event_id);
    if (!('text' in message)) throw new Error('a message without text');
  });
  await listener.start();
  app.sockets.cutAfter(80);
  for (let i = 0; i < 200; i += 1) await alice.say(general, `command ${i}`);
  await app.settled();
  await slack.until(() => new Set(heard).size === 200, '200 events');
  assert.equal(app.sockets.opened, 2, 'Bolt came back');
  assert.deepEqual(app.lost, []);
  assert.ok(app.sockets.sent.some((one) => one.attempt === 1 && one.acknowledged));
  assert.ok(app.sockets.sent.length > 200, 'what was not acknowledged came again');
});

for (const way of ['refreshSocket', 'warnDisconnect'] as const)
  test(`${way} loses nothing`, async (t) => {
    const { app, alice, general, listener, slack } = await boltOnSlack(t, { ackTimeoutMs: 60_000 });
    const heard = new Set<string>();
    listener.message(async ({ body }) => {
      heard.add(body.event_id);
    });
    await listener.start();
    for (let i = 0; i < 60; i += 1) {
      if (i === 20) app[way]();
      await alice.say(general, `command ${i}`);
    }
    await app.settled();
    await slack.until(() => heard.size === 60, '60 events');
    assert.equal(app.sockets.opened, 2);
    assert.deepEqual(app.lost, []);
  });

test('an event that was acknowledged can come again, with the same event id', async (t) => {
  const { app, alice, general, listener, slack } = await boltOnSlack(t);
  const heard: string[] = [];
  listener.message(async ({ body }) => {
    heard.push(body.event_id);
    slack.world.core.touch();
  });
  await listener.start();
  await alice.say(general, 'once');
  await app.settled();
  await app.redeliver();
  await slack.until(() => heard.length === 2, 'the second delivery');
  assert.equal(new Set(heard).size, 1);
});

test('the Home is opened, published, and used', async (t) => {
  const { app, alice, listener } = await boltOnSlack(t);
  const search = {
    type: 'input',
    block_id: 'search',
    dispatch_action: true,
    label: { type: 'plain_text', text: 'Search' },
    element: { type: 'plain_text_input', action_id: 'search' },
  } as const;
  const home = (words: string) => ({
    type: 'home' as const,
    blocks: [search, { type: 'section' as const, text: { type: 'plain_text' as const, text: words } }],
  });
  listener.event('app_home_opened', async ({ event, client }) => {
    await client.views.publish({ user_id: event.user, view: home('everything') });
  });
  listener.action('search', async ({ ack, body, payload, client }) => {
    await ack();
    if (payload.type !== 'plain_text_input') return;
    await client.views.publish({ user_id: body.user.id, view: home(`found ${payload.value}`) });
  });
  await listener.start();
  await alice.openHome(app);
  const view = await alice.home(app);
  await alice.press(view, 'search', { value: 'vms' });
  await alice.home(app, (one) => JSON.stringify(one.payload).includes('found vms'));
});
