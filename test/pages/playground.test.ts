import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { ChatMessage, Place, Post } from '../../src/chat/chat.ts';
import type { Playground } from '../../src/chat/playground/playground.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { browserMissing, launchBrowser, screenshot, withPage } from '../support/browser.ts';
import { contrastFaults } from '../support/contrast.ts';
import { PlaygroundClient } from '../support/playground-client.ts';
import { Ear, type PlaygroundServer, startPlayground } from '../support/playground-server.ts';

const skip = browserMissing();
let browser: Browser;
before(async () => {
  if (!skip) browser = await launchBrowser();
});
after(async () => {
  if (!skip) await browser.close();
});

const general: Place = { platform: 'playground', workspace: 'demo', channel: 'general', kind: 'channel' };

const linkPost: Post = {
  text: 'Here is your link.',
  parts: [
    { type: 'text', text: 'Log in to StackStorm with this link. It works once, for ten minutes.' },
    {
      type: 'buttons',
      buttons: [{ label: 'Log in', url: 'http://127.0.0.1:1/login/#x.y', style: 'primary' }],
    },
    { type: 'context', text: 'Only you can see this.' },
  ],
};

const resultPost: Post = {
  text: 'list vms: succeeded',
  parts: [
    { type: 'heading', text: 'succeeded' },
    { type: 'text', text: '2 machines <b>run</b>, see http://127.0.0.1:1/#/history/1.' },
    { type: 'code', text: 'web-1   running   10.0.0.11\ndb-1    running   10.0.0.12' },
    {
      type: 'fields',
      fields: [
        { label: 'Action', value: 'demo.list_vms' },
        { label: 'Took', value: '1.2 s' },
        { label: 'Run as', value: 'alice' },
      ],
    },
    {
      type: 'buttons',
      buttons: [
        { label: 'Run again', action: 'again', value: '1' },
        { label: 'Cancel', action: 'cancel', value: '1', style: 'danger' },
      ],
    },
    { type: 'context', text: 'Execution 5f9f3a527c1e4d1b9a55' },
  ],
  extra: { slack: { color: 'good' } },
};

/** A bot that answers as the real one does: in the thread, privately, with a link. */
async function start(t: { after(done: () => Promise<void>): void }): Promise<PlaygroundServer> {
  const store = await openSqlite({ path: ':memory:' });
  const bot: { playground?: Playground } = {};
  const ear = new Ear(async (message) => {
    if (bot.playground !== undefined) await answer(bot.playground, message);
  });
  const server = await startPlayground(t, store, { ear });
  bot.playground = server.playground;
  t.after(() => store.close());
  return server;
}

async function answer(playground: Playground, message: ChatMessage): Promise<void> {
  const { eventId, user, place, messageId } = message;
  const thread: Place = messageId === undefined ? place : { ...place, thread: place.thread ?? messageId };
  if (message.text.startsWith('!session_start')) {
    await playground.whisper(user, linkPost, { key: eventId, near: place });
  } else if (message.text.startsWith('!st2')) {
    const ref = await playground.post(thread, { text: 'Working on it…' }, `ack-${eventId}`);
    await playground.post(thread, resultPost, `result-${eventId}`);
    await playground.edit(ref, { text: 'It is done.' });
  } else if (message.text.startsWith('!')) {
    await playground.whisper(user, { text: 'You are not logged in.' }, { key: eventId, near: place });
  }
}

const composer = (page: Page) => page.locator('#composer-text');

async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

test('a first visitor sees what to do, and the first steps work', { skip }, async (t) => {
  const server = await start(t);
  await withPage(browser, server.url, async (page) => {
    await page.goto('/playground/');
    await page.getByRole('heading', { name: 'Try it in a minute' }).waitFor();
    assert.deepEqual(await contrastFaults(page), []);
    await screenshot(page, 'playground-first');
    await page.getByRole('button', { name: '!session_start plum' }).click();
    await page.getByRole('heading', { name: 'StackStorm bot' }).waitFor();
    assert.equal(await composer(page).inputValue(), '!session_start plum');
    await page.keyboard.press('Enter');
    const button = page.getByRole('link', { name: 'Log in' });
    await button.waitFor();
    assert.equal(await button.getAttribute('target'), '_blank');
    assert.equal(await button.getAttribute('rel'), 'noopener noreferrer');
    assert.equal(await button.getAttribute('href'), 'http://127.0.0.1:1/login/#x.y');
    assert.equal(await page.getByRole('heading', { name: 'Try it in a minute' }).isVisible(), false);
    await screenshot(page, 'playground-direct');
  });
});

test('a command shows its acknowledgement and result in its thread, with every kind of part', {
  skip,
}, async (t) => {
  const server = await start(t);
  await withPage(browser, server.url, async (page) => {
    await page.goto('/playground/#alice/general');
    await say(page, '!st2 list vms');
    const thread = page.locator('.messages > .message > .replies');
    await thread.getByRole('heading', { name: 'succeeded' }).waitFor();
    await thread.getByText('It is done.').waitFor();
    await thread.getByText('(edited)').waitFor();
    assert.equal(await thread.getByText('Working on it…').count(), 0);
    assert.equal(
      await thread.locator('pre code').first().textContent(),
      'web-1   running   10.0.0.11\ndb-1    running   10.0.0.12',
    );
    assert.equal(await thread.locator('b').count(), 0, 'text is never markup');
    const address = thread.getByRole('link', { name: 'http://127.0.0.1:1/#/history/1', exact: true });
    assert.equal(await address.getAttribute('href'), 'http://127.0.0.1:1/#/history/1');
    assert.equal(await address.getAttribute('rel'), 'noopener noreferrer');
    assert.equal(await thread.locator('dt').count(), 3);
    await page.mouse.move(0, 0);
    await screenshot(page, 'playground-result');
    await thread.getByRole('button', { name: 'Run again' }).click();
    await server.ear.acted(1);
    assert.equal(server.ear.actions[0]?.action, 'again');
  });
});

test('a whisper is marked, and another person does not get it', { skip }, async (t) => {
  const server = await start(t);
  await withPage(browser, server.url, async (page) => {
    await page.goto('/playground/#bob/general');
    await say(page, '!help');
    await page.getByText('Only visible to you').waitFor();
    await page.getByText('You are not logged in.').waitFor();
    await screenshot(page, 'playground-whisper');
    await page.getByRole('radio', { name: 'alice' }).check();
    await page.getByText('!help', { exact: true }).locator('visible=true').first().waitFor();
    assert.equal(await page.getByText('You are not logged in.').count(), 0);
    assert.match(page.url(), /#alice\/general$/);
    await page.reload();
    assert.equal(await page.getByRole('radio', { name: 'alice' }).isChecked(), true);
  });
});

test('Shift+Enter is a new line, the arrows bring back what was sent, a reply goes into the thread', {
  skip,
}, async (t) => {
  const server = await start(t);
  await withPage(browser, server.url, async (page) => {
    await page.goto('/playground/');
    await page.getByRole('heading', { name: '# general' }).waitFor();
    await say(page, 'first');
    await page.locator('.message').getByText('first', { exact: true }).waitFor();
    await page.keyboard.type('one');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('two');
    await page.keyboard.press('Enter');
    await page.locator('.message').getByText('one\ntwo', { exact: true }).waitFor();
    await page.keyboard.press('ArrowUp');
    assert.equal(await composer(page).inputValue(), 'one\ntwo');
    await page.keyboard.press('ArrowUp');
    assert.equal(await composer(page).inputValue(), 'first');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal(await composer(page).inputValue(), '');

    await page.getByRole('button', { name: 'Reply in the thread of first' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Replying in the thread of “first”').waitFor();
    await page.keyboard.type('a reply');
    await page.keyboard.press('Enter');
    await page.locator('.replies').getByText('a reply').waitFor();
    const lines = await new PlaygroundClient(server.url, 'alice').read('general');
    assert.equal(lines.at(-1)?.threadTs, lines[0]?.id);
    await page.getByRole('button', { name: 'Not in the thread' }).click();
    assert.equal(await page.locator('#replying').isVisible(), false);
  });
});

test('what comes elsewhere is counted, and read when one goes there', { skip }, async (t) => {
  const server = await start(t);
  await withPage(browser, server.url, async (page) => {
    await page.goto('/playground/#alice/dm');
    await page.getByRole('heading', { name: 'StackStorm bot' }).waitFor();
    await say(page, 'hello');
    await page.locator('.message').getByText('hello', { exact: true }).waitFor();
    await server.playground.post(general, { text: 'news' }, 'k');
    const sign = page.locator('[data-channel="general"] .unread');
    await sign.getByText('1').waitFor();
    assert.match(await page.title(), /^\(1\) /);
    await page.getByRole('button', { name: 'general' }).click();
    await page.getByText('news').waitFor();
    assert.equal(await sign.isVisible(), false);
  });
});

test('a bot that goes away and comes back is told, and nothing typed is lost', { skip }, async (t) => {
  const server = await start(t);
  await withPage(browser, server.url, async (page) => {
    await page.goto('/playground/');
    await page.getByRole('heading', { name: 'Try it in a minute' }).waitFor();
    await page.route('**/api/**', (route) => route.abort());
    await say(page, 'are you there?');
    await page
      .getByRole('alert')
      .getByText(/The bot does not answer|The connection to the bot is gone/)
      .waitFor();
    assert.equal(await composer(page).inputValue(), 'are you there?');
    await screenshot(page, 'playground-trouble');
    await page.unroute('**/api/**');
    await composer(page).press('Enter');
    await page.locator('.message').getByText('are you there?').waitFor();
    await page.locator('#trouble').waitFor({ state: 'hidden' });
  });
});

test('on a phone and in the dark everything is there, nothing is cut off, every text has contrast', {
  skip,
}, async (t) => {
  const server = await start(t);
  for (const [name, viewport] of [
    ['phone', { width: 390, height: 844 }],
    ['desktop', { width: 1280, height: 800 }],
  ] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await withPage(
        browser,
        server.url,
        async (page) => {
          await page.goto('/playground/#alice/general');
          await page.getByRole('heading', { name: '# general' }).waitFor();
          await say(page, '!st2 list vms');
          await page.getByText('(edited)').last().waitFor();
          await say(page, '!help');
          await page.getByText('You are not logged in.').last().waitFor();
          assert.equal(await page.evaluate('document.documentElement.scrollWidth'), viewport.width);
          assert.deepEqual(await contrastFaults(page), []);
          assert.equal(await composer(page).isVisible(), true);
          await screenshot(page, `playground-${name}-${colorScheme}`);
        },
        { viewport, colorScheme, hasTouch: name === 'phone', isMobile: name === 'phone' },
      );
    }
  }
});
