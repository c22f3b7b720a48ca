import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { z } from 'zod';
import type { BusEvent } from '../../../src/demo/stackstorm/event-bus.ts';
import type { EmbeddedStackStorm } from '../../../src/demo/stackstorm/stackstorm.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import {
  readCaptures,
  readStreamCaptures,
  type StreamCapture,
  withoutChunks,
} from '../../support/replay/captures.ts';
import { assertSame } from '../../support/replay/same-shape.ts';
import { aliceToken, harvest, wireWorld } from '../../support/replay/wire-world.ts';
import { needsShared, readSharedText } from '../../support/shared.ts';

const now = Date.parse('2026-11-22T16:11:35Z');
const frames = z.looseObject({
  id: z.string().optional(),
  action: z.union([z.string(), z.looseObject({ ref: z.string() })]).optional(),
});

test("each captured stream's bytes come out of a real socket alike", needsShared, async (t) => {
  const { captures } = readCaptures();
  const seed = harvest(captures);
  const streams = readStreamCaptures();
  for (const capture of streams) {
    const clock = new ManualClock();
    const world = wireWorld(
      seed,
      () => now,
      (ms, run) => clock.after(ms, run),
    );
    world.state.accounts.addToken(
      world.state.accounts.user('alice'),
      now + 2_000,
      '59ecc941047a4f9e994c9699052748e7',
    );
    const nginx = capture.name.startsWith('nginx');
    if (capture.name === 'nginx_backend_down_stream')
      world.state.faults.add({ inject: { kind: 'backend-down' } });
    const listening = await world.listen({ app: nginx ? 'nginx' : 'stream' });
    const raw = rawRequest(listening.url, capture);
    await raw.until('\n\n');
    if (capture.status === 200 && capture.name !== 'nginx_backend_down_stream') {
      await raw.until(capture.chunked ? '1\r\n\n\r\n' : '\r\n\r\n\n');
      publishFrames(world, capture);
      const [heartbeats = ''] = /(?<=\n\n)\n*$/.exec(capture.body) ?? [];
      for (const _ of heartbeats) clock.advance(world.state.heartbeatMs);
      world.state.endStreams();
      await (capture.chunked ? raw.until('\r\n0\r\n\r\n') : raw.ended());
    } else await raw.until(capture.body);
    await listening.close();
    const text = await raw.ended();
    world.close();
    const [head = '', ...body] = text.split('\r\n\r\n');
    const chunked = /^transfer-encoding: chunked$/im.test(head);
    assert.equal(chunked, capture.chunked, `${capture.name}: chunks`);
    assert.match(head, new RegExp(`^HTTP/1.1 ${capture.status} `), capture.name);
    assert.equal(headerOf(head, 'content-type'), capture.headers['content-type'], capture.name);
    assert.equal(headerOf(head, 'cache-control'), capture.headers['cache-control'], capture.name);
    const got = chunked ? withoutChunks(body.join('\r\n\r\n')) : body.join('\r\n\r\n');
    assert.ok(got === capture.body, `${capture.name}: ${firstDifference(got, capture.body)}`);
  }
  t.diagnostic(`${streams.length} streams replayed, 0 left out`);
});

test(
  "the engine's own events have the names, order and members of the captured ones",
  needsShared,
  async () => {
    const { captures } = readCaptures();
    const world = wireWorld(harvest(captures), () => now);
    const main = eventsOf(readSharedText('stackstorm/wire/stream_main.decoded.sse.txt')).filter(
      ({ name }) => !name.includes('announcement'),
    );
    const seen: { name: string; data: unknown }[] = [];
    world.state.bus.subscribe((event) => seen.push({ name: event.name, data: event.data }));
    const run = await world.apps.api.request('/v1/aliasexecution', {
      method: 'POST',
      headers: { 'x-auth-token': aliceToken, 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'run_local',
        format: 'run {{cmd}} on {{hosts=localhost}}',
        command: 'run uptime on web1',
        user: 'U024BE7LH',
        source_channel: 'C2147483705',
        notification_route: 'hubot',
        source_context: { thread_ts: '1' },
      }),
    });
    const { execution } = z.object({ execution: z.object({ id: z.string() }) }).parse(await run.json());
    for (let step = 0; step < 3; step += 1) world.state.executions.advance(execution.id);
    world.close();
    const expected = main.slice(0, seen.length);
    assert.deepEqual(
      seen.map(({ name }) => name),
      expected.map(({ name }) => name),
    );
    for (const [index, { name, data }] of seen.entries()) {
      const plain: unknown = JSON.parse(
        JSON.stringify(data).replaceAll('"user":"alice"', '"user":"chatops_bot"'),
      );
      assertSame(withoutResultText(plain), withoutResultText(expected[index]?.data), name);
    }
  },
);

test('alias events come to those who name them', needsShared, () => {
  const text = readSharedText('stackstorm/wire/stream_actionalias_events.sse.txt');
  const world = wireWorld(harvest(readCaptures().captures), () => now);
  const seen: string[] = [];
  world.state.bus.subscribe((event) =>
    seen.push(`event: ${event.name}\ndata: ${JSON.stringify(event.data)}\n\n`),
  );
  const [created] = eventsOf(text);
  const { id } = z.looseObject({ id: z.string() }).parse(created?.data);
  world.state.packs.putAlias({
    id,
    pack: 'wire',
    name: 'zz',
    description: 'd',
    action_ref: 'core.noop',
    formats: ['zz top'],
  });
  world.state.packs.removeAlias('wire.zz');
  world.close();
  assert.equal(seen.join(''), text.replace(/^\n+/, ''));
});

function firstDifference(got: string, expected: string): string {
  const at = [...expected].findIndex((_, index) => got[index] !== expected[index]);
  const part = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 40), at + 40));
  return `at ${at} of ${expected.length} (${got.length} came): ${part(got)} instead of ${part(expected)}`;
}

interface RawRequest {
  /** Resolves once the answer holds this text. */
  until(text: string): Promise<void>;
  /** Resolves with everything, once the connection has ended. */
  ended(): Promise<string>;
}

function rawRequest(url: string, capture: StreamCapture): RawRequest {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = Buffer.alloc(0);
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('close', () => resolve());
    socket.once('error', reject);
  });
  socket.on('data', (chunk) => {
    text = Buffer.concat([text, chunk]);
  });
  const { host: _, ...headers } = capture.requestHeaders;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.write([`GET ${capture.path} HTTP/1.1`, `Host: ${hostname}:${port}`, ...lines, '', ''].join('\r\n'));
  return {
    until: async (wanted) => {
      while (!text.includes(wanted) && !text.includes(wanted.replaceAll('\n', '\r\n')))
        await new Promise<void>((resolve) => socket.once('data', () => resolve()));
    },
    ended: async () => {
      await closed;
      return text.toString();
    },
  };
}

/** Publishes what the capture shows, with noise between that its filter has to hold back. */
function publishFrames(world: EmbeddedStackStorm, capture: StreamCapture): void {
  const filtered = capture.path.includes('=st2.announcement') || capture.path.includes('events=announcement');
  const noise: BusEvent = {
    name: 'st2.actionalias__create',
    data: { noise: true },
    actionRef: null,
    executionId: null,
  };
  for (const { name, data } of eventsOf(capture.body)) {
    world.state.bus.publish(noise);
    if (filtered) world.state.bus.publish({ ...noise, name: 'st2.execution__update' });
    const { id, action } = frames.parse(data);
    const actionRef = typeof action === 'object' ? action.ref : (action ?? null);
    const record = z.record(z.string(), z.unknown()).parse(data);
    world.state.bus.publish({ name, data: record, actionRef, executionId: id ?? null });
  }
}

function eventsOf(text: string): { name: string; data: unknown }[] {
  return [...text.matchAll(/^event: (.+)\ndata: (.+)\n\n/gm)].map((hit) => {
    const data: unknown = JSON.parse(hit[2] ?? 'null');
    return { name: hit[1] ?? '', data };
  });
}

function headerOf(head: string, name: string): string | undefined {
  const lines = [...head.matchAll(new RegExp(`^${name}: (.+)$`, 'gim'))].map((hit) => (hit[1] ?? '').trim());
  return lines.length === 0 ? undefined : lines.join(', ');
}

/** A live action's result is a text that holds the output of the command. */
function withoutResultText(value: unknown): unknown {
  const record = z.record(z.string(), z.unknown()).parse(value);
  if (typeof record['result'] !== 'string') return record;
  const { stdout: _, ...result } = z.record(z.string(), z.unknown()).parse(JSON.parse(record['result']));
  return { ...record, result };
}
