import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEmbeddedStackStorm, demoBot } from '../../../src/demo/stackstorm/stackstorm.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function start() {
  const clock = new ManualClock();
  const stackstorm = createEmbeddedStackStorm({
    now: () => clock.now(),
    after: (ms, run) => clock.after(ms, run),
  });
  const { executions, packs } = stackstorm.state;
  const action = packs.action('demo.release');
  assert.ok(action !== undefined);
  const workflow = executions.start(action, { app: 'api' }, { user: 'alice' });
  const pending = () => executions.all.find(({ status }) => status === 'pending');
  const answer = (response: Record<string, unknown>) => {
    const asked = pending();
    assert.ok(asked !== undefined);
    executions.respond(asked, response);
    clock.advance(2_000);
  };
  const statuses = () => workflow.log.map(({ status }) => status);
  clock.advance(1_000);
  return { clock, stackstorm, executions, workflow, pending, answer, statuses };
}

test('a workflow pauses while it asks, goes on with the answers, and its tasks are its children', async () => {
  const { stackstorm, executions, workflow, pending, answer, statuses } = start();
  assert.deepEqual(statuses(), ['requested', 'scheduled', 'running', 'pausing', 'paused']);
  const asked = pending();
  assert.equal(asked?.parent, workflow);
  const read = async (path: string): Promise<unknown> =>
    (await stackstorm.apps.api.request(path, { headers: { 'st2-api-key': demoBot.apiKey } })).json();
  assert.match(
    JSON.stringify(await read(`/v1/executions/${asked?.id}`)),
    new RegExp(`"parent":"${workflow.id}"`),
  );
  answer({ strategy: 'canary', instances: 3 });
  assert.equal(workflow.status, 'paused', 'the second question');
  answer({ continue: true });
  assert.equal(workflow.status, 'succeeded');
  assert.deepEqual(workflow.result, {
    output: { app: 'api', strategy: 'canary', instances: 3, released: true },
  });
  assert.deepEqual(statuses().slice(5), [
    'resuming',
    'running',
    'pausing',
    'paused',
    'resuming',
    'running',
    'succeeded',
  ]);
  const tasks = await read(`/v1/executions?parent=${workflow.id}`);
  assert.equal(Array.isArray(tasks) && tasks.length, 4);
  assert.deepEqual(executions.record(workflow)['children'], workflow.children);
  stackstorm.close();
});

test('nobody answers: the workflow fails; it is cancelled: so is what it asks', () => {
  const late = start();
  late.clock.advance(61 * 60_000);
  assert.deepEqual([late.workflow.status, late.pending()], ['failed', undefined]);
  const cancelled = start();
  const asked = cancelled.pending();
  cancelled.executions.cancel(cancelled.workflow, 'alice');
  assert.deepEqual([cancelled.workflow.status, asked?.status], ['canceled', 'canceled']);
  const refused = start();
  refused.answer({});
  refused.answer({ continue: false });
  assert.deepEqual(refused.workflow.result, {
    output: { app: 'api', strategy: 'rolling', instances: undefined, released: false },
  });
});
