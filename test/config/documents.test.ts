// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${ENV_NAME} is the config's own syntax
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { withReference } from '../../scripts/config-reference.ts';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { type KnownKey, knownKeys } from '../../src/config/known-keys.ts';
import { ConfigError, parseConfig } from '../../src/config/load.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const parse = (path: string): unknown => JSON.parse(read(path));
const written = z.fromJSONSchema(z.record(z.string(), z.json()).parse(parse('config.schema.json')));
const object = z.record(z.string(), z.unknown());
const sources = {
  env: {
    BOLT_STACKSTORM_KEY: 'A'.repeat(43),
    BOLT_STACKSTORM_PROXY_SECRET: 'p'.repeat(32),
    SLACK_APP_TOKEN: 'xapp-1-A1-1-f',
    SLACK_BOT_TOKEN: 'xoxb-1-1-f',
    SLACK_SIGNING_SECRET: 'f',
  },
  readFile: () => 'a password',
};

/** Exactly one of each group may stand in a config, so the example shows one, and the docs all. */
const alternatives = new Set([
  'auth.standalone',
  'server.socket',
  'stackstorm.credential.token',
  'stackstorm.credential.apiKey',
]);

function isAlternative(path: string): boolean {
  return alternatives.has(path) || /^(?:chat\.slack\.(?:install|signIn)|auth\.serverside)\./.test(path);
}

function leaves(key: KnownKey): KnownKey[] {
  return key.keys.size === 0 ? [key] : [...key.keys.values()].flatMap(leaves);
}

test('config.schema.json and docs/configuration.md are as `npm run schema` writes them', () => {
  assert.deepEqual(parse('config.schema.json'), configJsonSchema());
  const page = read('docs/configuration.md');
  assert.equal(page, withReference(page));
});

test('every key is documented: words, kind, and its default in the docs', () => {
  const page = read('docs/configuration.md');
  for (const key of leaves(knownKeys())) {
    assert.notEqual(key.description, '', `${key.path} has no description`);
    if (key.path === '$schema' || key.path === 'chat') continue;
    const row = page.split('\n').find((line) => line.startsWith(`| \`${key.path}\` |`));
    assert.ok(row, `${key.path} is not in docs/configuration.md`);
    if (key.default !== undefined) assert.ok(row.includes(JSON.stringify(key.default)), row);
    if (key.kind === 'text' || key.kind === 'other') {
      assert.ok(key.title !== '', `${key.path} has no kind and unit`);
    }
  }
});

test('the example holds every key, fits the JSON Schema, and is a Config', () => {
  const example = parse('config.example.json');
  const at = (path: string) =>
    path.split('.').reduce<unknown>((value, key) => object.safeParse(value).data?.[key], example);
  for (const { path } of leaves(knownKeys())) {
    assert.equal(at(path) === undefined, isAlternative(path), `${path} in config.example.json`);
  }
  assert.deepEqual(written.safeParse(example).error, undefined);
  const config = parseConfig(read('config.example.json'), sources);
  assert.ok(!(config instanceof ConfigError), String(config));
});

test('the example shows the defaults', () => {
  const example = object.parse(parse('config.example.json'));
  const at = (path: string) =>
    path.split('.').reduce<unknown>((value, key) => object.safeParse(value).data?.[key], example);
  const shownOtherwise = new Set(['access.admins', 'access.rules', 'server.trustedProxies']);
  for (const { path, default: standard } of leaves(knownKeys())) {
    if (standard === undefined || shownOtherwise.has(path) || isAlternative(path)) continue;
    assert.deepEqual(at(path), standard, path);
  }
});

test('JSON Schema and schema agree on what is wrong with one key', () => {
  const example = object.parse(parse('config.example.json'));
  const section = (name: string, change: object) => ({
    ...example,
    [name]: { ...object.parse(example[name]), ...change },
  });
  const wrong = [
    { ...example, encryption: undefined },
    { ...example, extra: 1 },
    section('stackstorm', { url: 1 }),
    section('stackstorm', { timeout: '30 s' }),
    section('stackstorm', { credential: { token: 't', apiKey: 'k' } }),
    section('stackstorm', { credential: {} }),
    section('stackstorm', { allowInsecureTls: 'no' }),
    section('auth', { standalone: {} }),
    section('auth', { serverside: {} }),
    section('auth', { methods: [] }),
    section('auth', { methods: ['sms'] }),
    section('auth', { maxAttempts: 0 }),
    section('server', { port: 65_536 }),
    section('server', { trustedProxies: '127.0.0.1' }),
    section('access', { admins: ['alice'] }),
    section('access', { rules: [{ users: ['U1'] }] }),
    section('access', { rules: [{ allow: '*', deny: '*' }] }),
    section('access', { rules: [{ allow: [] }] }),
    section('access', { rules: [{ allow: '*', users: [] }] }),
    section('access', { rules: [{ allow: '*', users: ['@alice'] }] }),
    section('access', { rules: [{ allow: '*', userKinds: ['friend'] }] }),
    section('encryption', { keys: [] }),
    section('ops', { logLevel: 'loud' }),
  ];
  for (const config of wrong) {
    const json = JSON.stringify(config);
    assert.ok(parseConfig(json, sources) instanceof ConfigError, `the schema takes ${json}`);
    assert.equal(written.safeParse(JSON.parse(json)).success, false, `config.schema.json takes ${json}`);
  }
  const right = [
    section('stackstorm', { timeout: '${TIMEOUT}' }),
    section('ops', { logLevel: { file: '/run/level' } }),
  ];
  for (const config of right) assert.deepEqual(written.safeParse(config).error, undefined);
});
