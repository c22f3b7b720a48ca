import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { type Asker, ChatError } from '../../src/chat/chat.ts';
import { type BotRig, startBot } from '../support/bot.ts';

type Who = Partial<Pick<Asker, 'userKind' | 'channelKind'>> & { readonly channel?: string };

function asker(id: string, { channel = 'general', ...kinds }: Who = {}): Asker {
  const kind = kinds.channelKind === 'direct' ? 'direct' : 'channel';
  return {
    user: { platform: 'playground', workspace: 'demo', id },
    place: { platform: 'playground', workspace: 'demo', channel, kind },
    ...kinds,
  };
}

/** Types something as a platform would tell of it, and answers what this person alone was then told. */
async function type(rig: BotRig, id: string, text: string, who: Who = {}): Promise<string[]> {
  const before = rig.playground.whispers.length;
  await rig.playground.ear.message({
    ...asker(id, who),
    eventId: randomUUID(),
    text,
    addressed: 'prefix',
    isPrivate: who.channelKind === 'direct',
  });
  const told = rig.playground.whispers.slice(before);
  assert.ok(told.every(({ user }) => user.id === id));
  return told.map(({ post }) => post.text);
}

const refusals = (rig: BotRig) =>
  rig.records
    .filter(({ event }) => event === 'command.refused')
    .map(({ outcome, chatUser, channel, aliasRef }) => ({ outcome, chatUser, channel, aliasRef }));

const started = (rig: BotRig) => rig.stackstorm.state.executions.all.length;

function start(t: TestContext, rules: readonly object[], standard: 'allow' | 'deny' = 'allow') {
  return startBot(t, { config: { access: { default: standard, rules, admins: ['playground:demo:admin'] } } });
}

function standalone(t: TestContext, rules: readonly object[]) {
  return startBot(t, { auth: { standalone: {} }, config: { access: { default: 'allow', rules } } });
}

test('a denied alias is not run: the person alone is told which rule, and it is on record', async (t) => {
  const rig = await start(t, [
    { allow: 'demo.status' },
    { name: 'no VMs in general', deny: ['*.list_vms', 'demo.page*'], channels: ['general'] },
  ]);
  await rig.logIn('alice');
  const [told = '', ...more] = await type(rig, 'alice', '!st2 list vms');
  assert.equal(
    told,
    'This bot’s access rule 2 (“no VMs in general”) does not let you run that, so nothing was done.',
  );
  assert.deepEqual(more, []);
  assert.equal(started(rig), 0);
  assert.deepEqual(refusals(rig), [
    { outcome: 'access', chatUser: 'playground:demo:alice', channel: 'general', aliasRef: 'demo.list_vms' },
  ]);
  await type(rig, 'alice', '!st2 list vms', { channel: 'random' });
  assert.equal(started(rig), 1);
  await type(rig, 'alice', '!st2 status api');
  assert.equal(started(rig), 2);
});

test('what somebody may not run is named nowhere: help, near misses, ambiguity, the page', async (t) => {
  const rig = await start(t, [{ deny: ['demo.*vms', 'demo.page*', 'demo.deploy'], users: ['alice'] }]);
  for (const id of ['alice', 'bob'] as const) {
    await rig.logIn(id);
    const home = await rig.playground.ear.home(asker(id, { channelKind: 'direct', channel: `dm-${id}` }));
    const told = [
      ...(await type(rig, id, '!help --limit 50')),
      ...(await type(rig, id, '!st2 lst vms')),
      ...(await type(rig, id, '!lst vms')),
      ...(await type(rig, id, '!st2 page bob')),
      JSON.stringify(home),
    ].join('\n');
    const names = /list vms|deploy <app>|page \{\{/gu;
    const named = [...new Set([...told.matchAll(names)].map(([name]) => name))].sort();
    assert.deepEqual(named, id === 'alice' ? [] : ['deploy <app>', 'list vms', 'page {{'], id);
  }
});

test('the bot’s own commands: denied by name, as typed, by button and by form; named in no help', async (t) => {
  const rig = await start(t, [
    { name: 'no logins here', deny: 'session_start', channelKinds: ['public'] },
    { deny: '*' },
  ]);
  const words = /rule 1 \(“no logins here”\) does not let you/u;
  for (const typed of ['!session_start plum', '!st2 session start plum']) {
    assert.match((await type(rig, 'alice', typed)).join(), words);
  }
  const pressed = { ...asker('alice'), eventId: randomUUID(), action: 'session_start', value: '' };
  assert.equal(await rig.playground.ear.action(pressed), undefined);
  assert.match(rig.playground.whispers.at(-1)?.post.text ?? '', words);
  const sent = {
    ...asker('alice'),
    eventId: randomUUID(),
    form: 'session_start',
    value: '',
    fields: { word: 'plum' },
  };
  const shown = await rig.playground.ear.submit(sent);
  assert.match(JSON.stringify(shown), /does not let you/u);
  assert.doesNotMatch((await type(rig, 'alice', '!help')).join(), /!session_start <word>/u);
  assert.doesNotMatch((await type(rig, 'alice', '!sesion_start')).join(), /!session_start/u);
  assert.deepEqual(
    refusals(rig).map(({ outcome }) => outcome),
    ['access', 'access', 'access', 'access'],
  );
  assert.ok(!rig.records.some(({ event }) => event === 'link.issued'));
  const direct = { channelKind: 'direct', channel: 'dm-alice' } as const;
  assert.match(
    (await type(rig, 'alice', '!session_start plum', direct)).join(),
    /Open the login page|log in/iu,
  );
  assert.match((await type(rig, 'alice', '!whoami')).join(), /playground:demo:alice/u);
});

for (const userKind of ['guest', 'stranger'] as const) {
  test(`a ${userKind} is refused everything, in private, until a rule names their kind`, async (t) => {
    const closed = await standalone(t, [{ allow: '*' }]);
    for (const text of [
      '!st2 list vms',
      '!st2 nothing like it',
      '!help',
      '!whoami',
      '!lst',
      '!',
      `!st2 ${'x'.repeat(3_000)}`,
    ]) {
      const told = await type(closed, 'alice', text, { userKind });
      assert.equal(told.length, 1, text);
      assert.match(told[0] ?? '', /^I serve members of this workspace/u, text);
    }
    assert.equal(started(closed), 0);
    assert.deepEqual([...new Set(refusals(closed).map(({ outcome }) => outcome))], [userKind]);
    assert.equal(refusals(closed).length, 7);
    assert.deepEqual(await type(closed, 'alice', 'good morning', { userKind }), []);

    const open = await standalone(t, [{ allow: ['demo.list_*', 'help'], userKinds: [userKind] }]);
    assert.match(
      (await type(open, 'alice', '!st2 status api', { userKind })).join(),
      /No access rule of this bot lets/u,
    );
    assert.match(
      (await type(open, 'alice', '!whoami', { userKind })).join(),
      /No access rule of this bot lets/u,
    );
    const help = (await type(open, 'alice', '!help', { userKind })).join();
    assert.match(help, /list vms/u);
    assert.doesNotMatch(help, /status \{\{|whoami/u);
    assert.equal(started(open), 0);
    await type(open, 'alice', '!st2 list vms', { userKind });
    assert.equal(started(open), 1);
  });
}

test('a bot is never answered, and it is on record; one that a rule names runs what it names', async (t) => {
  const userKind = 'bot';
  const rig = await standalone(t, [{ allow: 'demo.status', users: ['monitor'], userKinds: ['bot'] }]);
  for (const text of ['!st2 list vms', '!help', '!lst', '!st2 nothing like it']) {
    assert.deepEqual(await type(rig, 'robot', text, { userKind }), [], text);
    assert.deepEqual(await type(rig, 'monitor', text, { userKind }), [], text);
  }
  assert.equal(started(rig), 0);
  const outcomes = (id: string) =>
    refusals(rig)
      .filter(({ chatUser }) => chatUser === `playground:demo:${id}`)
      .map(({ outcome }) => outcome);
  assert.deepEqual(outcomes('robot'), ['bot', 'bot', 'bot', 'bot']);
  assert.deepEqual(outcomes('monitor'), ['access', 'access', 'no-match']);
  await type(rig, 'monitor', '!st2 status api', { userKind });
  assert.equal(started(rig), 1);
});

test('user groups decide, and are asked only where a rule could need them', async (t) => {
  const rig = await start(
    t,
    [
      { allow: '*', groups: ['S1'], channels: ['general'] },
      { name: 'others', deny: '*' },
    ],
    'deny',
  );
  await rig.logIn('alice');
  await rig.logIn('bob');
  rig.playground.groups.set('alice', ['S1']);
  rig.playground.groups.set('bob', ['S2']);
  const asked = rig.playground.groupsAsked;
  assert.match((await type(rig, 'alice', '!st2 list vms', { channel: 'random' })).join(), /rule 2/u);
  assert.equal(rig.playground.groupsAsked, asked);
  await type(rig, 'alice', '!st2 list vms');
  assert.equal(started(rig), 1);
  assert.match((await type(rig, 'bob', '!st2 list vms')).join(), /rule 2 \(“others”\)/u);
  rig.playground.groups.set('alice', new ChatError('unavailable', 'internal_error'));
  const told = (await type(rig, 'alice', '!st2 list vms')).join();
  assert.match(told, /rule 2.*I could not read which user groups you are in/u);
  assert.equal(started(rig), 1);
});

test('a redelivered event is run once, also where groups are asked for', async (t) => {
  const rig = await standalone(t, [{ allow: '*', groups: ['S1'] }, { deny: '*' }]);
  rig.playground.groups.set('alice', ['S1']);
  const message = {
    ...asker('alice'),
    eventId: 'E1',
    text: '!st2 list vms',
    addressed: 'prefix',
    isPrivate: false,
  } as const;
  await Promise.all([rig.playground.ear.message(message), rig.playground.ear.message(message)]);
  assert.equal(started(rig), 1);
});
