import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import { browserMissing, launchBrowser, screenshot, withPage } from '../support/browser.ts';
import { fromBot, openChat, pressLoginButton, say } from '../support/chat-page.ts';
import { type Demo, startReadmeDemo } from '../support/demo-process.ts';
import { alertOf, heading } from '../support/login-page.ts';

const skip = browserMissing();

/** The demo's StackStorm, asked as an operator would. */
class StackStorm {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** A token of the user, whose password is their name. */
  async token(user: string): Promise<string> {
    const basic = Buffer.from(`${user}:${user}`).toString('base64');
    const answer = await fetch(`${this.#url}/auth/v1/tokens`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
    });
    return z.object({ token: z.string() }).parse(await answer.json()).token;
  }

  async apiKey(user: string): Promise<string> {
    const answer = await fetch(`${this.#url}/api/v1/apikeys`, {
      method: 'POST',
      headers: { 'x-auth-token': await this.token(user), 'content-type': 'application/json' },
      body: '{}',
    });
    return z.object({ key: z.string() }).parse(await answer.json()).key;
  }

  /** Who runs which action, newest first. */
  async executions(): Promise<readonly (readonly [string, string])[]> {
    const answer = await fetch(`${this.#url}/api/v1/executions`, {
      headers: { 'x-auth-token': await this.token('admin') },
    });
    const execution = z.object({
      action: z.object({ ref: z.string() }),
      context: z.object({ user: z.string() }),
    });
    return z
      .array(execution)
      .parse(await answer.json())
      .map(({ action, context }) => [action.ref, context.user] as const);
  }
}

/** Logs in by a token or a key that StackStorm gave, from chat to "You are logged in". */
async function logInBy(page: Page, person: string, method: 'Token' | 'API key', credential: string) {
  await openChat(page, person, 'dm');
  const login = await pressLoginButton(page, 'plum');
  await login.getByRole('radio', { name: method }).check();
  await login.getByLabel('Your secret word').fill('plum');
  await login
    .getByLabel(method === 'Token' ? 'StackStorm user token' : 'StackStorm API key')
    .fill(credential);
  await screenshot(login, `journey-${person}-login`);
  await login.getByRole('button', { name: 'Log in' }).click();
  await heading(login).getByText('You are logged in').waitFor();
  await login.close();
  await fromBot(page, `You are logged in to StackStorm as ${person}`);
}

describe('the journey of the README, in Chromium', { skip }, () => {
  let demo: Demo;
  let browser: Browser;
  let stackstorm: StackStorm;
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    const closes = { after: (close: () => Promise<void>) => void closing.push(close) };
    [demo, browser] = await Promise.all([startReadmeDemo(closes), launchBrowser()]);
    closing.push(() => browser.close());
    const [, url = ''] = await demo.line(/StackStorm\s+(http:\S+)/u);
    stackstorm = new StackStorm(url);
  });
  after(async () => {
    for (const close of closing) await close();
  });

  test('alice logs in with her password, runs aliases as herself, and logs out', async () => {
    await withPage(browser, demo.url, async (page) => {
      await page.goto('/playground/');
      await page.getByRole('heading', { name: 'Try it in a minute' }).waitFor();
      await screenshot(page, 'journey-1-playground');
      await page.getByRole('button', { name: 'StackStorm bot' }).click();
      const login = await pressLoginButton(page, 'plum');
      await screenshot(page, 'journey-2-link');

      await heading(login).getByText('Log in to StackStorm').waitFor();
      assert.equal(login.url(), `${demo.url}/login/`, 'the link has left the address');
      const words = await login.locator('main').innerText();
      assert.match(words, /@alice\s+on Playground, workspace demo/);
      assert.match(words, /Asked for at \d\d:\d\d \(a moment ago\) in a direct message/);
      assert.match(words, /alice in demo \(Playground\) will be able to run StackStorm commands as you\./);
      await screenshot(login, 'journey-3-login');

      await login.getByLabel('Your secret word').fill('prune');
      await login.getByLabel('StackStorm user name').fill('alice');
      await login.getByLabel('StackStorm password').fill('alice');
      await login.getByRole('button', { name: 'Log in' }).click();
      assert.match(await alertOf(login), /secret word is not right[\s\S]* 4 tries left/);
      await screenshot(login, 'journey-4-wrong-secret');

      await login.getByLabel('Your secret word').fill('plum');
      await login.keyboard.press('Enter');
      await heading(login).getByText('You are logged in').waitFor();
      assert.match(
        await login.locator('main').innerText(),
        /alice in demo \(Playground\) now runs StackStorm commands as alice/,
      );
      await screenshot(login, 'journey-5-logged-in');
      await login.close();
      await fromBot(page, 'You are logged in to StackStorm as alice');

      await page.getByRole('button', { name: 'general' }).click();
      const list = await say(page, '!st2 list vms');
      await fromBot(list, /(?:Requested|Running|Succeeded).*demo\.list_vms/);
      const vms = await fromBot(list, 'succeeded: 4 machines');
      assert.match(await vms.innerText(), /web1[\s\S]*run as alice/);
      await page.mouse.move(0, 0);
      await screenshot(page, 'journey-6-result');
      const run = await say(page, '!st2 run uptime on web1');
      const uptime = await fromBot(run, /demo\.run: succeeded/);
      assert.match(await uptime.innerText(), /load average[\s\S]*run as alice/);
      assert.deepEqual((await stackstorm.executions()).slice(0, 2), [
        ['demo.run', 'alice'],
        ['demo.list_vms', 'alice'],
      ]);
      await screenshot(page, 'journey-7-results');

      await page.getByRole('button', { name: 'StackStorm bot' }).click();
      await say(page, '!session_end');
      await fromBot(page, 'Your session as alice has ended');
      await say(page, '!st2 list vms');
      await fromBot(page, 'You are not logged in to StackStorm, so nothing was run.');
      assert.equal((await stackstorm.executions()).length, 2);
      await screenshot(page, 'journey-8-ended');
    });
  });

  test('bob, by a token, sees StackStorm’s own refusal; the admin, by an API key, ends his session, and he is told', async () => {
    await withPage(browser, demo.url, async (bob) => {
      await logInBy(bob, 'bob', 'Token', await stackstorm.token('bob'));
      await bob.getByRole('button', { name: 'general' }).click();
      await say(bob, '!st2 run uptime on web1');
      const refusal = await fromBot(bob, /doesn't have required permission "action_execute"/);
      assert.match(await refusal.innerText(), /User "bob"/);
      const allowed = await say(bob, '!st2 list vms');
      assert.match(await (await fromBot(allowed, 'succeeded: 4 machines')).innerText(), /run as bob/);
      await screenshot(bob, 'journey-9-bob');

      await withPage(browser, demo.url, async (admin) => {
        await logInBy(admin, 'admin', 'API key', await stackstorm.apiKey('admin'));
        await say(admin, '!session_list');
        const list = await (await fromBot(admin, '2 live sessions')).innerText();
        assert.match(list, /playground:demo:bob\s+as bob/);
        assert.match(list, /playground:demo:admin\s+as admin/);
        await say(admin, '!session_cancel bob');
        await fromBot(admin, 'The session of playground:demo:bob has ended, and they are told.');
        await screenshot(admin, 'journey-10-admin');
      });

      await bob.getByRole('button', { name: 'StackStorm bot' }).click();
      await fromBot(bob, 'An admin has ended your StackStorm session.');
      await screenshot(bob, 'journey-11-told');
      await bob.getByRole('button', { name: 'general' }).click();
      await say(bob, '!st2 list vms');
      await fromBot(bob, 'You are not logged in to StackStorm, so nothing was run.');
    });
  });
});
