import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { z } from 'zod';
import type { SessionStarted } from '../../src/sessions/events.ts';
import { createSessionService, type SessionService } from '../../src/sessions/service.ts';
import { createEncryption, generateKey, parseKey } from '../../src/storage/aes-gcm.ts';
import { openStore } from '../../src/storage/open-store.ts';
import { temporaryFolder } from './folder.ts';
import { needsRedis, startRedis } from './redis-server.ts';
import { type Script, startScripted } from './scripted-server.ts';
import { sessionOptions, TestAudit } from './sessions.ts';
import { sourceArguments } from './source-arguments.ts';

const publicUrl = 'http://127.0.0.1:3141';

const told = z.object({
  ports: z.array(z.number()).optional(),
  started: z.string().optional(),
  dead: z.string().optional(),
});

/** Two bots in processes of their own on one storage, and a third, this one, that has the chat. */
export interface SharedLogin {
  readonly sessions: SessionService;
  /** Two more, each with a connection of its own, at which a login waits for its code. */
  readonly confirming: readonly [SessionService, SessionService];
  /** Of each bot's login page. */
  readonly ports: readonly number[];
  /** The sessions that a bot told of, since the start. */
  readonly told: { readonly started: readonly string[]; readonly dead: readonly string[] };
}

/** The same two processes on SQLite and on Redis (where there is one), in front of one StackStorm. */
export async function startProcesses(
  t: { after(close: () => Promise<void>): void },
  script: Script,
): Promise<ReadonlyMap<string, SharedLogin>> {
  const folder = await temporaryFolder(t);
  const urls = new Map([['SQLite', `sqlite://${join(folder, 'store.sqlite')}`]]);
  if (needsRedis.skip === undefined) {
    const redis = await startRedis();
    t.after(() => redis.stop());
    urls.set('Redis', redis.url);
  }
  const stackstorm = await startScripted(script);
  t.after(() => stackstorm.close());
  const key = generateKey();
  const heard = { started: [] as string[], dead: [] as string[] };
  const start = async () => {
    const worker = fileURLToPath(new URL('login-worker.ts', import.meta.url));
    const args = [key, publicUrl, stackstorm.url, ...urls.values()];
    const child = fork(worker, args, { execArgv: [...sourceArguments] });
    const [first] = await once(child, 'message');
    child.on('message', (message) => {
      const { started, dead } = told.parse(message);
      if (started !== undefined) heard.started.push(started);
      if (dead !== undefined) heard.dead.push(dead);
    });
    t.after(async () => {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    });
    return told.parse(first).ports ?? [];
  };
  // One after the other would be safer for a store that is made by whoever comes first; that is tried here, too.
  const bots = await Promise.all([start(), start()]);
  const shared = [...urls].map(async ([name, url], index) => {
    const service = async (confirm: 'off' | 'code') => {
      const store = await openStore(url);
      t.after(() => store.close());
      const deps = {
        ...{ store, encryption: createEncryption([parseKey(key)]), audit: new TestAudit(), now: Date.now },
        logger: pino({ level: 'silent' }),
        events: { onStarted: async ({ session }: SessionStarted) => void heard.started.push(session.id) },
      };
      return createSessionService(deps, { ...sessionOptions, publicUrl, confirm });
    };
    const shared: SharedLogin = {
      sessions: await service('off'),
      confirming: [await service('code'), await service('code')],
      ports: bots.map((ports) => ports[index] ?? 0),
      told: heard,
    };
    return [name, shared] as const;
  });
  return new Map(await Promise.all(shared));
}

export interface PageAnswer {
  readonly status: number;
  readonly code: string;
  readonly cookie: string | undefined;
}

/** What the login page sends, to one of the bots. */
export async function post(port: number, path: string, body: unknown, cookie = ''): Promise<PageAnswer> {
  const response = await fetch(`http://127.0.0.1:${port}/login/api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: publicUrl, cookie },
    body: JSON.stringify(body),
  });
  const answer = z.looseObject({ code: z.string().optional() }).parse(await response.json());
  return {
    status: response.status,
    code: answer.code ?? 'ok',
    cookie: response.headers.getSetCookie()[0]?.split(';')[0],
  };
}
