import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { systemClock } from '../../src/ops/clock.ts';
import { type BotRig, startBot } from '../support/bot.ts';
import { browserMissing, launchBrowser, screenshot, withPage } from '../support/browser.ts';
import { askForLink } from '../support/chat-reading.ts';
import { alertOf, heading } from '../support/login-page.ts';
import { recordHttp } from '../support/record-http.ts';

const skip = browserMissing();
const minute = 60_000;
const nobody = 'not logged in; !session_start <a word of your choice> in a direct message';

/** Opens a link as a button does: in a page of its own, the key in the fragment. */
async function open(page: Page, link: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(link);
}

async function submit(page: Page, name: string, secret = 'plum'): Promise<void> {
  await page.getByLabel('Your secret word').fill(secret);
  await page.getByLabel('StackStorm user name').fill(name);
  await page.getByLabel('StackStorm password').fill(name);
  await page.getByRole('button', { name: 'Log in' }).click();
}

const owner = (page: Page, name: string) =>
  page.locator('#form-state').getByText(`@${name}`, { exact: true }).waitFor();
const says = (page: Page, title: string) => heading(page).getByText(title).waitFor();

describe('the login page with the bot behind it, in tabs', { skip }, () => {
  let browser: Browser;
  let rig: BotRig;
  let skew = 0;
  /** Every request target, Host, Origin and Referer that a server here was sent. */
  const targets: string[] = [];
  const links: string[] = [];
  const closing: (() => Promise<void>)[] = [];

  const link = async (person: 'alice' | 'bob' | 'admin') => {
    const url = await askForLink(rig[person]);
    links.push(url);
    return url;
  };
  /** Who the bot is for them, in its own words. */
  const sessionOf = async (person: 'alice' | 'bob') =>
    /^StackStorm: (?<user>.+)$/mu.exec((await rig[person].ask('dm', '!whoami')).text)?.groups?.['user'];

  before(async () => {
    recordHttp(({ target }) => void targets.push(target));
    browser = await launchBrowser();
    closing.push(() => browser.close());
    rig = await startBot(
      { after: (close: () => Promise<void>) => void closing.push(close) },
      { clock: { now: () => Date.now() + skew, after: systemClock.after } },
    );
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  test('a second tab’s link does not bind what the first tab shows', async () => {
    await withPage(browser, rig.url, async (first, context) => {
      await open(first, await link('alice'));
      await owner(first, 'alice');
      const second = await context.newPage();
      await open(second, await link('bob'));
      await owner(second, 'bob');

      await submit(first, 'alice');
      await says(first, 'This page does not hold the login any more');
      await screenshot(first, 'tabs-first');
      assert.equal(await sessionOf('alice'), nobody);
      assert.equal(await sessionOf('bob'), nobody);

      await second.getByText('5 tries left.').waitFor();
      await submit(second, 'bob');
      await says(second, 'You are logged in');
      assert.equal(await sessionOf('bob'), 'bob');
      assert.equal(await sessionOf('alice'), nobody);
    });
  });

  test('a reload goes on with the login, its count, and nothing that was typed', async () => {
    await withPage(browser, rig.url, async (page) => {
      await open(page, await link('alice'));
      await owner(page, 'alice');
      await submit(page, 'alice', 'prune');
      assert.match(await alertOf(page), /4 tries left/);
      await page.reload();
      await page.getByText('4 tries left.').waitFor();
      await owner(page, 'alice');
      assert.equal(await page.getByLabel('StackStorm password').inputValue(), '');
      await submit(page, 'alice');
      await says(page, 'You are logged in');
      assert.equal(await sessionOf('alice'), 'alice');

      await page.reload();
      await says(page, 'There is no link here');
      await rig.alice.ask('dm', '!session_end');
    });
  });

  test('the back button goes on with an open login, and never comes back to one that is over', async () => {
    await withPage(browser, rig.url, async (page) => {
      await open(page, await link('alice'));
      await owner(page, 'alice');
      await page.getByLabel('StackStorm password').fill('typed before');
      await page.goto('/playground/');
      await page.goBack();
      await owner(page, 'alice');
      assert.equal(page.url(), `${rig.url}/login/`);
      assert.equal(await page.getByLabel('StackStorm password').inputValue(), '');
      await submit(page, 'alice');
      await says(page, 'You are logged in');

      await page.goto('/playground/');
      await page.goBack();
      await says(page, 'There is no link here');
      assert.equal(await page.locator('#password').inputValue(), '');
      await rig.alice.ask('dm', '!session_end');
    });
  });

  test('used, expired, cancelled, unknown and malformed links each say so, and what to do next', async () => {
    const used = await link('alice');
    await withPage(browser, rig.url, async (page) => {
      await open(page, used);
      await owner(page, 'alice');
    });
    const cancelled = await link('bob');
    await rig.bob.ask('dm', '!session_end');
    const expired = await link('admin');
    const key = randomBytes(32).toString('base64url');
    const at = `${rig.url}/login/#`;
    const cases = [
      [used, 'This link has been used', 0],
      [cancelled, 'This link has been used', 0],
      [expired, 'This link is too old', 11 * minute],
      [`${at}${randomUUID()}.${key}`, 'This link is not known', 0],
      [`${used.slice(0, used.lastIndexOf('.'))}.${key}`, 'This link is not known', 0],
      [used.slice(0, -1), 'This link is not known', 0],
      [`${at}%E0%A4%A`, 'This link is not known', 0],
      [`${at}<script>alert(1)</script>`, 'This link is not known', 0],
      [`${at}${'x'.repeat(9_000)}`, 'This link is not known', 0],
      [at, 'There is no link here', 0],
    ] as const;
    await withPage(browser, rig.url, async (page) => {
      for (const [url, title, later] of cases) {
        skew = later;
        await open(page, url);
        await says(page, title);
        assert.match(await page.locator('main').innerText(), /session_start/, title);
        assert.equal(page.url().replace(/#$/u, ''), `${rig.url}/login/`);
      }
      skew = 0;
    });
  });

  test('no fragment of a link ever reached a server', () => {
    assert.ok(links.length >= 6);
    assert.ok(targets.some((target) => target.startsWith('POST /login/api/open')));
    for (const url of links) {
      const key = url.slice(url.lastIndexOf('.') + 1);
      for (const target of targets) assert.ok(!target.includes(key), target);
    }
    for (const target of targets) assert.doesNotMatch(target, /#|%23/u);
  });
});
