import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, parseConfig } from '../../src/config/load.ts';
import { configWarnings } from '../../src/config/warnings.ts';

const slack = { appToken: 'xapp-1', botToken: 'xoxb-1' };
const several = { appToken: 'xapp-1', install: { clientId: '1.2', clientSecret: 'secret' } };
const strangers = { rules: [{ allow: 'deploy.*', userKinds: ['member', 'stranger'] }] };

function parsed(auth: object, more: object = {}) {
  return parseConfig(
    {
      stackstorm: { url: 'https://stackstorm.example.com', credential: { apiKey: 'k-e-y' } },
      auth: { clientside: {}, publicUrl: 'https://chatops.example.com', ...auth },
      server: { trustedProxies: ['127.0.0.1'] },
      encryption: { keys: ['A'.repeat(43)] },
      ...more,
    },
    { env: {}, readFile: () => '' },
  );
}

function good(auth: object, more: object = {}) {
  const config = parsed(auth, more);
  if (config instanceof ConfigError) throw config;
  return config;
}

function warnings(auth: object, more: object = {}): string[] {
  return configWarnings(good(auth, more)).filter((warning) => warning.startsWith('auth.'));
}

function faults(auth: object, more: object): string[] {
  const config = parsed(auth, more);
  if (!(config instanceof ConfigError)) return [];
  return config.faults.map(({ path, found, expected }) => `${path} | ${found} | ${expected}`);
}

test('the token lifetime follows the session lifetime unless it is written', () => {
  assert.equal(good({ sessionTtl: '2h' }).auth.tokenTtl, 7_200_000);
  assert.equal(good({ tokenTtl: '1h' }).auth.tokenTtl, 3_600_000);
});

test('a login is confirmed by a code unless the config says otherwise; off is warned of', () => {
  assert.deepEqual(warnings({}), []);
  assert.deepEqual(warnings({ confirm: 'off' }, { auth: { standalone: {} }, access: { default: 'deny' } }), [
    "auth.standalone: Whoever access allows runs with the bot's own StackStorm credential.",
  ]);
  const [warning = '', ...more] = warnings({ confirm: 'off' }, { chat: { slack } });
  assert.match(warning, /^auth\.confirm: it is "off", so .* gives that person their StackStorm rights/);
  assert.deepEqual(more, []);
});

test('off, where people of other organisations reach the bot, is a fault that says what to write', () => {
  for (const more of [{ chat: { slack: several } }, { chat: { slack }, access: strangers }]) {
    const [fault = '', ...others] = faults({ confirm: 'off' }, more);
    assert.match(
      fault,
      /^auth\.confirm \| "off" \| "code" or "slack": .*"allowInsecureUnconfirmedLogin": true/,
    );
    assert.deepEqual(others, []);
    assert.deepEqual(faults({ confirm: 'code' }, more), []);
    assert.deepEqual(faults({}, more), []);
    const allowed = { confirm: 'off', allowInsecureUnconfirmedLogin: true };
    assert.deepEqual(
      warnings(allowed, more).map((warning) => warning.split(':')[0]),
      ['auth.confirm', 'auth.allowInsecureUnconfirmedLogin'],
    );
  }
  // Rules that keep strangers out, and one workspace without them, are no reason.
  const denied = {
    rules: [
      { deny: '*', userKinds: ['stranger'] },
      { allow: '*', userKinds: ['guest'] },
    ],
  };
  assert.deepEqual(faults({ confirm: 'off' }, { chat: { slack }, access: denied }), []);
  // Told beside what else is wrong.
  assert.equal(faults({ confirm: 'off', linkTtl: '11m' }, { chat: { slack: several } }).length, 2);
});

test('who is told, and what ends an idle session: what cannot work is warned of, what is no such thing is a fault', () => {
  const admins = { access: { admins: ['slack:T024BE7LD:U0G9QF9C6'] } };
  assert.match(warnings({ notifyAdmins: true }).join(), /^auth\.notifyAdmins: .*nobody is told/u);
  assert.deepEqual(warnings({ notifyAdmins: true }, admins), []);
  assert.deepEqual(warnings({ notifyAdmins: admins.access.admins, idleTtl: '2h' }), []);
  assert.match(warnings({ idleTtl: '12h' }).join(), /^auth\.idleTtl: .*not shorter than auth\.sessionTtl/u);
  for (const [key, wrong] of [
    ['notifyAdmins', ['alice']],
    ['notifyAdmins', 'all'],
    ['idleTtl', '1s'],
    ['remindBefore', '2d'],
    ['oneChatUserPerAccount', 'yes'],
  ] as const) {
    const [fault = '', ...more] = faults({ [key]: wrong }, {});
    assert.ok(fault.startsWith(`auth.${key}`), fault);
    assert.deepEqual(more, []);
  }
});

test('serverside needs one way to know people, the password of a service account, and nobody mapped to it', () => {
  const serverside = (section: object, credential: object = { username: 'bot', password: 'p' }) => {
    const all = faults(
      {},
      { auth: { serverside: section }, stackstorm: { url: 'https://stackstorm.example.com', credential } },
    );
    assert.equal(all.length, 1, all.join('\n'));
    return all[0] ?? '';
  };
  const map = { 'slack:T024:U0ALICE': 'alice' };
  assert.match(serverside({}), /^auth\.serverside \| an object .* exactly one of "map"/);
  assert.match(
    serverside({ map }, { apiKey: 'k-e-y' }),
    /^stackstorm\.credential .* of a StackStorm service account/,
  );
  assert.match(
    serverside({ map: { 'slack:T024:U0ALICE': 'bot' } }),
    /^auth\.serverside\.map .* can be anyone/,
  );
});
