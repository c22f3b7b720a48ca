import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { openStore } from '../../src/storage/open-store.ts';
import { openRedis } from '../../src/storage/redis.ts';
import { StoreError, type StoreErrorCode } from '../../src/storage/store.ts';
import { needsRedis, type RedisServer, startRedis } from '../support/redis-server.ts';
import { storeContract } from './store-contract.ts';

let shared: Promise<RedisServer> | undefined;
const server = (): Promise<RedisServer> => {
  shared ??= startRedis();
  return shared;
};
after(async () => (await shared)?.stop());

function refused(code: StoreErrorCode, ...forbidden: string[]) {
  return (error: unknown) => {
    assert.ok(error instanceof StoreError, String(error));
    assert.equal(error.code, code, error.message);
    for (const secret of forbidden) assert.ok(!error.message.includes(secret), error.message);
    return true;
  };
}

let spaces = 0;
storeContract(
  'redis',
  async () => {
    const { url } = await server();
    spaces += 1;
    const options = { url, keyPrefix: `test ${spaces}[*]:` };
    const store = await openRedis(options);
    const opened = [store];
    return {
      store,
      second: async () => {
        const second = await openRedis(options);
        opened.push(second);
        return second;
      },
      elapse: async (ms) => {
        // Redis ends rows by its own clock: a row written now outlives all that were written before with this lifetime.
        const clock = await openRedis({ url, keyPrefix: 'clock:' });
        await clock.set('row', '1', ms);
        while ((await clock.get('row')) !== undefined);
        await clock.close();
      },
      close: async () => {
        for (const each of opened) await each.close();
      },
    };
  },
  needsRedis,
);

test('redis: nothing there, a wrong password, and no password in any message', needsRedis, async () => {
  await assert.rejects(openStore('redis://bot:hunter2@127.0.0.1:1'), refused('unavailable', 'hunter2'));
  const { url } = await server();
  const wrong = url.replace('redis://', 'redis://bot:hunter2@');
  await assert.rejects(openStore(wrong), refused('unavailable', 'hunter2'));
});

test(
  'redis: a server that goes away is unavailable at once, and is used again when it is back',
  needsRedis,
  async (context) => {
    const first = await startRedis();
    context.after(() => first.stop());
    const faults: StoreError[] = [];
    const store = await openStore(first.url, { onBackgroundError: (error) => faults.push(error) });
    context.after(() => store.close());
    await store.set('a', '1');
    await first.stop();
    await assert.rejects(store.get('a'), refused('unavailable'));
    await assert.rejects(store.ping(), refused('unavailable'));
    const again = await startRedis(Number(new URL(first.url).port));
    context.after(() => again.stop());
    for (;;) {
      const answers = await store.ping().then(
        () => true,
        () => false,
      );
      if (answers) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(await store.add('a', '2'), true);
    assert.ok(faults.length > 0);
  },
);

test(
  'redis: out of memory is full, a replica is read-only, a foreign value is damaged',
  needsRedis,
  async (context) => {
    const redis = await startRedis();
    context.after(() => redis.stop());
    const store = await openRedis({ url: redis.url, keyPrefix: '' });
    context.after(() => store.close());
    const { createClient } = await import('@keyv/redis');
    const admin = createClient({ url: redis.url });
    admin.on('error', () => undefined);
    await admin.connect();
    context.after(() => admin.destroy());
    await admin.lPush('list', 'x');
    await assert.rejects(store.get('list'), refused('damaged'));
    await admin.set('plain', 'not a row');
    await assert.rejects(store.get('plain'), refused('damaged', 'not a row'));
    await admin.configSet('maxmemory', '1');
    await assert.rejects(store.set('a', '1'), refused('full'));
    await admin.configSet('maxmemory', '0');
    await store.set('a', '1');
    await admin.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    await assert.rejects(store.add('b', '1'), refused('read-only'));
  },
);

test('redis: a server that takes the question and does not answer is unavailable in time', async (context) => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => {
    sockets.push(socket);
    // Answers the greeting of the client, then no more.
    socket.once('data', (data) => socket.write('+OK\r\n'.repeat(data.toString().split('*').length - 1)));
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const address = silent.address();
  assert.ok(address !== null && typeof address === 'object');
  await assert.rejects(
    openRedis({ url: `redis://127.0.0.1:${address.port}`, timeoutMs: 200 }),
    refused('unavailable'),
  );
});
