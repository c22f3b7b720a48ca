import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, parseConfig } from '../../src/config/load.ts';
import { slackFeatures } from '../../src/platforms.ts';

const secret = 's'.repeat(32);
const proxies = { trustedProxies: ['10.0.0.5'] };
const slack = { appToken: 'xapp-1', botToken: 'xoxb-1' };

function parsed(clientCertificate: unknown, server: object) {
  return parseConfig(
    {
      stackstorm: { url: 'https://stackstorm.example.com', credential: { apiKey: 'k-e-y' } },
      auth: { clientside: {}, publicUrl: 'https://chatops.example.com', clientCertificate },
      chat: { slack },
      server,
      encryption: { keys: ['A'.repeat(43)] },
    },
    { env: { SECRET: secret }, readFile: () => secret },
  );
}

function faults(clientCertificate: unknown, server: object): string[] {
  const config = parsed(clientCertificate, server);
  return config instanceof ConfigError ? config.faults.map(({ path }) => path) : [];
}

test('client certificates need somebody who can be believed about them', () => {
  const email = { match: 'email' };
  for (const server of [{}, proxies, { proxySecret: secret }, { proxySecret: secret, trustedProxies: [] }]) {
    const config = parsed(email, server);
    assert.ok(config instanceof ConfigError);
    const [fault] = config.faults;
    assert.equal(fault?.path, 'auth.clientCertificate');
    assert.match(fault?.expected ?? '', /^server\.socket .* server\.trustedProxies and server\.proxySecret/);
    assert.equal(config.message.includes(secret), false);
  }
  assert.deepEqual(faults(email, { socket: '/run/bot.sock' }), []);
  for (const proxySecret of [secret, `\${SECRET}`, { file: '/run/secrets/proxy' }]) {
    assert.deepEqual(faults(email, { ...proxies, proxySecret }), []);
  }
});

test('the secret is long, and fits a header and nginx’s config', () => {
  for (const proxySecret of ['short', `${secret}"`, `${secret}$x`, `${secret} x`, `${secret}ü`, '']) {
    assert.ok(faults({ match: 'cn' }, { ...proxies, proxySecret }).includes('server.proxySecret'));
  }
});

test('who a certificate is', () => {
  const server = { socket: '/run/bot.sock' };
  const map = { 'email:a@example.com': 'slack:T1:U1', 'cn:Alice Doe': 'slack:T1:U1' };
  for (const match of ['email', 'cn', { map }]) assert.deepEqual(faults({ match }, server), []);
  for (const match of ['name', undefined, {}, { map: { 'a@example.com': 'slack:T1:U1' } }]) {
    assert.notDeepEqual(faults({ match }, server), []);
  }
  assert.notDeepEqual(faults({ match: { map: { 'cn:alice': 'alice' } } }, server), []);
});

test('Slack is asked for e-mail addresses only where they are compared', () => {
  for (const [match, emails] of [
    ['email', true],
    ['cn', false],
  ] as const) {
    const config = parsed({ match }, { socket: '/run/bot.sock' });
    assert.ok(!(config instanceof ConfigError));
    assert.equal(slackFeatures(config)?.emails, emails);
  }
});
