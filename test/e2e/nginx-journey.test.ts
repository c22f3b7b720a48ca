import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { createPlaygroundApp } from '../../src/chat/playground/app.ts';
import { listen } from '../../src/ops/listen.ts';
import { startBot } from '../support/bot.ts';
import { browserMissing, launchBrowser, withPage } from '../support/browser.ts';
import { freePort } from '../support/free-port.ts';
import { heading, logIn } from '../support/login-page.ts';
import { needsNginx, socketPath, startNginx } from '../support/nginx.ts';
import { loginUrl } from '../support/playground-client.ts';

const skip = needsNginx.skip ?? browserMissing();

const variants = [
  { withClientCa: false, confirm: 'off' },
  { withClientCa: true, confirm: 'off' },
  { withClientCa: true, confirm: 'code' },
] as const;
for (const { withClientCa, confirm } of variants) {
  const name = `a login in Chromium through the TLS front${withClientCa ? ', with a client certificate' : ''}, confirm ${confirm}`;
  test(name, { skip }, async (t) => {
    const [socket, port] = [await socketPath(t), await freePort()];
    const front = await startNginx(t, { upstream: `unix:${socket}`, port, withClientCa });
    const rig = await startBot(t, {
      config: { server: { socket } },
      auth: {
        clientside: {},
        publicUrl: front.origin,
        confirm,
        ...(withClientCa ? { clientCertificate: { match: 'email' } } : {}),
      },
    });
    // Chat is not behind the front: the playground's page has its own listener here.
    const chatPort = Number(new URL(rig.url).port);
    const chat = createPlaygroundApp({
      playground: rig.playground,
      port: () => chatPort,
      logger: pino({ level: 'silent' }),
    });
    const listener = await listen(chat.fetch, { host: '127.0.0.1', port: chatPort });
    t.after(() => listener.close(0));

    const button = await rig.alice.ask('dm', '!session_start plum', ({ blocks }) => blocks !== null);
    const link = loginUrl(button);
    assert.ok(link.startsWith(`${front.origin}/login/#`));

    const browser = await launchBrowser();
    t.after(() => browser.close());
    const as = (person: string) => {
      const issued = front.authority.issue({
        commonName: person,
        subjectAltName: `email:${person}@example.com`,
      });
      const certificate = { cert: Buffer.from(issued.cert), key: Buffer.from(issued.key) };
      return {
        ignoreHTTPSErrors: true,
        ...(withClientCa ? { clientCertificates: [{ origin: front.origin, ...certificate }] } : {}),
      };
    };
    if (withClientCa) {
      await withPage(
        browser,
        front.origin,
        async (page, context) => {
          await page.goto(link);
          await heading(page).getByText('This certificate is not the link owner’s').waitFor();
          assert.doesNotMatch(await page.locator('body').innerText(), /alice/i);
          assert.deepEqual(await context.cookies(), []);
        },
        as('bob'),
      );
      await rig.alice.waitFor('dm', button.id, ({ text }) =>
        text.includes('the browser showed the certificate of somebody else. Your link still works for you'),
      );
    }
    await withPage(
      browser,
      front.origin,
      async (page, context) => {
        await page.goto(link);
        await page.getByLabel('Your secret word').waitFor();
        const [cookie] = await context.cookies();
        assert.equal(cookie?.name, '__Host-bolt-stackstorm-login');
        assert.deepEqual([cookie?.secure, cookie?.httpOnly, cookie?.sameSite], [true, true, 'Strict']);
        await page.reload();
        await logIn(page);
        if (confirm === 'code') {
          await heading(page).getByText('One more step, in chat').waitFor();
          await page.reload();
          const code = await page.locator('#code').filter({ hasText: '-' }).textContent();
          await rig.alice.say('dm', `!session_confirm ${code}`);
        }
        await heading(page).getByText('You are logged in').waitFor();
      },
      as('alice'),
    );

    const ran = await rig.alice.ask('general', '!st2 list vms', ({ text }) => text.includes('succeeded'));
    assert.equal(ran.private, false);
    const opened = rig.records.find(({ event }) => event === 'link.opened');
    assert.equal(opened?.address, '127.0.0.1', 'the client, not the socket');
    const logs = await front.logs();
    const key = link.slice(link.indexOf('#') + 1);
    for (const secret of [key, key.split('.')[1] ?? key, 'plum']) assert.equal(logs.includes(secret), false);
  });
}
