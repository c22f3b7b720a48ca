import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InstallBrowser } from '../support/slack/install-rig.ts';
import { startSlackBot } from '../support/slack-bot.ts';

for (const mode of ['socket', 'http'] as const) {
  test(`two workspaces install the app by OAuth, ${mode} mode: alice of one is not alice of the other`, async (t) => {
    const { slack, app, team, alice, url, logIn, stackstorm, records } = await startSlackBot(t, {
      mode,
      install: true,
    });
    const other = slack.workspace({ id: 'T999', name: 'Other' });
    const namesake = slack.user(other, { id: 'U0ALICE', name: 'alice' });
    const lobby = slack.channel(other, { id: 'C0LOBBY', name: 'lobby', members: [namesake] });
    for (const { id } of [team, other]) {
      const done = await new InstallBrowser().install(url, { user: 'U0ALICE', workspace: id });
      assert.equal(done.status, 200);
    }
    await alice.sees(alice.dmWith(app), /help/);
    await namesake.sees(namesake.dmWith(app), /help/);
    const bots = slack.world.apps.installations.map((installation) => installation.bot);
    const [, theirs] = bots;
    assert.ok(theirs !== undefined);
    slack.world.channels.join(lobby, theirs);

    await logIn(alice, 'alice');
    const run = await alice.dm(app, 'st2 list vms');
    await alice.sees(alice.dmWith(app), /succeeded/, { after: run });
    const asked = await namesake.say(lobby, '!st2 list vms');
    const refused = await namesake.sees(lobby, /session_start/, { after: asked });
    assert.ok(refused.ephemeralTo);
    assert.equal(stackstorm.state.executions.all.length, 1);

    const home = slack.world.apps.installations.find((installation) => installation.team === team);
    assert.ok(home !== undefined);
    slack.world.apps.uninstall(home);
    while (!records.some(({ event }) => event === 'session.ended')) await nextTurn();
    await logIn(namesake, 'bob');
    const still = await namesake.dm(app, 'whoami');
    await namesake.sees(namesake.dmWith(app), /bob/, { after: still });

    const again = await new InstallBrowser().install(url, { user: 'U0ALICE', workspace: 'T024' });
    assert.equal(again.status, 200);
    const forgotten = await alice.dm(app, 'whoami');
    await alice.sees(alice.dmWith(app), /session_start/, { after: forgotten });
    assert.deepEqual(
      records.filter(({ event }) => event === 'slack.installed').map(({ chatUser }) => chatUser),
      ['slack:T024:U0ALICE', 'slack:T999:U0ALICE', 'slack:T024:U0ALICE'],
    );
    assert.deepEqual(slack.violations, []);
  });
}

test('with a fixed bot token there is no install', async (t) => {
  const { url } = await startSlackBot(t, { mode: 'http' });
  for (const path of ['/slack/install', '/slack/install/start', '/slack/oauth_redirect?state=a&code=b']) {
    assert.equal((await fetch(`${url}${path}`)).status, 404, path);
  }
  assert.equal((await fetch(`${url}/slack/events`)).status, 405);
  assert.equal((await fetch(`${url}/login/`)).status, 200);
});
