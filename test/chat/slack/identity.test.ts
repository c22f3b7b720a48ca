/** Who a chat user is (design, section 1): at home in an org or a workspace, never in a channel or an installation. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ChatMessage } from '../../../src/chat/chat.ts';
import { type Installations, installationKey } from '../../../src/chat/slack/installations.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import type { Installation as EmulatedInstallation } from '../../support/slack/world-types.ts';
import { type AdapterOptions, slackAdapter } from '../../support/slack-adapter.ts';

/** Installations that a test makes as it goes. */
function keeping(live: () => readonly EmulatedInstallation[]): Installations {
  const all = () =>
    live().map((one) => ({
      isEnterpriseInstall: one.isEnterpriseInstall,
      botToken: one.botToken,
      botUserId: one.bot.id,
      botId: one.botId,
      ...(one.team === undefined ? {} : { teamId: one.team.id, name: one.team.name }),
      ...(one.enterprise === undefined ? {} : { enterpriseId: one.enterprise.id }),
    }));
  return {
    get: async (key) => all().find((one) => installationKey(one) === key),
    ofEnterprise: async (id) => all().filter(({ enterpriseId }) => enterpriseId === id),
    list: async () => all(),
    forget: async () => undefined,
  };
}

async function manyWorkspaces(t: TestContext, options: AdapterOptions = {}) {
  let live: () => readonly EmulatedInstallation[] = () => [];
  const rig = await slackAdapter(t, { ...options, deps: { installations: keeping(() => live()) } });
  live = () => rig.slack.world.apps.installations.filter((one) => one.active);
  return rig;
}

const who = ({ user, userKind }: ChatMessage) => [user.workspace, user.id, userKind];

test('the same id in two workspaces is two people', async (t) => {
  const rig = await manyWorkspaces(t);
  const other = rig.slack.workspace({ id: 'T099', name: 'Other' });
  rig.slack.install(rig.app, other);
  const namesake = rig.slack.user(other, { id: 'U0ALICE', name: 'alice' });
  await rig.start();
  await rig.alice.dm(rig.app, 'help');
  await rig.until(() => rig.heard.messages.length === 1);
  await namesake.dm(rig.app, 'help');
  await rig.until(() => rig.heard.messages.length === 2);
  assert.deepEqual(rig.heard.messages.map(who), [
    ['T024', 'U0ALICE', 'member'],
    ['T099', 'U0ALICE', 'member'],
  ]);
  const [first, second] = rig.heard.messages;
  assert.ok(first !== undefined && second !== undefined);
  await rig.adapter.platform.whisper(second.user, { text: 'for the other' }, { key: 'k' });
  await namesake.sees(namesake.dmWith(rig.app), 'for the other');
  assert.equal(rig.alice.seesNow(rig.alice.dmWith(rig.app)).length, 1);
});

test('a stranger of Slack Connect is told by their own home, also with the id of a member', async (t) => {
  const rig = await manyWorkspaces(t);
  const other = rig.slack.workspace({ id: 'T099', name: 'Other' });
  const namesake = rig.slack.user(other, { id: 'U0ALICE', name: 'mallory' });
  const mallory = rig.slack.user(other, { id: 'U0MALLORY', name: 'mallory2' });
  const shared = rig.slack.channel(rig.team, {
    id: 'C0SHARED',
    name: 'shared',
    members: [rig.alice, rig.installation.bot, namesake, mallory],
    sharedWith: [other],
  });
  await rig.start();
  for (const [index, person] of [namesake, mallory, rig.alice].entries()) {
    await person.say(shared, '!st2 list vms');
    await rig.until(() => rig.heard.messages.length === index + 1);
  }
  assert.deepEqual(rig.heard.messages.map(who), [
    ['T099', 'U0ALICE', 'stranger'],
    ['T099', 'U0MALLORY', 'stranger'],
    ['T024', 'U0ALICE', 'member'],
  ]);
});

test('on Grid a user is at home in the org, whichever workspace they write in', async (t) => {
  const rig = await manyWorkspaces(t, { enterprise: 'E1' });
  const sister = rig.slack.workspace({ id: 'T025', name: 'Sister', enterprise: 'E1' });
  const bot = rig.slack.install(rig.app, sister);
  const carol = rig.slack.user(rig.team, { id: 'W0CAROL', name: 'carol', alsoIn: [sister] });
  rig.general.members.add(carol.user);
  const there = rig.slack.channel(sister, { id: 'C0THERE', name: 'there', members: [carol, bot.bot] });
  await rig.start();
  await carol.say(rig.general, '!st2 list vms');
  await rig.until(() => rig.heard.messages.length === 1);
  await carol.say(there, '!st2 list vms');
  await rig.until(() => rig.heard.messages.length === 2);
  await carol.slash(there, '/st2', 'list vms', { app: rig.app });
  await rig.until(() => rig.heard.messages.length === 3);
  assert.deepEqual(rig.heard.messages.map(who), [
    ['E1', 'W0CAROL', 'member'],
    ['E1', 'W0CAROL', 'member'],
    ['E1', 'W0CAROL', 'member'],
  ]);
  assert.deepEqual(
    rig.heard.messages.slice(0, 2).map(({ place }) => place.workspace),
    ['T024', 'T025'],
  );
});

test('an installation of a whole org serves its workspaces', async (t) => {
  const rig = await manyWorkspaces(t, { enterprise: 'E1' });
  rig.slack.world.apps.uninstall(rig.installation);
  const org = rig.slack.enterprise('E1');
  const installed = rig.slack.install(rig.app, org);
  const sister = rig.slack.workspace({ id: 'T025', name: 'Sister', enterprise: 'E1' });
  const carol = rig.slack.user(rig.team, { id: 'W0CAROL', name: 'carol', alsoIn: [sister] });
  rig.slack.usergroup(rig.team, { id: 'S0OPS', handle: 'ops', users: [carol] });
  const room = rig.slack.channel(rig.team, { id: 'C0ROOM', name: 'room', members: [carol, installed.bot] });
  rig.heard.onMessage = async ({ place, messageId = '' }) => {
    await rig.adapter.platform.post({ ...place, thread: messageId }, { text: 'answered' }, 'k');
  };
  await rig.start();
  await carol.say(room, '!st2 list vms');
  await carol.sees(room, 'answered');
  const [message] = rig.heard.messages;
  assert.ok(message !== undefined);
  assert.deepEqual([who(message), message.place.workspace], [['E1', 'W0CAROL', 'member'], 'E1']);
  assert.deepEqual(await rig.adapter.platform.groupsOf(message.user), ['S0OPS']);
  const place = { platform: 'slack', workspace: 'E1', channel: 'C0ROOM', kind: 'channel' };
  assert.deepEqual(await rig.adapter.platform.resolveChannel('E1', '#room'), place);
  assert.deepEqual(await rig.adapter.platform.resolveChannel(undefined, 'C0ROOM'), place);
  await rig.adapter.platform.whisper(message.user, { text: 'told' }, { key: 'k2' });
  await carol.sees(carol.dmWith(rig.app), 'told');
});

test('guests and bots are told apart', async (t) => {
  const rig = await slackAdapter(t);
  const people = [
    rig.slack.user(rig.team, { id: 'U0GUEST', name: 'guest', guest: true }),
    rig.slack.user(rig.team, { id: 'U0SINGLE', name: 'single', guest: 'single-channel' }),
    rig.slack.user(rig.team, { id: 'U0ROBOT', name: 'robot', isBot: true }),
  ];
  for (const person of people) rig.general.members.add(person.user);
  await rig.start();
  for (const [index, person] of people.entries()) {
    await person.say(rig.general, '!st2 list vms');
    await rig.until(() => rig.heard.messages.length === index + 1);
  }
  assert.deepEqual(
    rig.heard.messages.map(({ userKind }) => userKind),
    ['guest', 'guest', 'bot'],
  );
});

test('who Slack does not name is refused, privately; who passes for a moment is not', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  rig.slack.world.weather.on('users.info', { error: 'user_not_found' });
  await rig.alice.say(rig.general, '!st2 list vms');
  const refusal = await rig.alice.sees(rig.general, 'I could not find out from Slack who you are');
  assert.equal(refusal.ephemeralTo, rig.alice.user);
  rig.slack.world.weather.on('users.info', { status: 503 });
  await rig.alice.say(rig.general, '!st2 list vms again');
  await rig.until(() => rig.heard.messages.length > 0);
  assert.deepEqual(
    rig.heard.messages.map(({ text }) => text),
    ['!st2 list vms again'],
  );
});

test('somebody is asked of Slack once in some minutes, and anew after user_change', async (t) => {
  const clock = new ManualClock();
  const rig = await slackAdapter(t, { clock });
  await rig.start();
  const asked = () => rig.slack.calls.filter(({ method }) => method === 'users.info').length;
  const say = async () => {
    const before = rig.heard.messages.length;
    await rig.alice.say(rig.general, '!st2 list vms');
    await rig.until(() => rig.heard.messages.length > before);
  };
  await say();
  await say();
  assert.equal(asked(), 1);
  clock.advance(5 * 60_000);
  await say();
  assert.equal(asked(), 2);
  rig.alice.user.restricted = true;
  rig.slack.world.events.emitToInstallation(rig.installation, {
    type: 'user_change',
    user: { id: 'U0ALICE', team_id: 'T024', deleted: false },
  });
  await rig.app.settled();
  await say();
  assert.equal(rig.heard.messages.at(-1)?.userKind, 'guest');
});
