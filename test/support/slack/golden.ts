import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const ofSlack = new URL('../../chat/slack/golden/', import.meta.url);

/** What differs from run to run, in the order in which it is replaced. */
const varying: readonly (readonly [RegExp, string])[] = [
  [
    /(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[\w-]{43}/g,
    '00000000-0000-4000-8000-000000000000.KEY',
  ],
  [/(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '00000000-0000-4000-8000-000000000000'],
  [/(?<![0-9a-f])[0-9a-f]{25,}\b/g, '1e108912ca05bc47f1959335c67f70f8'],
  [/(?<![0-9a-f])[0-9a-f]{24}\b/g, '6b0315341a5d216f5746d471'],
  [/127\.0\.0\.1:\d+/g, '127.0.0.1:8080'],
  [/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, '2026-11-22 17:00 UTC'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '2026-11-22T17:00:00Z'],
  [/after \d+(?:\.\d+)? s\b/g, 'after 0.1 s'],
  [/Took [\d.e-]+/g, 'Took 0.1'],
];

/**
 * Compares with `golden/<name>.json`, ids, keys, ports and times aside. `UPDATE_GOLDEN=1` writes the files instead: look
 * at what git says has changed in them.
 */
export function assertGolden(name: string, value: unknown, folder = ofSlack): void {
  const file = new URL(`${name}.json`, folder);
  const text = varying.reduce(
    (so, [pattern, stable]) => so.replace(pattern, stable),
    `${JSON.stringify(value, null, 2)}\n`,
  );
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
    return;
  }
  assert.deepEqual(JSON.parse(text), JSON.parse(readFileSync(file, 'utf8')), `golden/${name}.json`);
}
