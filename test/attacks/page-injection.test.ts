import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Place, Post } from '../../src/chat/chat.ts';
import { createInstallPages } from '../../src/chat/slack/install-pages.ts';
import { securityHeaders } from '../../src/ops/security-headers.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { browserMissing, launchBrowser, withPage } from '../support/browser.ts';
import { allHostile, hostile } from '../support/hostile.ts';
import { heading, logIn, openPage } from '../support/login-page.ts';
import { LoginRig } from '../support/login-rig.ts';
import { opened, startLoginStub, stubLogin } from '../support/login-stub.ts';
import { Ear, startPlayground } from '../support/playground-server.ts';
import { hour, issueLink } from '../support/sessions.ts';

const skip = browserMissing();
let browser: Browser;
before(async () => {
  if (!skip) browser = await launchBrowser();
});
after(async () => {
  if (!skip) await browser.close();
});

/** What is in a page that words of others could have put there. */
const seen = `({
  pwned: globalThis.pwned ?? null,
  scripts: [...document.querySelectorAll('script')].filter((one) => !one.src.startsWith(location.origin)).length,
  handlers: document.querySelectorAll('[onerror],[onclick],[onload]').length,
  pictures: [...document.images].filter((one) => !one.src.startsWith(location.origin)).length,
  links: [...document.links].filter((one) => !/^https?:/.test(one.href)).length,
  forms: [...document.forms].filter((one) => one.action !== '' && !one.action.startsWith(location.origin)).length,
})`;
const nothing = { pwned: null, scripts: 0, handlers: 0, pictures: 0, links: 0, forms: 0 };

/** Nothing runs and nothing was made; the words are there to be read. */
async function assertInert(page: Page, where: string): Promise<void> {
  assert.deepEqual(await page.evaluate(seen), nothing, where);
  const text = (await page.locator('body').textContent()) ?? '';
  assert.ok(text.includes(hostile.markup), `${where}: the words themselves are shown`);
}

test('the login page shows hostile names, places and accounts as words, in each of its states', {
  skip,
}, async (t) => {
  const stub = await startLoginStub(t);
  const words = `${hostile.markup} ${hostile.jinja} ${hostile.mentions}`;
  const chatUser = { platform: words, workspace: words, name: words, id: words };
  const expiresAt = new Date(Date.now() + 480_000).toISOString();
  const json =
    (body: object, status = 200) =>
    () =>
      Response.json(body, { status, headers: securityHeaders(new URL(stub.url)) });
  stub.answers.open = [opened({ chatUser, asked: { at: words, place: words } })];
  stub.answers.authenticate = [
    json(
      { type: 'urn:x:__proto__', code: '__proto__', title: words, detail: words, attemptsLeft: words },
      401,
    ),
    json({ type: 'urn:x:constructor', code: 'constructor', attemptsLeft: 3, fields: [words, 'secret'] }, 422),
    json({ stackstormUser: words, confirm: { code: words, expiresAt } }, 202),
  ];
  stub.answers.current = [
    json({ login: stubLogin, chatUser, stackstormUser: words, confirm: { code: words, expiresAt } }),
  ];
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await page.getByLabel('Your secret word').waitFor();
    await assertInert(page, 'the form');
    for (const _ of ['a problem', 'another']) {
      await logIn(page);
      await page.getByRole('alert').waitFor();
      await assertInert(page, 'a problem');
    }
    await logIn(page);
    await page.locator('#code').waitFor();
    await assertInert(page, 'the code');
  });

  // And the end, where it needs no code.
  stub.reset();
  stub.answers.open = [opened({ chatUser })];
  stub.answers.authenticate = [json({ stackstormUser: words, expiresAt })];
  await withPage(browser, stub.url, async (page) => {
    await openPage(page);
    await logIn(page);
    await heading(page).getByText('You are logged in').waitFor();
    await assertInert(page, 'the end');
  });
});

test('what stands in the login page’s own address is never shown nor run', { skip }, async (t) => {
  const stub = await startLoginStub(t);
  stub.answers.open = [
    () => Response.json({ type: 'urn:x:link-unknown', code: 'link-unknown' }, { status: 404 }),
  ];
  const bad = encodeURIComponent(hostile.markup);
  for (const address of [
    `/login/?next=javascript:pwned=1&x=${bad}#${hostile.markup}`,
    `/login/?${bad}#javascript:pwned=1`,
  ]) {
    await withPage(browser, stub.url, async (page) => {
      await page.goto(address);
      await heading(page).getByText('not known').waitFor();
      assert.deepEqual(await page.evaluate(seen), nothing);
      assert.doesNotMatch(await page.content(), /onerror|pwned/);
    });
  }
});

test('the demo’s chat page shows hostile names, messages, buttons and extras as words', {
  skip,
}, async (t) => {
  const store = await openSqlite({ path: ':memory:' });
  t.after(() => store.close());
  const { url, playground } = await startPlayground(t, store, { ear: new Ear() });
  const general: Place = { platform: 'playground', workspace: 'demo', channel: 'general', kind: 'channel' };
  const post: Post = {
    text: allHostile,
    parts: [
      { type: 'heading', text: allHostile },
      { type: 'text', text: allHostile, isFormatted: true },
      { type: 'code', text: allHostile },
      { type: 'fields', fields: [{ label: allHostile, value: allHostile }] },
      { type: 'context', text: allHostile },
      {
        type: 'buttons',
        buttons: [
          { label: hostile.markup, url: 'javascript:globalThis.pwned=1' },
          { label: hostile.markup, url: 'data:text/html,<script>pwned=1</script>' },
          { label: hostile.markup, action: hostile.markup, value: hostile.markup },
        ],
      },
    ],
    extra: { slack: { text: allHostile, [hostile.markup]: allHostile } },
  };
  await playground.post(general, post, 'a-key');
  await playground.post(general, { text: allHostile }, 'another-key');
  await withPage(browser, url, async (page) => {
    await page.goto('/playground/#alice/general');
    await page.locator('.message[data-from="bot"]').nth(1).waitFor();
    for (const link of await page.locator('.message a').all()) {
      assert.match((await link.getAttribute('href')) ?? 'https:', /^https?:/);
    }
    await assertInert(page, 'the playground');
  });
});

test('the pages of a Slack install show a hostile workspace, reason and code as words', async () => {
  const pages = await createInstallPages(securityHeaders(new URL('https://chatops.example.com')));
  const shown = [
    pages.done({ name: allHostile, openUrl: `https://slack.example/app_redirect?app=${allHostile}` }),
    pages.problem('stopped', { reason: allHostile }),
    pages.problem('slack-refused', { slackCode: allHostile }),
  ];
  for (const answer of shown) {
    const page = await answer.text();
    assert.doesNotMatch(page, /<script|<img src=x|<a href="javascript/);
    assert.match(page, /&lt;script&gt;/);
    assert.doesNotMatch([...answer.headers].join('\n'), /Injected/);
  }
});

test('a name that turns the text around it, breaks its line or pushes it away is one line of a name', async () => {
  await using rig = await LoginRig.create();
  const names = [
    ['you \u202eton era uoY', 'you ton era uoY'],
    ['\u2066you\u2069\n\nIt is safe to go on.\u2028', 'you It is safe to go on.'],
    ['Mal\u200blory\u0000', 'Mal lory'],
    ['x'.repeat(5_000), 'x'.repeat(80)],
    ['\u202e\u2028 ', 'alice'],
  ] as const;
  for (const [userName, shown] of names) {
    rig.profiles.userName = userName;
    const browser = rig.browser();
    const { body } = await browser.open((await issueLink(rig.rig.sessions)).link);
    assert.deepEqual(Object(body['chatUser']).name, shown);
    rig.rig.clock.pass(hour);
  }
});
