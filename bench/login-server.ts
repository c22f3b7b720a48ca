/** The login pages, and bare Hono routes beside them, in a process of their own: the load comes from another one. */
import { readFileSync } from 'node:fs';
import { Hono } from 'hono';
import { listen } from '../src/ops/listen.ts';
import { startBenchBot } from './bot.ts';
import { microseconds } from './measure.ts';

/** What the bench asks of it. */
export type LoginAsk =
  | { readonly kind: 'links'; readonly count: number }
  | { readonly kind: 'takes'; readonly count: number; readonly width: number };

export type LoginTold =
  | { readonly kind: 'listening'; readonly login: string; readonly bare: string; readonly asset: string }
  | { readonly kind: 'links'; readonly links: readonly string[] }
  | { readonly kind: 'rate'; readonly perSecond: number };

const [stubUrl] = process.argv.slice(2);
if (stubUrl === undefined) throw new Error('login-server.ts <url of the stub>');
const { sessions, parts, port } = await startBenchBot(stubUrl);

const folder = new URL('../static/login/', import.meta.url);
const page = readFileSync(new URL('index.html', folder), 'utf8');
const asset = /assets\/([\w.-]+\.js)/u.exec(page)?.[1] ?? 'login.js';
const script = readFileSync(new URL(asset, folder), 'utf8');
const bare = new Hono();
bare.post('/json', async (c) => {
  const body: unknown = await c.req.json();
  return c.json({ status: 'ok', isObject: typeof body === 'object' });
});
bare.get('/page', (c) => c.html(page));
bare.get('/asset', (c) => c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
const listener = await listen(bare.fetch, { host: '127.0.0.1', port: 0 });

const tell = (told: LoginTold) => process.send?.(told);
tell({
  kind: 'listening',
  login: `http://127.0.0.1:${port}`,
  bare: `http://127.0.0.1:${listener.port}`,
  asset,
});

let people = 0;
process.on('message', async (ask: LoginAsk) => {
  if (ask.kind === 'links') tell({ kind: 'links', links: await makeLinks(ask.count) });
  else tell({ kind: 'rate', perSecond: await takes(ask.count, ask.width) });
});

async function makeLinks(count: number): Promise<string[]> {
  const links: string[] = [];
  while (links.length < count) {
    const width = Math.min(8, count - links.length);
    const made = await Promise.all(
      Array.from({ length: width }, async () => {
        const user = { platform: 'bench', workspace: 'T1', id: `P${people++}` };
        const started = await sessions.start(user, 'plum', { at: Date.now() });
        if (started.kind !== 'issued') throw new Error(started.kind);
        return started.url.slice(started.url.indexOf('#') + 1);
      }),
    );
    links.push(...made);
  }
  return links;
}

/** The Store's own `take`, `width` at a time. */
async function takes(count: number, width: number): Promise<number> {
  const prefix = `bench-take:${microseconds()}`;
  const value = 'x'.repeat(400);
  await Promise.all(
    Array.from({ length: count }, (_, number) => parts.store.set(`${prefix}:${number}`, value, 60_000)),
  );
  const from = microseconds();
  let next = 0;
  const worker = async () => {
    while (next < count) await parts.store.take(`${prefix}:${next++}`);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return count / ((microseconds() - from) / 1e6);
}
