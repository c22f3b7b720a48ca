import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { InstallStates } from '../../../src/chat/slack/install-state.ts';
import { createEncryption } from '../../../src/storage/aes-gcm.ts';
import { openSqlite } from '../../../src/storage/sqlite.ts';
import { temporaryFolder } from '../../support/folder.ts';

test('of many who use one state at once, over two connections to the store, one wins', async (t) => {
  const path = join(await temporaryFolder(t), 'states.sqlite');
  const encryption = createEncryption([randomBytes(32)]);
  const instances = await Promise.all(
    [1, 2].map(async () => {
      const store = await openSqlite({ path });
      t.after(() => store.close());
      return new InstallStates({ store, encryption, now: Date.now }, 600_000);
    }),
  );
  const [first] = instances;
  for (let round = 0; round < 20; round++) {
    const state = (await first?.begin('a browser')) ?? '';
    const faults = await Promise.all(
      Array.from({ length: 10 }, () => instances.map((states) => states.use(state, 'a browser'))).flat(),
    );
    assert.equal(faults.filter((fault) => fault === undefined).length, 1);
    assert.ok(faults.every((fault) => fault === undefined || fault === 'state-used'));
  }
});

test('a state cannot be found in the store, nor can the browser’s cookie', async (t) => {
  const store = await openSqlite({ path: ':memory:' });
  t.after(() => store.close());
  const encryption = createEncryption([randomBytes(32)]);
  const states = new InstallStates({ store, encryption, now: Date.now }, 600_000);
  const state = await states.begin('the-word-in-the-cookie');
  let rows = '';
  for await (const { key, value } of store.scan('')) rows += `${key} ${value}\n`;
  assert.match(rows, /^slack-install-state:/);
  assert.ok(!rows.includes(state) && !rows.includes('the-word-in-the-cookie'));
  assert.equal(await states.use(state, undefined), 'state-other-browser');
  assert.equal(await states.use('', 'the-word-in-the-cookie'), 'state-unknown');
  assert.equal(await states.use(state, 'the-word-in-the-cookie'), undefined);
});
