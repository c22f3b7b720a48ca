import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { problemKinds } from '../../src/login/problems.ts';
import { securityHeaders } from '../../src/ops/security-headers.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { anyWords, bodies, bounded } from '../support/fuzz.ts';
import { hostile } from '../support/hostile.ts';
import { alicePassword, type Browser, LoginRig } from '../support/login-rig.ts';
import { Ear, startPlayground } from '../support/playground-server.ts';
import { hour, minute } from '../support/sessions.ts';
import { acmeInstall } from '../support/slack/install-rig.ts';
import { slackSignature } from '../support/slack/signature.ts';
import { slackAdapter } from '../support/slack-adapter.ts';

const often = { count: 1_000_000, window: minute };
const header = anyWords.filter((words) => /^[\t\x20-\x7e\x80-\xff]*$/.test(words));
const someHeaders = (good: Readonly<Record<string, string>>) =>
  fc
    .dictionary(
      fc.constantFrom(...Object.keys(good), 'cookie', 'x-forwarded-for', 'forwarded', 'if-none-match'),
      header,
      { maxKeys: 2 },
    )
    .map((odd) => (Object.keys(odd).length > 1 ? { ...good, ...odd } : good));

test('the login API, whatever it is sent: never a 500, always its own words and headers', async (t) => {
  await using rig = await LoginRig.create({
    sessions: {
      maxAttempts: 1_000_000,
      limits: { openFailures: often, loginFailures: { ...often, window: hour }, links: often },
    },
  });
  const { origin } = new URL(rig.publicUrl);
  const paths = [...new Set(rig.app.routes.map(({ path }) => path))].filter((path) =>
    path.startsWith('/login/api/'),
  );
  assert.ok(paths.length >= 3, paths.join());
  let browser: Browser = await rig.opened();
  const known = new Set<string>(Object.keys(problemKinds));
  const expected = Object.entries(securityHeaders(new URL(rig.publicUrl)));
  const heard = new Map<string, number>();
  const body = bodies(
    { login: '@', secret: 'plum', ...alicePassword },
    { login: '@', secret: 'plum', method: 'token', token: 'token-of-nobody' },
    { login: '@', secret: 'wrong', method: 'apiKey', apiKey: 'key-of-nobody' },
    { link: '5f9f3a52-7c1e-4d1b-9a55-0f3f0c1f9a01.kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk' },
    { login: '@' },
    { login: '@', code: 'ABCD-EFGH' },
  );
  const ours = { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin' };
  const request = fc.tuple(
    fc.constantFrom(...paths),
    fc.constantFrom('POST', 'POST', 'POST', 'GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'),
    body,
    someHeaders(ours),
    fc.boolean(),
  );
  await fc.assert(
    fc.asyncProperty(request, async ([path, method, text, headers, isHolder]) => {
      const sent = text.replaceAll('"@"', JSON.stringify(browser.login));
      const hasBody = method !== 'GET' && method !== 'HEAD';
      const cookie = isHolder && browser.cookie !== undefined ? { cookie: browser.cookie } : {};
      const answer = await rig.request(path, {
        method,
        headers: { ...cookie, ...headers },
        ...(hasBody ? { body: sent } : {}),
      });
      assert.notEqual(answer.status, 500, `${method} ${path} ${sent}`);
      for (const [name, value] of expected) assert.equal(answer.headers.get(name), value, `${path}: ${name}`);
      const words = await answer.text();
      if (answer.status >= 400 && method !== 'HEAD') {
        const { code } = JSON.parse(words);
        assert.ok(known.has(code), words);
        heard.set(code, (heard.get(code) ?? 0) + 1);
      }
      if (rig.rig.started.length > 0 || answer.status === 410 || answer.status === 200) {
        rig.rig.started.length = 0;
        browser = await rig.opened();
      }
    }),
    bounded(t, 200),
  );
  for (const code of ['malformed-body', 'invalid-input', 'no-login', 'cross-site', 'wrong-content-type']) {
    assert.ok(heard.has(code), `${code} was never reached: ${JSON.stringify([...heard])}`);
  }
  // What is counted is by codes of ours: nothing that is sent makes a new series.
  const { values } = await rig.logins.get();
  for (const { labels } of values) assert.match(String(labels.outcome), /^[a-z]+(?:-[a-z]+){0,4}$/);
});

test('the playground’s API, whatever it is sent: never a 500', async (t) => {
  const store = await openSqlite({ path: ':memory:' });
  t.after(() => store.close());
  const { url } = await startPlayground(t, store, { ear: new Ear() });
  const body = bodies(
    { user: 'alice', channel: 'general', text: '!st2 list vms' },
    { user: 'alice', channel: 'dm', text: 'help', threadTs: '1.1', messageId: 'm1' },
    { user: 'alice', message: 'm1', action: 'session_start', value: 'session_start' },
    { user: 'alice', form: 'f1', fields: { word: 'plum' } },
  );
  const paths = ['messages', 'actions', 'forms', 'home', 'state', 'people', 'sign-in'];
  const request = fc.tuple(fc.constantFrom(...paths), fc.constantFrom('POST', 'POST', 'GET'), body, anyWords);
  await fc.assert(
    fc.asyncProperty(request, async ([path, method, text, words]) => {
      const query = new URLSearchParams({ user: words, channel: words, after: words, waitMs: '0' });
      const answer = await fetch(`${url}/playground/api/${path}${method === 'GET' ? `?${query}` : ''}`, {
        method,
        ...(method === 'GET' ? {} : { headers: { 'content-type': 'application/json' }, body: text }),
      });
      await answer.arrayBuffer();
      assert.notEqual(answer.status, 500, `${method} ${path} ${text}`);
    }),
    bounded(t, 80),
  );
});

test('what Slack signs, whatever it says: never a 500, and the bot goes on hearing', async (t) => {
  const rig = await slackAdapter(t, { http: true });
  await rig.start();
  const { app, alice, general, heard } = rig;
  const { requestUrl } = app;
  assert.ok(requestUrl !== undefined);
  const person = { id: alice.id, team_id: 'T024', username: 'alice' };
  const base = {
    api_app_id: app.id,
    team_id: 'T024',
    team: { id: 'T024' },
    user: person,
    trigger_id: '1.2.x',
  };
  const message = {
    type: 'message',
    channel: general.id,
    user: alice.id,
    text: '!st2 x',
    ts: '1.1',
    channel_type: 'channel',
  };
  const events = bodies(
    { ...base, type: 'event_callback', event_id: 'Ev1', event: message },
    { ...base, type: 'event_callback', event_id: 'Ev2', event: { ...message, type: 'app_mention' } },
    { ...base, type: 'event_callback', event_id: 'Ev3', event: { type: 'user_change', user: person } },
    {
      ...base,
      type: 'event_callback',
      event_id: 'Ev4',
      event: { type: 'app_home_opened', user: alice.id, tab: 'home' },
    },
    { type: 'url_verification', challenge: 'x', token: 'y' },
  );
  const interactions = bodies(
    {
      ...base,
      type: 'block_actions',
      channel: { id: general.id },
      container: { type: 'message', message_ts: '1.1', channel_id: general.id },
      actions: [
        {
          type: 'button',
          action_id: 'bolt-stackstorm:session_start:0',
          block_id: 'b',
          value: 'v',
          action_ts: '1',
        },
      ],
    },
    {
      ...base,
      type: 'view_submission',
      view: { id: 'V1', type: 'modal', callback_id: 'form', private_metadata: '{}', state: { values: {} } },
    },
  );
  const slash = bodies({
    ...{ command: '/st2', text: 'list vms', user_id: alice.id, team_id: 'T024', channel_id: general.id },
    ...{ trigger_id: '1.2.x', response_url: 'https://hooks.slack.test/x', api_app_id: app.id },
  });
  const form = (text: string): string => {
    const parsed: unknown = /^\{/.test(text) && isJson(text) ? JSON.parse(text) : { text };
    const entries = Object.entries(typeof parsed === 'object' && parsed !== null ? parsed : {});
    return new URLSearchParams(
      entries.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
    ).toString();
  };
  const urlencoded = 'application/x-www-form-urlencoded';
  const sent = fc.oneof(
    events.map((text) => ['application/json', text] as const),
    interactions.map((text) => [urlencoded, new URLSearchParams({ payload: text }).toString()] as const),
    slash.map((text) => [urlencoded, form(text)] as const),
    events.map((text) => [urlencoded, text] as const),
  );
  let at = 0;
  await fc.assert(
    fc.asyncProperty(sent, async ([contentType, text]) => {
      // Each is a delivery of its own.
      const body = text.replaceAll('Ev', `Ev${at++}`).replaceAll('1.2.x', `1.2.${at}`);
      const timestamp = Math.floor(Date.now() / 1000);
      const answer = await fetch(requestUrl, {
        method: 'POST',
        body,
        headers: {
          'content-type': contentType,
          'x-slack-request-timestamp': String(timestamp),
          'x-slack-signature': slackSignature(app.signingSecret, timestamp, body),
        },
      });
      await answer.arrayBuffer();
      assert.ok(answer.status < 500, `${answer.status} to ${contentType} ${body}`);
    }),
    bounded(t, 120),
  );
  const before = heard.messages.length;
  await alice.say(general, '!st2 still there');
  await rig.until(() => heard.messages.slice(before).some(({ text }) => text === '!st2 still there'));
});

test('where Slack leads back to, whatever stands in the address: never a 500, and nothing of it in the page', async (t) => {
  const rig = await acmeInstall(t);
  const parameters = fc.dictionary(fc.constantFrom('code', 'state', 'error', 'x'), anyWords, { maxKeys: 4 });
  await fc.assert(
    fc.asyncProperty(parameters, header, async (given, cookie) => {
      // The limit of installs is by time.
      rig.time.at += 2_000;
      const query = new URLSearchParams(Object.entries(given).map(([key, value]) => [key, value]));
      const answer = await fetch(`${rig.url}/slack/oauth_redirect?${query}`, {
        redirect: 'manual',
        headers: { cookie: `${cookie}` },
      });
      const page = await answer.text();
      assert.notEqual(answer.status, 500, JSON.stringify(given));
      assert.doesNotMatch(page, /<script|onerror|pwned/);
      assert.doesNotMatch(answer.headers.get('location') ?? '', /evil/);
    }),
    { ...bounded(t, 80), examples: [[{ error: hostile.markup }, 'x']] },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
