import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStore } from '../src/storage/open-store.ts';
import { benchAlias } from './aliases.ts';
import { atLeast, type Figure } from './measure.ts';
import type { Stub } from './stub.ts';

/** P1's condition: the process is killed at the moment its request arrives, and both rows are there. Holds the stub for good. */
export async function durabilityFigures(stub: Stub): Promise<Figure[]> {
  await stub.do({ kind: 'aliases', aliases: [benchAlias] });
  const folder = await mkdtemp(join(tmpdir(), 'bolt-stackstorm-bench-'));
  try {
    const child = fork(fileURLToPath(new URL('one-command.ts', import.meta.url)), [stub.url, folder]);
    await once(child, 'message');
    await stub.do({ kind: 'hold' });
    const arrived = stub.arrived();
    const exited = once(child, 'exit');
    child.send('go');
    await arrived;
    child.kill('SIGKILL');
    await exited;
    return [atLeast('P1', 'rows (claim, intent) after kill -9 at the request', await rows(folder), '', 2)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function rows(folder: string): Promise<number> {
  const store = await openStore(`sqlite://${join(folder, 'bench.sqlite')}`);
  let count = 0;
  for (const prefix of ['claim:', 'run:']) {
    for await (const _row of store.scan(prefix)) count += 1;
  }
  await store.close();
  return count;
}
