import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { ProblemCode } from '../../src/login/problems.ts';
import { browserMissing, launchBrowser, screenshot, withPage } from '../support/browser.ts';
import { heading, openPage } from '../support/login-page.ts';
import { opened, refused, startLoginStub, stubLink } from '../support/login-stub.ts';

const skip = browserMissing();
let browser: Browser;
before(async () => {
  if (!skip) browser = await launchBrowser();
});
after(async () => {
  if (!skip) await browser.close();
});

test('the key leaves the address before it is sent, and no request target holds it', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await heading(page).getByText('Log in to StackStorm').waitFor();
    assert.equal(page.url(), `${stub.url}/login/`);
    assert.deepEqual(
      stub.heard.filter(({ body }) => body !== undefined).map(({ body }) => body),
      [{ link: stubLink }],
    );
    for (const { target } of stub.heard) assert.doesNotMatch(target, /kkkk/);
    assert.equal(
      await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])'),
      '[{},{},""]',
    );
  });
});

test('the page says whose account is linked, and what that means', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await heading(page).getByText('Log in to StackStorm').waitFor();
    const words = await page.locator('main').innerText();
    assert.match(words, /@alice\s+on Playground, workspace demo/);
    assert.match(words, /Asked for at \d\d:\d\d \(2 minutes ago\) in a direct message/);
    assert.match(words, /alice in demo \(Playground\) will be able to run StackStorm commands as you\./);
    assert.match(words, /only if that is your own chat account.* If not, press “This is not me”\./);
    assert.match(words, /5 tries left\. This page waits 8 minutes for you\./);
    assert.match(words, /Demo\./);
    await screenshot(page, 'login-form-desktop');
  });
});

test('names are text, however they look', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  const name = '<img src=x onerror=alert(1)> Ann';
  stub.answers.open = [opened({ chatUser: { platform: 'Slack', workspace: '<b>Acme</b>', name, id: 'U1' } })];
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await page.locator('#form-state').getByText(`@${name}`, { exact: true }).waitFor();
    assert.equal(await page.locator('[data-fill] :is(img, b)').count(), 0);
    assert.equal(await page.locator('.avatar').first().textContent(), '<A');
  });
});

test('only the methods that are on are offered', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  await withPage(browser, stub.url, async (page) => {
    stub.answers.open = [opened({ methods: ['token', 'apiKey'] })];
    await openPage(page);
    await page.getByLabel('StackStorm user token').waitFor();
    assert.deepEqual(await page.locator('.segments label:visible').allInnerTexts(), ['Token', 'API key']);
  });
  await withPage(browser, stub.url, async (page) => {
    stub.answers.open = [opened({ methods: ['apiKey'] })];
    await openPage(page);
    await page.getByLabel('StackStorm API key').waitFor();
    assert.equal(await page.getByRole('radio').count(), 0);
  });
});

test('a link that does not open says why and what to do next', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  const cases: [ProblemCode, string, RegExp, boolean][] = [
    ['link-unknown', 'This link is not known', /send session_start again/, false],
    ['link-used', 'This link has been used', /send session_start again/, false],
    ['link-expired', 'This link is too old', /send session_start again/, false],
    ['https-required', 'This page must be opened over https', /Open the link as the bot gave it/, false],
    ['cross-site', 'This page was opened in an odd way', /tab of its own/, false],
    ['too-many-requests', 'Too many tries from here', /Wait a minute/, true],
    ['storage-unavailable', 'The bot cannot get at its storage', /Try again/, true],
    ['login-unavailable', 'Logins cannot be taken at the moment', /Try again/, true],
    ['internal-error', 'Something went wrong in the bot', /Try again/, true],
  ];
  await withPage(browser, stub.url, async (page) => {
    for (const [code, title, next, canRetry] of cases) {
      stub.reset();
      stub.answers.open = [refused(code), opened()];
      await page.goto('about:blank');
      await openPage(page);
      await heading(page).getByText(title).waitFor();
      assert.match(await page.locator('main').innerText(), next);
      assert.equal(await page.evaluate('document.activeElement.id'), 'over-title');
      await screenshot(page, `login-${code}`);
      const retry = page.getByRole('button', { name: 'Try again' });
      assert.equal(await retry.isVisible(), canRetry);
      if (!canRetry) continue;
      await retry.click();
      await heading(page).getByText('Log in to StackStorm').waitFor();
      assert.equal(stub.heard.filter(({ body }) => body !== undefined).length, 2);
    }
  });
});

test('an answer that is no answer of ours, and a connection that breaks, can be tried again', {
  skip,
}, async (t) => {
  const stub = await startLoginStub(t);
  stub.answers.open = [(c) => c.html('<h1>502 Bad Gateway</h1>', 502), opened()];
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await heading(page).getByText('Something went wrong').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await heading(page).getByText('Log in to StackStorm').waitFor();
  });
  stub.reset();
  await withPage(browser, stub.url, async (page) => {
    await page.route('**/api/**', (route) => route.abort());
    await openPage(page);
    await heading(page).getByText('The bot cannot be reached').waitFor();
    await page.unroute('**/api/**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await heading(page).getByText('Log in to StackStorm').waitFor();
  });
});

test('without a link the page goes on with the login of this browser, or says where links come from', {
  skip,
}, async (t) => {
  const stub = await startLoginStub(t);
  await withPage(browser, stub.url, async (page) => {
    await page.goto('/login/');
    await heading(page).getByText('There is no link here').waitFor();
    await screenshot(page, 'login-no-link');
  });
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await heading(page).getByText('Log in to StackStorm').waitFor();
    stub.answers.current = [opened({ attemptsLeft: 1 })];
    await page.reload();
    await page.getByText('This is your last try.').waitFor();
    assert.equal(stub.heard.filter(({ body }) => body !== undefined).length, 1);
  });
});

test('the button pressed twice in one browser goes on with its own login, never with another', {
  skip,
}, async (t) => {
  const stub = await startLoginStub(t);
  stub.answers.open = [refused('link-used')];
  stub.answers.current = [opened()];
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await heading(page).getByText('Log in to StackStorm').waitFor();
  });
  stub.answers.current = [opened({ login: '11111111-7c1e-4d1b-9a55-0f3f0c1f9a01' })];
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await heading(page).getByText('This link has been used').waitFor();
  });
});

test('a second link that is pasted into the same tab is opened too', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await page.locator('#form-state').getByText('@alice', { exact: true }).waitFor();
    const other = { platform: 'Playground', workspace: 'demo', name: 'bob', id: 'bob' };
    stub.answers.open = [opened({ chatUser: other })];
    await openPage(page, stubLink.replace('5', '6'));
    await page.locator('#form-state').getByText('@bob', { exact: true }).waitFor();
    assert.equal(page.url(), `${stub.url}/login/`);
  });
});

test('without JavaScript the page says so, and the link is not used', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  await withPage(
    browser,
    stub.url,
    async (page) => {
      await openPage(page);
      await heading(page).getByText('This page needs JavaScript').waitFor();
      assert.equal(stub.heard.filter(({ body }) => body !== undefined).length, 0);
      await screenshot(page, 'login-no-javascript');
    },
    { javaScriptEnabled: false },
  );
});
