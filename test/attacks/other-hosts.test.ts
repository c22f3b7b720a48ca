import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { z } from 'zod';
import { createLoginCookie } from '../../src/login/cookie.ts';
import { browserMissing } from '../support/browser.ts';
import { type Sites, startSites } from '../support/browser-sites.ts';
import { heading } from '../support/login-page.ts';
import { alice, bob, issueLink } from '../support/sessions.ts';

const skip = browserMissing();
const cookieName = '__Host-bolt-stackstorm-login';

let sites: Sites;
const closing: (() => Promise<void>)[] = [];
before(async () => {
  if (skip === false) sites = await startSites({ after: (close) => void closing.push(close) });
});
after(async () => {
  for (const close of closing.reverse()) await close();
});

/** A visitor with a page of their own and one of somebody else, in one browser. */
async function visitor(t: { after(close: () => Promise<void>): void }): Promise<BrowserContext> {
  const context = await sites.browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB' });
  context.setDefaultTimeout(10_000);
  await context.clock.install({ time: sites.rig.rig.clock.now() });
  // tsx names functions so; in a page there is nobody who knows it.
  await context.addInitScript('globalThis.__name = (one) => one');
  t.after(() => context.close());
  return context;
}

/** The victim’s own login, open in a page of its own. */
async function victimIn(context: BrowserContext) {
  const { url, session } = await issueLink(sites.rig.rig.sessions, alice);
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('#form-state').getByText('@alice', { exact: true }).waitFor();
  return { page, session };
}

async function logIn(page: Page): Promise<void> {
  await page.getByLabel('Your secret word').fill('plum');
  await page.getByLabel('StackStorm user name').fill('alice');
  await page.getByLabel('StackStorm password').fill('pass:word ✓');
  await page.getByRole('button', { name: 'Log in' }).click();
}

interface Wanted {
  readonly target: string;
  /** mallory’s own. */
  readonly link: string;
  /** The victim’s: mallory would not know it. */
  readonly session: string;
}

/** Runs in a page of another host: all the ways that it has to ask for what changes something, or to read. */
async function attack({ target, link, session }: Wanted): Promise<Record<string, string>> {
  const credentials = { login: session, secret: 'plum', method: 'apiKey', apiKey: 'key-of-alice' };
  const wanted: readonly (readonly [string, unknown])[] = [
    ['open', { link }],
    ['authenticate', credentials],
    ['refuse', { login: session }],
  ];
  const seen: Record<string, string> = {};
  const outcome = async (name: string, work: () => Promise<unknown>) => {
    seen[name] = await work().then(
      (value) => (value instanceof Response ? value.type : String(value)),
      (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
    );
  };
  // A form of plain text is the one way to send JSON without being asked first: all of it is a field's name.
  const form = (path: string, body: string) =>
    new Promise((done) => {
      const frame = document.createElement('iframe');
      frame.name = `frame-of-${path}`;
      document.body.append(frame);
      const form = document.createElement('form');
      Object.assign(form, { method: 'POST', enctype: 'text/plain', action: `${target}/login/api/${path}` });
      form.target = frame.name;
      const field = document.createElement('input');
      field.name = `${body.slice(0, -1)},"x":"`;
      field.value = '"}';
      form.append(field);
      document.body.append(form);
      frame.addEventListener('load', () => done('sent'));
      form.submit();
    });
  for (const [path, value] of wanted) {
    const body = JSON.stringify(value);
    const post = (init: RequestInit) =>
      fetch(`${target}/login/api/${path}`, { method: 'POST', credentials: 'include', body, ...init });
    await outcome(`${path} as JSON`, () => post({ headers: { 'content-type': 'application/json' } }));
    await outcome(`${path} unseen`, () => post({ mode: 'no-cors' }));
    await outcome(`${path} unseen, as a form`, () =>
      post({ mode: 'no-cors', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    );
    await outcome(`${path} by a form`, () => form(path, body));
    await outcome(`${path} by a beacon`, async () =>
      navigator.sendBeacon(`${target}/login/api/${path}`, new Blob([body], { type: 'text/plain' })),
    );
  }
  await outcome('read', () => fetch(`${target}/login/api/login`, { credentials: 'include' }));
  await outcome('read unseen', () =>
    fetch(`${target}/login/api/login`, { credentials: 'include', mode: 'no-cors' }),
  );
  return seen;
}

/** The whole window goes to ours: the browser takes that for a visit, and may be kinder with cookies. */
function visitByForm({ target, session }: Wanted): void {
  const credentials = { login: session, secret: 'plum', method: 'apiKey', apiKey: 'key-of-alice' };
  const form = document.createElement('form');
  Object.assign(form, { method: 'POST', enctype: 'text/plain', action: `${target}/login/api/authenticate` });
  const field = document.createElement('input');
  field.name = `${JSON.stringify(credentials).slice(0, -1)},"x":"`;
  field.value = '"}';
  form.append(field);
  document.body.append(form);
  form.submit();
}

const outcomes = z.record(z.string(), z.string());

describe('a page of another host, in the browser in which somebody logs in', { skip }, () => {
  for (const [what, host, cookieIsSent] of [
    ['a host beside ours', () => sites.sibling, true],
    ['another site', () => sites.foreign, false],
  ] as const) {
    test(`on ${what} opens a link, logs in, refuses and reads: nothing happens`, async (t) => {
      const context = await visitor(t);
      const victim = await victimIn(context);
      const { link, session } = await issueLink(sites.rig.rig.sessions, bob);
      const page = await context.newPage();
      await page.goto(host());
      sites.heard.length = 0;
      const wanted = { target: sites.login, link, session: victim.session };
      const seen = outcomes.parse(await page.evaluate(attack, wanted));
      for (const [name, outcome] of Object.entries(seen)) {
        // The browser may keep an answer from the page, or the request from us; none is shown.
        assert.match(outcome, /^(?:TypeError|opaque|sent|true)$/u, `${name}: ${outcome}`);
      }
      await Promise.all([page.waitForURL(`${sites.login}/**`), page.evaluate(visitByForm, wanted)]);
      const came = sites.heard.filter(({ path }) => path.startsWith('/login/api/'));
      assert.ok(came.length >= 12, `${came.length} of the attacks arrived`);
      for (const { method, path, status } of came) assert.match(String(status), /^4/u, `${method} ${path}`);
      assert.equal(
        came.some(({ cookie }) => cookie?.includes(cookieName) === true),
        cookieIsSent,
        'SameSite keeps it from another site, and from there only',
      );
      assert.equal(await sites.rig.rig.sessions.current(alice), undefined);
      assert.notEqual(
        await sites.rig.rig.sessions.openLogin({ user: alice, session: victim.session }),
        undefined,
      );
      assert.equal(await sites.rig.rig.sessions.openLogin({ user: bob, session }), undefined);
      await logIn(victim.page);
      await heading(victim.page).getByText('You are logged in').waitFor();
      await sites.rig.rig.sessions.end(alice);
    });

    test(`on ${what} shows the login in a frame: it is empty`, async (t) => {
      const context = await visitor(t);
      const page = await context.newPage();
      await page.goto(host());
      const { url } = await issueLink(sites.rig.rig.sessions, bob);
      await page.evaluate(
        (src) =>
          new Promise((done) => {
            const frame = document.createElement('iframe');
            frame.src = src;
            frame.addEventListener('load', done);
            document.body.append(frame);
          }),
        url,
      );
      assert.equal(page.frames().length, 2);
      for (const frame of page.frames()) assert.ok(!frame.url().startsWith(sites.login), frame.url());
    });

    test(`on ${what} opens the login in a window, and swaps it for another page later`, async (t) => {
      const context = await visitor(t);
      const page = await context.newPage();
      await page.goto(host());
      const { url } = await issueLink(sites.rig.rig.sessions, alice);
      const [login] = await Promise.all([
        context.waitForEvent('page'),
        page.evaluate((src) => void Object.assign(window, { opened: window.open(src) }), url),
      ]);
      await login.locator('#form-state').getByText('@alice', { exact: true }).waitFor();
      const isLost = await page.evaluate((elsewhere) => {
        const opened: unknown = Reflect.get(window, 'opened');
        if (typeof opened !== 'object' || opened === null) return true;
        Reflect.get(opened, 'location').replace(elsewhere);
        return Reflect.get(opened, 'closed') === true;
      }, sites.foreign);
      assert.equal(isLost, true, 'the window is out of its reach');
      await logIn(login);
      await heading(login).getByText('You are logged in').waitFor();
      assert.ok(login.url().startsWith(sites.login));
      await sites.rig.rig.sessions.end(alice);
    });
  }
});

describe('a cookie that a host beside ours sets', { skip }, () => {
  /** All spellings in which a browser, or we, might take it for our own. */
  const spellings = (value: string): readonly string[] => {
    const bare = cookieName.slice('__Host-'.length);
    const names = [
      ...[
        cookieName,
        bare,
        `__Secure-${bare}`,
        cookieName.toLowerCase(),
        `"${cookieName}"`,
        ` ${cookieName}`,
      ],
      ...[
        `%5F%5FHost-${bare}`,
        `\xa0${cookieName}`,
        `\x85${cookieName}`,
        `${cookieName}\xa0`,
        `\t${cookieName}`,
      ],
    ];
    return [
      ...names.map((name) => `${name}=${value}; Domain=chat.test; Path=/; Secure`),
      ...names.map((name) => `${name}=${value}; Domain=chat.test; Path=/login/api/login; Secure`),
      `=${cookieName}=${value}; Domain=chat.test; Path=/; Secure`,
      `x=1, ${cookieName}=${value}; Domain=chat.test; Path=/; Secure`,
      `y="; ${cookieName}=${value}"; Domain=chat.test; Path=/; Secure`,
    ];
  };

  test('is never taken for the login of who visits us', async (t) => {
    const { link } = await issueLink(sites.rig.rig.sessions, bob);
    const opened = await sites.rig.rig.sessions.open(link, '127.0.0.1');
    if (opened.kind !== 'opened') throw new Error(opened.kind);
    const value =
      createLoginCookie(sites.rig.rig.encryption, new URL(sites.login))
        .given(opened.login, 600_000)
        .split(';')[0]
        ?.split('=')[1] ?? '';
    sites.answerWith(spellings(value).map((cookie) => ['set-cookie', cookie]));
    t.after(async () => sites.answerWith([]));

    const context = await visitor(t);
    const page = await context.newPage();
    await page.goto(sites.sibling);
    assert.ok((await context.cookies()).length > 3, 'the browser took some of them');
    sites.heard.length = 0;
    await page.goto(`${sites.login}/login/`);
    await heading(page).waitFor();
    const current = sites.heard.find(({ path }) => path === '/login/api/login');
    assert.ok(current?.cookie?.includes(value), 'and sent them');
    assert.equal(current?.status, 404);
    assert.equal(await page.getByText('@bob').count(), 0);

    const victim = await victimIn(context);
    await logIn(victim.page);
    await heading(victim.page).getByText('You are logged in').waitFor();
    assert.equal((await sites.rig.rig.sessions.current(alice))?.id, victim.session);
    assert.equal(await sites.rig.rig.sessions.current(bob), undefined);
  });
});
