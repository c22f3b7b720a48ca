/** `auth.confirm: "slack"` in Chromium: at the playground, on the Slack emulator (on Grid too), and through the TLS front. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import type { Browser, Page } from 'playwright-core';
import { createPlaygroundApp } from '../../src/chat/playground/app.ts';
import { listen } from '../../src/ops/listen.ts';
import { startBot } from '../support/bot.ts';
import { browserMissing, launchBrowser, screenshot, withPage } from '../support/browser.ts';
import { contrastFaults } from '../support/contrast.ts';
import { freePort } from '../support/free-port.ts';
import { heading, logIn } from '../support/login-page.ts';
import { needsNginx, socketPath, startNginx } from '../support/nginx.ts';
import { loginUrl } from '../support/playground-client.ts';
import { linkIn, type SlackBotOptions, startSlackBot } from '../support/slack-bot.ts';

const skip = browserMissing();
let browser: Browser;
before(async () => {
  if (!skip) browser = await launchBrowser();
});
after(async () => {
  if (!skip) await browser.close();
});

const first = 'First, show that this is you';

async function playground(t: TestContext) {
  const rig = await startBot(t, { confirm: 'slack' });
  const linkFor = async () =>
    loginUrl(await rig.alice.ask('dm', '!session_start plum', ({ blocks }) => blocks !== null));
  return { ...rig, linkFor };
}

/** Presses the button, and says at the playground who one is. */
async function signInAs(page: Page, choice: string): Promise<void> {
  await page.getByRole('button', { name: 'Sign in with the playground' }).click();
  await page.getByRole('button', { name: choice }).click();
}

test('at the playground: cancel, come back, sign in, log in, run; a reload goes on where one is', {
  skip,
}, async (t) => {
  const rig = await playground(t);
  const link = await rig.linkFor();
  await withPage(browser, rig.url, async (page) => {
    await page.goto(link);
    await heading(page).getByText(first).waitFor();
    assert.match(await page.locator('main').innerText(), /@alice\s+on Playground, workspace demo/u);
    assert.deepEqual(await contrastFaults(page), []);
    await screenshot(page, 'login-sign-in-desktop');
    assert.equal(await page.getByLabel('StackStorm password').isVisible(), false);

    await signInAs(page, 'Cancel');
    await heading(page).getByText('You did not sign in').waitFor();
    assert.equal(new URL(page.url()).search, '', 'what came back is out of the address');
    assert.deepEqual(await contrastFaults(page), []);
    await page.getByRole('link', { name: 'Back to the login page' }).click();
    await heading(page).getByText(first).waitFor();

    await signInAs(page, 'I am alice');
    await heading(page).getByText('Log in to StackStorm').waitFor();
    assert.equal(page.url(), `${rig.url}/login/`);
    await page.reload();
    await logIn(page);
    await heading(page).getByText('You are logged in').waitFor();
  });
  const ran = await rig.alice.ask('general', '!st2 list vms', ({ text }) => text.includes('succeeded'));
  assert.equal(ran.private, false);
  assert.ok(rig.records.some(({ event }) => event === 'login.signed_in'));
});

test('a victim opens the link of somebody else: it ends before any password, and its owner is told', {
  skip,
}, async (t) => {
  const rig = await playground(t);
  const link = await rig.linkFor();
  await withPage(browser, rig.url, async (page) => {
    await page.goto(link);
    await signInAs(page, 'I am bob');
    await heading(page).getByText('This link is not yours').waitFor();
    const words = await page.locator('main').innerText();
    assert.match(
      words,
      /You are signed in to Playground as bob \(bob\), but this link belongs to alice \(alice\) in demo/u,
    );
    assert.deepEqual(await contrastFaults(page), []);
    await screenshot(page, 'login-sign-in-other-person');
    await page.goto('/login/');
    await heading(page).getByText('There is no link here').waitFor();
  });
  await rig.alice.waitFor('dm', '', ({ text }) => text.includes('signed in to chat as somebody else'));
  assert.equal(rig.stackstorm.state.executions.all.length, 0);
});

/** Says on Slack's page who one is, and allows it. */
async function allowAtSlack(page: Page, person: string, workspace = 'Acme'): Promise<void> {
  await page.getByRole('button', { name: 'Sign in with Slack' }).click();
  await page.locator('select[name=user]').selectOption(person);
  await page.locator('select[name=workspace]').selectOption(workspace);
  await page.getByRole('button', { name: 'Allow' }).click();
}

async function slackLink(t: TestContext, options: SlackBotOptions = {}) {
  // Another host than Slack's: for the browser the way back comes from another site, and Strict cookies stay at home.
  const rig = await startSlackBot(t, { confirm: 'slack', host: 'localhost', ...options });
  const { app, alice } = rig;
  const asked = await alice.dm(app, '!session_start plum');
  const answer = await alice.sees(alice.dmWith(app), (message) => linkIn(message) !== undefined, {
    after: asked,
  });
  return { ...rig, link: linkIn(answer) ?? '' };
}

for (const enterprise of [undefined, 'E0GRID']) {
  test(`with Slack${enterprise === undefined ? '' : ', on Grid, in another workspace of the org'}`, {
    skip,
  }, async (t) => {
    const rig = await slackLink(t, enterprise === undefined ? {} : { enterprise });
    const { slack, app, alice, general, url, link } = rig;
    const where =
      enterprise === undefined ? rig.team : slack.workspace({ id: 'T0SECOND', name: 'Second', enterprise });
    alice.user.teams.add(where.id);
    await withPage(
      browser,
      url,
      async (page) => {
        await page.goto(link);
        await heading(page).getByText(first).waitFor();
        await allowAtSlack(page, 'alice', where.name);
        await heading(page).getByText('Log in to StackStorm').waitFor();
        await logIn(page);
        await heading(page).getByText('You are logged in').waitFor();
      },
      { also: [slack.url] },
    );
    await alice.sees(alice.dmWith(app), /logged in to StackStorm as alice/u);
    const command = await alice.say(general, '!st2 list vms');
    await alice.sees(general, /succeeded/u, { after: command });
  });
}

test('with Slack, as somebody else: the login ends, and its owner is told in a DM', { skip }, async (t) => {
  const { slack, app, alice, url, link, records } = await slackLink(t);
  await withPage(
    browser,
    url,
    async (page) => {
      await page.goto(link);
      await allowAtSlack(page, 'bob');
      await heading(page).getByText('This link is not yours').waitFor();
      assert.match(
        await page.locator('main').innerText(),
        /signed in to Slack as .* \(U0BOB\).* alice \(U0ALICE\) in Acme/u,
      );
    },
    { also: [slack.url] },
  );
  await alice.sees(alice.dmWith(app), /signed in to chat as somebody else/u);
  assert.equal(records.filter(({ outcome }) => outcome === 'sign-in-mismatch').length, 1);
});

test('through the TLS front, the playground on another site', {
  skip: needsNginx.skip ?? skip,
}, async (t) => {
  const [socket, port] = [await socketPath(t), await freePort()];
  const front = await startNginx(t, { upstream: `unix:${socket}`, port });
  const rig = await startBot(t, {
    config: { server: { socket } },
    auth: { clientside: {}, publicUrl: front.origin, confirm: 'slack' },
  });
  const chatPort = Number(new URL(rig.url).port);
  const logger = pino({ level: 'silent' });
  const chat = createPlaygroundApp({ playground: rig.playground, port: () => chatPort, logger });
  const listener = await listen(chat.fetch, { host: '127.0.0.1', port: chatPort });
  t.after(() => listener.close(0));
  const link = loginUrl(await rig.alice.ask('dm', '!session_start plum', ({ blocks }) => blocks !== null));
  const seen = new Set<string>();
  await withPage(
    browser,
    front.origin,
    async (page, context) => {
      await page.goto(link);
      await page.getByRole('button', { name: 'Sign in with the playground' }).click();
      await page.getByRole('button', { name: 'I am alice' }).waitFor();
      for (const name of ['state', 'nonce']) seen.add(new URL(page.url()).searchParams.get(name) ?? name);
      const oidc = (await context.cookies(front.origin)).find(({ name }) => name === '__Host-oidc');
      assert.deepEqual([oidc?.secure, oidc?.httpOnly, oidc?.sameSite, oidc?.path], [true, true, 'Lax', '/']);
      const returned = page.waitForRequest(/oidc\/callback/u);
      await page.getByRole('button', { name: 'I am alice' }).click();
      seen.add(new URL((await returned).url()).searchParams.get('code') ?? 'code');
      await heading(page).getByText('Log in to StackStorm').waitFor();
      assert.deepEqual(
        (await context.cookies(front.origin)).map(({ name }) => name),
        ['__Host-bolt-stackstorm-login'],
      );
      await logIn(page);
      await heading(page).getByText('You are logged in').waitFor();
    },
    { ignoreHTTPSErrors: true, also: [rig.url] },
  );
  const logs = await front.logs();
  assert.match(logs, /\/login\/oidc\/callback/u);
  assert.equal(seen.size, 3);
  for (const word of seen) assert.equal(logs.includes(word), false);
});
