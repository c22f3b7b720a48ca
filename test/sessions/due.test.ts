import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { SessionWatch } from '../../src/sessions/watch.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { logInAs, SessionInstances } from '../support/session-instances.ts';
import { alice, bob, hour, minute, openedLogin, rightAttempt } from '../support/sessions.ts';

describe('the end of a session', () => {
  it('is reminded of once, by one of several instances, and by one that was started meanwhile', async (t) => {
    const rig = await SessionInstances.create(t);
    const [one, two] = [await rig.instance(), await rig.instance()];
    await logInAs(one, alice, 'alice');
    rig.clock.pass(12 * hour - 15 * minute - 1);
    await Promise.all([one.settleDue(), two.settleDue()]);
    assert.equal(rig.told.onEnding.length, 0);
    rig.clock.pass(minute);
    const restarted = await rig.instance();
    await Promise.all([one, two, restarted].map((instance) => instance.settleDue()));
    await restarted.settleDue();
    const [ending, ...more] = rig.told.onEnding;
    assert.equal(ending?.session.stackstormUser, 'alice');
    assert.equal(ending?.left, 14 * minute + 1);
    assert.deepEqual(more, []);
    assert.ok(await two.current(alice), 'it goes on');
  });

  it('is told once, with who it was, also where a command comes first', async (t) => {
    const rig = await SessionInstances.create(t);
    const [one, two] = [await rig.instance(), await rig.instance()];
    await logInAs(one, alice, 'alice');
    await logInAs(one, bob, 'bob');
    rig.clock.pass(12 * hour);
    assert.equal(await two.ranOut(bob), true);
    await Promise.all([one.settleDue(), two.settleDue()]);
    const ended = rig.told.onEnded.map((event) => [event.session.stackstormUser, event.reason]);
    assert.deepEqual(ended, [
      ['bob', 'ran-out'],
      ['alice', 'ran-out'],
    ]);
    assert.equal(rig.audit.codes.filter((code) => code === 'session.expired ttl').length, 2);
  });

  it('is reminded of at half the time of a short session, and not at all where that is off', async (t) => {
    const rig = await SessionInstances.create(t);
    const sessions = await rig.instance({ sessionTtl: 20 * minute });
    const quiet = await rig.instance({ sessionTtl: 20 * minute, remindBefore: 0 });
    await logInAs(sessions, alice, 'alice');
    rig.clock.pass(10 * minute);
    await quiet.settleDue();
    assert.equal(rig.told.onEnding.length, 0);
    await logInAs(sessions, bob, 'bob');
    rig.clock.pass(10 * minute);
    await sessions.settleDue();
    assert.deepEqual(
      rig.told.onEnding.map(({ session }) => session.user.id),
      ['bob'],
    );
  });

  it('is that of StackStorm’s token where that is earlier, and so is the reminder', async (t) => {
    const rig = await SessionInstances.create(t);
    const sessions = await rig.instance();
    const attempt = await rightAttempt(sessions, await openedLogin(sessions, alice));
    const expiresAt = rig.clock.now() + hour;
    await attempt.succeed({ credential: { kind: 'token', token: 't' }, stackstormUser: 'alice', expiresAt });
    rig.clock.pass(46 * minute);
    await sessions.settleDue();
    assert.equal(rig.told.onEnding[0]?.session.expiresAt, expiresAt);
    rig.clock.pass(14 * minute);
    assert.equal(await sessions.current(alice), undefined);
    await sessions.settleDue();
    assert.equal(rig.told.onEnded[0]?.reason, 'ran-out');
  });

  it('leaves nothing due behind', async (t) => {
    const rig = await SessionInstances.create(t);
    const sessions = await rig.instance();
    await logInAs(sessions, alice, 'alice');
    await sessions.end(alice);
    rig.clock.pass(13 * hour);
    await sessions.settleDue();
    for await (const { key } of (await rig.store()).scan('session-due:')) assert.fail(key);
    assert.equal(rig.told.onEnding.length, 0);
    assert.deepEqual(
      rig.told.onEnded.map(({ reason }) => reason),
      ['ended'],
    );
  });
});

describe('a session that nobody uses', () => {
  const idleTtl = 2 * hour;

  it('ends, at every instance, for the person and for the audit log', async (t) => {
    const rig = await SessionInstances.create(t);
    const [one, two] = [await rig.instance({ idleTtl }), await rig.instance({ idleTtl })];
    await logInAs(one, alice, 'alice');
    rig.clock.pass(idleTtl - 1);
    assert.deepEqual(
      (await two.list({ kind: 'all' })).map(({ user }) => user.id),
      ['alice'],
    );
    rig.clock.pass(1);
    assert.equal(await two.current(alice), undefined);
    assert.deepEqual(await one.list({ kind: 'all' }), []);
    await Promise.all([one.settleDue(), two.settleDue()]);
    assert.deepEqual(
      rig.told.onEnded.map(({ reason }) => reason),
      ['idle'],
    );
    assert.deepEqual(
      rig.audit.codes.filter((code) => code.startsWith('session.expired')),
      ['session.expired idle'],
    );
    assert.equal(await one.ranOut(alice), true, 'their next command says that it ended');
    assert.equal(await one.current(alice), undefined);
  });

  it('goes on while any instance sees it used, and says so to the others', async (t) => {
    const rig = await SessionInstances.create(t);
    const [one, two] = [await rig.instance({ idleTtl }), await rig.instance({ idleTtl })];
    await logInAs(one, alice, 'alice');
    for (let hours = 0; hours < 5; hours++) {
      rig.clock.pass(hour);
      await (await usedAt(rig, two)).isNoted;
      await one.settleDue();
    }
    assert.ok(await one.current(alice));
    assert.equal(rig.told.onEnded.length, 0);
  });

  it('is written at most once in a tenth of that time', async (t) => {
    const rig = await SessionInstances.create(t);
    const sessions = await rig.instance({ idleTtl });
    await logInAs(sessions, alice, 'alice');
    const store = await rig.store();
    const before = await store.get('session:playground:demo:alice');
    rig.clock.pass(idleTtl / 10 - 1);
    for (let uses = 0; uses < 20; uses++) assert.equal((await sessions.current(alice))?.usedAt, undefined);
    assert.equal(await store.get('session:playground:demo:alice'), before);
    rig.clock.pass(1);
    await (await usedAt(rig, sessions)).isNoted;
    assert.notEqual(await store.get('session:playground:demo:alice'), before);
  });

  it('is neither kept alive nor lost by a clock that is set back and right again', async (t) => {
    const rig = await SessionInstances.create(t);
    const sessions = await rig.instance({ idleTtl });
    await logInAs(sessions, alice, 'alice');
    rig.clock.pass(hour);
    await (await usedAt(rig, sessions)).isNoted;
    rig.clock.pass(-30 * minute);
    assert.equal(await sessions.current(alice), undefined, 'its last use is in the future');
    await sessions.settleDue();
    rig.clock.pass(30 * minute);
    assert.ok(await sessions.current(alice));
    assert.equal(rig.told.onEnded.length, 0);
    rig.clock.pass(30 * 24 * hour);
    assert.equal(await sessions.current(alice), undefined);
  });

  /** Uses alice's session; `isNoted` once the store has another row for it. */
  async function usedAt(rig: SessionInstances, sessions: Awaited<ReturnType<SessionInstances['instance']>>) {
    const store = await rig.store();
    const before = await store.get('session:playground:demo:alice');
    assert.ok(await sessions.current(alice));
    const noted = async () => {
      while ((await store.get('session:playground:demo:alice')) === before) await new Promise(setImmediate);
    };
    return { isNoted: noted() };
  }
});

describe('the watch', () => {
  it('looks thrice a minute, goes on after a fault, and is done when it is stopped', async () => {
    const clock = new ManualClock();
    let looks = 0;
    let next: (() => void) | undefined;
    const looked = () => new Promise<void>((resolve) => (next = resolve));
    const sessions = {
      async settleDue() {
        looks += 1;
        next?.();
        if (looks === 1) throw new Error('by order of the test');
      },
    };
    const watch = new SessionWatch({ sessions, clock, logger: pino({ level: 'silent' }) });
    watch.start();
    await clock.scheduled(20_000);
    const again = looked();
    clock.advance(20_000);
    await again;
    await watch.stop();
    clock.advance(hour);
    assert.equal(looks, 2);
  });
});
