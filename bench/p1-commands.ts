import { Pool } from 'undici';
import { newCorrelationId } from '../src/executions/correlation.ts';
import { Collection } from '../src/storage/collection.ts';
import { benchAlias, manyAliases } from './aliases.ts';
import { type BenchBot, startBenchBot } from './bot.ts';
import { atMost, base, type Figure, median, microseconds, timed } from './measure.ts';
import { burstFigures } from './p1-burst.ts';
import type { Stub } from './stub.ts';

/** What is compared takes turns, so that a machine that is slower for a while is so for all of it. */
const rounds = 12;
const perRound = 150;

/** P1: from a chat event to the request's arrival at StackStorm, one at a time and 2,000 at once. */
export async function commandFigures(stub: Stub): Promise<Figure[]> {
  await stub.do({ kind: 'aliases', aliases: [...manyAliases(10), benchAlias] });
  const small = await startBenchBot(stub.url);
  await stub.do({ kind: 'aliases', aliases: [...manyAliases(5_000), benchAlias] });
  const large = await startBenchBot(stub.url);
  const pool = new Pool(stub.url);

  const took: Record<'bare' | 'store' | 'few' | 'full', number[]> = {
    bare: [],
    store: [],
    few: [],
    full: [],
  };
  for (let round = 0; round < rounds; round++) {
    took.bare.push(await barePost(pool, stub));
    took.store.push(await storeCalls(small));
    took.few.push(await latency(small, stub, `few${round}`));
    took.full.push(await latency(large, stub, `full${round}`));
  }
  await pool.close();
  await small.stop();
  const bursts = await burstFigures(large, stub);
  await large.stop();

  // The first third of the rounds warms up.
  const p50 = (values: readonly number[]) => median(values.slice(rounds / 3));
  const [bare, store, few, full] = [p50(took.bare), p50(took.store), p50(took.few), p50(took.full)];
  return [
    base('P1', 'bare undici POST, p50', bare, 'µs'),
    base('P1', 'its Store calls, one after the other, p50', store, 'µs'),
    base('P1', 'event to request, 10 aliases, p50', few, 'µs'),
    atMost('P1', 'event to request, by the sum of both', few / (bare + store), 'x', 1.3),
    atMost('P1', 'event to request, by the bare POST', few / bare, 'x', 4),
    atMost('P1', '5,000 aliases, by 10 aliases', full / few, 'x', 1.2),
    ...bursts,
  ];
}

/** µs from undici's call to the arrival. */
async function barePost(pool: Pool, stub: Stub): Promise<number> {
  const sent = new Map<string, number>();
  await stub.do({ kind: 'forget' });
  await timed(perRound, async (number) => {
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
  const claim = await timed(perRound, () =>
    store.add(`bench-claim:${newCorrelationId()}`, newCorrelationId(), 60_000),
  );
  const write = await timed(perRound, () => rows.add(newCorrelationId(), intent, 60_000));
  const read = await timed(perRound, () => store.get('session:bench:T1:alice'));
  return median(claim) + median(write) + median(read);
}

async function latency({ platform }: BenchBot, stub: Stub, run: string): Promise<number> {
  const sent = new Map<string, number>();
  await stub.do({ kind: 'forget' });
  await timed(perRound, async (number) => {
    const command = `bench ${number} of ${run}`;
    sent.set(command, microseconds());
    await platform.say(`!st2 ${command}`, `${run}-${number}`);
  });
  return arrivalMedian(stub, sent);
}
