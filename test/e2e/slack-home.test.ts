import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Audit, AuditRecord } from '../../src/ops/audit.ts';
import { startBot } from '../support/bot.ts';
import { LoginClient } from '../support/login-client.ts';
import type { View } from '../support/slack/world-types.ts';
import { slackAdapter } from '../support/slack-adapter.ts';

/** Everything that somebody reads in a view, and what stands behind it. */
const shown = (view: View) => JSON.stringify(view.payload);
const holds = (words: string) => (view: View) => shown(view).includes(words);

/** The address of the view's link button. */
function linkIn(view: View): string {
  const url = /"url":"([^"]+\/login\/#[^"]+)"/u.exec(shown(view))?.[1];
  assert.ok(url, shown(view));
  return url;
}

test('App Home: who I am, log in by the modal, what I may run, end the session', async (t) => {
  const { adapter, alice, app, general, slack } = await slackAdapter(t);
  const rig = await startBot(t, { platforms: [adapter.platform] });
  await alice.openHome(app);
  const before = await alice.home(app, holds('not logged in'));
  assert.doesNotMatch(shown(before), /list vms/u);
  assert.match(shown(before), /slack:T024:U0ALICE/u);

  await alice.press(before, 'bolt-stackstorm:session_start:0');
  const form = await alice.modal(app);
  const wrong = await alice.submit(form, { word: '  abc  ' });
  assert.match(JSON.stringify(wrong), /4 characters or more/u);
  await alice.submit(form, { word: 'plum' });
  const modal = await alice.modal(app, holds('/login/#'));
  const login = new LoginClient(rig.url);
  const opened = await login.open(linkIn(modal));
  assert.equal(opened.status, 200);
  assert.match(JSON.stringify(opened.body), /"id":"U0ALICE".*a dialog in chat/u);
  assert.equal((await login.password('plum', 'alice', 'alice')).status, 200);

  const live = await alice.home(app, holds('End session'));
  assert.match(shown(live), /list vms/u);
  await alice.sees(alice.dmWith(app), /You are logged in to StackStorm as alice/u);

  await alice.press(live, 'bolt-stackstorm:search:0', { value: 'hosts' });
  const found = await alice.home(app, (view) => !shown(view).includes('list vms'));
  assert.match(shown(found), /run \{\{cmd\}\} on \{\{hosts\}\}/u);

  await alice.press(found, 'bolt-stackstorm:session_end:0');
  await alice.sees(alice.dmWith(app), /Your session as alice has ended/u);
  await alice.home(app, holds('not logged in'));
  assert.equal(alice.seesNow(general).length, 0);
  assert.deepEqual(slack.violations, []);
});

test('a refused command’s button opens the modal; a link that was asked for by the slash command comes by DM', async (t) => {
  const { adapter, alice, app, general, slack } = await slackAdapter(t);
  await startBot(t, { platforms: [adapter.platform] });
  await alice.say(general, '!st2 list vms');
  const refused = await alice.sees(general, /You are not logged in/u);
  await alice.press(refused, 'bolt-stackstorm:session_start:0');
  await alice.submit(await alice.modal(app), { word: 'plum' });
  linkIn(await alice.modal(app, holds('/login/#')));

  await alice.slash(general, '/st2', 'session_start plum');
  await alice.sees(alice.dmWith(app), /Your login link works once/u);
  assert.ok(
    !alice
      .seesNow(general)
      .some((message) => JSON.stringify([message.text, message.blocks]).includes('/login/#')),
  );
  await alice.slash(general, '/st2', 'help');
  await alice.sees(general, /nobody else is to read what you type: \/st2 help/u);
  assert.deepEqual(slack.violations, []);
});

test('a workspace that removes the app has no session left; a closed account neither', async (t) => {
  const { adapter, alice, app, installation, slack, team } = await slackAdapter(t);
  const bob = slack.user(team, { id: 'U0BOB', name: 'bob' });
  const records: AuditRecord[] = [];
  const audit: Audit = {
    async record(record) {
      records.push(record);
      slack.world.core.touch();
    },
  };
  const rig = await startBot(t, { audit, platforms: [adapter.platform] });
  for (const person of [alice, bob]) {
    await person.openHome(app);
    await person.press(await person.home(app), 'bolt-stackstorm:session_start:0');
    await person.submit(await person.modal(app), { word: 'plum' });
    const login = new LoginClient(rig.url);
    await login.open(linkIn(await person.modal(app, holds('/login/#'))));
    assert.equal((await login.password('plum', 'alice', 'alice')).status, 200);
  }
  const left = (id: string) =>
    records.some(({ outcome, chatUser }) => outcome === 'left' && chatUser === `slack:T024:${id}`);
  slack.world.deactivate(bob.user);
  await slack.until(() => left('U0BOB'));
  assert.equal(left('U0ALICE'), false);
  slack.world.apps.uninstall(installation);
  await slack.until(() => left('U0ALICE'));
});
