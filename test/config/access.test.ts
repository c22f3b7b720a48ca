// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${ENV_NAME} is the config’s own syntax
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, parseConfig } from '../../src/config/load.ts';
import { configWarnings } from '../../src/config/warnings.ts';

const smallest = {
  stackstorm: { url: 'https://stackstorm.example.com', credential: { apiKey: 'k' } },
  auth: { clientside: {}, publicUrl: 'https://chatops.example.com' },
  encryption: { keys: ['A'.repeat(43)] },
};

function load(rules: unknown, more: object = {}) {
  return parseConfig(
    { ...smallest, access: { rules }, ...more },
    { env: { OPS: 'S0614TZR7' }, readFile: () => '' },
  );
}

function rulesOf(rules: unknown) {
  const config = load(rules);
  assert.ok(!(config instanceof ConfigError), String(config));
  return config.access.rules;
}

function faultsOf(rules: unknown): string[] {
  const config = load(rules);
  assert.ok(config instanceof ConfigError);
  return config.faults.map(({ path, found, expected }) => `${path} | ${found} | ${expected}`);
}

test('rules: one glob or several, ids, keys, environment variables', () => {
  assert.deepEqual(
    rulesOf([
      { allow: 'deploy.*', groups: ['${OPS}'], channels: ['C024BE7LR'], channelKinds: ['private'] },
      { name: 'the rest', deny: ['deploy.*', 'core.?'], users: ['U1', 'slack:T1:U2'], userKinds: ['guest'] },
    ]),
    [
      { allow: ['deploy.*'], groups: ['S0614TZR7'], channels: ['C024BE7LR'], channelKinds: ['private'] },
      { name: 'the rest', deny: ['deploy.*', 'core.?'], users: ['U1', 'slack:T1:U2'], userKinds: ['guest'] },
    ],
  );
  assert.deepEqual(rulesOf([]), []);
});

test('what is wrong with a rule is told at its place', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ users: ['U1'] }, /^access\.rules\[0\] \| an object \| exactly one of "allow" and "deny"$/],
    [{ allow: '*', deny: '*' }, /^access\.rules\[0\] \| an object \| exactly one of/],
    ['deploy.*', /^access\.rules\[0\] \| a string.* \| a rule such as/],
    [{ deny: [] }, /^access\.rules\[0\]\.deny \| an empty list \| a glob or a list of globs/],
    [{ deny: [''] }, /^access\.rules\[0\]\.deny\[0\] \| an empty string \| the name of an alias/],
    [{ deny: 3 }, /^access\.rules\[0\]\.deny \| 3 \| a glob or a list of globs/],
    [
      { deny: '*', user: ['U1'] },
      /^access\.rules\[0\]\.user \| a key that is not known \| "access\.rules\[\]\.users"\?$/,
    ],
    [
      { deny: '*', users: [] },
      /^access\.rules\[0\]\.users \| an empty list \| at least one: ids or chat user keys/,
    ],
    [
      { deny: '*', users: ['@bob'] },
      /^access\.rules\[0\]\.users\[0\] \| "@bob" \| ids or chat user keys such as/,
    ],
    [
      { deny: '*', channels: ['#general'] },
      /^access\.rules\[0\]\.channels\[0\] \| "#general" \| ids of channels/,
    ],
    [
      { deny: '*', channelKinds: ['dm'] },
      /^access\.rules\[0\]\.channelKinds\[0\] \| "dm" \| one of "direct"/,
    ],
    [{ deny: '*', userKinds: 'guest' }, /^access\.rules\[0\]\.userKinds \| .* \| a list of "member"/],
  ];
  for (const [rule, words] of wrong) {
    const faults = faultsOf([rule]);
    assert.equal(faults.length, 1, faults.join('\n'));
    assert.match(faults[0] ?? '', words);
  }
  assert.equal(faultsOf([{ deny: '*', users: ['@a', '@b'] }, { allow: 3 }]).length, 3);
});

test('with several workspaces, an id alone is warned about', () => {
  const slack = (more: object) => ({ chat: { slack: { appToken: 'xapp-1', ...more } } });
  const install = slack({ install: { clientId: '1.2', clientSecret: 'hunter2' } });
  const rules = [
    { deny: '*', users: ['slack:T1:U1'] },
    { deny: '*', users: ['slack:T1:U1', 'U2'] },
  ];
  const warnings = (more: object) => {
    const config = load(rules, more);
    assert.ok(!(config instanceof ConfigError), String(config));
    return configWarnings(config).filter((warning) => warning.startsWith('access.'));
  };
  assert.match(warnings(install).join(), /^access\.rules: rule 2 names people by their id alone/);
  assert.deepEqual(warnings(slack({ botToken: 'xoxb-1' })), []);
});

test('rules that shut everyone out are warned about, and no others', () => {
  const isWarned = (access: object) => {
    const config = parseConfig({ ...smallest, access }, { env: {}, readFile: () => '' });
    assert.ok(!(config instanceof ConfigError), String(config));
    return configWarnings(config).some((warning) => warning.startsWith('access: nobody may run any alias'));
  };
  for (const access of [
    { default: 'deny' },
    { default: 'deny', rules: [{ deny: 'core.*' }] },
    { rules: [{ deny: '*' }] },
    { rules: [{ name: 'closed', deny: ['core.*', '**'] }, { allow: 'demo.*' }] },
    { rules: [{ deny: '*', users: ['U1'] }, { deny: '*' }] },
  ]) {
    assert.ok(isWarned(access), JSON.stringify(access));
  }
  for (const access of [
    {},
    { default: 'deny', rules: [{ allow: 'demo.*' }] },
    { rules: [{ allow: 'demo.*' }, { deny: '*' }] },
    { rules: [{ deny: '*', channelKinds: ['direct'] }] },
    { rules: [{ deny: '*', userKinds: ['guest'] }] },
    { rules: [{ deny: '*.*' }] },
  ]) {
    assert.ok(!isWarned(access), JSON.stringify(access));
  }
});
