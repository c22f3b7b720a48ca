import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { temporaryFolder } from '../support/folder.ts';
import { StoreProcess } from '../support/store-process.ts';

test('of 50 parallel take, add, replace from two processes on one file, one wins: 40 rounds', async (context) => {
  const path = join(await temporaryFolder(context), 'store.sqlite');
  const processes = await Promise.all([1, 2].map(() => StoreProcess.start(`sqlite://${path}`)));
  context.after(() => Promise.all(processes.map((each) => each.kill())));
  const store = await openSqlite({ path });
  context.after(() => store.close());
  const race = async (what: 'take' | 'add' | 'replace', key: string, expected = ''): Promise<number> => {
    const asked = processes.map((each) => each.ask({ do: 'race', what, key, expected, times: 25 }));
    return (await Promise.all(asked)).reduce((sum, { won = 0 }) => sum + won, 0);
  };
  for (let round = 0; round < 40; round += 1) {
    const key = `link:${round}`;
    assert.equal(await race('add', key), 1);
    assert.equal(await race('replace', key, (await store.get(key)) ?? ''), 1);
    assert.equal(await race('take', key), 1);
    assert.equal(await store.get(key), undefined);
  }
});

test('what another process has done is never answered from memory, also while this one writes', async (context) => {
  const path = join(await temporaryFolder(context), 'store.sqlite');
  const other = await StoreProcess.start(`sqlite://${path}`);
  context.after(() => other.kill());
  const store = await openSqlite({ path });
  context.after(() => store.close());
  let writing = true;
  let written = 0;
  const noise = (async () => {
    while (writing) {
      await Promise.all([1, 2, 3].map((part) => store.add(`claim:${written}:${part}`, 'x', 60_000)));
      written += 1;
    }
  })();
  for (let round = 0; round < 300; round += 1) {
    await other.ask({ do: 'set', key: 'session', value: `live ${round}` });
    for (let again = 0; again < 3; again += 1) assert.equal(await store.get('session'), `live ${round}`);
    if (round % 3 === 0) {
      await other.ask({ do: 'delete', key: 'session' });
      assert.equal(await store.get('session'), undefined);
    }
  }
  writing = false;
  await noise;
  assert.ok(written > 300, `${written} writes beside`);
});

test('kill -9 loses nothing that was answered', async (context) => {
  const path = join(await temporaryFolder(context), 'store.sqlite');
  const other = await StoreProcess.start(`sqlite://${path}`);
  const answered: string[] = [];
  other.child.on('message', (message: { done?: string[] }) => answered.push(...(message.done ?? [])));
  await other.ask({ do: 'flood' });
  while (answered.length < 600) await other.answer('1');
  await other.kill();
  const store = await openSqlite({ path });
  context.after(() => store.close());
  for (const key of answered) {
    assert.equal(await store.add(key, 'again'), false, key);
  }
  context.diagnostic(`${answered.length} rows answered before the kill, all there`);
});

test('four processes open a new file at once', async (context) => {
  const path = join(await temporaryFolder(context), 'new', 'folder', 'store.sqlite');
  const opened = await Promise.all(Array.from({ length: 4 }, () => StoreProcess.start(`sqlite://${path}`)));
  context.after(() => Promise.all(opened.map((each) => each.kill())));
  assert.deepEqual(
    opened.map(({ refused }) => refused),
    [undefined, undefined, undefined, undefined],
  );
});
