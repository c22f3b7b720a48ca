import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wireUser } from '../support/slack/wire.ts';
import { SlackWorld } from '../support/slack/world.ts';

/** What each app heard: `message` with its subtype, or the event's type. */
function heard(world: SlackWorld): string[] {
  return world.events.deliveries.map(({ app, installation, event }) => {
    const subtype = event['subtype'] === undefined ? '' : `:${event['subtype']}`;
    return `${app.id}@${installation.team?.id ?? installation.enterprise?.id} ${event.type}${subtype}`;
  });
}

const HEARING = {
  botScopes: ['channels:history', 'groups:history', 'im:history', 'app_mentions:read', 'channels:read'],
  botEvents: ['message.channels', 'message.im', 'app_mention', 'member_joined_channel', 'app_uninstalled'],
};

test('an app hears what it subscribed to, with the scope, where its bot is', () => {
  const world = new SlackWorld();
  const team = world.people.workspace({ id: 'T1' });
  const alice = world.people.user(team, { name: 'alice' });
  const app = world.apps.app({ id: 'A1', ...HEARING });
  const unscoped = world.apps.app({ id: 'A2', botEvents: HEARING.botEvents });
  const unsubscribed = world.apps.app({ id: 'A3', botScopes: HEARING.botScopes });
  const bots = [app, unscoped, unsubscribed].map((one) => world.apps.install(one, team).bot);
  const general = world.channels.create(team, { members: [alice, ...bots] });
  const elsewhere = world.channels.create(team, { members: [alice] });
  const secret = world.channels.create(team, { kind: 'private', members: [alice, ...bots] });

  world.messages.say(alice, elsewhere, { text: 'nobody hears' });
  world.messages.say(alice, secret, { text: 'message.groups is not subscribed to' });
  assert.deepEqual(heard(world), []);
  const message = world.messages.say(alice, general, { text: '!st2 list' });
  world.messages.edit(message, alice, { text: `!st2 list <@${bots[0]?.id}>` });
  world.messages.delete(message);
  assert.deepEqual(heard(world), [
    'A1@T1 message',
    'A1@T1 message:message_changed',
    'A1@T1 app_mention',
    'A1@T1 message:message_deleted',
  ]);
  const mention = world.events.deliveries[2];
  assert.notEqual(mention?.event['edited'], undefined, 'a mention by an edit says that it is one');
});

test('a channel of two organisations: one delivery an app, with the homes of the authors', () => {
  const world = new SlackWorld();
  const ours = world.people.workspace({ id: 'T1' });
  const theirs = world.people.workspace({ id: 'T2' });
  const app = world.apps.app({ id: 'A1', ...HEARING });
  const [here, there] = [world.apps.install(app, ours), world.apps.install(app, theirs)];
  const alice = world.people.user(ours, { id: 'U1', name: 'alice' });
  const stranger = world.people.user(theirs, { id: 'U1', name: 'mallory' });
  const general = world.channels.create(ours, { members: [alice], sharedWith: [theirs] });
  assert.equal(wireUser(stranger, ours, [], false)['is_stranger'], true, 'no channel in common');
  world.channels.join(general, here.bot);
  world.channels.join(general, stranger);
  assert.equal(wireUser(stranger, ours, world.channels.all, false)['is_stranger'], false);
  world.channels.join(general, there.bot);

  world.messages.say(alice, general, { text: 'hi' });
  world.messages.say(stranger, general, { text: 'hi' });
  const said = world.events.deliveries.filter((one) => one.event.type === 'message');
  assert.deepEqual(
    said.map((one) => [
      one.installation.team?.id,
      one.event['user'],
      one.event['user_team'],
      one.isExtSharedChannel,
    ]),
    [
      ['T2', 'U1', 'T1', true],
      ['T2', 'U1', 'T2', true],
    ],
  );
});

test('an org-wide install hears all its workspaces; a Grid user is one person in them', () => {
  const world = new SlackWorld();
  const one = world.people.workspace({ id: 'T1', enterprise: 'E1' });
  const two = world.people.workspace({ id: 'T2', enterprise: 'E1' });
  const app = world.apps.app({ id: 'A1', ...HEARING });
  const installation = world.apps.install(app, world.people.enterprise('E1'));
  const alice = world.people.user(one, { id: 'U1', alsoIn: [two] });
  assert.throws(() => world.people.user(two, { id: 'U1' }), /already/);
  for (const team of [one, two]) {
    const channel = world.channels.create(team, { members: [alice, installation.bot] });
    world.messages.say(alice, channel, { text: 'hi' });
  }
  assert.deepEqual(
    world.events.deliveries.map((delivery) => delivery.team.id),
    ['T1', 'T2'],
  );
  assert.deepEqual(wireUser(alice, two, [], false)['enterprise_user'], {
    id: 'U1',
    enterprise_id: 'E1',
    enterprise_name: 'E1',
    is_admin: false,
    is_owner: false,
    teams: ['T1', 'T2'],
  });
});

test('a parent with replies leaves a tombstone; an uninstalled app is told and hears no more', () => {
  const world = new SlackWorld();
  const team = world.people.workspace({ id: 'T1' });
  const alice = world.people.user(team);
  const app = world.apps.app({ id: 'A1', ...HEARING });
  const installation = world.apps.install(app, team);
  const general = world.channels.create(team, { members: [alice, installation.bot] });
  const parent = world.messages.say(alice, general, { text: 'a' });
  world.messages.say(alice, general, { text: 'b', threadTs: parent.ts });
  world.messages.delete(parent);
  assert.equal(general.messages.get(parent.ts)?.deleted, true);
  assert.deepEqual(
    world.messages.seenBy(alice, general).map((message) => message.text),
    ['b'],
  );
  world.apps.uninstall(installation);
  world.messages.say(alice, general, { text: 'anybody?' });
  assert.deepEqual(heard(world).slice(-2), ['A1@T1 message:message_changed', 'A1@T1 app_uninstalled']);
});

test('until waits for the change, and says what did not come', async () => {
  const world = new SlackWorld();
  const team = world.people.workspace();
  const channel = world.channels.create(team);
  const found = world.until(() => channel.messages.size > 0 && 'came', 'a message');
  world.messages.say(world.people.user(team), channel, { text: 'x' });
  assert.equal(await found, 'came');
  await assert.rejects(
    world.until(() => false, 'the end of the world', 5),
    /the end of the world did not come within 5 ms/,
  );
});
