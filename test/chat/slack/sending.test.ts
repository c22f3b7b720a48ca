/** What the bot says in Slack, and where it ends up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Place, Post } from '../../../src/chat/chat.ts';
import { slackAdapter } from '../../support/slack-adapter.ts';

const general: Place = { platform: 'slack', workspace: 'T024', channel: 'C0GENERAL', kind: 'channel' };
const alicesKey = { platform: 'slack', workspace: 'T024', id: 'U0ALICE' };

test('an answer whose command was deleted stands in the channel, and says so', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  for (const rule of ['thread_not_found', 'cannot_reply_to_message'] as const) {
    rig.slack.world.rules.deletedParent = rule;
    const said = await rig.alice.say(rig.general, '!st2 list vms');
    await rig.alice.remove(said);
    const place = { ...general, thread: `${said.ts}-new` };
    const ref = await rig.adapter.platform.post(place, { text: 'the result' }, `r:${rule}`);
    assert.equal(ref.place.thread, undefined);
    const answer = await rig.alice.sees(rig.general, (one) => one.ts === ref.id);
    assert.equal(answer.threadTs, undefined);
    await rig.alice.sees(rig.general, 'The message that this answers was deleted.');
    assert.deepEqual(await rig.adapter.platform.findPost(place, `r:${rule}`), { place, id: ref.id });
  }
});

test('a post is found by its key: in its thread, in the channel, in a direct conversation; only the bot’s own', async (t) => {
  const rig = await slackAdapter(t);
  const { platform } = rig.adapter;
  await rig.start();
  const said = await rig.alice.say(rig.general, '!st2 list vms');
  const thread = { ...general, thread: `${said.ts}-new` };
  const posted = await platform.post(thread, { text: 'one' }, 'k:1');
  const announced = await platform.post(general, { text: 'two' }, 'k:2');
  const told = await platform.whisper(alicesKey, { text: 'three' }, { key: 'k:3' });
  assert.equal((await platform.findPost(thread, 'k:1'))?.id, posted.id);
  assert.equal((await platform.findPost(general, 'k:2'))?.id, announced.id);
  assert.equal((await platform.findPost(told.place, 'k:3'))?.id, told.id);
  assert.equal(await platform.findPost(general, 'k:4'), undefined);
  const other = rig.slack.install(rig.slack.app({ botScopes: ['chat:write'] }), rig.team);
  rig.general.members.add(other.bot);
  rig.slack.world.messages.post(other, rig.general, {
    text: 'not the bot',
    metadata: { event_type: 'bolt_stackstorm_post', event_payload: { key: 'k:4' } },
  });
  assert.equal(await platform.findPost(general, 'k:4'), undefined);
});

test('an edit replaces what stands there', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  const ref = await rig.adapter.platform.post(
    general,
    {
      text: 'running',
      parts: [
        { type: 'text', text: 'running' },
        { type: 'code', text: 'ls' },
      ],
    },
    'k',
  );
  await rig.adapter.platform.edit(ref, { text: 'succeeded' });
  const message = await rig.alice.sees(rig.general, 'succeeded');
  assert.equal(message.ts, ref.id);
  assert.equal(message.blocks?.length, 1);
  assert.equal((await rig.adapter.platform.findPost(general, 'k'))?.id, ref.id, 'the key stays');
  await assert.rejects(rig.adapter.platform.edit({ ...ref, id: '1700000000.000100' }, { text: 'x' }), {
    code: 'gone',
  });
});

const long: Post = {
  text: 'A long result',
  parts: [
    { type: 'text', text: 'A long result' },
    {
      type: 'code',
      text: Array.from({ length: 2_000 }, (_, line) => `line ${line} of the output`).join('\n'),
    },
  ],
};

test('long output becomes a file in the thread', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  const said = await rig.alice.say(rig.general, '!st2 list vms');
  await rig.adapter.platform.post({ ...general, thread: `${said.ts}-new` }, long, 'k');
  const shown = await rig.alice.sees(rig.general, (one) => one.files.length > 0);
  assert.equal(shown.threadTs, said.ts);
  assert.match(shown.files[0]?.content.toString() ?? '', /line 1999 of the output/);
  await rig.adapter.platform.post(general, long, 'k2');
  const announced = await rig.alice.sees(rig.general, 'The whole is in the file', { after: shown });
  const beneath = await rig.alice.sees(rig.general, (one) => one.files.length > 0, { after: shown });
  assert.equal(beneath.threadTs, announced.ts);
  assert.deepEqual(rig.slack.violations, []);
});

test('where files are not allowed, or cannot be shown, long output is cut and says so', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  rig.slack.world.weather.on('files.getUploadURLExternal', { error: 'missing_scope' });
  const refused = await rig.adapter.platform.post(general, long, 'k1');
  await rig.alice.sees(
    rig.general,
    (one) => one.ts === refused.id && JSON.stringify(one.blocks).includes('Cut here'),
  );
  rig.slack.world.weather.on('files.completeUploadExternal', { error: 'file_not_found' });
  const hidden = await rig.adapter.platform.post(general, long, 'k2');
  await rig.alice.sees(
    rig.general,
    (one) => one.ts === hidden.id && JSON.stringify(one.blocks).includes('Cut here'),
  );
  rig.slack.world.weather.on('files.getUploadURLExternal', { status: 500 });
  await assert.rejects(rig.adapter.platform.post(general, long, 'k3'), { code: 'unavailable' });
  assert.equal(await rig.adapter.platform.findPost(general, 'k3'), undefined);
});

test('a whisper goes where the person is, else to their direct conversation', async (t) => {
  const rig = await slackAdapter(t);
  const { platform } = rig.adapter;
  const dm = rig.alice.dmWith(rig.app);
  const quiet = rig.slack.channel(rig.team, { id: 'C0QUIET', name: 'quiet', members: [rig.alice] });
  const bob = rig.slack.user(rig.team, { id: 'U0BOB', name: 'bob' });
  await rig.start();

  const near = await platform.whisper(alicesKey, { text: 'near' }, { key: 'w1', near: general });
  assert.equal(near.place.channel, 'C0GENERAL');
  assert.equal((await rig.alice.sees(rig.general, 'near')).ephemeralTo, rig.alice.user);

  const command = await rig.alice.say(rig.general, '!st2 help');
  const under = { ...general, thread: `${command.ts}-new` };
  await platform.whisper(alicesKey, { text: 'not hidden in a thread to come' }, { key: 'w0', near: under });
  assert.equal((await rig.alice.sees(rig.general, 'not hidden')).threadTs, undefined);

  const root = await rig.alice.say(rig.general, 'a thread');
  await rig.alice.say(rig.general, 'a reply', { thread: root });
  await platform.whisper(alicesKey, { text: 'inside' }, { key: 'w2', near: { ...general, thread: root.ts } });
  assert.equal((await rig.alice.sees(rig.general, 'inside')).threadTs, root.ts);

  for (const [index, channel] of [quiet.id, 'C0NOWHERE'].entries()) {
    const text = `not there ${index}`;
    const ref = await platform.whisper(alicesKey, { text }, { key: text, near: { ...general, channel } });
    assert.equal(ref.place.channel, dm.id);
    await rig.alice.sees(dm, text);
  }
  rig.general.archived = true;
  await platform.whisper(alicesKey, { text: 'archived' }, { key: 'w4', near: general });
  await rig.alice.sees(dm, 'archived');
  rig.general.archived = false;

  const key = { ...alicesKey, id: bob.id };
  await platform.whisper(key, { text: 'bob is not in general' }, { key: 'w5', near: general });
  await bob.sees(bob.dmWith(rig.app), 'bob is not in general');
});

test('what must arrive goes to the direct conversation, and near is said to look there', async (t) => {
  const rig = await slackAdapter(t);
  const dm = rig.alice.dmWith(rig.app);
  await rig.start();
  await rig.adapter.platform.whisper(
    alicesKey,
    { text: 'your link' },
    { key: 'w', near: general, mustArrive: true },
  );
  await rig.alice.sees(dm, 'your link');
  const pointer = await rig.alice.sees(rig.general, 'I have sent you a direct message');
  assert.equal(pointer.ephemeralTo, rig.alice.user);
  rig.slack.world.rules.loseEphemerals = true;
  await rig.adapter.platform.whisper(
    alicesKey,
    { text: 'another link' },
    { key: 'w2', near: general, mustArrive: true },
  );
  await rig.alice.sees(dm, 'another link');
});

test('a direct message whose answer was lost is not sent again', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  const tell = () => rig.adapter.platform.whisper(alicesKey, { text: 'your link' }, { key: 'link:1' });
  rig.slack.world.weather.on('chat.postMessage', { cut: 'after' });
  await assert.rejects(tell(), { code: 'unavailable' });
  const ref = await tell();
  const dm = rig.alice.dmWith(rig.app);
  assert.deepEqual(
    rig.alice.seesNow(dm).map(({ ts }) => ts),
    [ref.id],
  );
});

test('who cannot be told, cannot: a closed account, nobody, a bot', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  const bob = rig.slack.user(rig.team, { id: 'U0BOB', name: 'bob', deleted: true });
  for (const [id, code, reason] of [
    [bob.id, 'cannot-deliver', 'user_disabled'],
    ['U0NOBODY', 'gone', 'user_not_found'],
    [rig.installation.bot.id, 'cannot-deliver', 'cannot_dm_bot'],
  ] as const) {
    const told = rig.adapter.platform.whisper({ ...alicesKey, id }, { text: 'x' }, { key: 'k' });
    await assert.rejects(told, { code, reason });
  }
});

test('channels are found by id and by name, over pages; people by id', async (t) => {
  const rig = await slackAdapter(t);
  const { platform } = rig.adapter;
  for (let index = 0; index < 1_100; index++)
    rig.slack.channel(rig.team, { id: `C1${index}`, name: `room-${index}` });
  const secret = rig.slack.channel(rig.team, {
    id: 'G0SECRET',
    name: 'secret',
    kind: 'private',
    members: [rig.alice],
  });
  await rig.start();
  const at = (channel: string) => ({ ...general, channel });
  assert.deepEqual(await platform.resolveChannel('T024', 'C0GENERAL'), at('C0GENERAL'));
  assert.deepEqual(await platform.resolveChannel(undefined, '#general'), at('C0GENERAL'));
  assert.deepEqual(await platform.resolveChannel(undefined, 'room-1099'), at('C11099'));
  assert.equal(await platform.resolveChannel(undefined, 'secret'), undefined);
  assert.equal(await platform.resolveChannel(undefined, secret.id), undefined);
  assert.equal(await platform.resolveChannel('T0ELSE', 'general'), undefined);
  assert.equal(rig.slack.calls.filter(({ method }) => method === 'conversations.list').length, 2);
  assert.deepEqual(await platform.resolveUser(undefined, 'U0ALICE'), alicesKey);
  assert.equal(await platform.resolveUser(undefined, 'U0NOBODY'), undefined);
  assert.deepEqual(await platform.profile(alicesKey), {
    platformName: 'Slack',
    workspaceName: 'Acme',
    userName: 'alice',
    userKind: 'member',
  });
  rig.slack.usergroup(rig.team, { id: 'S0OPS', handle: 'ops', users: [rig.alice] });
  rig.slack.usergroup(rig.team, { id: 'S0DEV', handle: 'dev' });
  assert.deepEqual(await platform.groupsOf(alicesKey), ['S0OPS']);
});

test('a command is marked, and marked anew; what is so already is fine', async (t) => {
  const rig = await slackAdapter(t);
  const { platform } = rig.adapter;
  await rig.start();
  const said = await rig.alice.say(rig.general, '!st2 list vms');
  const message = { place: general, id: said.ts };
  const marks = () => [
    ...(rig.slack.world.messages.seenBy(rig.alice.user, rig.general).at(-1)?.reactions.keys() ?? []),
  ];
  await platform.react?.(message, 'eyes');
  await platform.react?.(message, 'eyes');
  assert.deepEqual(marks(), ['eyes']);
  await platform.react?.(message, 'rocket', 'eyes');
  await platform.react?.(message, 'rocket', 'eyes');
  assert.deepEqual(marks(), ['rocket']);
  await assert.rejects(async () => platform.react?.({ ...message, id: '1700000000.000100' }, 'x'), {
    code: 'gone',
  });
});
