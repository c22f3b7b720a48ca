import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SlackBot, startSlackBot } from '../support/slack-bot.ts';

const access = {
  default: 'allow',
  rules: [
    { name: 'ops deploy', allow: 'demo.deploy', groups: ['S0OPS'] },
    { name: 'nobody else deploys', deny: 'demo.deploy' },
    {
      name: 'partners look',
      allow: ['demo.list_*', 'help'],
      channels: ['C0SHARED'],
      userKinds: ['stranger'],
    },
    { name: 'the monitor', allow: 'demo.status', users: ['U0MONITOR'], userKinds: ['bot'] },
  ],
};

const started = ({ stackstorm }: SlackBot) =>
  stackstorm.state.executions.all
    .map(({ action }) => action.ref)
    .filter((ref) => ref.startsWith('demo.'))
    .sort();

/** The refusals on record, when there are so many. */
async function refusals({ slack, records }: SlackBot, count: number) {
  const refused = () => records.filter(({ event }) => event === 'command.refused');
  await slack.until(() => refused().length >= count);
  return refused().map(({ outcome, chatUser }) => [outcome, chatUser]);
}

test('in Slack: user groups, guests, strangers, and apps, as the rules have it', async (t) => {
  const rig = await startSlackBot(t, { auth: 'standalone', config: { access } });
  const { slack, team, general, alice, bob } = rig;
  const [ours] = [...general.members].filter(({ isBot }) => isBot);
  assert.ok(ours);
  slack.usergroup(team, { id: 'S0OPS', handle: 'ops', users: [alice] });
  const gina = slack.user(team, { id: 'U0GINA', name: 'gina', guest: true });
  const partner = slack.workspace({ id: 'T099', name: 'Partner' });
  const eve = slack.user(partner, { id: 'U0EVE', name: 'eve' });
  const shared = slack.channel(team, {
    id: 'C0SHARED',
    name: 'shared',
    members: [alice, gina, eve, ours],
    sharedWith: [partner],
  });

  const deploying = await alice.say(general, '!st2 deploy api to staging');
  await alice.sees(general, /succeeded/, { after: deploying });
  const denied = await bob.say(general, '!st2 deploy api to staging');
  const told = await bob.sees(general, /rule 2 \(“nobody else deploys”\) does not let you/, {
    after: denied,
  });
  assert.ok(told.ephemeralTo, 'shown to bob alone');

  const looking = await eve.say(shared, '!st2 list vms');
  await eve.sees(shared, /succeeded/, { after: looking });
  const more = await eve.say(shared, '!st2 status api');
  await eve.sees(shared, /No access rule of this bot lets people of other organisations/, { after: more });
  const guest = await gina.say(shared, '!st2 list vms');
  await gina.sees(shared, /no access rule opens me to guests/, { after: guest });
  assert.deepEqual(started(rig), ['demo.deploy', 'demo.list_vms']);
  assert.deepEqual(await refusals(rig, 3), [
    ['access', 'slack:T024:U0BOB'],
    ['access', 'slack:T099:U0EVE'],
    ['guest', 'slack:T024:U0GINA'],
  ]);
});

test('in Slack: what other apps say is run where a rule names them, and never answered else', async (t) => {
  const rig = await startSlackBot(t, { auth: 'standalone', config: { access } });
  const { slack, team, general, alice } = rig;
  const apps = ['MONITOR', 'ROBOT'].map((name) => {
    const app = slack.app({ id: `A0${name}`, botScopes: ['chat:write'], botEvents: [] });
    const installation = slack.install(app, team, { botUserId: `U0${name}` });
    general.members.add(installation.bot);
    return installation;
  });
  const before = alice.seesNow(general).length;
  for (const app of apps) {
    slack.world.messages.post(app, general, { text: '!st2 list vms' });
    slack.world.messages.post(app, general, { text: '!help' });
  }
  await refusals(rig, 4);
  assert.equal(alice.seesNow(general).length, before + 4, 'nothing but what the apps said');
  assert.deepEqual(started(rig), []);
  const [monitor] = apps;
  assert.ok(monitor);
  slack.world.messages.post(monitor, general, { text: '!st2 status api' });
  await alice.sees(general, /succeeded|healthy/);
  assert.deepEqual(started(rig), ['demo.status']);
});
