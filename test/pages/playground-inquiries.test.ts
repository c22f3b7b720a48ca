import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startBot } from '../support/bot.ts';
import { browserMissing, launchBrowser, screenshot, withPage } from '../support/browser.ts';
import { fromBot, openChat, say } from '../support/chat-page.ts';
import { contrastFaults } from '../support/contrast.ts';

const skip = browserMissing();
let browser: Browser;
before(async () => {
  if (!skip) browser = await launchBrowser();
});
after(async () => {
  if (!skip) await browser.close();
});

function dialogOf(page: Page) {
  return page.getByRole('dialog', { name: 'Answer an inquiry' });
}

test('a workflow asks twice, and is answered with menus, numbers and boxes', { skip }, async (t) => {
  const rig = await startBot(t);
  await rig.logIn('alice');
  await rig.logIn('bob');
  await withPage(browser, rig.url, async (page) => {
    await openChat(page, 'alice', 'general');
    await say(page, '!st2 release shop');
    const question = await fromBot(page, 'How to release');
    await screenshot(page, 'playground-inquiry-question');
    await question.getByRole('button', { name: 'Respond' }).click();
    const dialog = dialogOf(page);
    const strategy = dialog.getByRole('combobox', { name: 'strategy' });
    await strategy.waitFor();
    assert.equal(await page.evaluate('document.activeElement.labels[0].textContent'), 'strategy');
    const instances = dialog.getByRole('spinbutton', { name: 'instances' });
    assert.equal(await instances.inputValue(), '2');
    await strategy.selectOption({ label: 'canary' });
    await instances.fill('21');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.validity.rangeOverflow'), true);
    const notify = dialog.getByRole('group', { name: 'notify' }).getByRole('checkbox');
    assert.equal(await notify.isChecked(), true);
    await notify.uncheck();
    await dialog.getByRole('group', { name: 'channels' }).getByText('releases').click();
    await instances.fill('3');
    assert.deepEqual(await contrastFaults(page), []);
    await screenshot(page, 'playground-inquiry-dialog');

    const refusal =
      'Response for inquiry "x" did not pass schema validation. 3 is odd\n\nOn instance[\'instances\']:\n    3';
    const { faults } = rig.stackstorm.state;
    faults.add({
      inject: { kind: 'answer', status: 400, body: JSON.stringify({ faultstring: refusal }) },
      method: 'PUT',
      times: 1,
    });
    await dialog.getByRole('button', { name: 'Answer', exact: true }).click();
    await dialog.getByRole('alert').getByText('3 is odd').waitFor();
    assert.equal(await instances.getAttribute('aria-invalid'), 'true');
    const whole = JSON.stringify({
      faultstring: 'Response for inquiry "x" did not pass schema validation. Not on Mondays',
    });
    faults.add({ inject: { kind: 'answer', status: 400, body: whole }, method: 'PUT', times: 1 });
    await dialog.getByRole('button', { name: 'Answer', exact: true }).click();
    await dialog.getByText('Not on Mondays').waitFor();
    assert.deepEqual(await contrastFaults(page), []);
    await screenshot(page, 'playground-inquiry-refused');
    await dialog.getByRole('button', { name: 'Answer', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await fromBot(page, 'Answered by alice.');

    await openChat(page, 'bob', 'general');
    const second = await fromBot(page, 'Would you like to continue');
    await second.getByRole('button', { name: 'Respond' }).click();
    await dialogOf(page).getByRole('combobox', { name: 'continue' }).selectOption({ label: 'Yes' });
    await dialogOf(page).getByRole('button', { name: 'Answer', exact: true }).click();
    await fromBot(page, 'Answered by bob.');
    await fromBot(page, /demo\.release[\s\S]*succeeded/i);
    await screenshot(page, 'playground-inquiry-answered');
  });
  const asked = rig.stackstorm.state.executions.all.find(({ action }) => action.ref === 'demo.release');
  assert.deepEqual(asked?.result, {
    output: { app: 'shop', strategy: 'canary', instances: 3, released: true },
  });
});
