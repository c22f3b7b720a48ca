/**
 * A second process on one store, for tests. Started with `fork`; asked and answering by messages.
 */
import { openStore } from '../../src/storage/open-store.ts';
import { type Store, StoreError } from '../../src/storage/store.ts';
import type { WorkerAnswer, WorkerRequest } from './store-process.ts';

const url = process.argv[2] ?? '';

function tell(answer: WorkerAnswer): void {
  process.send?.(answer);
}

async function answer(store: Store, request: WorkerRequest): Promise<void> {
  const { id } = request;
  if (request.do === 'flood') {
    // Never ends: the test kills this process.
    for (let at = 0; ; at += 20) {
      const keys = Array.from({ length: 20 }, (_, index) => `flood:${at + index}`);
      await Promise.all(keys.map((key) => store.add(key, 'x'.repeat(500), 600_000)));
      tell({ id, done: keys });
    }
  }
  if (request.do === 'race') {
    const asked = Array.from({ length: request.times }, (_, index) => {
      const value = `${request.what}:${process.pid}:${index}`;
      if (request.what === 'take') return store.take(request.key).then((taken) => taken !== undefined);
      if (request.what === 'add') return store.add(request.key, value, 600_000);
      return store.replace(request.key, request.expected, value, 600_000);
    });
    tell({ id, won: (await Promise.all(asked)).filter(Boolean).length });
  }
  if (request.do === 'set') {
    await store.set(request.key, request.value);
    tell({ id });
  }
  if (request.do === 'delete') {
    await store.delete(request.key);
    tell({ id });
  }
}

try {
  const store = await openStore(url);
  process.on('message', (request: WorkerRequest) => void answer(store, request));
  tell({ id: 'open' });
} catch (error) {
  tell({ id: 'open', refused: error instanceof StoreError ? error.code : String(error) });
  process.disconnect();
}
