import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHealthApp } from '../../src/ops/health.ts';
import { listen } from '../../src/ops/listen.ts';
import { createMetrics, observeProcess } from '../../src/ops/metrics.ts';

const metrics = createMetrics();

test('healthz says that the process answers, whatever is not ready', async () => {
  const app = createHealthApp({ metrics, checks: { storage: () => Promise.reject(new Error('gone')) } });
  const answer = await app.request('/healthz');
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), { status: 'ok' });
  assert.equal(answer.headers.get('cache-control'), 'no-store');
});

test('readyz names what is not ready, and why, without secrets', async () => {
  const states = { storage: true, stream: true };
  const app = createHealthApp({
    metrics,
    checks: {
      storage: async () => {
        if (!states.storage)
          throw Object.assign(new Error('cannot reach redis://:hunter2@db'), { code: 'unavailable' });
      },
      stream: async () => {
        if (!states.stream) throw new Error('not connected');
      },
    },
  });
  const ready = await app.request('/readyz');
  assert.equal(ready.status, 200);
  assert.deepEqual(await ready.json(), {
    status: 'ready',
    notReady: [],
    checks: { storage: 'ok', stream: 'ok' },
  });
  states.storage = false;
  const half = await app.request('/readyz');
  assert.equal(half.status, 503);
  assert.deepEqual(await half.json(), {
    status: 'not-ready',
    notReady: ['storage'],
    checks: { storage: 'cannot reach redis://…@db (unavailable)', stream: 'ok' },
  });
});

test('a check that does not answer, or throws at once, is not ready in time', async () => {
  const app = createHealthApp({
    metrics,
    timeout: 20,
    checks: {
      hanging: () => new Promise(() => undefined),
      throwing: () => {
        throw new Error('at once');
      },
    },
  });
  const answer = await app.request('/readyz');
  assert.equal(answer.status, 503);
  assert.deepEqual(await answer.json(), {
    status: 'not-ready',
    notReady: ['hanging', 'throwing'],
    checks: { hanging: 'no answer within 20 ms', throwing: 'at once' },
  });
});

test('metrics are in the text format, the process and its event loop among them; over a real socket', async () => {
  observeProcess(metrics);
  metrics.commands.inc({ outcome: 'run' });
  const listener = await listen(createHealthApp({ metrics, checks: {} }).fetch, {
    host: '127.0.0.1',
    port: 0,
  });
  try {
    const answer = await fetch(`http://127.0.0.1:${listener.port}/metrics`);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    const text = await answer.text();
    assert.match(text, /^bolt_stackstorm_commands_total\{outcome="run"\} 1$/m);
    assert.match(text, /^nodejs_eventloop_lag_seconds /m);
    assert.match(text, /^process_resident_memory_bytes /m);
    assert.equal((await fetch(`http://127.0.0.1:${listener.port}/login/`)).status, 404);
    assert.equal((await fetch(`http://127.0.0.1:${listener.port}/metrics`, { method: 'POST' })).status, 404);
  } finally {
    await listener.close(1_000);
  }
});
