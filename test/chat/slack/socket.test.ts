/** Socket Mode's life: Slack's refreshes, cuts and refusals, and proxies on the way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SlackStartError } from '../../../src/chat/slack/errors.ts';
import { startForwardProxy } from '../../support/forward-proxy.ts';
import { slackAdapter } from '../../support/slack-adapter.ts';

test('two connections are open, and both are opened anew when Slack asks', async (t) => {
  const rig = await slackAdapter(t, { connections: 2 });
  await rig.start();
  assert.equal(rig.app.sockets.open, 2);
  rig.app.refreshSocket();
  await rig.until(() => rig.app.sockets.opened === 4 && rig.app.sockets.open === 2);
  rig.app.warnDisconnect();
  await rig.until(() => rig.app.sockets.opened === 6 && rig.app.sockets.open === 2);
  rig.app.cutSockets();
  await rig.until(() => rig.app.sockets.opened === 8 && rig.app.sockets.open === 2);
  await rig.alice.say(rig.general, '!st2 list vms');
  await rig.until(() => rig.heard.messages.length === 1);
});

for (const [name, strike] of [
  ['refreshes', 'refreshSocket'],
  ['warnings', 'warnDisconnect'],
  ['cuts', 'cutSockets'],
] as const) {
  test(`${name} in the middle of 200 commands lose none`, async (t) => {
    const rig = await slackAdapter(t, { connections: 2 });
    await rig.start();
    for (let count = 0; count < 200; count++) {
      await rig.alice.say(rig.general, `!st2 command ${count}`);
      if (count % 50 === 25) rig.app[strike]();
    }
    const heard = () => new Set(rig.heard.messages.map(({ text }) => text));
    await rig.until(() => heard().size === 200);
    await rig.app.settled();
    assert.deepEqual(rig.app.lost, []);
    const ids = new Map(rig.heard.messages.map(({ text, eventId }) => [text, eventId]));
    for (const message of rig.heard.messages) assert.equal(message.eventId, ids.get(message.text));
    await rig.app.connected(2);
  });
}

test('after stop nothing is heard, and what comes then is not acknowledged', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  await rig.alice.say(rig.general, '!st2 one');
  await rig.until(() => rig.heard.messages.length === 1);
  await rig.adapter.platform.stop();
  await rig.until(() => rig.app.sockets.open === 0);
  await rig.alice.say(rig.general, '!st2 two');
  assert.equal(rig.heard.messages.length, 1);
  const place = { platform: 'slack', workspace: 'T024', channel: 'C0GENERAL', kind: 'channel' } as const;
  await rig.adapter.platform.post(place, { text: 'posting still works' }, 'k');
  await rig.start();
  await rig.until(() => rig.heard.messages.length === 2);
});

test('a bot token that Slack does not take stops the start, and what to do is said', async (t) => {
  const rig = await slackAdapter(t);
  const token = rig.slack.world.apps.tokens.get(rig.installation.botToken);
  assert.ok(token !== undefined);
  rig.slack.world.apps.revoke(token);
  await assert.rejects(rig.start(), (error) => {
    assert.ok(error instanceof SlackStartError);
    assert.deepEqual([error.code, error.reason], ['bot-token-refused', 'token_revoked']);
    assert.match(error.message, /chat\.slack\.botToken.*install the app to the workspace again/);
    return true;
  });
  assert.equal(rig.app.sockets.opened, 0);
});

test('an app token that Slack does not take, and Socket Mode that is off, stop the start', async (t) => {
  const rig = await slackAdapter(t);
  rig.slack.world.weather.on('apps.connections.open', { error: 'invalid_auth' });
  await assert.rejects(rig.start(), { code: 'app-token-refused', reason: 'invalid_auth' });
  rig.app.socketMode = false;
  await assert.rejects(rig.start(), { code: 'socket-mode-off', reason: 'socket_mode_disabled' });
});

test('Slack that is down stops no start: it is tried further', async (t) => {
  const rig = await slackAdapter(t);
  rig.slack.world.weather.on('auth.test', { status: 503 });
  const storm = rig.slack.world.weather.on('apps.connections.open', { status: 503 }, { times: 2 });
  await rig.start();
  await assert.rejects(rig.adapter.ready(), { reason: 'not_connected' });
  await storm.reached(2);
  await rig.app.connected();
  await rig.alice.say(rig.general, '!st2 list vms');
  await rig.until(() => rig.heard.messages.length === 1);
  await rig.adapter.ready();
});

test('tokens that are revoked in the middle: not ready, logged, and the bot lives', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  const token = rig.slack.world.apps.tokens.get(rig.installation.botToken);
  assert.ok(token !== undefined);
  token.state = 'revoked';
  const place = { platform: 'slack', workspace: 'T024', channel: 'C0GENERAL', kind: 'channel' } as const;
  const post = rig.adapter.platform.post(place, { text: 'x' }, 'k');
  await assert.rejects(post, { code: 'cannot-deliver', reason: 'token_revoked' });
  await assert.rejects(rig.adapter.ready(), { reason: 'token_revoked' });
  assert.ok(rig.logged.some(({ msg }) => String(msg).includes('install the app there again')));
  token.state = 'live';
  await rig.adapter.platform.post(place, { text: 'x' }, 'k');
  await rig.adapter.ready();

  const storm = rig.slack.world.weather.on('apps.connections.open', { error: 'invalid_auth' }, { times: 2 });
  rig.app.cutSockets();
  await storm.reached();
  await rig.until(() => rig.logged.some(({ msg }) => String(msg).includes('refuses to let the app connect')));
  await assert.rejects(rig.adapter.ready(), { reason: 'invalid_auth' });
  await rig.app.connected();
});

test('everything goes through the proxy: Web API, uploads, Socket Mode', async (t) => {
  await using proxy = await startForwardProxy('secret');
  const rig = await slackAdapter(t, { connection: { httpProxy: proxy.url } });
  await rig.start();
  await rig.alice.say(rig.general, '!st2 list vms');
  await rig.until(() => rig.heard.messages.length === 1);
  const place = { platform: 'slack', workspace: 'T024', channel: 'C0GENERAL', kind: 'channel' } as const;
  await rig.adapter.platform.post(place, { text: 'x'.repeat(20_000) }, 'k');
  await rig.alice.sees(rig.general, (one) => one.files.length > 0);
  const { host } = new URL(rig.slack.url);
  assert.ok(proxy.asked.length >= 2);
  assert.deepEqual(new Set(proxy.asked), new Set([`CONNECT ${host}`]));
  await rig.adapter.platform.stop();
});

test('NO_PROXY is honoured, and a proxy that is none is refused without its password', async (t) => {
  await using proxy = await startForwardProxy();
  const rig = await slackAdapter(t, { connection: { httpProxy: proxy.url, noProxy: '127.0.0.1' } });
  await rig.start();
  assert.deepEqual(proxy.asked, []);
  await assert.rejects(
    slackAdapter(t, { connection: { httpsProxy: 'socks5://me:hunter2@proxy' } }),
    (error) => error instanceof TypeError && !error.message.includes('hunter2'),
  );
});
