// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${ENV_NAME} is the config's own syntax
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, parseConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';

const key = `${'A'.repeat(42)}E`;
const smallest = {
  stackstorm: { url: 'https://stackstorm.example.com/', credential: { apiKey: 'k-e-y' } },
  auth: { clientside: {}, publicUrl: 'https://chatops.example.com' },
  encryption: { keys: [key] },
};
const nowhere = {
  env: {},
  readFile: (path: string): string => {
    throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
  },
};

function good(input: string | object, sources: Parameters<typeof parseConfig>[1] = nowhere): Config {
  const config = parseConfig(input, sources);
  if (config instanceof ConfigError) throw config;
  return config;
}

function faults(input: string | object, sources: Parameters<typeof parseConfig>[1] = nowhere): string[] {
  const answer = parseConfig(input, sources);
  assert.ok(answer instanceof ConfigError, 'no fault was found');
  return answer.faults.map(({ path, found, expected }) => `${path} | ${found} | ${expected}`);
}

function one(input: string | object, sources?: Parameters<typeof parseConfig>[1]): string {
  const all = faults(input, sources);
  assert.equal(all.length, 1, all.join('\n'));
  return all[0] ?? '';
}

test('a small config gets every default, durations in ms, addresses without a slash at the end', () => {
  const config = good(smallest);
  assert.equal(config.stackstorm.url, 'https://stackstorm.example.com');
  assert.deepEqual(config.stackstorm.credential, { kind: 'apiKey', apiKey: 'k-e-y' });
  assert.equal(config.stackstorm.streamIdle, 240_000);
  assert.equal(config.stackstorm.catalogRefresh, 300_000);
  assert.deepEqual(config.auth, {
    mode: 'clientside',
    publicUrl: 'https://chatops.example.com',
    linkTtl: 600_000,
    methods: ['password', 'token', 'apiKey'],
    confirm: 'code',
    allowInsecureUnconfirmedLogin: false,
    maxAttempts: 5,
    sessionTtl: 43_200_000,
    tokenTtl: 43_200_000,
    remindBefore: 900_000,
    oneChatUserPerAccount: 'warn',
    notifyAdmins: false,
    limits: {
      openFailures: { count: 10, window: 60_000 },
      loginFailures: { count: 10, window: 3_600_000 },
      links: { count: 5, window: 600_000 },
    },
  });
  assert.deepEqual(config.access, { admins: [], globalAdmins: [], default: 'allow', rules: [] });
  assert.equal(config.storage.url, 'sqlite://./data/bolt-stackstorm.sqlite');
  assert.deepEqual(config.ops.audit, { file: './data/audit.jsonl', required: true });
  assert.equal(good(JSON.stringify(smallest)).server.port, 3141);
});

test('every fault is told at once, in the order of the sections, each place once', () => {
  const all = faults({
    stackstorm: { url: 'ftp://x', credential: { token: 'secret-1', apiKey: 'secret-2' }, timeout: '3 hours' },
    auth: {
      standalone: {},
      linkTtl: '11m',
      limits: { links: { count: 0 } },
      methods: ['password', 'password'],
    },
    access: { admins: ['U123'] },
    server: { port: '3141', trustedProxies: ['10.0.0.0/33'] },
    encryption: { keys: ['short-secret'] },
    ops: { logLevel: 'loud' },
  });
  assert.deepEqual(
    all.map((line) => line.split(' | ').slice(0, 2).join(' | ')),
    [
      'stackstorm.url | "ftp://x"',
      'stackstorm.credential | an object',
      'stackstorm.timeout | "3 hours"',
      'auth.linkTtl | "11m"',
      'auth.methods | a list',
      'auth.limits.links.count | 0',
      'access.admins[0] | "U123"',
      'access.default | nothing',
      'server.port | "3141"',
      'server.trustedProxies[0] | "10.0.0.0/33"',
      'encryption.keys[0] | a string of 12 characters',
      'ops.logLevel | "loud"',
    ],
  );
  assert.doesNotMatch(all.join('\n'), /secret-1|secret-2|short-secret/);
  assert.match(all.join('\n'), /auth\.linkTtl .* a duration from "10s" to "10m"/);
});

test('exactly one way of authenticating, and one credential', () => {
  const auth = (value: object) => one({ ...smallest, auth: value, access: { default: 'deny' } });
  assert.match(auth({ publicUrl: 'https://x.example' }), /^auth \| an object \| exactly one of/);
  assert.match(
    auth({ standalone: {}, clientside: {}, publicUrl: 'https://x.example' }),
    /^auth .* exactly one/,
  );
  assert.match(auth({ clientside: {} }), /^auth\.publicUrl \| nothing .*needed in clientside/);
  const credential = (value: unknown) =>
    one({ ...smallest, stackstorm: { url: 'https://x.example', credential: value } });
  for (const wrong of [
    {},
    { username: 'bot' },
    { password: 'p' },
    { username: 'b', password: 'p', token: 't' },
  ]) {
    assert.match(credential(wrong), /^stackstorm\.credential \| an object \| exactly one of/);
  }
  assert.match(credential('tok-123456'), /^stackstorm\.credential \| a string of 10 characters \| /);
});

test('standalone needs access.default written out, and no public address', () => {
  const standalone = { ...smallest, auth: { standalone: {} } };
  assert.match(one(standalone), /^access\.default \| nothing \| "allow" or "deny", written out/);
  const config = good({ ...standalone, access: { default: 'deny' } });
  assert.equal(config.auth.mode, 'standalone');
  assert.equal(config.access.default, 'deny');
});

test('publicUrl is https, except on loopback, and an origin', () => {
  const publicUrl = (value: string) => ({ ...smallest, auth: { clientside: {}, publicUrl: value } });
  const fine = [
    'https://a.example/',
    'https://a.example:8443',
    'http://localhost:3141',
    'http://127.0.0.1:1',
    'http://[::1]:2',
  ];
  for (const value of fine) assert.equal(good(publicUrl(value)).auth.mode, 'clientside');
  const wrong = [
    'http://a.example',
    'http://127.0.0.1.a.example',
    'http://localhost.a.example',
    'https://a.example/chat',
    'https://a.example/?x=1',
    'https://a.example/#',
    'https://me:pw@a.example',
    'javascript:alert(1)',
    'a.example',
  ];
  for (const value of wrong) assert.match(one(publicUrl(value)), /^auth\.publicUrl \|/, value);
  assert.doesNotMatch(one(publicUrl('https://me:pw@a.example')), /pw/);
});

test('durations: units, bounds, and what is none', () => {
  const wait = (value: unknown) => ({ ...smallest, executions: { announcementWait: value } });
  const fine: [string, number][] = [
    ['0s', 0],
    ['500ms', 500],
    ['90s', 90_000],
    ['10m', 600_000],
  ];
  for (const [text, ms] of fine) assert.equal(good(wait(text)).executions.announcementWait, ms);
  for (const wrong of [
    '11m',
    '-1s',
    '1.5s',
    '10',
    '10 s',
    '',
    's',
    10,
    null,
    '1h30m',
    ' 10s',
    '9999999999ms',
  ]) {
    assert.match(one(wait(wrong)), /^executions\.announcementWait \|/, String(wrong));
  }
});

test('an unknown key is a fault that names the nearest known one', () => {
  assert.match(
    one({ ...smallest, encrption: {} }),
    /^encrption \| a key that is not known \| "encryption"\?$/,
  );
  assert.match(
    one({ ...smallest, auth: { ...smallest.auth, linkTTL: '5m' } }),
    /^auth\.linkTTL .* "auth\.linkTtl"\?$/,
  );
  assert.match(one({ ...smallest, logLevel: 'debug' }), /^logLevel .* "ops\.logLevel"\?$/);
  assert.match(
    one({ ...smallest, chat: { mattermost: 'hidden' } }),
    /^chat\.mattermost \| a key that is not known \| one of slack$/,
  );
  assert.match(one({ ...smallest, server: { zzzzzzz: 1 } }), /one of .*socket, trustedProxies, proxySecret$/);
  const prototype = `{"__proto__": {"x": 1}, ${JSON.stringify(smallest).slice(1)}`;
  assert.match(one(prototype), /^__proto__ \| a key that is not known/);
});

test('environment variables stand anywhere in a string; a file gives its text without the last line break', () => {
  const config = good(
    {
      stackstorm: {
        url: 'https://${HOST}:${PORT}',
        credential: { username: 'bot', password: { file: '${CREDENTIALS}/st2' } },
      },
      auth: { clientside: {}, publicUrl: '${PUBLIC}' },
      commands: { prefix: '$${' },
      encryption: { keys: ['${KEY}', { file: '/run/key' }] },
      ops: { logLevel: '${LEVEL}', audit: { file: '/var/log/${HOST}.jsonl' } },
    },
    {
      env: {
        HOST: 'st2.example',
        PORT: '8443',
        PUBLIC: 'https://c.example',
        KEY: key,
        LEVEL: 'warn',
        CREDENTIALS: '/run',
      },
      readFile: (path) => (path === '/run/key' ? `${key}\r\n` : path === '/run/st2' ? ' p w\n\n' : ''),
    },
  );
  assert.equal(config.stackstorm.url, 'https://st2.example:8443');
  assert.deepEqual(config.stackstorm.credential, { kind: 'password', username: 'bot', password: ' p w\n' });
  assert.equal(config.commands.prefix, '${');
  assert.deepEqual(config.encryption.keys, [key, key]);
  assert.equal(config.ops.logLevel, 'warn');
  assert.equal(config.ops.audit.file, '/var/log/st2.example.jsonl');
});

test('what a variable holds is never read as a reference again', () => {
  const config = good(
    { ...smallest, stackstorm: { ...smallest.stackstorm, credential: { token: '${A}' } } },
    { env: { A: 'x${B}y', B: 'no' }, readFile: nowhere.readFile },
  );
  assert.deepEqual(config.stackstorm.credential, { kind: 'token', token: 'x${B}y' });
});

test('a reference that leads nowhere is the one fault of its place; what it holds is never shown', () => {
  const sources = {
    env: { EMPTY: '', LEVEL: 'hush-hush', BAD_KEY: 'not-a-key' },
    readFile: nowhere.readFile,
  };
  const all = faults(
    {
      stackstorm: { url: '${MISSING}', credential: { username: 'bot', password: { file: '/run/none' } } },
      auth: { clientside: {}, publicUrl: '${EMPTY}' },
      commands: { prefix: '${', pluginPrefix: { file: '/x', more: 1 } },
      encryption: { keys: ['${BAD_KEY}', '${1X}'] },
      ops: { logLevel: '${LEVEL}' },
    },
    sources,
  );
  assert.deepEqual(
    all.map((line) => line.split(' | ').slice(0, 2).join(' | ')),
    [
      'stackstorm.url | ${MISSING}',
      'stackstorm.credential.password | {"file": "/run/none"}',
      'auth.publicUrl | an empty string (from ${EMPTY})',
      'commands.prefix | a "${" that names no variable',
      'commands.pluginPrefix | an object',
      'encryption.keys[1] | a "${" that names no variable',
      'encryption.keys[0] | a string of 9 characters (from ${BAD_KEY})',
      'ops.logLevel | a string of 9 characters (from ${LEVEL})',
    ],
  );
  assert.match(all.join('\n'), /environment variable MISSING, which is not set/);
  assert.match(all.join('\n'), /can be read \(ENOENT\)/);
  assert.doesNotMatch(all.join('\n'), /hush-hush|not-a-key/);
});

test('what is not JSON is told with line and column and without the text around it', () => {
  const at = (text: string) => one(text);
  assert.equal(at('{\n  "a": 1,\n  "b" 2\n}'), 'line 3, column 7 | "2" | ":"');
  assert.equal(at('{"password": "s3cret", }'), 'line 1, column 24 | "}" | a key in double quotes');
  assert.match(at("{'a': 1}"), /^line 1, column 2 \| "'" \| a key in double quotes/);
  assert.match(at(''), /^line 1, column 1 \| the end of the file \| a value/);
  assert.match(at('{"a": {"b": [1, 2}'), /^line 1, column 18 \| "\}" \| "," or "\]"$/);
  assert.match(at('{"a": "s3cret'), /^line 1, column 7 \| a text that does not end/);
  assert.match(at('{"a": "\\x"}'), /^line 1, column 7 \| a text with a character or an escape/);
  assert.match(at('{"a": 01}'), /^line 1, column 7 \| /);
  assert.match(at('{} x'), /^line 1, column 4 \| "x" \| the end of the file$/);
  assert.match(at('{\n // why\n}'), /^line 2, column 2 \| "\/" \| a key/);
  assert.match(at(`${'['.repeat(200)}`), /at most 100 levels/);
  assert.match(
    at('{"auth": {}, "auth": {}}'),
    /^line 1, column 14 \| the key "auth" again \| each key once$/,
  );
  assert.doesNotMatch(at('{"password": "s3cret", }'), /s3cret/);
  assert.match(one('[]'), /^the config \| an empty list/);
  assert.match(one('"text"'), /^the config \| a string of 4 characters/);
  assert.equal(good(`\uFEFF${JSON.stringify(smallest)}`).server.port, 3141);
});
