/** Accounts that are closed, and the app's removal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slackAdapter } from '../../support/slack-adapter.ts';

test('a closed account’s sessions end, and what it still sends is not run', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  await rig.alice.say(rig.general, '!st2 list vms');
  await rig.until(() => rig.heard.messages.length === 1);
  rig.slack.world.deactivate(rig.alice.user);
  rig.slack.world.events.emitToInstallation(rig.installation, {
    type: 'user_change',
    user: { id: 'U0ALICE', team_id: 'T024', deleted: true },
  });
  await rig.until(() => rig.heard.gone.length === 1);
  rig.slack.world.messages.say(rig.alice.user, rig.general, { text: '!st2 once more' });
  await rig.until(() => rig.heard.gone.length === 2);
  assert.equal(rig.heard.messages.length, 1);
  for (const gone of rig.heard.gone)
    assert.deepEqual([gone.platform, gone.workspace, gone.id], ['slack', 'T024', 'U0ALICE']);
});

test('the app’s removal ends the workspace’s sessions; the bot lives and says that it is not ready', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  await rig.adapter.ready();
  rig.slack.world.apps.uninstall(rig.installation);
  await rig.until(() => rig.heard.gone.length >= 1);
  assert.deepEqual(rig.heard.gone[0], { platform: 'slack', workspace: 'T024' });
  await assert.rejects(rig.adapter.ready(), { reason: 'account_inactive' });
});

test('an event of a removal that comes after the next installation changes nothing', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  rig.slack.world.events.emitToInstallation(rig.installation, { type: 'app_uninstalled' });
  await rig.until(() => rig.logged.some(({ msg }) => String(msg).includes('nothing is forgotten')));
  assert.deepEqual(rig.heard.gone, []);
  await rig.adapter.ready();
});

test('tokens of other people that are revoked are not the bot’s', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  rig.slack.world.events.emitToInstallation(rig.installation, {
    type: 'tokens_revoked',
    tokens: { oauth: ['U0ALICE'], bot: [] },
  });
  await rig.app.settled();
  await rig.alice.say(rig.general, '!st2 list vms');
  await rig.until(() => rig.heard.messages.length === 1);
  assert.deepEqual(rig.heard.gone, []);
});
