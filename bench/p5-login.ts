import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { Pool } from 'undici';
import type { LoginAsk, LoginTold } from './login-server.ts';
import { atLeast, base, type Figure, median, microseconds } from './measure.ts';
import type { Stub } from './stub.ts';

const rounds = 4;
const seconds = 2;
const connections = 20;
const linksPerRound = 300;

/** P5: the login page and its API beside bare Hono routes in the same process; the limits of S6 are raised. */
export async function loginFigures(stub: Stub): Promise<Figure[]> {
  const child = fork(fileURLToPath(new URL('login-server.ts', import.meta.url)), [stub.url]);
  try {
    const { login, bare, asset } = await next(child, 'listening');
    const [used = ''] = await links(child, 1);
    await open(login, [used]);
    const json = { 'content-type': 'application/json', origin: 'http://127.0.0.1' };
    const posted = { method: 'POST', headers: json, body: JSON.stringify({ link: used }) } as const;
    const shares: Record<'used' | 'page' | 'asset' | 'takes' | 'batched', number[]> = {
      used: [],
      page: [],
      asset: [],
      takes: [],
      batched: [],
    };
    for (let round = 0; round < rounds; round++) {
      const bareJson = await rate({ ...posted, url: `${bare}/json` });
      shares.used.push((await rate({ ...posted, url: `${login}/login/api/open` }, 410)) / bareJson);
      const barePage = await rate({ url: `${bare}/page` });
      shares.page.push((await rate({ url: `${login}/login/` })) / barePage);
      const bareAsset = await rate({ url: `${bare}/asset` });
      shares.asset.push((await rate({ url: `${login}/login/assets/${asset}` })) / bareAsset);
      const opened = await open(login, await links(child, linksPerRound));
      shares.takes.push(opened / (await takes(child, 1)));
      shares.batched.push(opened / (await takes(child, connections)));
    }
    const share = (values: readonly number[]) => median(values.slice(1)) * 100;
    return [
      atLeast('P5', '`open` of a used link, by a bare Hono JSON route', share(shares.used), '%', 60),
      atLeast('P5', '`open` of fresh links, by the Store’s take one at a time', share(shares.takes), '%', 60),
      base('P5', `the same, by take ${connections} at a time (one statement)`, share(shares.batched), '%'),
      atLeast('P5', 'the page, by a bare Hono route', share(shares.page), '%', 80),
      atLeast('P5', 'its script, by a bare Hono route', share(shares.asset), '%', 80),
    ];
  } finally {
    child.kill();
  }
}

/** Requests a second; throws where an answer is not the expected one. */
async function rate(options: autocannon.Options, status = 200): Promise<number> {
  const result = await autocannon({ ...options, connections, duration: seconds });
  const other = Object.keys(result.statusCodeStats ?? {}).filter((code) => code !== String(status));
  if (other.length > 0 || result.errors > 0)
    throw new Error(`${options.url}: ${other}, ${result.errors} errors`);
  return result.requests.total / result.duration;
}

/** Opens each link once, some at a time, and answers how many a second. */
async function open(login: string, all: readonly string[]): Promise<number> {
  const pool = new Pool(login, { connections });
  let at = 0;
  const worker = async () => {
    for (let link = all[at++]; link !== undefined; link = all[at++]) {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/login/api/open',
        headers: { 'content-type': 'application/json', origin: 'http://127.0.0.1' },
        body: JSON.stringify({ link }),
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`a fresh link answered ${statusCode}`);
    }
  };
  const from = microseconds();
  await Promise.all(Array.from({ length: connections }, worker));
  const perSecond = all.length / ((microseconds() - from) / 1e6);
  await pool.close();
  return perSecond;
}

async function links(child: ChildProcess, count: number): Promise<readonly string[]> {
  child.send({ kind: 'links', count } satisfies LoginAsk);
  return (await next(child, 'links')).links;
}

async function takes(child: ChildProcess, width: number): Promise<number> {
  child.send({ kind: 'takes', count: 1_000, width } satisfies LoginAsk);
  return (await next(child, 'rate')).perSecond;
}

function next<K extends LoginTold['kind']>(
  child: ChildProcess,
  kind: K,
): Promise<Extract<LoginTold, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the login server ended'));
    const hear = (told: LoginTold) => {
      if (!isKind(told, kind)) return;
      child.off('message', hear).off('exit', gone);
      resolve(told);
    };
    child.on('message', hear).once('exit', gone);
  });
}

function isKind<K extends LoginTold['kind']>(
  told: LoginTold,
  kind: K,
): told is Extract<LoginTold, { kind: K }> {
  return told.kind === kind;
}
