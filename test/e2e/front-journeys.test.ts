/**
 * The journey through the real nginx with client certificates, bound to the person of the link: with `auth.confirm` at each
 * of its values, at the playground and in Slack.
 */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import type { Browser, Page } from 'playwright-core';
import { createPlaygroundApp } from '../../src/chat/playground/app.ts';
import { listen } from '../../src/ops/listen.ts';
import { startBot } from '../support/bot.ts';
import { browserMissing, launchBrowser, withPage } from '../support/browser.ts';
import { heading, logIn } from '../support/login-page.ts';
import { type Front, needsNginx, socketPath, startNginx } from '../support/nginx.ts';
import { loginUrl } from '../support/playground-client.ts';
import { linkIn, startSlackBot } from '../support/slack-bot.ts';

const skip = needsNginx.skip ?? browserMissing();

type Confirm = 'off' | 'code' | 'slack';
type Rig = Pick<Awaited<ReturnType<typeof startBot>>, 'records' | 'stackstorm'>;

/** What the journey asks of a chat. */
interface Chat extends Rig {
  readonly email: string;
  /** Where its sign-in pages are. */
  readonly pages: string;
  link(): Promise<string>;
  signIn(page: Page): Promise<void>;
  confirm(code: string): Promise<void>;
  /** Runs an alias where others read it, and answers when its result is there. */
  run(): Promise<void>;
}

let browser: Browser;
let front: Front;
let socket: string;
const ending: (() => Promise<void> | void)[] = [];
before(async () => {
  if (skip) return;
  const rest = { after: (close: () => Promise<void> | void) => void ending.push(close) };
  socket = await socketPath(rest);
  // One for all: the bots come and go behind it.
  front = await startNginx(rest, { upstream: `unix:${socket}`, withClientCa: true });
  browser = await launchBrowser();
});
after(async () => {
  if (skip) return;
  await browser.close();
  for (const end of ending.reverse()) await end();
});

const bound = { clientCertificate: { required: true, match: 'email' } };

async function playground(t: TestContext, confirm: Confirm): Promise<Chat> {
  const { alice, ...rig } = await startBot(t, {
    config: { server: { socket } },
    auth: { clientside: {}, publicUrl: front.origin, confirm, ...bound },
  });
  // Chat is not behind the front: the playground's page has its own listener here.
  const chatPort = Number(new URL(rig.url).port);
  const logger = pino({ level: 'silent' });
  const chat = createPlaygroundApp({ playground: rig.playground, port: () => chatPort, logger });
  const listener = await listen(chat.fetch, { host: '127.0.0.1', port: chatPort });
  t.after(() => listener.close(0));
  return {
    ...rig,
    email: 'alice@example.com',
    pages: rig.url,
    link: async () => loginUrl(await alice.ask('dm', '!session_start plum', ({ blocks }) => blocks !== null)),
    async signIn(page) {
      await page.getByRole('button', { name: 'Sign in with the playground' }).click();
      await page.getByRole('button', { name: 'I am alice' }).click();
    },
    async confirm(code) {
      await alice.ask('dm', `!session_confirm ${code}`, ({ text }) => text.includes('logged in'));
    },
    async run() {
      const ran = await alice.ask('general', '!st2 list vms', ({ text }) => text.includes('succeeded'));
      assert.equal(ran.private, false);
    },
  };
}

async function slack(t: TestContext, confirm: Confirm): Promise<Chat> {
  const { alice, app, general, ...rig } = await startSlackBot(t, {
    confirm,
    publicUrl: front.origin,
    config: { server: { socket } },
    session: { allowInsecureUnconfirmedLogin: false, ...bound },
  });
  const dm = alice.dmWith(app);
  return {
    ...rig,
    email: alice.user.email,
    pages: rig.slack.url,
    async link() {
      const asked = await alice.dm(app, '!session_start plum');
      return linkIn(await alice.sees(dm, (message) => linkIn(message) !== undefined, { after: asked })) ?? '';
    },
    async signIn(page) {
      await page.getByRole('button', { name: 'Sign in with Slack' }).click();
      await page.locator('select[name=user]').selectOption('alice');
      await page.locator('select[name=workspace]').selectOption('Acme');
      await page.getByRole('button', { name: 'Allow' }).click();
    },
    async confirm(code) {
      const told = await alice.sees(dm, /Somebody has just logged in as StackStorm user alice/u);
      await alice.press(told, 'bolt-stackstorm:session_confirm:0');
      await alice.submit(await alice.modal(app), { code });
    },
    async run() {
      await alice.sees(dm, /logged in to StackStorm as alice until/u);
      const asked = await alice.say(general, '!st2 list vms');
      await alice.sees(general, /succeeded/u, { after: asked });
      assert.deepEqual(rig.slack.violations, []);
    },
  };
}

/** A browser's options with a certificate of the authority that nginx knows. */
function certificateOf(email: string) {
  const { cert, key } = front.authority.issue({ commonName: 'plum', subjectAltName: `email:${email}` });
  const certificate = { origin: front.origin, cert: Buffer.from(cert), key: Buffer.from(key) };
  return { ignoreHTTPSErrors: true, clientCertificates: [certificate] };
}

for (const [where, open] of Object.entries({ playground, slack })) {
  for (const confirm of ['off', 'code', 'slack'] as const) {
    test(`${where}, confirm ${confirm}: through nginx with her certificate`, { skip }, async (t) => {
      const chat = await open(t, confirm);
      const link = await chat.link();
      assert.ok(link.startsWith(`${front.origin}/login/#`), link);
      const key = link.slice(link.indexOf('#') + 1);
      assert.equal((await front.ask('/login/')).status, 400, 'nobody comes without a certificate');
      const other = await front.ask('/login/api/open', {
        method: 'POST',
        body: JSON.stringify({ link: key }),
        headers: { 'content-type': 'application/json', origin: front.origin },
        certificate: front.authority.issue({ commonName: 'plum', subjectAltName: 'email:bob@example.com' }),
      });
      assert.deepEqual([other.status, other.body.includes('certificate-mismatch')], [403, true]);

      const secrets = [key, key.split('.')[1] ?? key, 'plum'];
      await withPage(
        browser,
        front.origin,
        async (page) => {
          await page.goto(link);
          if (confirm === 'slack') await chat.signIn(page);
          await heading(page).getByText('Log in to StackStorm').waitFor();
          await logIn(page);
          if (confirm === 'code') {
            await heading(page).getByText('One more step, in chat').waitFor();
            const code = await page.locator('#code').filter({ hasText: '-' }).innerText();
            secrets.push(code);
            assert.equal(events(chat, 'session.started'), 0, 'no session before the code');
            await chat.confirm(code);
          }
          await heading(page).getByText('You are logged in').waitFor();
        },
        { ...certificateOf(chat.email), also: [chat.pages] },
      );

      assert.equal(events(chat, 'session.started'), 1);
      assert.equal(events(chat, 'login.signed_in'), confirm === 'slack' ? 1 : 0);
      await chat.run();
      assert.deepEqual(
        chat.stackstorm.state.executions.all.map(({ context }) => context['user']),
        ['alice'],
      );
      const logs = await front.logs();
      for (const secret of secrets) assert.equal(logs.includes(secret), false);
    });
  }
}

function events({ records }: Rig, wanted: string): number {
  return records.filter(({ event, outcome }) => event === wanted && outcome === 'ok').length;
}
