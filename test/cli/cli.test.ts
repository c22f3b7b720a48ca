// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${ENV_NAME} is the config's own syntax
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseKey } from '../../src/storage/aes-gcm.ts';
import { runCli as run } from '../support/cli-command.ts';
import { temporaryFolder } from '../support/folder.ts';

test('keygen prints a key alone on standard output, and how to use it on standard error', async () => {
  const { out, err, code } = await run(['keygen']);
  assert.equal(code, 0);
  assert.equal(parseKey(out.trimEnd()).length, 32);
  assert.match(err, /"encryption": \{ "keys": \["\$\{BOLT_STACKSTORM_KEY\}"\] \}/);
  assert.ok(!err.includes(out.trim()));
});

test('keygen --out makes a file for its owner alone and never overwrites one', async (t) => {
  const file = join(await temporaryFolder(t), 'key');
  const made = await run(['keygen', '--out', file]);
  assert.equal(made.code, 0, made.err);
  assert.equal(made.out, '');
  const key = await readFile(file, 'utf8');
  assert.equal(parseKey(key.trimEnd()).length, 32);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.match(made.err, /"keys": \[\{ "file": "\/.*\/key" \}\]/);
  assert.ok(!made.err.includes(key.trim()));
  const again = await run(['keygen', '--out', file]);
  assert.equal(again.code, 1);
  assert.match(again.err, /is there already and was left as it is/);
  assert.equal(await readFile(file, 'utf8'), key);
});

test('check and start show every fault of a config at once and exit with 2, without secrets', async (t) => {
  const file = join(await temporaryFolder(t), 'config.json');
  const config = {
    stackstorm: {
      url: 'https://stackstorm.example.com',
      credential: { token: 'hunter2', apiKey: 'hunter2' },
      timout: '5s',
    },
    auth: { clientside: {}, publicUrl: 'http://chatops.example.com' },
    ops: { logLevel: '${LEVEL}' },
    encryption: { keys: [] },
  };
  await writeFile(file, JSON.stringify(config));
  for (const command of ['check', 'start']) {
    const { out, err, code } = await run([command, '--config', file], { LEVEL: 'hunter2' });
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.deepEqual(err.trimEnd().split('\n'), [
      `5 things are wrong in ${file}:`,
      '  stackstorm.credential: found an object; expected exactly one of {"username", "password"}, {"token"} and {"apiKey"}',
      '  stackstorm.timout: found a key that is not known; expected "stackstorm.timeout"?',
      '  auth.publicUrl: found "http://chatops.example.com"; expected an address without a path, https except on loopback, such as "https://chatops.example.com"',
      '  encryption.keys: found an empty list; expected at least one key; "bolt-stackstorm keygen" makes one',
      '  ops.logLevel: found a string of 7 characters (from ${LEVEL}); expected one of "trace", "debug", "info", "warn", "error", "fatal", "silent"',
    ]);
  }
});

test('a config that is not JSON, or not there, says where and what to do', async (t) => {
  const file = join(await temporaryFolder(t), 'config.json');
  await writeFile(file, '{\n  "stackstorm": {\n    "url" "https://x"\n  }\n}');
  const bad = await run(['start', '-c', file]);
  assert.equal(bad.code, 2);
  assert.match(
    bad.err,
    /One thing is wrong in .*config\.json:\n {2}line 3, column 11: found "\\""; expected ":"/,
  );
  const none = await run(['start', '-c', join(file, 'none')]);
  assert.equal(none.code, 2);
  assert.match(none.err, /cannot be read \(ENOTDIR\)\. config\.example\.json shows/);
});

test('start without a chat platform refuses, makes nothing, and names the demo', async () => {
  const env = { BOLT_STACKSTORM_KEY: 'A'.repeat(43) };
  const { out, err, code } = await run(['start', '--config', 'test/support/minimal.config.json'], env);
  assert.equal(code, 2);
  assert.equal(out, '', 'no log was opened');
  assert.match(err, /names no chat platform.*bolt-stackstorm demo/s);
  assert.equal(err.split('needs none').length, 2, err);
});

test('a wrong command line exits with 2 and says what is right; help and version with 0', async () => {
  const [unknown, missing, none, help, version] = await Promise.all([
    run(['strat']),
    run(['check']),
    run([]),
    run(['--help']),
    run(['--version']),
  ]);
  assert.equal(unknown?.code, 2);
  assert.match(unknown?.err ?? '', /unknown command 'strat'\n\(Did you mean start\?\)/);
  assert.equal(missing?.code, 2);
  assert.match(missing?.err ?? '', /--config <file>.*not specified/);
  assert.equal(none?.code, 2);
  assert.match(none?.err ?? '', /Usage: bolt-stackstorm/);
  assert.equal(help?.code, 0);
  for (const command of ['start', 'check', 'demo', 'keygen'])
    assert.match(help?.out ?? '', new RegExp(`^ {2}${command} `, 'm'));
  assert.equal(version?.code, 0);
  assert.match(version?.out ?? '', /^\d+\.\d+\.\d+\n$/);
});
