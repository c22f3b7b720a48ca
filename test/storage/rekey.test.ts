import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { createEncryption, generateKey, keyId, parseKey } from '../../src/storage/aes-gcm.ts';
import { Collection } from '../../src/storage/collection.ts';
import { checkStorageKeys, claimStorage } from '../../src/storage/key-check.ts';
import { rekey } from '../../src/storage/rekey.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import type { Store } from '../../src/storage/store.ts';
import { runCli } from '../support/cli-command.ts';
import { FaultyStore } from '../support/faulty-store.ts';
import { temporaryFolder } from '../support/folder.ts';

const [oldText, newText, otherText] = [generateKey(), generateKey(), generateKey()];
const [oldKey, newKey, otherKey] = [parseKey(oldText), parseKey(newText), parseKey(otherText)];

function sessions(store: Store, ...keys: Uint8Array[]): Collection<string> {
  return new Collection(store, createEncryption(keys), 'session', z.string());
}

async function openMemory(t: { after(done: () => Promise<void>): void }, now?: () => number) {
  const store = await openSqlite({
    path: ':memory:',
    sweepEveryMs: 0,
    ...(now === undefined ? {} : { now }),
  });
  t.after(() => store.close());
  return store;
}

test('what stands is encrypted with the first key, and the old one may go', async (t) => {
  let time = 1_800_000_000_000;
  const store = await openMemory(t, () => time);
  await claimStorage(store, createEncryption([oldKey]));
  for (const id of ['a', 'b', 'c']) await sessions(store, oldKey).add(id, `value of ${id}`, 60_000);
  await sessions(store, newKey, oldKey).add('d', 'value of d');
  await store.set('limit:x', '{"count":3}');

  const done = await rekey(store, [newKey, oldKey]);
  assert.deepEqual(done, { rewritten: 4, current: 1, otherKeys: new Map(), damaged: new Map() });
  const left = sessions(store, newKey);
  for (const id of ['a', 'b', 'c', 'd']) assert.equal((await left.get(id))?.value, `value of ${id}`);
  await checkStorageKeys(store, createEncryption([newKey]));
  assert.equal(await store.get('limit:x'), '{"count":3}');
  assert.deepEqual(await rekey(store, [newKey]), { ...done, rewritten: 0, current: 5 });

  time += 60_000;
  assert.equal(await left.get('a'), undefined, 'it ends when it would have');
  assert.equal((await left.get('d'))?.value, 'value of d');
});

test('a key that is missing is told apart from a row that is damaged; both stay as they were', async (t) => {
  const store = await openMemory(t);
  await sessions(store, otherKey).add('other', 'x');
  await sessions(store, oldKey).add('good', 'x');
  const good = (await store.get('session:good')) ?? '';
  await store.set('session:copied', good);
  await store.set('run:cut', good.slice(0, 30));
  await store.set('run:changed', `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`);
  const before = await store.get('session:other');

  const done = await rekey(store, [newKey, oldKey]);
  assert.deepEqual(done, {
    rewritten: 1,
    current: 0,
    otherKeys: new Map([[keyId(otherKey), new Map([['session', 1]])]]),
    damaged: new Map([
      ['run', 2],
      ['session', 1],
    ]),
  });
  assert.equal(await store.get('session:other'), before);
  assert.equal(await store.get('session:copied'), good);
});

test('what the bot writes meanwhile is not lost', async (t) => {
  const store = await openMemory(t);
  await sessions(store, oldKey).add('a', 'before');
  let isFirst = true;
  const raced = new (class extends FaultyStore {
    override async rewrite(key: string, expected: string, value: string): Promise<boolean> {
      if (isFirst) await sessions(store, oldKey).set('a', 'by the bot');
      isFirst = false;
      return super.rewrite(key, expected, value);
    }
  })(store);
  assert.equal((await rekey(raced, [newKey, oldKey])).rewritten, 1);
  assert.equal((await sessions(store, newKey).get('a'))?.value, 'by the bot');
});

test('bolt-stackstorm rekey says what it did, and answers 1 where a row is left', async (t) => {
  const folder = await temporaryFolder(t);
  const url = `sqlite://${join(folder, 'store.sqlite')}`;
  const store = await openSqlite({ path: join(folder, 'store.sqlite') });
  await sessions(store, oldKey).add('a', 'x');
  await sessions(store, otherKey).add('b', 'x');
  await store.close();
  const config = join(folder, 'config.json');
  const run = async (...keys: string[]) => {
    const parts = {
      stackstorm: { url: 'https://stackstorm.example.com', credential: { apiKey: 'k' } },
      auth: { clientside: {}, publicUrl: 'https://chatops.example.com' },
      storage: { url },
      encryption: { keys },
    };
    await writeFile(config, JSON.stringify(parts));
    return runCli(['rekey', '--config', config]);
  };
  const short = await run(newText, oldText);
  assert.equal(short.code, 1, short.err);
  assert.match(short.out, /^1 row encrypted anew with the first key; 0 had it already\.$/m);
  assert.match(short.out, new RegExp(`1 session\\) left .* the key ${keyId(otherKey)}, which is not in`));
  const whole = await run(newText, otherText);
  assert.deepEqual([whole.code, whole.err], [0, '']);
  assert.match(
    whole.out,
    /^1 row encrypted anew with the first key; 1 had it already\.\nThe other keys may be taken out/,
  );
  for (const secret of [oldText, newText, otherText]) assert.ok(!`${short.out}${whole.out}`.includes(secret));
});
