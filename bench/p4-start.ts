import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { generateKey } from '../src/storage/aes-gcm.ts';
import { manyAliases } from './aliases.ts';
import { atMost, base, type Figure, median } from './measure.ts';
import type { Stub } from './stub.ts';

const starts = 5;
/** Long enough for what the start left to be collected, and for a poll or two. */
const idleMs = 20_000;
const memoryTold = z.object({ rss: z.number() });

/** P4: the built bot, from the start of its process to `/readyz` answering 200, and its memory when nothing happens. */
export async function startFigures(stub: Stub): Promise<Figure[]> {
  const built = spawnSync(process.execPath, [
    fileURLToPath(new URL('../scripts/build.mjs', import.meta.url)),
  ]);
  if (built.status !== 0) throw new Error(`the build failed: ${built.stdout}${built.stderr}`);
  await stub.do({ kind: 'aliases', aliases: manyAliases(1_000) });
  const ready: number[] = [];
  for (let number = 0; number < starts; number++) ready.push((await oneStart(stub.url, 0)).readyMs);
  await stub.do({ kind: 'aliases', aliases: manyAliases(5_000) });
  const idle = await oneStart(stub.url, idleMs);
  return [
    atMost('P4', 'start to ready with 1,000 aliases', median(ready), 'ms', 1_000),
    base('P4', 'start to ready with 5,000 aliases', idle.readyMs, 'ms'),
    atMost('P4', 'idle memory (RSS) with 5,000 aliases', idle.rss / 1e6, 'MB', 110),
  ];
}

async function oneStart(url: string, idle: number): Promise<{ readyMs: number; rss: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'bolt-stackstorm-bench-'));
  const config = {
    stackstorm: { url, credential: { apiKey: 'bench' } },
    auth: { clientside: {}, publicUrl: 'http://127.0.0.1' },
    server: { port: 0 },
    storage: { url: `sqlite://${join(folder, 'bench.sqlite')}` },
    encryption: { keys: [generateKey()] },
    ops: { port: 0, logLevel: 'error', audit: { file: join(folder, 'audit.jsonl') } },
  };
  try {
    const from = performance.now();
    // Without the bench's own loader: the built bot needs none.
    const child = fork(fileURLToPath(new URL('start-child.mjs', import.meta.url)), [JSON.stringify(config)], {
      execArgv: [],
    });
    await once(child, 'message');
    const readyMs = performance.now() - from;
    await delay(idle);
    child.send('memory');
    const [told] = await once(child, 'message');
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    return { readyMs, rss: memoryTold.parse(told).rss };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
