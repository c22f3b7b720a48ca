/**
 * A roll-out as a team plays it: alice asks for it, bob is the second pair of eyes, alice says why, and only the admin may
 * give the go. StackStorm knows the three by their own credentials, and each may do something else.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { demoAccess } from '../../src/demo/demo.ts';
import { startBot } from '../support/bot.ts';
import { browserMissing, launchBrowser, screenshot, withPage } from '../support/browser.ts';
import { fromBot, openChat, say } from '../support/chat-page.ts';
import { contrastFaults } from '../support/contrast.ts';
import { played } from '../support/played-workflow.ts';
import type { Message } from '../support/slack/world-types.ts';
import { startSlackBot } from '../support/slack-bot.ts';

const skip = browserMissing();

test('two inquiries and an approval, in Chromium, by three people with different rights', {
  skip,
}, async (t) => {
  const rig = await startBot(t, { config: { access: demoAccess } });
  const browser = await launchBrowser();
  t.after(() => browser.close());
  await Promise.all([rig.logIn('alice'), rig.logIn('bob'), rig.logIn('admin')]);

  await withPage(
    browser,
    rig.url,
    async (alice, context) => {
      const [bob, admin] = await Promise.all([context.newPage(), context.newPage()]);
      await Promise.all([
        openChat(alice, 'alice', 'general'),
        openChat(bob, 'bob', 'general'),
        openChat(admin, 'admin', 'general'),
      ]);

      // The rule wants somebody else's approval.
      const command = await say(alice, '!st2 roll out shop 2.4.1');
      const waits = await fromBot(command, 'waits until one other person approves it');
      assert.match(await waits.innerText(), /as alice[\s\S]*demo\.roll_out[\s\S]*shop[\s\S]*2\.4\.1/);
      await waits.getByRole('button', { name: 'Approve', exact: true }).click();
      await fromBot(alice, 'somebody else has to approve it');
      const bobsView = await fromBot(bob, 'waits until one other person approves it');
      assert.equal(rig.stackstorm.state.executions.all.length, 0, 'nothing runs before');
      assert.deepEqual(await contrastFaults(bob), []);
      await screenshot(bob, 'played-1-approval');
      await bobsView.getByRole('button', { name: 'Approve', exact: true }).click();
      await fromBot(command, /It was approved, and runs now\.[\s\S]*approved by bob \(bob\)/);
      assert.equal(await command.getByRole('button', { name: 'Approve', exact: true }).count(), 0);

      // The first question is for anybody; its form is filled in by who asked for it.
      const why = await fromBot(command, 'Why is this rolled out?');
      await fromBot(command, /(?:Running|Paused)[^\n]* · demo\.roll_out/);
      await why.getByRole('button', { name: 'Respond' }).click();
      const form = dialogOf(alice);
      await form.getByRole('textbox', { name: 'reason' }).fill('Fixes the rounding of totals');
      await form.getByRole('combobox', { name: 'risk' }).selectOption({ label: 'medium' });
      await screenshot(alice, 'played-2-form');
      await form.getByRole('button', { name: 'Answer', exact: true }).click();
      await fromBot(command, 'Answered by alice.');

      // The second one is for StackStorm's role admin. StackStorm refuses bob, by his own login.
      const bobsGo = await fromBot(bob, 'Staging is healthy. Go on to production?');
      assert.match(await bobsGo.innerText(), /only for role admin/);
      await answerGo(bob);
      const refusal = bob.getByRole('dialog', { name: 'That did not work' });
      await refusal.getByText('StackStorm does not let you, as bob, do this').waitFor();
      await screenshot(bob, 'played-3-refused');
      await bob.keyboard.press('Escape');
      await answerGo(admin);
      await fromBot(command, 'Answered by admin.');

      const result = await fromBot(command, /demo\.roll_out: succeeded/);
      assert.match(await result.innerText(), /deploy_prod[\s\S]*production/);
      await fromBot(command, /Succeeded[^\n]* · demo\.roll_out/);
      await fromBot(bob, /demo\.roll_out: succeeded/);
      await bob.setViewportSize({ width: 1100, height: 1380 });
      await bob.mouse.move(0, 0);
      await screenshot(bob, 'played-4-ended');
    },
    { viewport: { width: 1100, height: 720 } },
  );
  assert.deepEqual(played(rig), story);
});

test('the same in Slack, with its modals', async (t) => {
  const rig = await startSlackBot(t, { config: { access: demoAccess } });
  const { slack, team, app, alice, bob, general, logIn } = rig;
  const carol = slack.user(team, { id: 'U0CAROL', name: 'carol' });
  general.members.add(carol.user);
  await logIn(alice, 'alice');
  await logIn(bob, 'bob');
  await logIn(carol, 'admin');

  const command = await alice.say(general, '!st2 roll out shop 2.4.1');
  const waits = await bob.sees(general, /waits until one other person approves it/, { after: command });
  assert.equal(waits.threadTs, command.ts);
  await alice.press(waits, approve);
  const own = await alice.sees(general, /somebody else has to approve it/, { after: waits });
  assert.ok(own.ephemeralTo);
  await bob.press(waits, approve);
  await slack.until(() => /It was approved, and runs now[\s\S]*approved by bob/.test(wordsOf(waits)));
  assert.doesNotMatch(wordsOf(waits), new RegExp(approve));
  const living = await alice.sees(general, /(?:Requested|Running|Paused)[\s\S]*demo\.roll_out/, {
    after: waits,
  });

  const why = await alice.sees(general, /Why is this rolled out\?/, { after: waits });
  await alice.press(why, respond);
  const form = await alice.modal(app);
  const answered = await alice.submit(form, { q0: 'Fixes the rounding of totals', q1: '1' });
  assert.equal(answered.view, undefined, 'the modal closes');
  await slack.until(() => /Answered by alice/.test(wordsOf(why)));

  const go = await bob.sees(general, /Go on to production\?/, { after: why });
  assert.match(wordsOf(go), /only for role admin/);
  await bob.press(go, respond);
  const refused = await bob.submit(await bob.modal(app), { q0: 'yes' });
  assert.match(JSON.stringify(refused.view?.payload), /StackStorm does not let you, as bob, do this/);
  await carol.press(go, respond);
  await carol.submit(await carol.modal(app), { q0: 'yes' });

  const result = await bob.sees(general, /demo\.roll_out: succeeded/, { after: go });
  assert.equal(result.threadTs, command.ts);
  assert.match(wordsOf(result), /deploy_prod[\s\S]*production/);
  await slack.until(() => /Succeeded/.test(wordsOf(living)));
  assert.deepEqual(played(rig), story);
  assert.deepEqual(slack.violations, []);
});

const approve = 'bolt-stackstorm:step_approve:0';
const respond = 'bolt-stackstorm:inquiry:0';

function wordsOf({ text, blocks }: Message): string {
  return JSON.stringify([text, blocks]);
}

const story = {
  ran: [
    ['demo.roll_out', 'alice'],
    ['core.ask', 'alice'],
    ['demo.deploy', 'alice'],
    ['core.ask', 'alice'],
    ['demo.deploy', 'alice'],
    ['demo.status', 'alice'],
  ],
  answers: [{ reason: 'Fixes the rounding of totals', risk: 'medium' }, { go: true }],
  decided: [
    'step.asked approve',
    'step.not_approver own',
    'step.approved ok bob',
    'inquiry.responded ok alice',
    'inquiry.refused forbidden bob',
    'inquiry.responded ok admin',
  ],
};

function dialogOf(page: Page) {
  return page.getByRole('dialog', { name: 'Answer an inquiry' });
}

async function answerGo(page: Page): Promise<void> {
  const asked = await fromBot(page, 'Staging is healthy');
  await asked.getByRole('button', { name: 'Respond' }).click();
  const form = dialogOf(page);
  await form.getByRole('combobox', { name: 'go' }).selectOption({ label: 'Yes' });
  await form.getByRole('button', { name: 'Answer', exact: true }).click();
}
