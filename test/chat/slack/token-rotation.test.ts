import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ChatError } from '../../../src/chat/chat.ts';
import { StoreError } from '../../../src/storage/store.ts';
import { Time } from '../../support/manual-clock.ts';
import { startSlack } from '../../support/slack/emulator.ts';
import { InstallBrowser, installRig } from '../../support/slack/install-rig.ts';
import { slackFront } from '../../support/slack/slack-front.ts';

const hour = 60 * 60_000;

async function rotating(t: TestContext) {
  const time = new Time();
  const slack = await startSlack(t, { now: () => time.at });
  const team = slack.workspace({ id: 'T024', name: 'Acme' });
  slack.user(team, { id: 'U0ALICE', name: 'alice' });
  const front = await slackFront(t, slack.url);
  const rig = await installRig(t, slack, time, {
    app: { tokenRotation: true },
    apiUrl: `${front.url}/api/`,
    instances: 2,
  });
  const done = await new InstallBrowser().install(rig.url, { user: 'U0ALICE', workspace: 'T024' });
  assert.equal(done.status, 200);
  const [a, b] = rig.instances;
  assert.ok(a !== undefined && b !== undefined);
  const renewals = () =>
    slack.calls.filter(
      ({ method, args }) => method === 'oauth.v2.access' && args['grant_type'] === 'refresh_token',
    );
  const tokenAt = async (instance: typeof a) => (await instance.install.installations.get('T024'))?.botToken;
  const current = () => slack.world.apps.installations[0]?.botToken;
  return { ...rig, a, b, front, slack, time, renewals, tokenAt, current };
}

test('a token is used as it is until two hours before its end, then renewed once for all who wait', async (t) => {
  const { a, b, time, renewals, tokenAt, current } = await rotating(t);
  const first = await tokenAt(a);
  time.advance(10 * hour - 1);
  assert.equal(await tokenAt(a), first);
  assert.equal(renewals().length, 0);
  time.advance(1);
  const tokens = await Promise.all(
    Array.from({ length: 20 }, (_, index) => tokenAt(index % 2 === 0 ? a : b)),
  );
  assert.equal(renewals().length, 1);
  assert.notEqual(await tokenAt(a), first);
  assert.equal(await tokenAt(a), current());
  assert.equal(await tokenAt(b), current());
  // Whoever did not wait has the old one, which is good for two more hours.
  assert.ok(tokens.every((token) => token === first || token === current()));
  time.advance(10 * hour);
  assert.equal(await tokenAt(b), current());
  assert.equal(renewals().length, 2, 'the new refresh token was kept too');
});

test('once the token has ended, the other instance waits for the one that renews it', async (t) => {
  const { a, b, time, renewals, tokenAt, current, store, slack } = await rotating(t);
  time.advance(13 * hour);
  await store.add('slack-token-lease:T024', 'another instance', 30_000);
  const waiting = tokenAt(b);
  await b.clock.scheduled(250);
  assert.equal(renewals().length, 0);
  await store.delete('slack-token-lease:T024');
  time.advance(250);
  const token = await waiting;
  assert.equal(token, current());
  assert.equal(await tokenAt(a), token);
  assert.equal(renewals().length, 1);
  assert.equal(slack.calls.at(-1)?.answer['ok'], true);
});

test('all who wait for an ended token at one instance have the new one by one renewal', async (t) => {
  const { a, time, renewals, tokenAt, current } = await rotating(t);
  time.advance(13 * hour);
  const tokens = await Promise.all(Array.from({ length: 50 }, () => tokenAt(a)));
  assert.deepEqual([...new Set(tokens)], [current()]);
  assert.equal(renewals().length, 1);
});

test('an instance that died while it renewed is followed by another', async (t) => {
  const { b, time, tokenAt, current, store, renewals } = await rotating(t);
  time.advance(13 * hour);
  await store.add('slack-token-lease:T024', 'one that is dead', 30_000);
  const waiting = tokenAt(b);
  let settled = false;
  void waiting.then(() => {
    settled = true;
  });
  while (!settled) {
    await Promise.race([b.clock.scheduled(250), waiting]);
    time.advance(250);
  }
  assert.equal(await waiting, current());
  assert.equal(renewals().length, 1);
});

test('a Slack that does not answer costs nothing while the token is good, then it is said', async (t) => {
  const { a, front, time, tokenAt, current, renewals } = await rotating(t);
  const first = await tokenAt(a);
  time.advance(11 * hour);
  front.isDown = true;
  assert.equal(await tokenAt(a), first);
  time.advance(2 * hour);
  await assert.rejects(tokenAt(a), (error) => error instanceof ChatError && error.code === 'unavailable');
  assert.equal(current(), first);
  front.isDown = false;
  assert.equal(renewals().length, 0);
  time.advance(10_000);
  assert.equal(await tokenAt(a), current());
  assert.notEqual(current(), first);
});

test('a refresh token that Slack refuses is not tried again; an install in its place is good', async (t) => {
  const { a, url, slack, time, tokenAt, renewals, current, lines } = await rotating(t);
  const first = await tokenAt(a);
  for (const token of slack.world.apps.tokens.values()) if (token.kind === 'refresh') token.state = 'revoked';
  time.advance(11 * hour);
  assert.equal(await tokenAt(a), first);
  assert.equal(await tokenAt(a), first);
  assert.equal(renewals().length, 1);
  assert.match(lines.join(''), /invalid_refresh_token/);
  await new InstallBrowser().install(url, { user: 'U0ALICE', workspace: 'T024' });
  assert.equal(await tokenAt(a), current());
  assert.notEqual(current(), first);
});

test('a token that was renewed is not lost when the store does not take it at once', async (t) => {
  const { a, store, time, tokenAt, current } = await rotating(t);
  time.advance(11 * hour);
  const replace = store.replace.bind(store);
  let faults = 3;
  t.mock.method(store, 'replace', async (...args: Parameters<typeof replace>) => {
    if (args[0].startsWith('slack-installation:') && faults-- > 0)
      throw new StoreError('unavailable', 'away');
    return replace(...args);
  });
  const waiting = tokenAt(a);
  for (let i = 0; i < 3; i++) {
    await a.clock.scheduled(250);
    time.advance(250);
  }
  assert.equal(await waiting, current());
  assert.equal(await tokenAt(a), current());
});

test('no token, secret or code stands in a log line', async (t) => {
  const { a, slack, time, tokenAt, lines, app } = await rotating(t);
  time.advance(11 * hour);
  await tokenAt(a);
  const written = lines.join('');
  for (const secret of [...slack.world.apps.tokens.keys(), app.clientSecret])
    assert.ok(!written.includes(secret));
  assert.ok(lines.length > 0);
});
