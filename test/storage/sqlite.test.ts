import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { storeContract } from './store-contract.ts';

storeContract('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bolt-stackstorm-'));
  let time = 1_800_000_000_000;
  const options = { path: join(folder, 'store.sqlite'), now: () => time, sweepEveryMs: 0 };
  const store = await openSqlite(options);
  const opened = [store];
  return {
    store,
    second: async () => {
      const second = await openSqlite(options);
      opened.push(second);
      return second;
    },
    elapse: async (ms) => {
      time += ms;
    },
    close: async () => {
      for (const each of opened) await each.close();
      await rm(folder, { recursive: true });
    },
  };
});

storeContract('sqlite in memory', async () => {
  let time = 1_800_000_000_000;
  const store = await openSqlite({ path: ':memory:', now: () => time, sweepEveryMs: 0 });
  return {
    store,
    second: async () => store,
    elapse: async (ms) => {
      time += ms;
    },
    close: () => store.close(),
  };
});
