import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventsFor, scopesFor } from '../../src/chat/slack/scopes.ts';
import { slackFeatures } from '../../src/platforms.ts';
import { InstallBrowser } from '../support/slack/install-rig.ts';
import { type SlackBot, startSlackBot } from '../support/slack-bot.ts';

/** Uses Slack in every way that the bot's features allow. */
async function useAll(rig: SlackBot): Promise<void> {
  const { slack, app, alice, bob, team, general, stackstorm, logIn } = rig;
  const { prefixInChannels, mentions, home, files, customize } = rig.config.chat.slack ?? {};
  const { bot } = alice.installationOf(app);
  const closed = slack.channel(team, { id: 'G0CLOSED', kind: 'private', members: [alice, bob, bot] });
  const several = slack.channel(team, { id: 'G0SEVERAL', kind: 'mpim', members: [alice, bob, bot] });
  await logIn(alice, 'alice');

  for (const place of [general, closed, several]) {
    if (prefixInChannels === true) {
      const typed = await alice.say(place, '!st2 list vms');
      await alice.sees(place, /succeeded/, { after: typed });
      const early = await bob.say(place, '!st2 list vms');
      const refused = await bob.sees(place, /session_start/, { after: early });
      assert.ok(refused.ephemeralTo, 'told to bob alone');
    }
    if (mentions === true) {
      const mentioned = await alice.mention(place, app, 'st2 list vms');
      await alice.sees(place, /succeeded/, { after: mentioned });
    }
  }
  assert.equal((await alice.slash(general, '/st2', 'st2 list vms')).acknowledged, true);
  const direct = alice.dmWith(app);
  const long = await alice.dm(app, 'st2 dump everything');
  const dumped = await alice.sees(direct, /succeeded|dump/, { after: long });
  assert.ok(dumped);
  if (files === true) {
    await slack.until(
      () => slack.calls.some(({ method }) => method === 'files.completeUploadExternal'),
      'the file',
    );
  }
  if (home === true) {
    await alice.openHome(app);
    await alice.home(app);
  }
  stackstorm.announce('chatops', {
    message: 'by name',
    channel: closed.name,
    user: null,
    whisper: false,
    context: null,
    extra: { slack: { username: 'Deployments', icon_emoji: ':rocket:' } },
  });
  const posted = await slack.until(() =>
    slack.calls.find(({ args, answer }) => answer['ok'] === true && JSON.stringify(args).includes('by name')),
  );
  assert.equal(posted.args['username'], customize === true ? 'Deployments' : undefined);
}

const everything = {
  install: true,
  slack: { customize: true },
  config: {
    access: { default: 'deny', rules: [{ allow: '*', groups: ['S0OPS'] }] },
    executions: { reactions: true },
  },
} as const;

/** The bot with all of its features, installed by alice, who is of the group that may run everything. */
async function startWithEverything(t: TestContext): Promise<SlackBot> {
  const rig = await startSlackBot(t, everything);
  const { slack, app, team, alice, bob, general, url } = rig;
  slack.usergroup(team, { id: 'S0OPS', handle: 'ops', users: [alice, bob] });
  const done = await new InstallBrowser().install(url, { user: alice.id, workspace: team.id });
  assert.equal(done.status, 200);
  slack.world.channels.join(general, alice.installationOf(app).bot);
  return rig;
}

/** Those that the config asks for, and those that its use needed. */
function scopesOf({ slack, app, config }: SlackBot) {
  const features = slackFeatures(config);
  assert.ok(features !== undefined);
  assert.deepEqual(app.botEvents, eventsFor(features));
  return { features, asked: scopesFor(features), needed: [...slack.scopesNeeded(app)].sort() };
}

test('with every feature on, the scopes are those that the calls and the events need', async (t) => {
  const rig = await startWithEverything(t);
  await useAll(rig);
  const { features, asked, needed } = scopesOf(rig);
  // Sign in with Slack needs no scope of the bot's; e-mail addresses are for serverside alone.
  const { signIn: _, emails: __, ...ofTheBot } = features;
  assert.ok(Object.values(ofTheBot).every(Boolean), 'every feature is on');
  assert.deepEqual(needed, asked);
});

test('with every feature off, the scopes are fewer, and still those that are needed', async (t) => {
  const off = { prefixInChannels: false, mentions: false, home: false, files: false, customize: false };
  const rig = await startSlackBot(t, { slack: off });
  await useAll(rig);
  const { features, asked, needed } = scopesOf(rig);
  assert.ok(!Object.values(features).some(Boolean), 'every feature is off');
  assert.deepEqual(needed, asked);
  assert.deepEqual(
    asked,
    'channels:read chat:write commands groups:read im:history im:write users:read'.split(' '),
  );
});

test('without one of its scopes Slack refuses the call, or does not tell', async (t) => {
  const rig = await startWithEverything(t);
  const { slack, app, alice, bob, team, general, logIn, stackstorm } = rig;
  const installation = alice.installationOf(app);
  const closed = slack.channel(team, { kind: 'private', members: [alice, installation.bot] });
  const several = slack.channel(team, { kind: 'mpim', members: [alice, bob, installation.bot] });
  const carol = slack.user(team, { id: 'U0CAROL', name: 'carol' });
  slack.world.channels.join(general, carol.user);

  const announce = (channel: string) =>
    stackstorm.announce('chatops', {
      message: 'look',
      channel,
      user: null,
      whisper: false,
      context: null,
      extra: { slack: { username: 'Deployments' } },
    });
  const isRefused = (scope: string) =>
    slack.until(
      () =>
        slack.calls.some(
          ({ answer }) =>
            answer['error'] === 'missing_scope' && String(answer['needed']).split(',').includes(scope),
        ),
      `${scope} is missed`,
    );
  const isNotTold = (act: () => Promise<unknown>) => async () => {
    const before = slack.world.events.deliveries.length;
    await act();
    assert.equal(slack.world.events.deliveries.length, before);
  };
  const refused = (act: () => unknown) => async (scope: string) => {
    await act();
    await isRefused(scope);
  };
  // What the bot has read once it knows for some minutes: each way is the first to ask.
  const ways: Readonly<Record<string, (scope: string) => Promise<unknown>>> = {
    'usergroups:read': refused(() => alice.dm(app, 'st2 list vms')),
    'users:read': refused(() => carol.dm(app, 'help')),
    'im:write': refused(() => bob.slash(general, '/st2', 'session_start plum-tree')),
    'channels:read': refused(() => announce('general')),
    'groups:read': refused(() => announce('general')),
    'chat:write': refused(() => alice.dm(app, 'help')),
    'chat:write.customize': refused(() => announce(general.id)),
    'files:write': refused(async () => {
      await logIn(alice, 'alice');
      await alice.dm(app, 'st2 dump everything');
    }),
    'reactions:write': refused(() => alice.dm(app, 'st2 list vms')),
    'im:history': isNotTold(() => alice.dm(app, 'help')),
    'channels:history': isNotTold(() => alice.say(general, '!help')),
    'groups:history': isNotTold(() => alice.say(closed, '!help')),
    'mpim:history': isNotTold(() => alice.say(several, '!help')),
    'app_mentions:read': async () => {
      const { deliveries } = slack.world.events;
      const before = deliveries.length;
      await alice.mention(general, app, 'help');
      assert.ok(!deliveries.slice(before).some(({ event }) => event['type'] === 'app_mention'));
    },
    commands: () => assert.rejects(alice.slash(general, '/st2', 'help'), /not a command/u),
  };
  const { asked } = scopesOf(rig);
  assert.deepEqual(Object.keys(ways).sort(), asked);
  for (const [scope, way] of Object.entries(ways)) {
    const tokens = [...slack.world.apps.tokens.values()].filter((token) => token.scopes.has(scope));
    for (const { scopes } of [installation, ...tokens]) scopes.delete(scope);
    await way(scope);
    for (const { scopes } of [installation, ...tokens]) scopes.add(scope);
  }
});
