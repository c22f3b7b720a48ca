/** `auth.confirm: "slack"`: what it needs of the config, and what the manifest says of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appManifest } from '../../src/chat/slack/manifest.ts';
import { ConfigError, parseConfig } from '../../src/config/load.ts';
import { slackFeatures } from '../../src/platforms.ts';

function parse(slack: Readonly<Record<string, unknown>>, confirm = 'slack') {
  return parseConfig(
    {
      stackstorm: { url: 'https://stackstorm.example', credential: { apiKey: 'k' } },
      auth: { clientside: {}, publicUrl: 'https://chatops.example.com', confirm },
      chat: { slack: { appToken: 'xapp-1-A1-1-f', ...slack } },
      encryption: { keys: ['A'.repeat(43)] },
    },
    { env: {}, readFile: () => '' },
  );
}

const client = { clientId: '1.2', clientSecret: 'the-client-secret' };
const botToken = 'xoxb-1-1-f';

test('without a client to sign in with it is a fault, with words', () => {
  const faults = parse({ botToken });
  assert.ok(faults instanceof ConfigError);
  assert.deepEqual(
    faults.faults.map(({ path }) => path),
    ['chat.slack.signIn'],
  );
  assert.match(faults.message, /people sign in with Slack before they log in/u);
  assert.ok(!(parse({ botToken }, 'code') instanceof ConfigError));
});

test('with one of its own, or that of install, it is none; the manifest follows', () => {
  const redirect = 'https://chatops.example.com/login/oidc/callback';
  const own = parse({ botToken, signIn: client });
  const installed = parse({ install: client });
  for (const config of [own, installed]) {
    assert.ok(!(config instanceof ConfigError), String(config));
    const features = slackFeatures(config);
    assert.ok(features);
    const { publicUrl } = config.auth;
    const { oauth_config: oauth } = appManifest({
      name: 'S',
      command: '/st2',
      features,
      publicUrl,
      mode: 'socket',
    });
    assert.ok(oauth.redirect_urls?.includes(redirect));
    assert.deepEqual(oauth.scopes.user, ['openid', 'profile']);
  }
  const code = parse({ botToken, signIn: client }, 'code');
  assert.ok(!(code instanceof ConfigError));
  assert.equal(slackFeatures(code)?.signIn, false);
});
