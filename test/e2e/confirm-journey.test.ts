import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { browserMissing, launchBrowser, screenshot, withPage } from '../support/browser.ts';
import { fromBot, openChat, pressLoginButton, say } from '../support/chat-page.ts';
import { type Demo, startDemo } from '../support/demo-process.ts';
import { heading, logIn } from '../support/login-page.ts';

const skip = browserMissing();

describe('demo --confirm code, in Chromium', { skip }, () => {
  let demo: Demo;
  const codes: string[] = [];
  let browser: Browser;
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    const closes = { after: (close: () => Promise<void>) => void closing.push(close) };
    [demo, browser] = await Promise.all([
      startDemo(closes, { args: ['--confirm', 'code', '--log-level', 'trace'] }),
      launchBrowser(),
    ]);
    closing.push(() => browser.close());
  });
  after(async () => {
    for (const close of closing) await close();
  });

  test('alice logs in, enters the code in the dialog, and runs as herself', async () => {
    await withPage(browser, demo.url, async (page) => {
      await openChat(page, 'alice', 'dm');
      const login = await pressLoginButton(page, 'plum');
      await logIn(login);
      await heading(login).getByText('One more step, in chat').waitFor();
      const code = (await login.locator('#code').textContent()) ?? '';
      assert.match(code, /^[A-Z]{4}-[A-Z]{4}$/u);
      await login.reload();
      await heading(login).getByText('One more step, in chat').waitFor();
      assert.equal(await login.locator('#code').textContent(), code, 'a reload shows it again');
      await screenshot(login, 'confirm-1-code');
      codes.push(code);

      const told = await fromBot(page, 'Somebody has just logged in as StackStorm user alice');
      await screenshot(page, 'confirm-2-chat');
      await told.getByRole('button', { name: 'Enter the code' }).click();
      const dialog = page.getByRole('dialog');
      const field = dialog.getByLabel('The code that the login page shows you');
      await field.fill(code === 'BBBB-BBBB' ? 'CCCC-CCCC' : 'BBBB-BBBB');
      await dialog.getByRole('button', { name: 'Confirm' }).click();
      await dialog.getByText('You have 2 tries left.').waitFor();
      await field.fill(code.toLowerCase().replace('-', ' '));
      await screenshot(page, 'confirm-3-dialog');
      await dialog.getByRole('button', { name: 'Confirm' }).click();
      await dialog.getByText('That is right: you are logged in to StackStorm as alice').waitFor();
      await page.keyboard.press('Escape');

      await heading(login).getByText('You are logged in').waitFor();
      assert.match(
        await login.locator('main').innerText(),
        /alice in demo \(Playground\) now runs StackStorm commands as alice\./,
      );
      await screenshot(login, 'confirm-4-logged-in');
      await login.reload();
      await heading(login).getByText('You are logged in').waitFor();
      await login.close();
      await say(page, '!whoami');
      await fromBot(page, /StackStorm\s*alice/u);
    });
  });

  test('the victim of a link that bob passed on says “This is not me”: bob is told, and nobody', async () => {
    await withPage(browser, demo.url, async (bobs) => {
      await openChat(bobs, 'bob', 'dm');
      await say(bobs, '!session_start plum');
      const button = bobs.getByRole('link', { name: 'Log in to StackStorm' }).last();
      const link = (await button.getAttribute('href')) ?? '';

      const code = await withPage(browser, demo.url, async (page) => {
        await page.goto(link);
        await heading(page).getByText('Log in to StackStorm').waitFor();
        assert.match(
          await page.locator('main').innerText(),
          /bob in demo \(Playground\) will be able to run StackStorm commands as you\./,
        );
        await logIn(page);
        await heading(page).getByText('One more step, in chat').waitFor();
        const shown = (await page.locator('#code').textContent()) ?? '';
        await page.getByRole('button', { name: 'This is not me' }).click();
        await heading(page).getByText('Nothing is linked').waitFor();
        await page.reload();
        await heading(page).getByText('There is no link here').waitFor();
        codes.push(shown);
        return shown;
      });

      await fromBot(bobs, 'said that they are not you, so the login was stopped');
      await screenshot(bobs, 'confirm-5-refused-chat');
      await say(bobs, `!session_confirm ${code}`);
      await fromBot(bobs, 'No login of yours waits for a code');
      await say(bobs, '!st2 list vms');
      await fromBot(bobs, 'You are not logged in to StackStorm, so nothing was run');
    });
  });

  test('no code is in a log line at any level', () => {
    const output = demo.output().replaceAll('-', '');
    assert.ok(codes.length === 2 && output.includes('"level":'));
    for (const code of codes) assert.ok(!output.includes(code.replace('-', '')));
  });
});
