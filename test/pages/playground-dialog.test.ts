import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { startBot } from '../support/bot.ts';
import { browserMissing, launchBrowser, screenshot, withPage } from '../support/browser.ts';
import { fromBot, openChat, say } from '../support/chat-page.ts';
import { contrastFaults } from '../support/contrast.ts';
import { LoginClient } from '../support/login-client.ts';

const skip = browserMissing();
let browser: Browser;
before(async () => {
  if (!skip) browser = await launchBrowser();
});
after(async () => {
  if (!skip) await browser.close();
});

test('from the bot’s page one logs in by a dialog and ends the session, with the keyboard alone', {
  skip,
}, async (t) => {
  const rig = await startBot(t);
  await withPage(browser, rig.url, async (page) => {
    await page.goto('/playground/#alice/home');
    const home = page.locator('#home');
    await home.getByText('not logged in').waitFor();
    assert.equal(await page.locator('#composer-text').isVisible(), false);
    await screenshot(page, 'playground-home-before');

    const button = home.getByRole('button', { name: 'Log in' });
    await button.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Log in to StackStorm' });
    const word = dialog.getByRole('textbox', { name: 'A word of your choice' });
    await word.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Log in');

    await home.getByRole('button', { name: 'Log in' }).click();
    await word.fill('   a   ');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('4 characters or more').waitFor();
    assert.equal(await word.getAttribute('aria-invalid'), 'true');
    assert.match((await word.getAttribute('aria-describedby')) ?? '', /field-word-hint field-word-fault/u);
    assert.deepEqual(await contrastFaults(page), []);
    await screenshot(page, 'playground-dialog-fault');

    await word.fill('plum');
    await page.keyboard.press('Enter');
    const link = dialog.getByRole('link', { name: 'Log in to StackStorm' });
    await link.waitFor();
    assert.equal(await link.getAttribute('target'), '_blank');
    await screenshot(page, 'playground-dialog-link');
    const login = new LoginClient(rig.url);
    assert.equal((await login.open((await link.getAttribute('href')) ?? '')).status, 200);
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await dialog.waitFor({ state: 'hidden' });

    assert.equal((await login.password('plum', 'alice', 'alice')).status, 200);
    await home.getByRole('button', { name: 'End session' }).waitFor();
    await home.getByText('!st2 list vms').waitFor();
    const search = home.getByRole('searchbox', { name: 'Search for words' });
    await search.fill('hosts');
    await page.keyboard.press('Enter');
    await home.getByText('!st2 run').waitFor();
    await home.getByText('!st2 list vms').waitFor({ state: 'hidden' });
    await screenshot(page, 'playground-home-search');
    assert.deepEqual(await contrastFaults(page), []);

    await page.locator('#title').click();
    await home.getByRole('button', { name: 'End session' }).click();
    await home.getByText('not logged in').waitFor();
    assert.equal((await rig.bob.read('general')).length, 0);
  });
});

test('on a phone and in the dark dialog and page fit', { skip }, async (t) => {
  const rig = await startBot(t);
  const options = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', isMobile: true } as const;
  await withPage(
    browser,
    rig.url,
    async (page) => {
      await page.goto('/playground/#alice/home');
      await page.locator('#home').getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('textbox', { name: 'A word of your choice' }).waitFor();
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390);
      assert.deepEqual(await contrastFaults(page), []);
      await screenshot(page, 'playground-dialog-phone');
    },
    options,
  );
});

test('a refused command holds the button, and its dialog opens in the chat', { skip }, async (t) => {
  const rig = await startBot(t);
  await withPage(browser, rig.url, async (page) => {
    await openChat(page, 'alice', 'general');
    await say(page, '!st2 list vms');
    const refused = await fromBot(page, 'You are not logged in');
    await refused.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('textbox', { name: 'A word of your choice' }).waitFor();
    await screenshot(page, 'playground-dialog-chat');
  });
});
