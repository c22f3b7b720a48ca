import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Pool } from 'undici';
import { newCorrelationId } from '../src/executions/correlation.ts';
import { Collection } from '../src/storage/collection.ts';
import { benchAlias, manyAliases } from './aliases.ts';
import { type BenchBot, startBenchBot } from './bot.ts';
import { atLeast, atMost, base, type Figure, median, microseconds, percentile, timed } from './measure.ts';
import type { Stub } from './stub.ts';

const commands = 600;
const burst = 2_000;

/** P1: from a chat event to the request's arrival at StackStorm, one at a time and 2,000 at once. */
export async function commandFigures(stub: Stub): Promise<Figure[]> {
  const bare = await barePost(stub);
  await stub.do({ kind: 'aliases', aliases: [...manyAliases(10), benchAlias] });
  const small = await startBenchBot(stub.url);
  const store = await storeCalls(small);
  const few = await latency(small, stub, 'few');
  await small.stop();

  await stub.do({ kind: 'aliases', aliases: [...manyAliases(5_000), benchAlias] });
  const large = await startBenchBot(stub.url);
  const full = await latency(large, stub, 'full');
  const bursts = await burstFigures(large, stub);
  await large.stop();

  const sum = bare + store;
  return [
    base('P1', 'bare undici POST, p50', bare, 'µs'),
    base('P1', 'its Store calls, one after the other, p50', store, 'µs'),
    base('P1', 'event to request, 10 aliases, p50', few, 'µs'),
    atMost('P1', 'event to request, by the sum of both', few / sum, 'x', 1.3),
    atMost('P1', 'event to request, by the bare POST', few / bare, 'x', 4),
    atMost('P1', '5,000 aliases, by 10 aliases', full / few, 'x', 1.2),
    ...bursts,
  ];
}

/** µs from undici's call to the arrival. */
async function barePost(stub: Stub): Promise<number> {
  const pool = new Pool(stub.url);
  const sent = new Map<string, number>();
  await stub.do({ kind: 'forget' });
  await timed(commands, async (number) => {
    const command = `bench ${number} of bare`;
    const body = JSON.stringify({
      name: 'bench',
      format: 'bench {{number}} of {{run}}',
      command,
      source_context: {},
    });
    sent.set(command, microseconds());
    const answer = await pool.request({
      method: 'POST',
      path: '/api/v1/aliasexecution',
      headers: { 'content-type': 'application/json', 'x-auth-token': 'x' },
      body,
    });
    await answer.body.text();
  });
  await pool.close();
  return arrivalMedian(stub, sent);
}

async function arrivalMedian(stub: Stub, sent: ReadonlyMap<string, number>): Promise<number> {
  const { at } = await stub.arrivals();
  const took = [...sent].map(([command, from]) => (at.get(command) ?? Number.NaN) - from);
  if (took.some(Number.isNaN)) throw new Error('a request never arrived');
  return median(took.slice(took.length / 10));
}

/** µs of claim, session and intent, each alone, summed. */
async function storeCalls({ parts }: BenchBot): Promise<number> {
  const { store, encryption } = parts;
  const rows = new Collection(store, encryption, 'bench-run', { parse: (value) => value });
  const intent = { command: 'bench 1 of one', format: 'x'.repeat(200), place: { channel: 'C1' } };
  const claim = await timed(commands, (number) =>
    store.add(`bench-claim:${number}`, newCorrelationId(), 60_000),
  );
  const write = await timed(commands, () => rows.add(newCorrelationId(), intent, 60_000));
  const read = await timed(commands, () => store.get('session:bench:T1:alice'));
  return median(claim) + median(write) + median(read);
}

async function latency({ platform }: BenchBot, stub: Stub, run: string): Promise<number> {
  const sent = new Map<string, number>();
  await stub.do({ kind: 'forget' });
  await timed(commands, async (number) => {
    const command = `bench ${number} of ${run}`;
    sent.set(command, microseconds());
    await platform.say(`!st2 ${command}`, `${run}-${number}`);
  });
  return arrivalMedian(stub, sent);
}

async function burstFigures({ platform }: BenchBot, stub: Stub): Promise<Figure[]> {
  await stub.do({ kind: 'forget' });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const from = microseconds();
  await Promise.all(
    Array.from({ length: burst }, (_, number) =>
      platform.say(`!st2 bench ${number} of burst`, `burst-${number}`),
    ),
  );
  delay.disable();
  const { at, mostInFlight } = await stub.arrivals();
  const times = [...at.values()].map((time) => time - from);
  if (times.length !== burst) throw new Error(`${times.length} of ${burst} requests arrived`);
  const last = percentile(times, 1);
  return [
    atLeast('P1', `${burst} at once: requests`, burst / (last / 1e6), '/s', 5_000),
    atMost('P1', `${burst} at once: the first request`, Math.min(...times) / 1000, 'ms', 100),
    atMost('P1', `${burst} at once: longest pause of the event loop`, delay.max / 1e6, 'ms', 50),
    atMost('P1', `${burst} at once: requests in flight`, mostInFlight, '', 100),
  ];
}
