import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { z } from 'zod';
import { type Demo, startDemo } from './demo-process.ts';
import { temporaryFolder } from './folder.ts';
import { LeakScript, typed } from './leak-script.ts';
import type { SearchedPlace, Treasure } from './leak-search.ts';
import { startEchoingStackStorm } from './leak-stackstorm.ts';
import { bytesOf, type HttpRecord, recordHttp } from './record-http.ts';

type Context = { after(done: () => Promise<void>): void };

const recordedSchema = z.object({ port: z.number(), target: z.string(), answer: z.string().exactOptional() });

/** What a whole run leaves, and what must not be in it. */
export interface LeakRun {
  readonly places: readonly SearchedPlace[];
  readonly treasures: readonly Treasure[];
}

/** One whole run of the demo as a process, with all its troubles, the log as verbose as can be, kill -9 and a restart. */
export async function leakRun(t: Context, browser: Browser | undefined): Promise<LeakRun> {
  const atStackStorm: HttpRecord[] = [];
  recordHttp((record) => void atStackStorm.push(record));
  const stackstorm = await startEchoingStackStorm(t, typed);
  const folder = await temporaryFolder(t);
  const recorded = join(await temporaryFolder(t), 'http.jsonl');
  const database = join(folder, 'bot.sqlite');
  const preload = fileURLToPath(new URL('record-http-preload.ts', import.meta.url));
  const start = () =>
    startDemo(t, {
      stackstorm: stackstorm.url,
      storage: `sqlite://${database}`,
      args: ['--log-level', 'trace'],
      env: { NODE_OPTIONS: `--import tsx --import ${preload}`, RECORD_HTTP_TO: recorded },
    });

  const first = await start();
  const run = new LeakScript(first, stackstorm);
  await run.everything(browser);
  const operations = [await opsPort(first)];
  await askOperations(operations[0]);
  await end(first, 'SIGKILL');
  const killed = await filesOf(folder, 'after kill -9');

  const second = await start();
  await run.again(second);
  operations.push(await opsPort(second));
  await askOperations(operations[1]);
  await end(second, 'SIGTERM');
  const stopped = await filesOf(folder, 'after the end');

  const heard = (await readFile(recorded, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => recordedSchema.parse(JSON.parse(line)));
  const isOps = ({ port }: { port: number }) => operations.includes(port);
  const isChat = ({ target }: { target: string }) => target.includes(' /playground/api/');
  const places: SearchedPlace[] = [
    { name: 'output', bytes: Buffer.from(`${first.output()}\n${second.output()}`) },
    ...killed,
    ...stopped,
    { name: 'operations', bytes: answers(heard.filter(isOps)) },
    { name: 'chat', bytes: answers(heard.filter(isChat), (record) => run.withoutTyped(record)) },
    { name: 'pages', bytes: answers(heard.filter((record) => !isOps(record) && !isChat(record))) },
    { name: 'targets of the bot', bytes: targets(heard) },
    { name: 'targets of StackStorm', bytes: targets(atStackStorm) },
  ];
  if (browser !== undefined) places.push({ name: 'browser', bytes: Buffer.from(run.inBrowser.join('\n')) });
  return { places, treasures: await run.treasures(`${database}.key`) };
}

async function opsPort(demo: Demo): Promise<number> {
  const [, port] = await demo.line(/Health\s+http:\/\/127\.0\.0\.1:(\d+)\//u);
  return Number(port);
}

async function askOperations(port: number | undefined): Promise<void> {
  for (const path of ['metrics', 'healthz', 'readyz', 'nothing']) {
    await (await fetch(`http://127.0.0.1:${port}/${path}`)).arrayBuffer();
  }
}

/** Ends the process; resolves when it has, and all that it wrote is read. */
async function end(demo: Demo, signal: NodeJS.Signals): Promise<void> {
  const closed = once(demo.child, 'close');
  await demo.stop(signal);
  await closed;
}

/** Each file of the folder, read only now that nobody writes it. */
async function filesOf(folder: string, when: string): Promise<SearchedPlace[]> {
  const names = await readdir(folder);
  return Promise.all(
    names.map(async (name) => ({ name: `${name} ${when}`, bytes: await readFile(join(folder, name)) })),
  );
}

function answers(records: readonly HttpRecord[], read = bytesOf): Buffer {
  return Buffer.concat(records.map(read));
}

function targets(records: readonly HttpRecord[]): Buffer {
  return Buffer.from(records.map(({ target }) => target).join('\n'));
}
