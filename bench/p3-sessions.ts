import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ChatUser } from '../src/chat/chat.ts';
import { SessionRows } from '../src/sessions/rows.ts';
import { type BenchBot, startBenchBot } from './bot.ts';
import { atMost, base, type Figure, median, microseconds, percentile } from './measure.ts';
import type { Stub } from './stub.ts';

const few = 100;
const many = 100_000;
const rounds = 8;
/** The bot keeps a row that it opened for a second: between two looks at the same people it forgets them. */
const forgottenAfterMs = 1_100;

/** P3: a lookup among 100,000 live sessions costs what it does among 100, and a session less than 1 kB of memory. */
export async function sessionFigures(stub: Stub): Promise<Figure[]> {
  const bot = await startBenchBot(stub.url);
  await addSessions(bot, 0, few);
  await lookup(bot, few);
  const among100 = await lookup(bot, few);
  const before = await memory();

  await addSessions(bot, few, many);
  for (let number = 0; number < many; number++) await bot.sessions.current(person(number));
  const bytes = ((await memory()) - before) / many;
  await lookup(bot, many);
  const among100k = await lookup(bot, many);
  await bot.stop();
  return [
    base('P3', `lookup among ${few} sessions, p50`, median(among100), 'µs'),
    base('P3', `lookup among ${many} sessions, p50`, median(among100k), 'µs'),
    base('P3', `lookup among ${many} sessions, p99`, percentile(among100k, 0.99), 'µs'),
    atMost('P3', `lookup: ${many} by ${few} sessions, p50`, median(among100k) / median(among100), 'x', 1.2),
    atMost('P3', 'memory of a session', bytes, 'B', 1_000),
  ];
}

function person(number: number): ChatUser {
  return { platform: 'bench', workspace: 'T1', id: `U${number}` };
}

/** Live sessions as the service writes them, without the seconds that hashing their secrets would take. */
async function addSessions({ parts }: BenchBot, from: number, to: number): Promise<void> {
  const rows = new SessionRows(parts.store, parts.encryption, Date.now);
  for (let start = from; start < to; start += 1_000) {
    const people = Array.from({ length: Math.min(1_000, to - start) }, (_, at) => person(start + at));
    await Promise.all(people.map((user) => rows.change(user, () => ({ next: live(user), result: true }))));
  }
}

function live(user: ChatUser) {
  const id = crypto.randomUUID();
  const times = { startedAt: Date.now(), expiresAt: Date.now() + 12 * 60 * 60 * 1_000 };
  const credential = { kind: 'token' as const, token: id.replaceAll('-', '') };
  return { user, live: { id, stackstormUser: user.id, credential, ...times } };
}

/** µs of each lookup of people in random order, each of them once a round. */
async function lookup({ sessions }: BenchBot, count: number): Promise<number[]> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await delay(forgottenAfterMs);
    for (let number = 0; number < few; number++) {
      const user = person(count === few ? number : Math.floor(Math.random() * count));
      const from = microseconds();
      if ((await sessions.current(user)) === undefined) throw new Error('a session is missing');
      took.push(microseconds() - from);
    }
  }
  return took;
}

/** Bytes of the heap and of what hangs on it, after the garbage is collected. */
async function memory(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('no gc');
  for (let round = 0; round < 3; round++) {
    collect();
    await delay(100);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
