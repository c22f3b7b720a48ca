/** `npm run bench [P1 …]`: the figures of design section 6, as a table and as JSON (bench-results.json). */
import { writeFile } from 'node:fs/promises';
import { cpus, platform, release, totalmem } from 'node:os';
import type { Figure } from './measure.ts';
import { commandFigures } from './p1-commands.ts';
import { durabilityFigures } from './p1-durability.ts';
import { relayFigures } from './p2-relay.ts';
import { sessionFigures } from './p3-sessions.ts';
import { startFigures } from './p4-start.ts';
import { loginFigures } from './p5-login.ts';
import { matchingFigures } from './r5-matching.ts';
import { pairFigures } from './r5-pairs.ts';
import { Stub } from './stub.ts';

const benches: Readonly<Record<string, () => Promise<Figure[]>>> = {
  P1: () => withStub(async (stub) => [...(await commandFigures(stub)), ...(await durabilityFigures(stub))]),
  P2: () => withStub(relayFigures),
  P3: () => withStub(sessionFigures),
  P4: () => withStub(startFigures),
  P5: () => withStub(loginFigures),
  R5: async () => matchingFigures(),
  'R5-pairs': async () => pairFigures(),
};

/** What takes too long to run without being named. */
const onlyNamed = ['R5-pairs'];

const asked = process.argv.slice(2);
const names = Object.keys(benches).filter((name) =>
  asked.length === 0 ? !onlyNamed.includes(name) : asked.includes(name),
);
const machine = `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${release()}, Node ${process.version}`;
console.log(`${machine}\n`);

const figures: Figure[] = [];
for (const name of names) {
  const measured = (await benches[name]?.()) ?? [];
  figures.push(...measured);
  for (const figure of measured) console.log(line(figure));
}
await writeFile('bench-results.json', `${JSON.stringify({ machine, at: new Date(), figures }, null, 2)}\n`);
const missed = figures.filter(({ met }) => !met);
console.log(`\n${figures.length} figures, ${missed.length} not met. Written to bench-results.json.`);

function line({ id, what, measured, unit, target, met }: Figure): string {
  const number = measured >= 100 ? measured.toFixed(0) : measured.toPrecision(3);
  const verdict = target === '' ? '' : met ? 'met' : 'NOT MET';
  return `${id.padEnd(3)} ${what.padEnd(66)} ${`${number} ${unit}`.padStart(12)}  ${target.padEnd(12)} ${verdict}`;
}

async function withStub(run: (stub: Stub) => Promise<Figure[]>): Promise<Figure[]> {
  const stub = await Stub.start();
  try {
    return await run(stub);
  } finally {
    stub.stop();
  }
}
