import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InFlight } from '../../src/executions/in-flight.ts';
import { ManualClock } from '../support/manual-clock.ts';

const macrotask = () => new Promise((resolve) => setImmediate(resolve));

test('at most so many are under way, the others enter in their order', async () => {
  const inFlight = new InFlight(2, new ManualClock());
  const entered: number[] = [];
  const all = [0, 1, 2, 3].map(async (number) => {
    await inFlight.enter();
    entered.push(number);
  });
  await macrotask();
  assert.deepEqual(entered, [0, 1]);
  inFlight.leave();
  await macrotask();
  assert.deepEqual(entered, [0, 1, 2]);
  inFlight.leave();
  await Promise.all(all);
  assert.deepEqual(entered, [0, 1, 2, 3]);
});

test('what may wait is done once nobody waits for a place, or half a second later', async () => {
  const clock = new ManualClock();
  const inFlight = new InFlight(1, clock);
  const done: string[] = [];
  const later = (name: string) =>
    inFlight.whenQuiet(async () => {
      done.push(name);
    });
  await later('nobody waits');
  assert.equal(inFlight.tryEnter(), true);
  await later('one is under way');
  const second = inFlight.enter();
  const third = inFlight.enter();
  const waited = later('two wait');
  inFlight.leave();
  await second;
  await macrotask();
  assert.deepEqual(done, ['nobody waits', 'one is under way']);
  inFlight.leave();
  await Promise.all([third, waited]);
  assert.equal(done.at(-1), 'two wait');

  const fourth = inFlight.enter();
  const impatient = later('half a second');
  await clock.advance(499);
  assert.equal(done.at(-1), 'two wait');
  await clock.advance(1);
  await impatient;
  assert.equal(done.at(-1), 'half a second');
  inFlight.leave();
  await fourth;
});
