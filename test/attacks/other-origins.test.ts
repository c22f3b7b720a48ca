import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { z } from 'zod';
import { type BotRig, startBot } from '../support/bot.ts';
import { browserMissing, launchBrowser, withPage } from '../support/browser.ts';
import { listen } from '../support/listen.ts';
import { recordHttp } from '../support/record-http.ts';

const skip = browserMissing();
const outcomes = z.record(z.string(), z.string());

/**
 * Runs in a page of another origin: every way that a page has to act at the playground and at the login API. Each
 * answers what the page itself can see of it.
 */
const attack = (target: string) => `(async () => {
  const outcome = async (work) => {
    try { return String(await work()); } catch (error) { return error.name; }
  };
  const body = JSON.stringify({ user: 'alice', channel: 'general', text: '!st2 hello' });
  const post = (path, options) => fetch('${target}' + path, { method: 'POST', body, credentials: 'include', ...options });
  const status = async (answer) => (await answer).status;
  const form = (action, value) => new Promise((done) => {
    const frame = Object.assign(document.createElement('iframe'), { name: 'f' + Math.random() });
    document.body.append(frame);
    frame.onload = () => { frame.onload = () => done('sent'); element.submit(); };
    const element = Object.assign(document.createElement('form'), {
      method: 'POST', enctype: 'text/plain', action: '${target}' + action, target: frame.name,
    });
    element.append(Object.assign(document.createElement('input'), { name: value, value: '' }));
    document.body.append(element);
    frame.src = 'about:blank';
  });
  const messages = '/playground/api/messages';
  return {
    json: await outcome(() => status(post(messages, { headers: { 'content-type': 'application/json' } }))),
    plain: await outcome(() => status(post(messages, { headers: { 'content-type': 'text/plain' } }))),
    blind: await outcome(() => status(post(messages, { mode: 'no-cors', headers: { 'content-type': 'text/plain' } }))),
    form: await outcome(() => form(messages, body)),
    beacon: await outcome(() => navigator.sendBeacon('${target}' + messages, body)),
    read: await outcome(async () => (await fetch('${target}' + messages + '?user=alice')).text()),
    login: await outcome(() => status(post('/login/api/open', { headers: { 'content-type': 'application/json' } }))),
    loginForm: await outcome(() => form('/login/api/open', '{"link":"x"}')),
  };
})()`;

/** Runs in a page that was served under another name: what the playground's own page would do. */
const sayHello = `fetch('/playground/api/messages', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"user":"alice","channel":"general","text":"!st2 hello"}',
}).then((answer) => answer.status)`;

describe('the playground and the login API, against pages that are not theirs', { skip }, () => {
  let browser: Browser;
  let rig: BotRig;
  let heard: { target: string; status: string }[] = [];
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    recordHttp(({ target, answer }) => {
      if (answer === undefined || !/ \/(?:playground|login)\//u.test(target)) return;
      const [, status = ''] = Buffer.from(answer, 'base64').toString('latin1').split(' ', 2);
      heard.push({ target, status });
    });
    browser = await launchBrowser();
    closing.push(() => browser.close());
    rig = await startBot({ after: (close: () => Promise<void>) => void closing.push(close) });
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  for (const [name, host] of [
    ['another port of this machine', '127.0.0.1'],
    ['another name of this machine', 'localhost'],
    ['another site', 'evil.localhost'],
  ] as const) {
    test(`a page on ${name} does nothing and reads nothing`, async (t) => {
      const evil = await listen({
        fetch: () => new Response('<!doctype html><body>', { headers: { 'content-type': 'text/html' } }),
      });
      t.after(() => evil.close());
      const origin = `http://${host}:${evil.port}`;
      const context = await browser.newContext();
      const before = await rig.alice.read('general');
      heard = [];
      const page = await context.newPage();
      await page.goto(origin);
      const seen = outcomes.parse(await page.evaluate(attack(rig.url)));
      assert.deepEqual(seen, {
        json: 'TypeError',
        plain: 'TypeError',
        blind: 'TypeError',
        form: 'sent',
        beacon: 'true',
        read: 'TypeError',
        login: 'TypeError',
        loginForm: 'sent',
      });
      await context.close();
      assert.ok(heard.length >= 7, 'the attacks arrived');
      for (const { target, status } of heard) assert.match(status, /^40[345]$/u, `${target}: ${status}`);
      assert.deepEqual(await rig.alice.read('general'), before);
    });
  }

  test('no page may show the playground or the login page in a frame', async (t) => {
    const evil = await listen({
      fetch: () =>
        new Response(
          `<!doctype html><iframe src="${rig.url}/playground/"></iframe><iframe src="${rig.url}/login/"></iframe>`,
          { headers: { 'content-type': 'text/html' } },
        ),
    });
    t.after(() => evil.close());
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => void complaints.push(message.text()));
    await page.goto(evil.url);
    assert.equal(page.frames().length, 3);
    for (const frame of page.frames()) assert.ok(!frame.url().startsWith(rig.url), frame.url());
    assert.equal(
      complaints.filter((text) => text.includes("frame-ancestors 'none'")).length,
      2,
      `${complaints}`,
    );
    await context.close();
  });

  test('a name that was rebound to this machine gets nothing', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    for (const path of ['/playground/', '/playground/api/messages?user=alice']) {
      const answer = await page.goto(rig.url.replace('127.0.0.1', 'rebound.localhost') + path);
      assert.equal(answer?.status(), 403, path);
      assert.match((await answer?.text()) ?? '', /Host must be/u);
    }
    assert.equal(await page.evaluate(sayHello), 403);
    await context.close();
  });

  test('a proxy in front makes the playground refuse: one that says so, and one that hides', async (t) => {
    for (const headers of [{ 'x-forwarded-for': '203.0.113.9' }, {}]) {
      const proxy = createServer((incoming, response) => {
        const { method, url: path } = incoming;
        const onward = request(
          rig.url + path,
          { method, headers: { ...incoming.headers, ...headers, host: new URL(rig.url).host } },
          (answer) => {
            response.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(response);
          },
        );
        incoming.pipe(onward);
      });
      await new Promise<void>((resolve) => {
        proxy.listen(0, '127.0.0.1', resolve);
      });
      t.after(() => {
        proxy.close();
        proxy.closeAllConnections();
      });
      const address = proxy.address();
      if (address === null || typeof address === 'string') throw new TypeError('not on a port');
      const before = await rig.alice.read('general');
      await withPage(browser, `http://127.0.0.1:${address.port}`, async (page) => {
        const answer = await page.goto('/playground/');
        if ('x-forwarded-for' in headers) {
          assert.equal(answer?.status(), 403);
          return;
        }
        assert.equal(await page.evaluate(sayHello), 403);
      });
      assert.deepEqual(await rig.alice.read('general'), before);
    }
  });
});
