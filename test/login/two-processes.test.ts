import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { z } from 'zod';
import { createSessionService, type SessionService } from '../../src/sessions/service.ts';
import { createEncryption, generateKey, parseKey } from '../../src/storage/aes-gcm.ts';
import { openSqlite, type SqliteStore } from '../../src/storage/sqlite.ts';
import { alice, bob, issueLink, sessionOptions, TestAudit } from '../support/sessions.ts';
import { sourceArguments } from '../support/source-arguments.ts';

const publicUrl = 'http://127.0.0.1:3141';
const told = z.object({ port: z.number().optional(), dead: z.boolean().optional() });

interface Bot {
  readonly port: number;
  deadTold: number;
  end(): Promise<void>;
}

async function startBot(path: string, key: string): Promise<Bot> {
  const script = fileURLToPath(new URL('../support/login-worker.ts', import.meta.url));
  const child = fork(script, [path, key, publicUrl], { execArgv: [...sourceArguments] });
  const [first] = await once(child, 'message');
  const bot: Bot = {
    port: told.parse(first).port ?? 0,
    deadTold: 0,
    async end() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
  child.on('message', (message) => {
    if (told.parse(message).dead === true) bot.deadTold++;
  });
  return bot;
}

async function post(port: number, path: string, body: unknown, cookie = '') {
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

function count(answers: readonly { status: number; code: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, code } of answers) {
    const name = `${status} ${code}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('two bots on one SQLite file', () => {
  let folder: string;
  let bots: Bot[];
  let store: SqliteStore;
  let sessions: SessionService;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bolt-stackstorm-'));
    const path = join(folder, 'store.sqlite');
    const key = generateKey();
    store = await openSqlite({ path });
    bots = await Promise.all([startBot(path, key), startBot(path, key)]);
    sessions = createSessionService(
      {
        store,
        encryption: createEncryption([parseKey(key)]),
        audit: new TestAudit(),
        logger: pino({ level: 'silent' }),
        now: Date.now,
        events: {},
      },
      { ...sessionOptions, publicUrl },
    );
  });

  after(async () => {
    await Promise.all(bots.map((bot) => bot.end()));
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  const portOf = (index: number) => bots[index % bots.length]?.port ?? 0;

  it('a link that 50 browsers open at once opens once', async () => {
    for (let round = 0; round < 6; round++) {
      const { link } = await issueLink(sessions, { ...alice, id: `alice${round}` });
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => post(portOf(index), 'open', { link })),
      );
      assert.deepEqual(count(answers), { '200 ok': 1, '410 link-used': 49 });
      assert.equal(answers.filter(({ cookie }) => cookie !== undefined).length, 1);
    }
  });

  it('wrong secrets that are spread over both share one count, and the end is told once', async () => {
    const { link, session } = await issueLink(sessions, bob);
    const { cookie } = await post(portOf(0), 'open', { link });
    const guess = { login: session, secret: 'pear', method: 'token', token: 'x' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => post(portOf(index), 'authenticate', guess, cookie)),
    );
    assert.deepEqual(count(answers), { '401 wrong-secret': 5, '410 login-dead': 45 });
    // An answer of each bot after the burst: what it told before has come by then.
    await Promise.all(bots.map(({ port }) => post(port, 'authenticate', guess, cookie)));
    assert.equal(
      bots.reduce((sum, bot) => sum + bot.deadTold, 0),
      1,
    );
  });

  it('a login that one opened goes on at the other, and ends there when it is ended in chat', async () => {
    const { link, session } = await issueLink(sessions);
    const { cookie } = await post(portOf(0), 'open', { link });
    const guess = { login: session, secret: 'pear', method: 'token', token: 'x' };
    assert.equal((await post(portOf(1), 'authenticate', guess, cookie)).code, 'wrong-secret');
    await sessions.end(alice);
    for (const { port } of bots) {
      assert.equal((await post(port, 'authenticate', guess, cookie)).code, 'login-dead');
    }
  });

  it('wrong links are counted together', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => post(portOf(index), 'open', { link: 'nonsense' })),
    );
    assert.deepEqual(count(answers), { '404 link-unknown': 10, '429 too-many-requests': 30 });
  });
});
