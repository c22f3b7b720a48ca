import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlackEmulator } from '../../support/slack/emulator.ts';
import { acmeInstall, InstallBrowser } from '../../support/slack/install-rig.ts';

test('a state is used once', async (t) => {
  const { url, consent, slack } = await acmeInstall(t);
  const browser = new InstallBrowser();
  const back = await browser.consent(await browser.begin(url), consent);
  assert.equal((await browser.get(back)).status, 200);
  const again = await browser.get(back);
  assert.equal(again.status, 410);
  assert.match(await again.text(), /has done its work/);
  assert.equal(calls(slack, 'oauth.v2.access'), 1);
});

test('of many who come with one state, at two instances, one wins', async (t) => {
  const { consent, slack, instances } = await acmeInstall(t, { instances: 2 });
  const [a, b] = instances;
  assert.ok(a !== undefined && b !== undefined);
  const browser = new InstallBrowser();
  const back = new URL(await browser.consent(await browser.begin(a.url), consent));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      browser.get(`${(index % 2 === 0 ? a : b).url}${back.pathname}${back.search}`),
    ),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [
    200,
    ...Array.from({ length: 19 }, () => 410),
  ]);
  assert.equal(calls(slack, 'oauth.v2.access'), 1);
  assert.ok((await b.install.installations.get('T024')) !== undefined);
});

test('a state is no use after its time', async (t) => {
  const { url, consent, time, slack } = await acmeInstall(t);
  const browser = new InstallBrowser();
  const late = await browser.begin(url);
  time.advance(600_000);
  const response = await browser.get(await browser.consent(late, consent));
  assert.equal(response.status, 410);
  assert.match(await response.text(), /took too long/);
  assert.equal(calls(slack, 'oauth.v2.access'), 0);
});

test('a state from another browser is refused and not used up', async (t) => {
  const { url, consent, slack, install } = await acmeInstall(t);
  const browser = new InstallBrowser();
  const back = await browser.consent(await browser.begin(url), consent);
  const victim = new InstallBrowser();
  for (const other of [new InstallBrowser(), victim]) {
    if (other === victim) await other.begin(url);
    const response = await other.get(back);
    assert.equal(response.status, 403);
    assert.match(await response.text(), /another browser/);
  }
  assert.equal(calls(slack, 'oauth.v2.access'), 0);
  assert.equal((await browser.get(back)).status, 200);
  assert.ok((await install.installations.get('T024')) !== undefined);
});

test('two tabs of one browser may each finish', async (t) => {
  const { url, consent } = await acmeInstall(t);
  const browser = new InstallBrowser();
  const one = await browser.begin(url);
  const two = await browser.begin(url);
  assert.equal((await browser.get(await browser.consent(one, consent))).status, 200);
  assert.equal((await browser.get(await browser.consent(two, consent))).status, 200);
});

test('garbage is told where to begin', async (t) => {
  const { url, slack, records } = await acmeInstall(t);
  const browser = new InstallBrowser();
  for (const query of [
    '',
    '?state=',
    '?code=abc',
    '?state=abc&code=def',
    `?state=${'x'.repeat(5000)}&code=y`,
    '?state=%00%ff&code=%27',
    '?state=<script>alert(1)</script>&error=<b>',
  ]) {
    const response = await browser.get(`${url}/slack/oauth_redirect${query}`);
    assert.equal(response.status, 400, query);
    const html = await response.text();
    assert.match(html, /did not begin here/);
    assert.match(html, /href="\/slack\/install"/);
    assert.doesNotMatch(html, /alert|<b>/);
  }
  assert.equal(slack.calls.length, 0);
  assert.deepEqual(records, []);
});

test('who does not allow it at Slack is told that nothing was installed, and the state is used up', async (t) => {
  const { url, consent, install, records } = await acmeInstall(t);
  const browser = new InstallBrowser();
  const back = await browser.consent(await browser.begin(url), { ...consent, decision: 'deny' });
  assert.equal(new URL(back).searchParams.get('error'), 'access_denied');
  const response = await browser.get(back);
  assert.equal(response.status, 403);
  assert.match(await response.text(), /Nothing was installed/);
  assert.equal((await browser.get(back)).status, 410);
  assert.equal(await install.installations.get('T024'), undefined);
  assert.deepEqual(records, [{ event: 'slack.install_refused', outcome: 'denied', address: '127.0.0.1' }]);
});

test('what Slack does not exchange is told with Slack’s word; a Slack that is down, with patience', async (t) => {
  const { url, consent, install, lines } = await acmeInstall(t, { clientSecret: 'not-the-secret' });
  const browser = new InstallBrowser();
  const refused = await browser.install(url, consent);
  assert.equal(refused.status, 502);
  assert.match(await refused.text(), /<code>bad_client_secret<\/code>/);
  assert.doesNotMatch(lines.join(''), /not-the-secret/);
  assert.equal(await install.installations.get('T024'), undefined);

  const down = await acmeInstall(t, { apiUrl: 'http://127.0.0.1:9/api/' });
  const other = new InstallBrowser();
  const authorize = new URL(await other.begin(down.url));
  const back = await other.consent(`${down.slack.url}${authorize.pathname}${authorize.search}`, down.consent);
  const response = await other.get(back);
  assert.equal(response.status, 502);
  assert.match(await response.text(), /does not answer/);
});

function calls(slack: SlackEmulator, wanted: string): number {
  return slack.calls.filter(({ method }) => method === wanted).length;
}
