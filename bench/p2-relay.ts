import { createParser } from 'eventsource-parser';
import { request } from 'undici';
import { benchAlias } from './aliases.ts';
import { type BenchBot, startBenchBot } from './bot.ts';
import { atMost, base, type Figure, median, microseconds } from './measure.ts';
import type { Stub } from './stub.ts';

const rounds = 12;
const perRound = 50;

/**
 * P2: from an announcement, as StackStorm writes it to the stream, to the call that posts it. The execution has ended
 * before, as it has where a notify rule announces it.
 */
export async function relayFigures(stub: Stub): Promise<Figure[]> {
  await stub.do({ kind: 'aliases', aliases: [benchAlias] });
  const bare: number[] = [];
  const relayed: number[] = [];
  const bot = await startBenchBot(stub.url);
  await until(async () => (await stub.streams()) === 1);
  for (let round = 0; round < rounds; round++) {
    const warm = round < rounds / 3;
    const times = { bare: await bareReader(stub), relayed: await relay(bot, stub, round) };
    if (warm) continue;
    bare.push(median(times.bare));
    relayed.push(median(times.relayed));
  }
  await bot.stop();
  return [
    base('P2', 'bare SSE reader: announcement to parsed JSON, p50', median(bare), 'µs'),
    base('P2', 'announcement to post call, p50', median(relayed), 'µs'),
    atMost('P2', 'announcement to post call, by the bare reader', median(relayed) / median(bare), 'x', 1.5),
  ];
}

/** A reader that does nothing else than parse; the announcements are of nobody's, so that the bot passes over them. */
async function bareReader(stub: Stub): Promise<number[]> {
  const heard: number[] = [];
  let next: () => void = () => undefined;
  const parser = createParser({
    onEvent({ data }) {
      const { payload }: { payload: { message: string } } = JSON.parse(data);
      heard.push(microseconds() - Number(payload.message));
      next();
    },
  });
  const cut = new AbortController();
  const { body } = await request(`${stub.url}/stream/v1/stream`, { signal: cut.signal });
  const decoder = new TextDecoder();
  const reading = (async () => {
    for await (const chunk of body) parser.feed(decoder.decode(chunk, { stream: true }));
  })();
  await until(async () => (await stub.streams()) === 2);
  const payload = { user: 'alice', channel: 'C1', whisper: false, context: {}, extra: {} };
  for (let number = 0; number < perRound; number++) {
    const arrived = new Promise<void>((resolve) => {
      next = resolve;
    });
    await Promise.all([stub.do({ kind: 'announce', event: 'st2.announcement__errbot', payload }), arrived]);
  }
  cut.abort();
  await reading.catch((error: unknown) => {
    if (!cut.signal.aborted) throw error;
  });
  await until(async () => (await stub.streams()) === 1);
  return heard;
}

async function relay({ platform, audited }: BenchBot, stub: Stub, round: number): Promise<number[]> {
  const finished = audited('execution.finished', perRound);
  for (let number = 0; number < perRound; number++) {
    await platform.say(`!st2 bench ${number} of relay${round}`, `relay${round}-${number}`);
  }
  await stub.do({ kind: 'end-executions' });
  await finished;
  const times: number[] = [];
  for (let number = 0; number < perRound; number++) {
    const posted = new Promise<void>((resolve) => {
      platform.onPost = ({ text }) => {
        times.push(microseconds() - Number.parseFloat(text));
        resolve();
      };
    });
    await Promise.all([stub.do({ kind: 'announce-result' }), posted]);
  }
  platform.onPost = () => undefined;
  return times;
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  while (!(await reached())) await new Promise((resolve) => setTimeout(resolve, 10));
}
