import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { createEncryption } from '../../src/storage/aes-gcm.ts';
import { Collection } from '../../src/storage/collection.ts';
import { EncryptionError, type EncryptionErrorCode } from '../../src/storage/encryption.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { temporaryFolder } from '../support/folder.ts';

const sessionSchema = z.object({ user: z.string(), token: z.string() });
const refused = (code: EncryptionErrorCode) => (error: unknown) =>
  error instanceof EncryptionError && error.code === code;

test('rows come back, are replaced only as they were read, and are taken once', async (context) => {
  const store = await openSqlite({ path: ':memory:' });
  context.after(() => store.close());
  const sessions = new Collection(store, createEncryption([randomBytes(32)]), 'session', sessionSchema);
  const value = { user: 'alice', token: 't1' };
  const added = await sessions.add('alice', value);
  assert.ok(added);
  assert.equal(await sessions.add('alice', value), undefined);
  const read = await sessions.get('alice');
  assert.deepEqual(read, added);
  const replaced = await sessions.replace(added, { user: 'alice', token: 't2' });
  assert.equal(replaced?.value.token, 't2');
  assert.equal(await sessions.replace(added, { user: 'alice', token: 't3' }), undefined);
  await sessions.set('bob', { user: 'bob', token: 't4' });
  const ids = [];
  for await (const row of sessions.scan()) ids.push(row.id);
  assert.deepEqual(ids, ['alice', 'bob']);
  const takes = await Promise.all(Array.from({ length: 50 }, () => sessions.take('alice')));
  assert.deepEqual(
    takes.filter((taken) => taken !== undefined),
    [{ user: 'alice', token: 't2' }],
  );
  assert.equal(await sessions.get('alice'), undefined);
});

test('with `reopens: false` a row is decrypted once while its text stays, and anew once it was changed', async (context) => {
  const store = await openSqlite({ path: ':memory:' });
  context.after(() => store.close());
  const encryption = createEncryption([randomBytes(32)]);
  const opened: string[] = [];
  const counting = {
    ...encryption,
    open: (key: string, sealed: string) => {
      opened.push(key);
      return encryption.open(key, sealed);
    },
  };
  const reader = new Collection(store, counting, 'session', sessionSchema, { reopens: false });
  const other = new Collection(store, encryption, 'session', sessionSchema);
  const added = await other.add('alice', { user: 'alice', token: 't1' });
  assert.ok(added);
  for (let read = 0; read < 3; read++) assert.deepEqual(await reader.get('alice'), added);
  assert.deepEqual(opened, ['session:alice']);
  await other.replace(added, { user: 'alice', token: 't2' });
  assert.equal((await reader.get('alice'))?.value.token, 't2');
  await store.set('session:mallory', (await store.get('session:alice')) ?? '');
  await assert.rejects(reader.get('mallory'), refused('damaged'));
  await other.delete('alice');
  assert.equal(await reader.get('alice'), undefined);
});

test('a row copied to another user, or another kind, does not open', async (context) => {
  const store = await openSqlite({ path: ':memory:' });
  context.after(() => store.close());
  const encryption = createEncryption([randomBytes(32)]);
  const sessions = new Collection(store, encryption, 'session', sessionSchema);
  const others = new Collection(store, encryption, 'other', sessionSchema);
  await sessions.add('alice', { user: 'alice', token: 't' });
  const stolen = (await store.get('session:alice')) ?? '';
  await store.set('session:mallory', stolen);
  await store.set('other:alice', stolen);
  await assert.rejects(sessions.get('mallory'), refused('damaged'));
  await assert.rejects(others.get('alice'), refused('damaged'));
  await assert.rejects(sessions.take('mallory'), refused('damaged'));
});

test('keys rotate over a restart; the file alone shows nothing; the wrong key is told from damage', async (context) => {
  const path = join(await temporaryFolder(context), 'store.sqlite');
  const [older, newer] = [randomBytes(32), randomBytes(32)];
  const token = 'b1946ac92492d2347c6235b4d2611184';
  const open = async (...keys: Uint8Array[]) => {
    const store = await openSqlite({ path });
    return { store, sessions: new Collection(store, createEncryption(keys), 'session', sessionSchema) };
  };
  const before = await open(older);
  await before.sessions.add('alice', { user: 'alice', token });
  await before.store.close();

  for (const file of readdirSync(join(path, '..'))) {
    const bytes = readFileSync(join(path, '..', file));
    for (const encoding of ['utf8', 'base64', 'base64url', 'hex'] as const) {
      assert.equal(bytes.includes(Buffer.from(token).toString(encoding).replace(/=+$/, '')), false, file);
    }
  }

  const rotated = await open(newer, older);
  const row = await rotated.sessions.get('alice');
  assert.equal(row?.value.token, token);
  assert.ok(row && (await rotated.sessions.replace(row, row.value)));
  await rotated.sessions.add('bob', { user: 'bob', token });
  await rotated.store.close();

  const onlyNewer = await open(newer);
  assert.equal((await onlyNewer.sessions.get('alice'))?.value.token, token);
  await onlyNewer.store.close();

  const wrong = await open(older);
  await assert.rejects(wrong.sessions.get('bob'), refused('unknown-key'));
  await wrong.store.set('session:eve', 'v1.x');
  await assert.rejects(wrong.sessions.get('eve'), refused('damaged'));
  await wrong.store.close();
});

test('what was decrypted but is not of the type is refused', async (context) => {
  const store = await openSqlite({ path: ':memory:' });
  context.after(() => store.close());
  const encryption = createEncryption([randomBytes(32)]);
  await new Collection(store, encryption, 'session', z.string()).add('alice', 'an older shape');
  const sessions = new Collection(store, encryption, 'session', sessionSchema);
  await assert.rejects(sessions.get('alice'), z.ZodError);
});
