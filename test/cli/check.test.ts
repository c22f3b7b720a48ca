import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { check } from '../../src/cli/check.ts';
import { type CheckRow, checkSummary, checkTable } from '../../src/cli/check-report.ts';
import { ConfigError, parseConfig } from '../../src/config/load.ts';
import { createEmbeddedStackStorm } from '../../src/demo/stackstorm/stackstorm.ts';
import { createEncryption, generateKey, parseKey } from '../../src/storage/aes-gcm.ts';
import { claimStorage } from '../../src/storage/key-check.ts';
import { openStore } from '../../src/storage/open-store.ts';
import { temporaryFolder } from '../support/folder.ts';
import { freePort } from '../support/free-port.ts';

async function rig(
  t: TestContext,
  change: { readonly stackstorm?: object; readonly auth?: object; readonly ops?: object } = {},
) {
  const folder = await temporaryFolder(t);
  const stackstorm = createEmbeddedStackStorm();
  const { url, close } = await stackstorm.listen();
  t.after(() => close());
  const config = parseConfig(
    {
      stackstorm: { url, credential: { apiKey: stackstorm.bot.apiKey }, timeout: '5s', ...change.stackstorm },
      auth: change.auth ?? { clientside: {}, publicUrl: 'http://127.0.0.1:3141', confirm: 'off' },
      access: { default: 'allow' },
      storage: { url: `sqlite://${join(folder, 'bot.sqlite')}` },
      encryption: { keys: ['A'.repeat(43)] },
      ops: { audit: { file: join(folder, 'audit.jsonl') }, ...change.ops },
    },
    { env: {}, readFile: () => '' },
  );
  if (config instanceof ConfigError) throw config;
  const rows = async () => new Map((await check(config, {})).map((row) => [row.what, row]));
  return { folder, stackstorm, rows };
}

const states = (rows: ReadonlyMap<string, CheckRow>, state: CheckRow['state']) =>
  [...rows.values()].filter((row) => row.state === state).map(({ what }) => what);

test('against a StackStorm that is well, everything is tried and works, and the numbers are told', async (t) => {
  const { rows } = await rig(t);
  const found = await rows();
  assert.deepEqual(states(found, 'failed'), []);
  assert.deepEqual(states(found, 'ok'), [
    'storage',
    'audit log',
    'StackStorm user',
    'StackStorm actionalias',
    'StackStorm actions.parameters',
    'StackStorm executions.list',
    'StackStorm inquiries',
    'StackStorm rules',
    'StackStorm stream',
    'aliases',
    'notify rule',
    'password check',
  ]);
  assert.match(found.get('auth.confirm')?.detail ?? '', /someone else's link .* gives that person/);
  assert.equal(found.get('links')?.detail, '5 in 10 min and chat user; each lives 10 min');
  assert.equal(found.get('wrong links')?.detail, '10 in 1 min and address');
  assert.equal(found.get('failed logins')?.detail, '5 a login, 10 in 1 h and chat user');
});

test('a wrong credential is told once, as what it is', async (t) => {
  const { rows } = await rig(t, {
    stackstorm: { credential: { username: 'chatops_bot', password: 'hunter2' } },
  });
  const found = await rows();
  assert.deepEqual(states(found, 'failed'), ['StackStorm login']);
  assert.match(found.get('StackStorm login')?.detail ?? '', /does not take stackstorm\.credential/);
  assert.doesNotMatch(checkTable([...found.values()]), /hunter2/);
});

test('a missing permission is named', async (t) => {
  const { rows, stackstorm } = await rig(t);
  stackstorm.state.faults.add({
    service: 'api',
    path: '/rules',
    inject: {
      kind: 'answer',
      status: 403,
      body: '{"faultstring": "User \\"chatops_bot\\" doesn\'t have required permission"}',
    },
  });
  const found = await rows();
  assert.deepEqual(states(found, 'failed'), ['StackStorm rules']);
  assert.match(found.get('StackStorm rules')?.detail ?? '', /a role with the permission rule_list/);
});

test('an auth service that takes any password fails the check (S9); where passwords are off it is not asked', async (t) => {
  const anyPassword = {
    status: 201,
    body: '{"user": "bolt-stackstorm-probe", "token": "hunter2", "expiry": "2030-01-01T00:00:00Z"}',
  };
  for (const methods of [['password'], ['token']]) {
    const { rows, stackstorm } = await rig(t, {
      auth: { clientside: {}, publicUrl: 'http://127.0.0.1:3141', methods },
    });
    stackstorm.state.faults.add({
      service: 'auth',
      path: '/tokens',
      inject: { kind: 'answer', ...anyPassword },
    });
    const found = await rows();
    assert.deepEqual(states(found, 'failed'), methods.includes('password') ? ['password check'] : []);
    assert.doesNotMatch(checkTable([...found.values()]), /hunter2/);
  }
});

test('a StackStorm that is not there, and files that cannot be: each fails in its own row, the rest is tried', async (t) => {
  const port = await freePort();
  const { rows, folder } = await rig(t, { stackstorm: { url: `http://127.0.0.1:${port}` } });
  await writeFile(
    join(folder, 'bot.sqlite'),
    'this is not a database, it is a letter to the editor '.repeat(100),
  );
  await writeFile(join(folder, 'audit.jsonl'), '');
  await chmod(join(folder, 'audit.jsonl'), 0o600);
  const found = await rows();
  assert.deepEqual(states(found, 'failed'), ['storage', 'StackStorm login', 'password check']);
  assert.match(
    found.get('StackStorm login')?.detail ?? '',
    /nothing that is StackStorm answers at stackstorm\.url/,
  );
  assert.equal(found.get('audit log')?.state, 'ok');
});

test('a storage of other keys fails in its row, and is left as it was', async (t) => {
  const { rows, folder } = await rig(t);
  const store = await openStore(`sqlite://${join(folder, 'bot.sqlite')}`);
  await claimStorage(store, createEncryption([parseKey(generateKey())]));
  await store.close();
  for (let times = 0; times < 2; times++) {
    const found = await rows();
    assert.deepEqual(states(found, 'failed'), ['storage']);
    assert.match(found.get('storage')?.detail ?? '', /which is not configured\. Put that key back/);
  }
});

test('what weakens is warned about by its key', async (t) => {
  const { rows } = await rig(t, {
    stackstorm: { allowInsecureTls: true },
    auth: { standalone: {} },
    ops: { host: '0.0.0.0' },
  });
  const found = await rows();
  assert.deepEqual(states(found, 'warning'), ['stackstorm.allowInsecureTls', 'auth.standalone', 'ops.host']);
  assert.match(found.get('auth.standalone')?.detail ?? '', /Everyone in chat runs with the bot's own/);
});

test('the table lines its columns up and folds long details under themselves', () => {
  const rows: CheckRow[] = [
    { state: 'ok', what: 'storage', detail: 'opens and answers' },
    { state: 'failed', what: 'a longer one', detail: 'word '.repeat(12).trim() },
    { state: 'note', what: 'x', detail: '' },
  ];
  assert.equal(
    checkTable(rows, 60),
    [
      'ok      storage       opens and answers',
      'FAILED  a longer one  word word word word word word word word',
      '                      word word word word',
      '-       x',
    ].join('\n'),
  );
  assert.equal(checkSummary(rows), '1 of 3 failed.');
  assert.equal(checkSummary(rows.slice(0, 1)), 'Everything that was tried works.');
});
