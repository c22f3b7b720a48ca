/** The install against an independent emulator of Slack's Web API: npm's `emulate`, of which nothing is ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webApi } from '@slack/bolt';
import { createEmulator } from 'emulate';
import { freePort } from '../../support/free-port.ts';
import { Time } from '../../support/manual-clock.ts';
import { InstallBrowser, installPages, locationOf } from '../../support/slack/install-rig.ts';

test('an independent Slack takes the install: the address, the code, the token and the greeting', async (t) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const clientSecret = 'an-emulated-secret';
  const scopes = ['chat:write', 'im:write', 'im:history'];
  const redirectUris: string[] = [];
  const seed = {
    slack: {
      strict_scopes: true,
      team: { name: 'Acme', domain: 'acme' },
      users: [{ name: 'alice', real_name: 'Alice', email: 'alice@acme.example' }],
      oauth_apps: [
        {
          client_id: '12345.67890',
          client_secret: clientSecret,
          app_id: 'A000000001',
          name: 'StackStorm',
          redirect_uris: redirectUris,
          scopes,
        },
      ],
    },
  };
  const {
    install,
    lines,
    url: ours,
  } = await installPages(
    t,
    {
      apiUrl: `${url}/api/`,
      register(urls) {
        redirectUris.push(...urls);
        return { clientId: '12345.67890', clientSecret, scopes };
      },
    },
    new Time(),
  );
  const slack = await createEmulator({ service: 'slack', port, baseUrl: url, seed });
  t.after(() => slack.close());

  const browser = new InstallBrowser();
  const authorize = await browser.begin(ours);
  const picker = await (await fetch(authorize)).text();
  const fields = [...picker.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  const alice = new URLSearchParams(fields.map(([, name = '', value = '']) => [name, unescaped(value)]));
  const chosen = await fetch(`${url}/oauth/v2/authorize/callback`, {
    method: 'POST',
    body: alice,
    redirect: 'manual',
  });
  const done = await browser.get(locationOf(chosen));
  assert.equal(done.status, 200, lines.join('').slice(0, 2_000));
  assert.match(await done.text(), /It is in <strong>Acme<\/strong> now/);

  const [installation] = await install.installations.list(10);
  assert.ok(installation !== undefined);
  assert.match(installation.botToken, /^xoxb-/);
  const client = new webApi.WebClient(installation.botToken, {
    slackApiUrl: `${url}/api/`,
    retryConfig: { retries: 0 },
  });
  const who = await client.auth.test();
  assert.equal(who.user_id, installation.botUserId);
  assert.equal(who.team_id, installation.teamId);
  const opened = await client.conversations.open({ users: alice.get('user_id') ?? '' });
  const history = await client.conversations.history({ channel: opened.channel?.id ?? '' });
  assert.deepEqual(
    history.messages?.map(({ text }) => text),
    ['Hello. Say help.'],
  );
  const again = await browser.get(locationOf(chosen));
  assert.equal(again.status, 410);
  assert.ok(!lines.join('').includes(clientSecret) && !lines.join('').includes(installation.botToken));
});

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
}
