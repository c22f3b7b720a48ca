import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { installProblems } from '../../../src/chat/slack/install-problems.ts';
import { Time } from '../../support/manual-clock.ts';
import { startSlack } from '../../support/slack/emulator.ts';
import { openUrlOf } from '../../support/slack/html.ts';
import { acmeInstall, InstallBrowser, installRig, locationOf } from '../../support/slack/install-rig.ts';

test('whoever presses the button has the bot in their workspace, is told so, and is greeted', async (t) => {
  const { url, consent, install, app, records, lines, slack } = await acmeInstall(t);
  const browser = new InstallBrowser();
  const page = await browser.get(`${url}/slack/install`);
  assert.equal(page.status, 200);
  const html = await page.text();
  assert.match(html, /Add to Slack/);
  assert.equal(openUrlOf(html, 'Add to Slack'), '/slack/install/start');
  const authorize = new URL(await browser.begin(url));
  assert.equal(authorize.href.split('?')[0], `${slack.url}/oauth/v2/authorize`);
  assert.equal(authorize.searchParams.get('client_id'), app.clientId);
  assert.equal(authorize.searchParams.get('scope'), 'chat:write,im:write,commands');
  assert.equal(authorize.searchParams.get('redirect_uri'), `${url}/slack/oauth_redirect`);
  assert.match(authorize.searchParams.get('state') ?? '', /^[A-Za-z0-9_-]{43}$/);
  const done = await browser.get(await browser.consent(authorize.href, consent));
  assert.equal(done.status, 200);
  const text = await done.text();
  assert.match(text, /Acme &lt;&amp; Co&gt;/);
  assert.match(openUrlOf(text, 'Open Slack') ?? '', /\/app_redirect\?app=A\w+&amp;team=T024$/);

  const installation = await install.installations.get('T024');
  const [known] = slack.world.apps.installations;
  assert.equal(installation?.botToken, known?.botToken);
  assert.equal(installation?.botUserId, known?.bot.id);
  assert.equal(installation?.botId, known?.botId);
  assert.equal(installation?.teamId, 'T024');
  assert.equal(installation?.isEnterpriseInstall, false);
  await slack.until(() => slack.calls.some(({ method }) => method === 'chat.postMessage'));
  const posted = slack.calls.find(({ method }) => method === 'chat.postMessage');
  assert.equal(posted?.answer['ok'], true);
  assert.match(JSON.stringify(posted?.args), /Hello\. Say help\./);
  assert.equal(String(posted?.args['unfurl_links']), 'false');
  assert.deepEqual(records, [
    { event: 'slack.installed', outcome: 'ok', chatUser: 'slack:T024:U0ALICE', address: '127.0.0.1' },
  ]);
  const secrets = [installation?.botToken, app.clientSecret, ...codesIn(browser)];
  for (const secret of secrets) {
    assert.ok(secret !== undefined && !lines.join('').includes(secret), 'no log line holds a secret');
    assert.ok(!`${html}${text}`.includes(secret), 'no page holds a secret');
  }
  assert.deepEqual(slack.violations, []);
});

test('the pages load nothing from elsewhere, are kept by nobody, and cannot be framed', async (t) => {
  const { url } = await acmeInstall(t);
  const browser = new InstallBrowser();
  for (const path of ['/slack/install', '/slack/oauth_redirect?state=x&code=y', '/slack/install/start']) {
    const { headers } = await browser.get(`${url}${path}`);
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
  }
  const html = await (await browser.get(`${url}/slack/install`)).text();
  const loaded = [...html.matchAll(/<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"/g)].map(
    ([, at]) => at ?? '',
  );
  assert.ok(loaded.length > 0);
  for (const path of loaded) {
    assert.match(path, /^\/slack\/assets\//);
    assert.equal((await browser.get(`${url}${path}`)).status, 200, path);
  }
  assert.equal((await browser.get(`${url}/slack/assets/package.json`)).status, 404);
  for (const method of ['HEAD', 'POST']) {
    assert.equal((await fetch(`${url}/slack/oauth_redirect`, { method })).status, 405);
  }
});

test('pages of somebody else’s are led to, with a reason and nothing secret', async (t) => {
  const { url, consent } = await acmeInstall(t, {
    successUrl: 'https://acme.example/welcome',
    failureUrl: 'https://acme.example/sorry?from=bot',
  });
  const browser = new InstallBrowser();
  const back = await browser.consent(await browser.begin(url), consent);
  assert.equal(locationOf(await browser.get(back)), 'https://acme.example/welcome');
  assert.equal(locationOf(await browser.get(back)), 'https://acme.example/sorry?from=bot&reason=state-used');
});

test('an org installs once for all of its workspaces; a workspace of it may have its own', async (t) => {
  const time = new Time();
  const slack = await startSlack(t, { now: () => time.at });
  slack.enterprise('E0ORG', 'Org');
  const one = slack.workspace({ id: 'T0ONE', name: 'One', enterprise: 'E0ORG' });
  slack.workspace({ id: 'T0TWO', name: 'Two', enterprise: 'E0ORG' });
  slack.user(one, { id: 'W0ALICE', name: 'alice' });
  const { url, install, records } = await installRig(t, slack, time, { app: { orgDeploy: true } });
  const { installations } = install;
  const consent = { user: 'W0ALICE', workspace: 'T0ONE' };
  assert.equal((await new InstallBrowser().install(url, { ...consent, org: 'yes' })).status, 200);
  const org = await installations.get('E0ORG');
  assert.equal(org?.isEnterpriseInstall, true);
  assert.equal(org?.teamId, undefined);
  assert.equal(org?.enterpriseId, 'E0ORG');
  assert.equal(await installations.get('T0ONE'), undefined);

  assert.equal((await new InstallBrowser().install(url, consent)).status, 200);
  const own = await installations.get('T0ONE');
  assert.equal(own?.enterpriseId, 'E0ORG');
  assert.notEqual(own?.botToken, org?.botToken);
  assert.deepEqual(
    (await installations.ofEnterprise('E0ORG')).map(({ teamId }) => teamId),
    [undefined, 'T0ONE'],
  );
  assert.equal((await installations.list(10)).length, 2);
  assert.equal((await installations.list(1)).length, 1);
  assert.deepEqual(
    records.map(({ chatUser }) => chatUser),
    ['slack:E0ORG:W0ALICE', 'slack:E0ORG:W0ALICE'],
  );
  await installations.forget('T0ONE');
  assert.deepEqual(
    (await installations.ofEnterprise('E0ORG')).map(({ teamId }) => teamId),
    [undefined],
  );
});

test('two workspaces are two installations, encrypted at rest', async (t) => {
  const { url, consent, slack, install, store } = await acmeInstall(t);
  const other = slack.workspace({ id: 'T999', name: 'Other' });
  slack.user(other, { id: 'U0BOB', name: 'bob' });
  await new InstallBrowser().install(url, consent);
  await new InstallBrowser().install(url, { user: 'U0BOB', workspace: 'T999' });
  const [a, b] = [await install.installations.get('T024'), await install.installations.get('T999')];
  assert.ok(a !== undefined && b !== undefined && a.botToken !== b.botToken);
  let rows = 0;
  for await (const { key, value } of store.scan('')) {
    rows += 1;
    for (const secret of [a.botToken, b.botToken]) assert.ok(!`${key}${value}`.includes(secret), key);
  }
  assert.ok(rows >= 2);
  await install.installations.forget('T024');
  assert.equal(await install.installations.get('T024'), undefined);
  assert.ok((await install.installations.get('T999')) !== undefined);
});

test('one network cannot flood the pages; a store that is down is said', async (t) => {
  const { url, store, time } = await acmeInstall(t);
  const statuses = await Promise.all(
    Array.from(
      { length: 70 },
      async () => (await fetch(`${url}/slack/install/start`, { redirect: 'manual' })).status,
    ),
  );
  assert.equal(statuses.filter((status) => status === 302).length, 60);
  const limited = await fetch(`${url}/slack/install`);
  assert.equal(limited.status, 429);
  assert.equal(limited.headers.get('retry-after'), '60');
  time.advance(60_000);
  assert.equal((await fetch(`${url}/slack/install`)).status, 200);
  await store.close();
  const broken = await fetch(`${url}/slack/install`);
  assert.equal(broken.status, 503);
  assert.match(await broken.text(), /storage/);
});

test('docs/slack-install.md lists every way in which an install ends badly', async () => {
  const text = await readFile(new URL('../../../docs/slack-install.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gmu)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  const real = Object.entries(installProblems).map(([code, { status }]) => [code, status]);
  assert.deepEqual(rows.sort(), real.sort());
});

function codesIn(browser: InstallBrowser): string[] {
  return browser.visited.flatMap((url) => new URL(url).searchParams.get('code') ?? []);
}
