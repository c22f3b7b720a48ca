import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Capture, readCaptures } from '../../support/replay/captures.ts';
import { assertSame } from '../../support/replay/same-shape.ts';
import { Scenes } from '../../support/replay/scenes.ts';
import { appOf, requestOf, send } from '../../support/replay/send.ts';
import { harvest, wireWorld } from '../../support/replay/wire-world.ts';
import { needsShared } from '../../support/shared.ts';

/** Captures that the embedded StackStorm does not answer alike, and why. */
const leftOut = new Map<string, string>([]);

test('the embedded StackStorm answers every capture as StackStorm did', needsShared, async (t) => {
  const { captures } = readCaptures();
  const seed = harvest(captures);
  const scenes = new Scenes(captures, seed);
  const failed: string[] = [];
  let replayed = 0;
  for (const capture of captures) {
    if (leftOut.has(capture.name)) continue;
    try {
      await replay(capture, seed, scenes);
      replayed += 1;
    } catch (error) {
      if (!(error instanceof assert.AssertionError)) throw error;
      failed.push(`${capture.name}: ${error.message}`);
    }
  }
  assert.ok(leftOut.size <= 15, 'too much is left out');
  t.diagnostic(`${replayed} of ${captures.length} captures replayed, ${leftOut.size} left out`);
  for (const [name, reason] of leftOut) t.diagnostic(`left out: ${name}: ${reason}`);
  assert.deepEqual(failed, []);
});

async function replay(capture: Capture, seed: ReturnType<typeof harvest>, scenes: Scenes): Promise<void> {
  const now = timeOf(capture);
  const world = wireWorld(seed, () => now);
  const renames = scenes.set(world, capture);
  const response = await send(world, appOf(capture), requestOf(capture, renames));
  const text = await response.text();
  world.close();
  assert.equal(response.status, capture.response.status, `status: ${text.slice(0, 300)}`);
  assertHeaders(response.headers, capture);
  const { body } = capture.response;
  if (capture.request.method === 'HEAD') return;
  if (capture.name === 'execution_output')
    return assert.match(text, /^ \d\d:\d\d:\d\d up .+ load average: .+\n$/);
  if (typeof body === 'string') assertSame(text, body, 'body');
  else assertSame(JSON.parse(text), body, 'body');
}

function timeOf({ response }: Capture): number {
  const { Date: date } = response.headers;
  return typeof date === 'string' ? Date.parse(date) : Date.parse('2026-11-22T16:10:00Z');
}

/** Those that a client reads; counts are of StackStorm's whole life and not compared. */
function assertHeaders(headers: Headers, { response }: Capture): void {
  const type = [response.headers['Content-Type'] ?? []].flat().join(', ');
  assert.equal(headers.get('content-type'), type);
  for (const name of [
    'X-Limit',
    'Access-Control-Allow-Origin',
    'Access-Control-Expose-Headers',
    'X-Frame-Options',
    'Strict-Transport-Security',
  ])
    assert.equal(headers.get(name), response.headers[name] ?? null, name);
  for (const name of ['X-Total-Count', 'X-Request-ID', 'X-API-URL'])
    assert.equal(headers.has(name), response.headers[name] !== undefined, name);
  const cookie = response.headers['Set-Cookie'];
  assert.equal(
    withoutDates(headers.get('set-cookie')),
    withoutDates(typeof cookie === 'string' ? cookie : null),
  );
}

/** StackStorm's expiry has microseconds, which the dates of a cookie have not. */
function withoutDates(cookie: string | null): string | null {
  return cookie?.replace(/Max-Age=\d+/, 'Max-Age=').replace(/expires=[\w ,:-]+ GMT/, 'expires=') ?? null;
}
