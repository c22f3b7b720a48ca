import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SessionService } from '../../src/sessions/service.ts';
import {
  alice,
  aliceAtStackStorm,
  home,
  hour,
  minute,
  openedLogin,
  rightAttempt,
  sessionRig,
} from '../support/sessions.ts';

const failOnce = async (sessions: SessionService, ref: Awaited<ReturnType<typeof openedLogin>>) =>
  sessions.attempt(ref, 'pear', home);

describe('a try', () => {
  it('with a wrong secret is counted, and the fifth ends the login and is told once', async () => {
    await using rig = await sessionRig();
    const ref = await openedLogin(rig.sessions);
    for (const attemptsLeft of [4, 3, 2, 1, 0]) {
      assert.deepEqual(await failOnce(rig.sessions, ref), { kind: 'wrong-secret', attemptsLeft });
    }
    assert.deepEqual(await rig.sessions.attempt(ref, 'plum', home), { kind: 'dead' });
    assert.deepEqual(rig.dead, [
      { user: alice, session: ref.session, failures: 5, at: rig.clock.now(), address: home },
    ]);
    assert.equal(rig.audit.codes.filter((code) => code === 'login.failed wrong-secret').length, 5);
    assert.equal(rig.audit.codes.filter((code) => code === 'login.dead wrong-secret').length, 1);
  });

  it('cannot outrun the count: 50 parallel wrong secrets are five wrong ones', async () => {
    await using rig = await sessionRig();
    const ref = await openedLogin(rig.sessions);
    const tried = await Promise.all(Array.from({ length: 50 }, () => failOnce(rig.sessions, ref)));
    assert.equal(tried.filter(({ kind }) => kind === 'wrong-secret').length, 5);
    assert.equal(tried.filter(({ kind }) => kind === 'dead').length, 45);
    assert.equal(rig.dead.length, 1);
  });

  it('of wrong credentials is counted like a wrong secret', async () => {
    await using rig = await sessionRig();
    const ref = await openedLogin(rig.sessions);
    assert.deepEqual(await (await rightAttempt(rig.sessions, ref)).fail(), {
      kind: 'failed',
      attemptsLeft: 4,
    });
    for (let i = 0; i < 3; i++) await failOnce(rig.sessions, ref);
    assert.deepEqual(await (await rightAttempt(rig.sessions, ref)).fail(), {
      kind: 'failed',
      attemptsLeft: 0,
    });
    assert.equal(rig.dead.length, 1);
    assert.equal(rig.audit.codes.at(-1), 'login.dead wrong-credentials');
  });

  it('that StackStorm could not judge is given back, as often as that happens', async () => {
    await using rig = await sessionRig();
    const ref = await openedLogin(rig.sessions);
    for (let i = 0; i < 20; i++) {
      await (await rightAttempt(rig.sessions, ref)).giveBack('stackstorm-timeout');
    }
    assert.equal((await rig.sessions.openLogin(ref))?.attemptsLeft, 5);
    await (await rightAttempt(rig.sessions, ref)).succeed(aliceAtStackStorm);
    assert.ok(await rig.sessions.current(alice));
  });

  it('in flight holds its attempt: the other four are counted, then it may still succeed', async () => {
    await using rig = await sessionRig();
    const ref = await openedLogin(rig.sessions);
    const slow = await rightAttempt(rig.sessions, ref);
    for (let i = 0; i < 4; i++) assert.equal((await failOnce(rig.sessions, ref)).kind, 'wrong-secret');
    assert.deepEqual(await failOnce(rig.sessions, ref), { kind: 'dead' });
    assert.equal(rig.dead.length, 0, 'it is not over yet');
    assert.equal((await slow.succeed(aliceAtStackStorm)).kind, 'live');
  });

  it('that fails ten times an hour, over all links, holds the chat user up, not a right one before that', async () => {
    await using rig = await sessionRig();
    for (let login = 0; login < 3; login++) {
      const ref = await openedLogin(rig.sessions);
      for (let i = 0; i < 3; i++) await failOnce(rig.sessions, ref);
      await (await rightAttempt(rig.sessions, ref)).giveBack('stackstorm-unreachable');
    }
    const ref = await openedLogin(rig.sessions);
    assert.equal((await failOnce(rig.sessions, ref)).kind, 'wrong-secret', 'the tenth');
    const limited = await rig.sessions.attempt(ref, 'plum', home);
    assert.ok(limited.kind === 'limited' && limited.retryAfterMs <= hour);
    assert.equal((await rig.sessions.openLogin(ref))?.attemptsLeft, 4, 'the login is not used up by waiting');
    assert.equal(rig.audit.codes.at(-1), 'login.failed too-many-requests');
  });

  it('after the login’s time is over is dead', async () => {
    await using rig = await sessionRig();
    const ref = await openedLogin(rig.sessions);
    rig.clock.pass(10 * minute);
    assert.deepEqual(await rig.sessions.attempt(ref, 'plum', home), { kind: 'dead' });
    assert.equal(await rig.sessions.openLogin(ref), undefined);
  });

  it('of a login that is not open, or another’s, is dead', async () => {
    await using rig = await sessionRig();
    const ref = await openedLogin(rig.sessions);
    assert.deepEqual(await rig.sessions.attempt({ ...ref, user: { ...alice, id: 'bob' } }, 'plum', home), {
      kind: 'dead',
    });
    const issued = await rig.sessions.start(alice, 'plum', { at: 0 });
    assert.ok(issued.kind === 'issued');
    assert.deepEqual(await rig.sessions.attempt({ user: alice, session: issued.session }, 'plum', home), {
      kind: 'dead',
    });
  });

  it('of two right ones at once, one makes the session', async () => {
    await using rig = await sessionRig();
    const ref = await openedLogin(rig.sessions);
    const [one, two] = await Promise.all([rightAttempt(rig.sessions, ref), rightAttempt(rig.sessions, ref)]);
    const lived = await Promise.all([one.succeed(aliceAtStackStorm), two.succeed(aliceAtStackStorm)]);
    assert.deepEqual(lived.map(({ kind }) => kind).sort(), ['dead', 'live']);
    assert.equal(rig.started.length, 1);
  });
});
