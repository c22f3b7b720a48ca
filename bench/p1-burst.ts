import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { BenchBot } from './bot.ts';
import { atLeast, atMost, type Figure, median, microseconds } from './measure.ts';
import type { Stub } from './stub.ts';

const messages = 2_000;
const warmUps = 2;
const bursts = 5;
/** About what StackStorm takes for a POST, in ms: long enough for the requests in flight to pile up. */
const slowAnswerMs = 25;

interface Burst {
  readonly rate: number;
  readonly firstMs: number;
  readonly pauseMs: number;
  readonly mostInFlight: number;
}

/** P1: 2,000 messages at once, several times; the middle rate and first request, and the longest pause of all. */
export async function burstFigures(bot: BenchBot, stub: Stub): Promise<Figure[]> {
  for (let number = 0; number < warmUps; number++) await oneBurst(bot, stub, `warm${number}`);
  const measured: Burst[] = [];
  for (let number = 0; number < bursts; number++) {
    measured.push(await oneBurst(bot, stub, `burst${number}`));
  }
  await stub.do({ kind: 'answer-after', ms: slowAnswerMs });
  const slow = await oneBurst(bot, stub, 'slow');
  await stub.do({ kind: 'answer-after', ms: 0 });
  const rates = measured.map(({ rate }) => rate);
  const firsts = measured.map(({ firstMs }) => firstMs);
  const pauses = measured.map(({ pauseMs }) => pauseMs);
  return [
    atLeast('P1', `${messages} at once: requests`, median(rates), '/s', 5_000),
    atMost('P1', `${messages} at once: the first request`, median(firsts), 'ms', 100),
    atMost('P1', `${messages} at once: longest pause of the event loop`, Math.max(...pauses), 'ms', 50),
    atMost('P1', `${messages} at once: requests in flight`, slow.mostInFlight, '', 100),
  ];
}

async function oneBurst({ platform }: BenchBot, stub: Stub, run: string): Promise<Burst> {
  await stub.do({ kind: 'forget' });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const from = microseconds();
  await Promise.all(
    Array.from({ length: messages }, (_, number) =>
      platform.say(`!st2 bench ${number} of ${run}`, `${run}-${number}`),
    ),
  );
  delay.disable();
  const { at, mostInFlight } = await stub.arrivals();
  const times = [...at.values()].map((time) => time - from);
  if (times.length !== messages) throw new Error(`${times.length} of ${messages} requests arrived`);
  return {
    rate: messages / (Math.max(...times) / 1e6),
    firstMs: Math.min(...times) / 1_000,
    pauseMs: delay.max / 1e6,
    mostInFlight,
  };
}
