import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { browserMissing, launchBrowser, screenshot, withPage } from '../support/browser.ts';
import { contrastFaults } from '../support/contrast.ts';
import { heading, logIn, openPage } from '../support/login-page.ts';
import {
  codeShown,
  confirmedInChat,
  refused,
  startLoginStub,
  stubLogin,
  waiting,
} from '../support/login-stub.ts';

const skip = browserMissing();
let browser: Browser;
before(async () => {
  if (!skip) browser = await launchBrowser();
});
after(async () => {
  if (!skip) await browser.close();
});

const over = refused('no-login', { status: 404 });
const notMe = (page: Page) => page.getByRole('button', { name: 'This is not me' });

/** Logs in on a page whose clock stands, and sees the code. */
async function seeCode(page: Page): Promise<void> {
  await page.clock.install();
  await openPage(page);
  await logIn(page);
  await heading(page).getByText('One more step, in chat').waitFor();
}

test('the code is shown with who will act as whom; the page goes on when it was entered', {
  skip,
}, async (t) => {
  const stub = await startLoginStub(t);
  stub.answers.authenticate = [codeShown];
  await withPage(browser, stub.url, async (page) => {
    await seeCode(page);
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'One more step, in chat');
    const words = await page.locator('main').innerText();
    assert.match(words, /WDJB-MJHT/);
    assert.match(words, /StackStorm knows you as alice\.smith\. You are not logged in yet\./);
    assert.match(words, /Give this code to nobody\. Trust nobody who asks you for it/);
    assert.match(words, /alice in demo \(Playground\) will be able to run StackStorm commands as you\./);
    assert.match(words, /The code can be entered for 8 minutes\./);
    assert.equal(await page.locator('#code-spelt').textContent(), 'W D J B - M J H T', 'for who hears it');
    await screenshot(page, 'login-code-desktop');
    await page.locator('#code').click();
    assert.equal(
      await page.evaluate('getSelection().toString().trim()'),
      'WDJB-MJHT',
      'one press selects it',
    );

    // The bot is away for a moment, then the code has still not been entered, then it has.
    stub.answers.current = [refused('storage-unavailable'), waiting, confirmedInChat];
    for (const _ of stub.answers.current) {
      const asked = page.waitForResponse(/api\/login$/);
      await page.clock.runFor(3_000);
      await (await asked).finished();
    }
    await heading(page).getByText('You are logged in').waitFor();
    assert.match(
      await page.locator('main').innerText(),
      /alice in demo \(Playground\) now runs StackStorm commands as alice\.smith\..*Was it not you who entered the code/s,
    );
    assert.equal(await page.locator('#code').textContent(), '');
    const before = stub.heard.length;
    await page.clock.runFor(60_000);
    assert.equal(stub.heard.length, before, 'nothing more is asked');
    await screenshot(page, 'login-confirmed');
  });
});

test('a reload shows the code again, and then that it was entered', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  stub.answers.authenticate = [codeShown];
  await withPage(browser, stub.url, async (page) => {
    await seeCode(page);
    stub.answers.current = [waiting, confirmedInChat];
    await page.reload();
    await heading(page).getByText('One more step, in chat').waitFor();
    assert.equal(await page.locator('#code').textContent(), 'WDJB-MJHT');
    await page.reload();
    await heading(page).getByText('You are logged in').waitFor();
    assert.match(await page.locator('main').innerText(), /alice in demo \(Playground\) now runs/);
  });
});

test('a code that cannot be entered any more ends the page, at its time too', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  for (const wait of [3_000, 480_000]) {
    stub.reset();
    stub.answers.authenticate = [codeShown];
    stub.answers.current = wait > 3_000 ? [waiting] : [over];
    await withPage(browser, stub.url, async (page) => {
      await seeCode(page);
      await page.clock.runFor(wait);
      stub.answers.current = [over];
      await page.clock.runFor(4_000);
      await heading(page).getByText('This login was not confirmed').waitFor();
      assert.equal(await page.locator('#code').textContent(), '');
      assert.match(
        await page.locator('main').innerText(),
        /You are not logged in by it.*session_start again/s,
      );
      if (wait === 3_000) await screenshot(page, 'login-not-confirmed');
    });
  }
});

test('“This is not me” is as prominent as going on, on the form, with the code and after it', {
  skip,
}, async (t) => {
  const stub = await startLoginStub(t);
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    const [goOn, refuse] = await Promise.all([
      page.getByRole('button', { name: 'Log in' }).boundingBox(),
      notMe(page).boundingBox(),
    ]);
    assert.ok(goOn && refuse && refuse.height >= goOn.height && refuse.width >= goOn.width * 0.8);
    await page.getByLabel('StackStorm password').fill('secret');
    await notMe(page).click();
    await heading(page).getByText('Nothing is linked').waitFor();
    assert.deepEqual(stub.heard.at(-1), {
      target: `${stub.url}/login/api/refuse`,
      body: { login: stubLogin },
    });
    assert.equal(await page.locator('#password').inputValue(), '');
    assert.match(
      await page.locator('main').innerText(),
      /has been told that it was not you.*administrators/s,
    );
    await screenshot(page, 'login-refused');
  });
  stub.answers.authenticate = [codeShown];
  for (const isConfirmed of [false, true]) {
    await withPage(browser, stub.url, async (page) => {
      await seeCode(page);
      if (isConfirmed) {
        stub.answers.current = [confirmedInChat];
        await page.clock.runFor(3_000);
        await heading(page).getByText('You are logged in').waitFor();
      }
      await notMe(page).click();
      await heading(page).getByText('Nothing is linked').waitFor();
      assert.deepEqual(stub.heard.at(-1)?.body, { login: stubLogin });
      assert.equal(await page.locator('#code').textContent(), '');
      const before = stub.heard.length;
      await page.clock.runFor(10_000);
      assert.equal(stub.heard.length, before, 'nothing more is asked');
    });
  }
});

test('a refusal that does not get through says so and is tried again; one that comes too late says that', {
  skip,
}, async (t) => {
  const stub = await startLoginStub(t);
  const accepted = stub.answers.refuse;
  stub.answers.refuse = [refused('storage-unavailable'), ...accepted];
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await notMe(page).click();
    await heading(page).getByText('The bot could not be told').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await heading(page).getByText('Nothing is linked').waitFor();
  });
  stub.answers.refuse = [refused('login-dead')];
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await notMe(page).click();
    await heading(page).getByText('This login is over').waitFor();
  });
});

test('what is being sent does not come back over “This is not me”', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  let answer = () => undefined as unknown;
  const held = new Promise((resolve) => {
    answer = () => resolve(undefined);
  });
  stub.answers.authenticate = [
    async (c) => {
      await held;
      return codeShown(c);
    },
  ];
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await logIn(page);
    const sent = page.waitForResponse(/authenticate/);
    await notMe(page).click();
    await heading(page).getByText('Nothing is linked').waitFor();
    answer();
    await (await sent).finished();
    await page.evaluate('new Promise((resolve) => setTimeout(resolve))');
    assert.equal(await heading(page).innerText(), 'Nothing is linked');
  });
});

test('on a phone and in the dark nothing is cut off, and every text has contrast', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  stub.answers.authenticate = [codeShown];
  for (const colorScheme of ['light', 'dark'] as const) {
    const phone = { viewport: { width: 320, height: 700 }, colorScheme };
    await withPage(
      browser,
      stub.url,
      async (page) => {
        await seeCode(page);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320);
        assert.deepEqual(await contrastFaults(page), []);
        await screenshot(page, `login-code-${colorScheme}`);
        stub.answers.current = [confirmedInChat];
        await page.clock.runFor(3_000);
        await heading(page).getByText('You are logged in').waitFor();
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320);
        assert.deepEqual(await contrastFaults(page), []);
        await screenshot(page, `login-confirmed-${colorScheme}`);
      },
      phone,
    );
  }
});
