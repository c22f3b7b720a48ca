/** The journey in two workspaces that installed the app by OAuth at once: who is alice in one is nobody in the other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlackPerson } from '../support/slack/emulator.ts';
import { InstallBrowser } from '../support/slack/install-rig.ts';
import type { Channel, Installation, Message, Workspace } from '../support/slack/world-types.ts';
import { linkIn, type SlackBot, startSlackBot } from '../support/slack-bot.ts';

const result = /succeeded/u;

/** The other workspace, with somebody of the same id in it. */
function secondWorkspace({ slack }: SlackBot) {
  const team = slack.workspace({ id: 'T2', name: 'Other' });
  const namesake = slack.user(team, { id: 'U0ALICE', name: 'alice' });
  const lobby = slack.channel(team, { id: 'C0LOBBY', name: 'lobby', members: [namesake] });
  return { team, namesake, lobby };
}

/** Both workspaces' installers stand on Slack's page at the same time, and allow it one after the other. */
async function installBoth(
  { slack, url }: SlackBot,
  installs: readonly [SlackPerson, Channel][],
): Promise<void> {
  const browsers = installs.map(([person, channel]) => ({ person, channel, browser: new InstallBrowser() }));
  const asked = await Promise.all(
    browsers.map(async (one) => {
      assert.equal((await one.browser.get(`${url}/slack/install`)).status, 200);
      return { ...one, page: await one.browser.begin(url) };
    }),
  );
  const allowed = await Promise.all(
    asked.map(async (one) => ({ ...one, back: await one.person.consent(one.page) })),
  );
  const done = await Promise.all(allowed.map(({ browser, back }) => browser.get(back.href)));
  assert.deepEqual(
    done.map(({ status }) => status),
    [200, 200],
  );
  const { installations } = slack.world.apps;
  for (const { person, channel } of browsers) {
    const { bot } = installationIn(installations, person.user.team);
    slack.world.channels.join(channel, bot);
  }
}

function installationIn(installations: readonly Installation[], team: Workspace): Installation {
  const found = installations.find((one) => one.team === team);
  assert.ok(found, team.id);
  return found;
}

/** Runs an alias in a channel; answers its result, which hangs in the thread of the command. */
async function run(person: SlackPerson, channel: Channel, service: string): Promise<Message> {
  const command = await person.say(channel, `!st2 status ${service}`);
  const answer = await person.sees(channel, result, { after: command });
  assert.equal(answer.threadTs, command.ts);
  return answer;
}

/** Whoever has no session is told in private how to log in, and nothing runs. */
async function refused(person: SlackPerson, channel: Channel): Promise<void> {
  const command = await person.say(channel, '!st2 status web9');
  const words = await person.sees(channel, /session_start/u, { after: command });
  assert.ok(words.ephemeralTo);
}

const runs = ({ stackstorm }: SlackBot) =>
  stackstorm.state.executions.all
    .map(({ context, parameters }) => `${String(context['user'])}: ${String(parameters['service'])}`)
    .sort();

for (const mode of ['socket', 'http'] as const) {
  test(`two workspaces by OAuth, ${mode} mode, clientside: two sessions, two StackStorm users`, async (t) => {
    const rig = await startSlackBot(t, { mode, install: true });
    const { slack, app, team, alice, bob, general, records } = rig;
    const { team: other, namesake, lobby } = secondWorkspace(rig);
    await installBoth(rig, [
      [alice, general],
      [namesake, lobby],
    ]);

    await refused(alice, general);
    await rig.logIn(alice, 'alice');
    await refused(namesake, lobby);
    await rig.logIn(namesake, 'bob');
    await Promise.all([run(alice, general, 'web1'), run(namesake, lobby, 'web2')]);
    assert.deepEqual(runs(rig), ['alice: web1', 'bob: web2']);
    assert.equal(bob.seesNow(general).filter((message) => linkIn(message) !== undefined).length, 0);

    slack.world.apps.uninstall(installationIn(slack.world.apps.installations, team));
    const ended = () =>
      records
        .filter(({ event, outcome }) => event === 'session.ended' && outcome === 'left')
        .map(({ chatUser }) => chatUser);
    await slack.until(() => ended().length > 0);
    await run(namesake, lobby, 'web3');
    const back = await new InstallBrowser().install(rig.url, { user: 'U0ALICE', workspace: team.id });
    assert.equal(back.status, 200);
    await refused(alice, general);
    assert.deepEqual(ended(), ['slack:T024:U0ALICE']);

    const dm = namesake.dmWith(app);
    const ending = await namesake.dm(app, 'session_end');
    await namesake.sees(dm, /Your session as bob has ended/u, { after: ending });
    await refused(namesake, lobby);
    assert.deepEqual(runs(rig), ['alice: web1', 'bob: web2', 'bob: web3']);
    assert.deepEqual(
      records
        .filter(({ event }) => event === 'slack.installed')
        .map(({ chatUser }) => chatUser)
        .sort(),
      ['slack:T024:U0ALICE', 'slack:T024:U0ALICE', `slack:${other.id}:U0ALICE`],
    );
    assert.deepEqual(await rig.deadLetters(), []);
  });

  test(`two workspaces by OAuth, ${mode} mode, standalone: each result where it was asked for`, async (t) => {
    const rig = await startSlackBot(t, { mode, install: true, auth: 'standalone' });
    const { slack, app, team, alice, general } = rig;
    const { namesake, lobby } = secondWorkspace(rig);
    await installBoth(rig, [
      [alice, general],
      [namesake, lobby],
    ]);
    await Promise.all([run(alice, general, 'web1'), run(namesake, lobby, 'web2')]);
    assert.equal(slack.postedBy(app, general).filter(({ text }) => text.includes('web2')).length, 0);
    assert.equal(slack.postedBy(app, lobby).filter(({ text }) => text.includes('web1')).length, 0);
    const asked = await namesake.dm(app, 'session_start plum-tree');
    await namesake.sees(namesake.dmWith(app), /no login/iu, { after: asked });

    slack.world.apps.uninstall(installationIn(slack.world.apps.installations, team));
    await run(namesake, lobby, 'web3');
    await app.settled();
    assert.deepEqual(
      runs(rig).map((line) => line.replace(/^.*: /u, '')),
      ['web1', 'web2', 'web3'],
    );
  });
}
