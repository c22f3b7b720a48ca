import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { webApi } from '@slack/bolt';
import { clientOptions } from '../../src/chat/slack/clients.ts';
import { createConnection } from '../../src/chat/slack/connection.ts';
import { createSlackOAuth } from '../../src/chat/slack/slack-oauth.ts';
import { ConfigError, parseConfig } from '../../src/config/load.ts';
import { proxyAddress } from '../../src/ops/proxy-address.ts';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { startBot } from '../support/bot.ts';
import { json, type ScriptedServer, startScripted } from '../support/scripted-server.ts';
import { notingLogger } from '../support/slack-adapter.ts';
import { everythingOf, stackStormError } from '../support/stackstorm-error.ts';

const credential = { kind: 'token', token: 'f00dfeedf00dfeedf00dfeedf00dfeed' } as const;
const statuses = [301, 302, 303, 307, 308];

/** Stands where the bot must never go. */
describe('a server that leads elsewhere is not followed', () => {
  let elsewhere: ScriptedServer;
  let leading: ScriptedServer;
  let status = 307;
  before(async () => {
    elsewhere = await startScripted((_request, response) =>
      json(response, 200, {
        ok: true,
        username: 'mallory',
        token: 'x',
        user: 'mallory',
        expiry: '2099-01-01T00:00:00Z',
      }),
    );
    leading = await startScripted((request, response) => {
      response.writeHead(status, { location: `${elsewhere.url}${request.target}` }).end();
    });
  });
  after(async () => {
    await Promise.all([elsewhere.close(), leading.close()]);
  });

  test('StackStorm: neither a credential nor a password nor a command goes there', async () => {
    const stackstorm = createStackStorm({ url: leading.url });
    for (status of statuses) {
      const errors = await Promise.all([
        stackStormError(stackstorm.user(credential)),
        stackStormError(stackstorm.createToken('alice', 'correct horse')),
        stackStormError(
          stackstorm.runAlias(credential, {
            ...{ name: 'a', format: 'a', command: 'a', user: 'U1', source_channel: 'C1' },
            ...{ source_context: {}, notification_route: 'errbot' },
          }),
        ),
        stackStormError(
          (async () => {
            const signal = new AbortController().signal;
            for await (const _ of stackstorm.stream(credential, {
              events: ['st2.n'],
              signal,
              idleMs: 5_000,
            }));
          })(),
        ),
      ]);
      assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(['unreachable']), String(status));
    }
    await stackstorm.close();
    assert.deepEqual(elsewhere.heard, []);
  });

  test('Slack: neither a token nor the client secret nor a file goes there', async () => {
    const connection = createConnection({});
    const options = clientOptions({ apiUrl: `${leading.url}/api/`, connection, ...notingLogger() });
    const client = new webApi.WebClient('xoxb-token', options);
    const oauth = createSlackOAuth({
      clientId: '1.2',
      clientSecret: 'the-client-secret',
      redirectUri: 'https://chatops.example.com/slack/oauth_redirect',
      newClient: (token) => new webApi.WebClient(token, options),
    });
    for (status of statuses) {
      await assert.rejects(client.chat.postMessage({ channel: 'C1', text: 'x' }));
      await assert.rejects(oauth.exchange('a-code'));
      await assert.rejects(connection.upload(`${leading.url}/upload`, new Uint8Array(3), 5_000));
      // What Bolt does with a response_url.
      const answer = { method: 'POST', body: '{"text":"the answer"}' };
      await assert.rejects(Promise.resolve(connection.fetch(`${leading.url}/response`, answer)));
    }
    await connection.close();
    assert.ok(leading.heard.length > 0);
    assert.deepEqual(elsewhere.heard, []);
  });
});

test('addresses in results, in extra and in executions are shown and never asked', async (t) => {
  const canary = await startScripted((_request, response) => json(response, 200, {}));
  t.after(() => canary.close());
  const { alice, stackstorm, logIn } = await startBot(t, { stackstorm: { webUrl: `${canary.url}/web` } });
  await logIn('alice');
  const url = `${canary.url}/picture.png`;
  const asked = await alice.say('general', '!st2 list vms');
  await alice.waitFor('general', asked, ({ text }) => text.includes('succeeded'));
  const payload = { user: null, channel: 'general', whisper: false, context: null };
  const slack = {
    image_url: url,
    thumb_url: url,
    title_link: url,
    icon_url: url,
    blocks: [{ type: 'image', image_url: url, alt_text: 'x' }],
  };
  stackstorm.announce('chatops', { ...payload, message: `see ${url} and <${url}|this>`, extra: { slack } });
  stackstorm.announce('chatops', { ...payload, message: { url, href: url }, extra: null });
  stackstorm.announce('chatops', { ...payload, message: 'the last one', extra: null });
  await alice.waitFor('general', asked, ({ text }) => text.includes('the last one'));
  const seen = JSON.stringify(await alice.read('general'));
  assert.ok(seen.includes(url) && seen.includes(`${canary.url}/web/`));
  assert.deepEqual(canary.heard, []);
});

test('the config takes http(s) addresses alone, without a user, and says so without repeating one', () => {
  const good = {
    stackstorm: { url: 'https://st2.example', credential: { token: 't' } },
    auth: { clientside: {}, publicUrl: 'https://chatops.example.com' },
    chat: { slack: { mode: 'socket', appToken: 'xapp-1-A1-1-f', botToken: 'xoxb-1-1-f' } },
    encryption: { keys: ['A'.repeat(43)] },
  };
  const parse = (change: { stackstorm?: object; auth?: object; chat?: object } = {}) =>
    parseConfig(
      {
        ...good,
        stackstorm: { ...good.stackstorm, ...change.stackstorm },
        auth: { ...good.auth, ...change.auth },
        chat: { ...good.chat, ...change.chat },
      },
      { env: {}, readFile: () => '' },
    );
  const fine = parse();
  assert.ok(!(fine instanceof ConfigError), fine instanceof ConfigError ? fine.message : '');
  const wrong = [
    'file:///etc/passwd',
    'ftp://st2.example',
    'gopher://st2.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'unix:/run/st2.sock',
    'https://user:the-password@st2.example',
    'https://st2.example/?x=the-password',
    'https://st2.example/#the-password',
    '//st2.example',
    'st2.example',
    'https://',
    '',
  ];
  const keys = ['url', 'authUrl', 'apiUrl', 'streamUrl', 'webUrl'];
  for (const value of wrong) {
    for (const key of keys) {
      const config = parse({ stackstorm: { [key]: value } });
      assert.ok(config instanceof ConfigError, `stackstorm.${key}: ${value}`);
      assert.match(config.message, new RegExp(`stackstorm\\.${key}`));
      assert.doesNotMatch(config.message, /the-password/);
    }
    for (const [section, change] of [
      ['auth', { publicUrl: value }],
      ['chat', { slack: { ...good.chat.slack, apiUrl: value } }],
    ] as const) {
      const config = parse({ [section]: change });
      assert.ok(config instanceof ConfigError, `${section}: ${value}`);
      assert.doesNotMatch(config.message, /the-password/);
    }
  }
  const plain = parse({ auth: { publicUrl: 'http://chatops.example.com' } });
  assert.ok(plain instanceof ConfigError, 'a login over plain http, but on loopback');
});

test('a proxy’s password stands in no error', async () => {
  for (const wrong of [
    'ftp://user:the-password@proxy',
    'socks5://user:the-password@proxy',
    'http://user:the-password@',
  ]) {
    assert.throws(
      () => proxyAddress('HTTPS_PROXY', wrong),
      (error) => error instanceof TypeError && !error.message.includes('the-password'),
      wrong,
    );
  }
  // Nothing listens there.
  const stackstorm = createStackStorm({
    url: 'https://st2.example',
    httpsProxy: 'http://user:the-password@127.0.0.1:9',
  });
  const error = await stackStormError(stackstorm.user(credential));
  await stackstorm.close();
  assert.equal(error.code, 'unreachable');
  for (const secret of [
    'the-password',
    Buffer.from('user:the-password').toString('base64'),
    credential.token,
  ]) {
    assert.ok(!everythingOf(error).includes(secret));
  }
});
