import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { KeyvSqlite } from '@keyv/sqlite';
import Keyv from 'keyv';
import { openStore, parseStorageUrl, StorageUrlError } from '../../src/storage/open-store.ts';
import { openSqlite, type SqliteOptions } from '../../src/storage/sqlite.ts';
import { firstPage, nextPage, statements, sweepPage, table } from '../../src/storage/sqlite-statements.ts';
import { StoreError, type StoreErrorCode } from '../../src/storage/store.ts';
import { temporaryFolder } from '../support/folder.ts';
import { StoreProcess } from '../support/store-process.ts';
import { needsUnprivileged, unprivilegedUser } from '../support/unprivileged.ts';

function refused(code: StoreErrorCode, words: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof StoreError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  };
}

async function openNew(context: TestContext, options: Partial<SqliteOptions> = {}) {
  const path = join(await temporaryFolder(context), 'store.sqlite');
  const store = await openSqlite({ path, ...options });
  context.after(() => store.close());
  return { path, store };
}

/** Another program on the same file. */
async function openRaw(context: TestContext, path: string): Promise<KeyvSqlite> {
  const raw = new KeyvSqlite({ uri: `sqlite://${path}`, table });
  await raw.query('SELECT 1');
  context.after(() => raw.close());
  return raw;
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('folder 0700, database, -wal and -shm 0600, also where they stood open to others', async (context) => {
  const folder = join(await temporaryFolder(context), 'a', 'b');
  const path = join(folder, 'store.sqlite');
  const first = await openSqlite({ path });
  await first.set('a', '1');
  assert.equal(modeOf(folder), '700');
  assert.deepEqual(
    readdirSync(folder).map((file) => [file, modeOf(join(folder, file))]),
    [
      ['store.sqlite', '600'],
      ['store.sqlite-shm', '600'],
      ['store.sqlite-wal', '600'],
    ],
  );
  for (const file of readdirSync(folder)) chmodSync(join(folder, file), 0o644);
  const second = await openSqlite({ path });
  for (const file of readdirSync(folder)) assert.equal(modeOf(join(folder, file)), '600', file);
  await second.close();
  await first.close();
});

test('what is no database, or a damaged one, is said so', async (context) => {
  const folder = await temporaryFolder(context);
  const text = join(folder, 'text');
  writeFileSync(text, 'this is a letter to my bank, not a database. '.repeat(100));
  await assert.rejects(
    openSqlite({ path: text }),
    refused('damaged', /text is damaged or is no SQLite database/),
  );
  await assert.rejects(openSqlite({ path: folder }), refused('unavailable', /is not a file/));
  await assert.rejects(openSqlite({ path: join(text, 'x') }), refused('unavailable', /cannot be used/));
});

test('a row that somebody else wrote is damaged, its neighbours are not', async (context) => {
  const { path, store } = await openNew(context);
  const raw = await openRaw(context, path);
  await store.set('good', '1');
  await raw.query(`INSERT INTO ${table} VALUES ('bad', '{"value":5}')`);
  const [bad, good] = await Promise.allSettled([store.get('bad'), store.get('good')]);
  assert.ok(bad.status === 'rejected' && refused('damaged', /not what the bot wrote/)(bad.reason));
  assert.deepEqual(good, { status: 'fulfilled', value: '1' });
});

test(
  'a file or folder that cannot be written is read-only, and says what to do',
  needsUnprivileged,
  async (context) => {
    const folder = await temporaryFolder(context);
    const path = join(folder, 'sub', 'store.sqlite');
    mkdirSync(join(folder, 'sub'));
    const uid = unprivilegedUser === undefined ? {} : { uid: unprivilegedUser };
    const owner = unprivilegedUser ?? process.getuid?.() ?? 0;
    const group = process.getgid?.() ?? 0;
    chownSync(folder, owner, group);
    chownSync(join(folder, 'sub'), owner, group);
    const answers = async (): Promise<string | undefined> => {
      const started = await StoreProcess.start(`sqlite://${path}`, uid);
      await started.kill();
      return started.refused;
    };
    chmodSync(join(folder, 'sub'), 0o500);
    assert.equal(await answers(), 'read-only');
    chmodSync(join(folder, 'sub'), 0o700);
    assert.equal(await answers(), undefined);
    chmodSync(path, 0o400);
    assert.equal(await answers(), 'read-only');
    chmodSync(path, 0o600);
    assert.equal(await answers(), undefined);
  },
);

test('a full disk is full, loses nothing, and the store goes on when there is room', async (context) => {
  const { store } = await openNew(context, { maxPages: 30 });
  const value = 'x'.repeat(10_000);
  let stored = 0;
  const fill = async (): Promise<void> => {
    for (;;) {
      await store.set(`k${stored}`, value);
      stored += 1;
    }
  };
  await assert.rejects(fill(), refused('full', /Make room/));
  assert.ok(stored > 3, `${stored} rows`);
  assert.equal(await store.get('k0'), value);
  await assert.rejects(store.replace('k0', value, 'y'.repeat(90_000)), refused('full', /Make room/));
  assert.equal(await store.get('k0'), value);
  for (let index = 1; index < stored; index += 1) assert.equal(await store.take(`k${index}`), value);
  assert.equal(await store.add('again', value), true);
});

test('another process that holds the lock is waited for, and not for ever', async (context) => {
  const { path, store } = await openNew(context, { busyTimeoutMs: 300 });
  const raw = await openRaw(context, path);
  await store.set('a', '1');
  await raw.query('BEGIN IMMEDIATE');
  assert.equal(await store.get('a'), '1');
  await assert.rejects(store.add('b', '1'), refused('unavailable', /locked by another process/));
  const waits = store.add('c', '1');
  await raw.query('ROLLBACK');
  assert.equal(await waits, true);
});

test('a file that was moved away while it is open makes ping fail', async (context) => {
  const { path, store } = await openNew(context);
  await store.ping();
  renameSync(path, `${path}.moved`);
  await assert.rejects(store.ping(), refused('unavailable', /moved away or replaced.*Restart/));
  renameSync(`${path}.moved`, path);
  await store.ping();
});

test('expired rows are swept: all of them, only them, at open and by the timer', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let time = 1_800_000_000_000;
  const { path, store } = await openNew(context, { now: () => time, sweepEveryMs: 60_000 });
  const raw = await openRaw(context, path);
  const left = async (): Promise<unknown> => (await raw.query(`SELECT count(*) AS n FROM ${table}`))[0]?.n;
  const add = (count: number, name: string, ttl?: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => store.add(`${name}:${index}`, 'x', ttl)));
  await add(1_200, 'short', 1_000);
  await add(5, 'long', 100_000);
  await add(5, 'for ever');
  time += 1_000;
  context.mock.timers.tick(60_000);
  // The sweep asks page by page, each after what waits then.
  for (let page = 0; page < 4; page += 1) await store.ping();
  assert.equal(await left(), 10);
  time += 100_000;
  assert.equal(await store.sweep(), 5);
  await add(3, 'short', 1);
  time += 1;
  const again = await openSqlite({ path, now: () => time, sweepEveryMs: 0 });
  assert.equal(await left(), 5);
  await again.close();
});

test('a sweep that fails is told, once each time', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const told: StoreError[] = [];
  let tell = (): void => undefined;
  const { path, store } = await openNew(context, {
    busyTimeoutMs: 1,
    onSweepError: (error) => {
      told.push(error);
      tell();
    },
  });
  const raw = await openRaw(context, path);
  await raw.query('BEGIN IMMEDIATE');
  const heard = new Promise<void>((resolve) => {
    tell = resolve;
  });
  context.mock.timers.tick(60_000);
  await heard;
  await raw.query('ROLLBACK');
  assert.equal(told.length, 1);
  assert.equal(told[0]?.code, 'unavailable');
  await store.ping();
});

test('rows are Keyv rows: a plain Keyv reads them', async (context) => {
  const { path, store } = await openNew(context);
  await store.set('a', 'one', 60_000);
  await store.set('b', 'two');
  const raw = await openRaw(context, path);
  const keyv = new Keyv({ store: raw, useKeyPrefix: false, throwOnErrors: true });
  assert.equal(await keyv.get('a'), 'one');
  assert.equal(await keyv.get('b'), 'two');
});

test('no statement reads the whole table', async (context) => {
  const { path } = await openNew(context);
  const raw = await openRaw(context, path);
  for (const sql of [...Object.values(statements), firstPage, nextPage, sweepPage]) {
    const parameters = Array.from({ length: sql.split('?').length - 1 }, () => '[]');
    const plan = JSON.stringify(await raw.query(`EXPLAIN QUERY PLAN ${sql}`, ...parameters));
    assert.doesNotMatch(plan, new RegExp(`SCAN ${table}\\b`), `${sql}\n${plan}`);
  }
});

test('reads from memory are bounded by memory', async (context) => {
  const { store } = await openNew(context, { cacheBytes: 10_000 });
  for (let index = 0; index < 50; index += 1) await store.set(`k${index}`, 'x'.repeat(500));
  for (let round = 0; round < 2; round += 1) {
    for (let index = 0; index < 50; index += 1) assert.equal((await store.get(`k${index}`))?.length, 500);
  }
});

test('a storage URL is one of the known forms, or refused without being repeated', async () => {
  assert.deepEqual(parseStorageUrl('sqlite:///var/lib/bot.sqlite'), {
    driver: 'sqlite',
    path: '/var/lib/bot.sqlite',
    durability: 'process',
  });
  const relative = parseStorageUrl('sqlite://./data/bot.sqlite?durability=power');
  assert.deepEqual(relative, {
    driver: 'sqlite',
    path: join(process.cwd(), 'data/bot.sqlite'),
    durability: 'power',
  });
  assert.equal(parseStorageUrl('sqlite::memory:').driver, 'sqlite');
  assert.equal(parseStorageUrl('rediss://u:p@redis.example:6380/2').driver, 'redis');
  const wrong = [
    '',
    'sqlite://data/x',
    'sqlite:///',
    'sqlite:///a/',
    'postgres://u:hunter2@h',
    '/tmp/x',
    'redis:x',
  ];
  for (const url of [...wrong, 'sqlite:///a?x=hunter2', 'redis://u:hunter2@[x']) {
    assert.throws(
      () => parseStorageUrl(url),
      (error) => error instanceof StorageUrlError && !error.message.includes('hunter2'),
      url,
    );
  }
  await assert.rejects(openStore('postgres://x'), StorageUrlError);
});
