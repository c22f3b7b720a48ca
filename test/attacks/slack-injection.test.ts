import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { hostile } from '../support/hostile.ts';
import { LoginClient } from '../support/login-client.ts';
import { heeded } from '../support/slack/heeded.ts';
import { linkIn, type SlackBot, startSlackBot } from '../support/slack-bot.ts';

/** What others can put into a field, and Slack does harm with. Not Jinja: StackStorm renders its authors' templates. */
const words = [hostile.mentions, hostile.link, hostile.fence, hostile.terminal, hostile.markup].join(' ');
/** No `name=value`: StackStorm would take it for a parameter. */
const typed = [hostile.mentions, hostile.link, hostile.fence].join(' ');
const posting = new Set([
  'chat.postMessage',
  'chat.postEphemeral',
  'chat.update',
  'views.publish',
  'views.open',
]);

/** Everything that the bot had Slack show to anybody. */
function shown({ slack }: SlackBot): { readonly method: string; readonly args: Record<string, unknown> }[] {
  const calls = slack.calls.filter(({ method }) => posting.has(method));
  assert.ok(calls.length > 0);
  return calls.map(({ method, args }) => ({ method, args: { ...args } }));
}

/** Nobody is called, no link says that it leads elsewhere, nothing is unfurled or fetched. */
function assertHarmless(rig: SlackBot, pictures: readonly string[] = []): void {
  for (const { method, args } of shown(rig)) {
    const { calls, links, pictures: fetched } = heeded(args);
    assert.deepEqual(calls, [], `${method} calls somebody: ${JSON.stringify(args)}`);
    for (const { url, label } of links) {
      assert.match(url, /^https?:/, `${method}: ${url}`);
      assert.ok(label === undefined || !label.includes('stackstorm.example'), `${url} is shown as ${label}`);
    }
    assert.deepEqual(
      fetched.filter((url) => !pictures.includes(url)),
      [],
      `${method} has Slack fetch a picture`,
    );
    assert.deepEqual(
      [args['link_names'], args['parse'], args['reply_broadcast']],
      [undefined, undefined, undefined],
    );
    if (method === 'chat.postMessage') {
      assert.deepEqual([String(args['unfurl_links']), String(args['unfurl_media'])], ['false', 'false']);
    }
  }
}

/** A bot among people, a channel and an alias whose every word is hostile; mallory is logged in as a hostile account. */
async function amongEnemies(t: TestContext) {
  const rig = await startSlackBot(t);
  const { slack, app, team, alice, stackstorm, url } = rig;
  const { state } = stackstorm;
  const mallory = slack.user(team, { id: 'U0M', name: words, realName: words, displayName: words });
  const channel = slack.channel(team, {
    id: 'C0EVIL',
    name: words,
    members: [mallory, alice, alice.installationOf(app).bot],
  });
  state.packs.putAlias({
    pack: 'evil',
    name: `evil ${hostile.mentions}`,
    description: words,
    action_ref: 'core.local',
    formats: [
      { display: `boom ${words}`, representation: ['boom {{cmd}}'] },
      { display: words, representation: ['boom boom'] },
    ],
    ack: { format: `Boom: {{ execution.parameters.cmd }} ${words}` },
    result: { format: `Boomed ({{ execution.status }}): {{ execution.parameters.cmd }} ${words}` },
  });
  await rig.bot.refresh();
  const { accounts } = state;
  const account = accounts.addUser({ name: words, may: 'everything' });
  const { token } = accounts.addToken(account, Date.now() + 3_600_000);
  const asked = await mallory.dm(app, '!session_start plum-tree');
  const answer = await mallory.sees(mallory.dmWith(app), (one) => linkIn(one) !== undefined, {
    after: asked,
  });
  const browser = new LoginClient(url);
  await browser.open(linkIn(answer) ?? '');
  const { status, body } = await browser.authenticate({ secret: 'plum-tree', method: 'token', token });
  assert.equal(status, 200, JSON.stringify(body));
  await mallory.sees(mallory.dmWith(app), /logged in|acts/iu, { after: answer });
  return { ...rig, mallory, channel };
}

test('names, aliases, faults, results and announcements: nobody is called, no link lies, no fence stays open', async (t) => {
  const rig = await amongEnemies(t);
  const { app, mallory, channel, stackstorm } = rig;
  const dm = mallory.dmWith(app);
  const { state } = stackstorm;

  for (const text of ['!whoami', '!help', '!help boom', `!st2 boom`, `!st2 ${words}`, `!${words}`]) {
    const asked = await mallory.say(channel, text);
    await mallory.sees(channel, () => true, { after: asked });
  }
  await mallory.openHome(app);
  await mallory.home(app);

  // What she types comes back by the alias's own formats, and so does what a run printed.
  const run = await mallory.say(channel, `!st2 boom echo ${typed}`);
  await mallory.sees(channel, /Boomed/u, { after: run });

  const fault = { kind: 'answer', status: 400, body: JSON.stringify({ faultstring: words }) } as const;
  state.faults.add({ path: '/aliasexecution', inject: fault, times: 1 });
  const refused = await mallory.say(channel, '!st2 boom now');
  await mallory.sees(channel, /refused the command/u, { after: refused });

  const payload = { user: null, channel: 'C0EVIL', whisper: false, extra: null, context: null };
  stackstorm.announce('chatops', { ...payload, message: `announced ${words}` });
  stackstorm.announce('chatops', { ...payload, message: { announced: words, [words]: [words] } });
  stackstorm.announce('chatops', { ...payload, message: `hushed ${words}`, user: 'U0M', whisper: true });
  stackstorm.announce('chatops', { ...payload, message: 'the last one' });
  await mallory.sees(channel, 'the last one');
  await mallory.sees(dm, /hushed/u);
  assertHarmless(rig);
});

test('extra.slack: an author may name one person and show a picture, and can neither call a crowd nor speak for others', async (t) => {
  const rig = await amongEnemies(t);
  const { mallory, channel, stackstorm, slack } = rig;
  const crowd = '<!channel> <!here|here> <!everyone> <!subteam^S0OPS|@ops> @here @channel';
  const text = [crowd, hostile.link, hostile.markup].join(' ');
  const payload = { user: null, channel: 'C0EVIL', whisper: false, context: null };
  const picture = 'https://pictures.example/1.png';
  const inner = 'http://169.254.169.254/latest/meta-data/';
  const extras: Readonly<Record<string, unknown>>[] = [
    {
      text,
      attachments: [{ text, pretext: text, title: text, fallback: text, footer: text, image_url: picture }],
    },
    { blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] },
    { blocks: [{ type: 'header', text: { type: 'plain_text', text: text.slice(0, 100) } }] },
    {
      blocks: [
        {
          type: 'rich_text',
          elements: [
            { type: 'rich_text_section', elements: [{ type: 'broadcast', range: 'channel' }] },
            { type: 'rich_text_section', elements: [{ type: 'usergroup', usergroup_id: 'S0OPS' }] },
          ],
        },
      ],
    },
    { color: '__proto__', text },
    { color: 'constructor', title: text, fields: [{ title: text, value: text, short: 'true' }] },
    {
      title_link: 'javascript:alert(1)',
      image_url: 'file:///etc/passwd',
      thumb_url: 'data:text/html,x',
      text,
    },
    {
      channel: 'C0GENERAL',
      thread_ts: '1.1',
      reply_broadcast: true,
      link_names: 1,
      parse: 'full',
      unfurl_links: true,
      text,
    },
    { username: text, icon_url: 'javascript:alert(1)', icon_emoji: ':x: <!channel>', text },
    { image_url: inner, text: 'within' },
  ];
  for (const [at, slackExtra] of extras.entries()) {
    stackstorm.announce('chatops', {
      ...payload,
      message: `extra ${at}`,
      extra: { slack: { ...slackExtra } },
    });
  }
  stackstorm.announce('chatops', { ...payload, message: 'the last one', extra: null });
  await mallory.sees(channel, 'the last one');
  // Slack's servers fetch pictures, the bot never does: an inner address is of no use there.
  assertHarmless(rig, [picture, inner]);
  const places = shown(rig).map(({ args }) => args['channel']);
  assert.ok(!places.includes('C0GENERAL'), 'nothing is posted elsewhere');
  assert.deepEqual(
    shown(rig).filter(({ args }) => 'username' in args || 'icon_url' in args),
    [],
    'not under another name unless the config allows it',
  );
  const colours = slack.calls.flatMap(({ args }) => JSON.stringify(args).match(/"color":"?[^",}]*/gu) ?? []);
  assert.ok(
    colours.every((one) => /"color":"(?:#[0-9a-f]{6}|good|warning|danger)$/iu.test(one)),
    colours.join(),
  );
});

test('what a workflow asks: its question, and the dialog to answer it, call nobody and show words as words', async (t) => {
  const rig = await amongEnemies(t);
  const { app, mallory, channel, stackstorm } = rig;
  const field = (more: object) => ({ description: words, title: words, required: true, ...more });
  stackstorm.state.packs.putAlias({
    pack: 'evil',
    name: 'ask',
    description: words,
    action_ref: 'core.ask',
    formats: ['inquire'],
    immutable_parameters: {
      schema: {
        type: 'object',
        properties: {
          [words]: field({ type: 'string', default: words }),
          choice: field({ type: 'string', enum: [words, 'the other'] }),
          several: field({ type: 'array', items: { type: 'string', enum: [words, 'the other'] } }),
          ticked: field({ type: 'boolean' }),
          number: field({ type: 'integer' }),
        },
      },
    },
  });
  await rig.bot.refresh();
  const asked = await mallory.say(channel, '!st2 inquire');
  const button = /"action_id":"([^"]*inquiry[^"]*)"/u;
  const question = await mallory.sees(channel, ({ blocks }) => button.test(JSON.stringify(blocks ?? [])), {
    after: asked,
  });
  await mallory.press(question, button.exec(JSON.stringify(question.blocks))?.[1] ?? '');
  await mallory.modal(app);
  const listed = await mallory.say(channel, '!inquiry list');
  await mallory.sees(channel, () => true, { after: listed });
  assertHarmless(rig);
});
