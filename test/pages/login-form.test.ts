import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { ProblemCode } from '../../src/login/problems.ts';
import type { ProblemDetails } from '../../src/login/replies.ts';
import { browserMissing, launchBrowser, screenshot, withPage } from '../support/browser.ts';
import { contrastFaults } from '../support/contrast.ts';
import { alertOf, heading, logIn, openPage } from '../support/login-page.ts';
import { loggedIn, refused, startLoginStub, stubLogin } from '../support/login-stub.ts';

const skip = browserMissing();
let browser: Browser;
before(async () => {
  if (!skip) browser = await launchBrowser();
});
after(async () => {
  if (!skip) await browser.close();
});

const phone = { viewport: { width: 390, height: 844 } };

test('password, token and API key are sent as the contract says, and forgotten', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  const cases = [
    {
      tab: 'Password',
      fields: { 'StackStorm user name': 'alice', 'StackStorm password': ' pass: wörd ' },
      sent: { method: 'password', username: 'alice', password: ' pass: wörd ' },
    },
    { tab: 'Token', fields: { 'StackStorm user token': 'tok-1' }, sent: { method: 'token', token: 'tok-1' } },
    {
      tab: 'API key',
      fields: { 'StackStorm API key': 'key-1' },
      sent: { method: 'apiKey', apiKey: 'key-1' },
    },
  ];
  for (const { tab, fields, sent } of cases) {
    stub.reset();
    await withPage(browser, stub.url, async (page) => {
      await openPage(page);
      await page.getByRole('radio', { name: tab }).check();
      await page.getByLabel('Your secret word').fill('plum');
      for (const [label, value] of Object.entries(fields))
        await page.getByLabel(label, { exact: true }).fill(value);
      await page.keyboard.press('Enter');
      await heading(page).getByText('You are logged in').waitFor();
      assert.deepEqual(stub.heard.at(-1)?.body, { login: stubLogin, secret: 'plum', ...sent });
      assert.match(
        await page.locator('main').innerText(),
        /@alice on Playground now acts in StackStorm as alice\./,
      );
      for (const input of await page.locator('input:not([type=radio])').all()) {
        assert.equal(await input.inputValue(), '');
      }
      assert.equal(await page.evaluate('document.activeElement.textContent'), 'You are logged in');
      await screenshot(page, `login-done-${sent.method}`);
    });
  }
});

test('a problem with the form keeps the form, takes the focus, and says what to do next', {
  skip,
}, async (t) => {
  const stub = await startLoginStub(t);
  const cases: [ProblemCode, ProblemDetails, RegExp, string][] = [
    [
      'wrong-secret',
      { attemptsLeft: 4 },
      /secret word is not right\n.*session_start.* 4 tries left/s,
      'secret',
    ],
    [
      'wrong-credentials',
      { attemptsLeft: 1 },
      /does not take this login\n.* This is your last try/s,
      'password',
    ],
    ['invalid-input', { fields: ['username'] }, /Something in the form.*colon/s, 'username'],
    ['body-too-large', {}, /too long/, 'password'],
    ['malformed-body', {}, /Check each field/, ''],
    ['too-many-requests', { retryAfterMs: 125_000 }, /Too many failed logins.*Try again in 2 minutes\./s, ''],
    ['stackstorm-unreachable', {}, /StackStorm cannot be reached.*not counted/s, ''],
    ['stackstorm-timeout', {}, /did not answer in time.*not counted/s, ''],
    ['storage-unavailable', {}, /storage.*Try again in a moment/s, ''],
    ['login-unavailable', {}, /not available.*API key/s, ''],
    ['internal-error', {}, /Something went wrong in the bot.*Try again/s, ''],
  ];
  await withPage(browser, stub.url, async (page) => {
    for (const [code, details, words, emptied] of cases) {
      stub.reset();
      stub.answers.authenticate = [refused(code, details), loggedIn];
      await page.goto('about:blank');
      await openPage(page);
      await logIn(page);
      assert.match(await alertOf(page), words, code);
      assert.equal(await page.evaluate('document.activeElement.id'), 'problem');
      for (const id of ['secret', 'username', 'password']) {
        const input = page.locator(`#${id}`);
        assert.equal((await input.inputValue()) === '', id === emptied, `${code}: ${id}`);
        assert.equal(await input.getAttribute('aria-invalid'), id === emptied ? 'true' : null);
      }
      await screenshot(page, `login-${code}-form`);
      const button = page.getByRole('button', { name: 'Log in' });
      const isHeld = code === 'too-many-requests';
      assert.equal(await button.getAttribute('aria-disabled'), String(isHeld));
      await logIn(page);
      if (isHeld) assert.equal(stub.heard.filter(({ body }) => body !== undefined).length, 2);
      else await heading(page).getByText('You are logged in').waitFor();
    }
  });
});

test('a login that is over takes the form away', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  const cases: [ProblemCode, string][] = [
    ['login-dead', 'This login is over'],
    ['no-login', 'This page does not hold the login any more'],
  ];
  for (const [code, title] of cases) {
    stub.reset();
    stub.answers.authenticate = [refused(code)];
    await withPage(browser, stub.url, async (page) => {
      await openPage(page);
      await logIn(page);
      await heading(page).getByText(title).waitFor();
      assert.equal(await page.locator('#form').isVisible(), false);
      assert.equal(await page.locator('#password').inputValue(), '');
      await screenshot(page, `login-${code}`);
    });
  }
});

test('time that runs out is counted down in words, and ends the form', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  await withPage(browser, stub.url, async (page) => {
    await page.clock.install();
    await openPage(page);
    await page.getByText('This page waits 8 minutes for you.').waitFor();
    await page.getByLabel('StackStorm password').fill('secret');
    await page.clock.runFor(6 * 60_000 + 15_000);
    await page.getByText('This page waits 2 minutes for you.').waitFor();
    assert.match(await page.locator('#spoken').innerText(), /2 minutes left to log in\./);
    await page.clock.runFor(60_000);
    await page.getByText(/This page waits \d+ seconds for you\./).waitFor();
    await page.clock.runFor(60_000);
    await heading(page).getByText('The time for this login is up').waitFor();
    assert.equal(await page.locator('#password').inputValue(), '');
  });
});

test('who did not ask can say so, and nothing is sent', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await page.getByRole('button', { name: 'I did not ask for this' }).click();
    await heading(page).getByText('Nothing has been linked').waitFor();
    assert.equal(stub.heard.filter(({ body }) => body !== undefined).length, 1);
    await screenshot(page, 'login-declined');
  });
});

test('an empty field is told at the field, before anything is sent; a press while it works sends nothing twice', {
  skip,
}, async (t) => {
  const stub = await startLoginStub(t);
  const gate = new EventTarget();
  const go = new Promise<void>((resolve) => {
    gate.addEventListener('go', () => resolve());
  });
  stub.answers.authenticate = [
    async (c) => {
      await go;
      return loggedIn(c);
    },
  ];
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    const button = page.getByRole('button', { name: 'Log in' });
    await button.click();
    await page.getByText('Type your secret word.').waitFor();
    assert.equal(await page.evaluate('document.activeElement.id'), 'secret');
    await page.getByLabel('StackStorm user name').fill('a:b');
    await button.click();
    await page.getByText('A user name cannot contain a colon.').waitFor();
    assert.equal(stub.heard.filter(({ body }) => body !== undefined).length, 1);
    await logIn(page);
    const working = page.getByRole('button', { name: 'Logging in…' });
    await working.waitFor();
    await screenshot(page, 'login-working');
    await working.click({ force: true });
    await page.keyboard.press('Enter');
    gate.dispatchEvent(new Event('go'));
    await heading(page).getByText('You are logged in').waitFor();
    assert.equal(stub.heard.filter(({ body }) => body !== undefined).length, 2);
  });
});

test('the whole login works by keyboard, and secrets can be shown and hidden', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await heading(page).getByText('Log in to StackStorm').waitFor();
    const active = () =>
      page.evaluate(
        'document.activeElement.id || document.activeElement.value || document.activeElement.textContent',
      );
    const seen: unknown[] = [await active()];
    await page.keyboard.press('Tab');
    seen.push(await active());
    await page.keyboard.type('plum');
    await page.keyboard.press('Tab');
    seen.push(await active());
    await page.keyboard.press('Space');
    assert.equal(await page.locator('#secret').evaluate((input) => input.className), '');
    await page.keyboard.press('Tab');
    seen.push(await active());
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Tab');
    seen.push(await active());
    await page.keyboard.type('alice');
    await page.keyboard.press('Tab');
    seen.push(await active());
    await page.keyboard.type('alice');
    await page.keyboard.press('Enter');
    await heading(page).getByText('You are logged in').waitFor();
    assert.deepEqual(seen, ['form-heading', 'secret', 'Show', 'password', 'username', 'password']);
    assert.deepEqual(stub.heard.at(-1)?.body, {
      login: stubLogin,
      secret: 'plum',
      method: 'password',
      username: 'alice',
      password: 'alice',
    });
  });
});

test('password managers know the account from the secret word', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    const attributes = (id: string) =>
      page
        .locator(`#${id}`)
        .evaluate((input) => [input.getAttribute('type'), input.getAttribute('autocomplete')]);
    assert.deepEqual(await attributes('secret'), ['text', 'off']);
    assert.deepEqual(await attributes('username'), ['text', 'username']);
    assert.deepEqual(await attributes('password'), ['password', 'current-password']);
    assert.deepEqual(await attributes('token'), ['text', 'off']);
  });
});

test('on a phone and in the dark nothing is cut off, and every text has contrast', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  stub.answers.authenticate = [refused('wrong-secret', { attemptsLeft: 4 })];
  for (const colorScheme of ['light', 'dark'] as const) {
    await withPage(
      browser,
      stub.url,
      async (page) => {
        await openPage(page);
        await logIn(page);
        await alertOf(page);
        const width = await page.evaluate('document.documentElement.scrollWidth');
        assert.equal(width, 390);
        assert.deepEqual(await contrastFaults(page), []);
        await screenshot(page, `login-phone-${colorScheme}`);
      },
      { ...phone, colorScheme },
    );
  }
});
