import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatUser } from '../../src/chat/chat.ts';
import type { Scope } from '../../src/sessions/list.ts';
import { logInAs, SessionInstances } from '../support/session-instances.ts';
import { alice, bob, hour, openedLogin, rightAttempt, stranger } from '../support/sessions.ts';

const admin: ChatUser = { platform: 'playground', workspace: 'demo', id: 'admin' };
const demo: Scope = { kind: 'workspace', platform: 'playground', workspace: 'demo' };

describe('a StackStorm user whom a second chat user logs in as', () => {
  it('is told of, to those who have it already, where that is to warn', async (t) => {
    const rig = await SessionInstances.create(t);
    const sessions = await rig.instance();
    await logInAs(sessions, alice, 'deployer');
    assert.equal((await logInAs(sessions, bob, 'deployer')).kind, 'live');
    const [shared, ...more] = rig.told.onShared;
    assert.deepEqual(
      [shared?.session.user, shared?.stackstormUser, shared?.others],
      [bob, 'deployer', [alice]],
    );
    assert.deepEqual(more, []);
    assert.ok(rig.audit.codes.includes('session.shared warned'));
    assert.ok(await sessions.current(alice));
  });

  it('is refused to them, with the credential dropped and both told, where that is to refuse', async (t) => {
    const rig = await SessionInstances.create(t);
    const sessions = await rig.instance({ oneChatUserPerAccount: 'refuse' });
    await logInAs(sessions, alice, 'deployer');
    assert.deepEqual(await logInAs(sessions, bob, 'deployer'), { kind: 'account-bound' });
    assert.equal(await sessions.current(bob), undefined);
    const [refused] = rig.told.onRefused;
    assert.deepEqual([refused?.user, refused?.reason, refused?.others], [bob, 'account-bound', [alice]]);
    assert.equal(rig.audit.codes.at(-1), 'login.refused account-bound');
    assert.ok(await sessions.current(alice));
    const store = await rig.store();
    for await (const { key, value } of store.scan('')) assert.ok(!`${key}${value}`.includes('deployer'));
  });

  it('is refused before there is a code to confirm, and again when it is entered', async (t) => {
    const rig = await SessionInstances.create(t);
    const sessions = await rig.instance({ oneChatUserPerAccount: 'refuse', confirm: 'code' });
    const first = await logInAs(sessions, alice, 'deployer');
    const second = await logInAs(sessions, bob, 'deployer');
    assert.ok(first.kind === 'provisional' && second.kind === 'provisional', 'neither is live yet');
    assert.equal((await sessions.confirm(alice, first.code)).kind, 'live');
    assert.deepEqual(await sessions.confirm(bob, second.code), { kind: 'account-bound' });
    assert.deepEqual(await logInAs(sessions, stranger, 'deployer'), { kind: 'account-bound' });
  });

  it('is free again once the first session has ended, run out or been replaced', async (t) => {
    const rig = await SessionInstances.create(t);
    const sessions = await rig.instance({ oneChatUserPerAccount: 'refuse' });
    await logInAs(sessions, alice, 'deployer');
    await logInAs(sessions, alice, 'deployer');
    await sessions.end(alice);
    assert.equal((await logInAs(sessions, bob, 'deployer')).kind, 'live');
    await logInAs(sessions, bob, 'bob');
    assert.equal((await logInAs(sessions, alice, 'deployer')).kind, 'live');
    rig.clock.pass(12 * hour);
    assert.equal((await logInAs(sessions, bob, 'deployer')).kind, 'live');
  });

  it('is not bound by a login that ended while StackStorm was asked', async (t) => {
    const rig = await SessionInstances.create(t);
    const sessions = await rig.instance({ oneChatUserPerAccount: 'refuse' });
    const ref = await openedLogin(sessions, alice);
    const attempt = await rightAttempt(sessions, ref);
    await sessions.end(alice);
    const proven = { credential: { kind: 'token' as const, token: 't' }, stackstormUser: 'deployer' };
    assert.deepEqual(await attempt.succeed(proven), { kind: 'dead' });
    assert.equal((await logInAs(sessions, bob, 'deployer')).kind, 'live');
  });

  it('is not bound by what a crash left behind, and by no more sessions than can be looked at', async (t) => {
    const rig = await SessionInstances.create(t);
    const refusing = await rig.instance({ oneChatUserPerAccount: 'refuse' });
    await logInAs(refusing, alice, 'deployer');
    await (await rig.store()).delete('session:playground:demo:alice');
    assert.equal((await logInAs(refusing, bob, 'deployer')).kind, 'live');

    const warning = await rig.instance();
    for (let person = 0; person < 22; person++) {
      await logInAs(warning, { ...alice, id: `person-${person}` }, 'shared');
    }
    assert.equal(rig.told.onShared.at(-1)?.others.length, 20);
  });

  it('goes to exactly one of two who log in at the same moment, at two instances', async (t) => {
    const rig = await SessionInstances.create(t);
    const limits = { count: 1_000, window: hour };
    const changes = {
      oneChatUserPerAccount: 'refuse' as const,
      limits: { openFailures: limits, loginFailures: limits, links: limits },
    };
    const [one, two] = [await rig.instance(changes), await rig.instance(changes)];
    for (let round = 0; round < 10; round++) {
      const stackstormUser = `deployer-${round}`;
      const logins = await Promise.all([
        logInAs(one, alice, stackstormUser),
        logInAs(two, bob, stackstormUser),
      ]);
      assert.deepEqual(logins.map(({ kind }) => kind).sort(), ['account-bound', 'live'], `round ${round}`);
      const live = [await two.current(alice), await one.current(bob)].filter(
        (session) => session?.stackstormUser === stackstormUser,
      );
      assert.equal(live.length, 1);
    }
  });
});

describe('session_end all', () => {
  it('ends the sessions of other chat accounts as the same StackStorm user, and tells them', async (t) => {
    const rig = await SessionInstances.create(t);
    const [one, two] = [await rig.instance(), await rig.instance()];
    await logInAs(one, alice, 'deployer');
    await logInAs(two, stranger, 'deployer');
    await logInAs(two, bob, 'bob');
    const { own, others } = await one.endEverywhere(alice);
    assert.deepEqual([own?.stackstormUser, others], ['deployer', 1]);
    assert.equal(await two.current(stranger), undefined);
    assert.ok(await two.current(bob));
    assert.deepEqual(
      rig.told.onEnded.map(({ session, reason }) => [session.user.id, reason]),
      [
        ['alice', 'ended'],
        ['mallory', 'ended-elsewhere'],
      ],
    );
    assert.ok(rig.audit.codes.includes('session.ended ended-elsewhere'));
    assert.deepEqual(await one.endEverywhere(alice), { own: undefined, others: 0 });
  });
});

describe('session_cancel --all', () => {
  it('ends every session and login of the scope, recorded before and for each, told to each and once to admins', async (t) => {
    const rig = await SessionInstances.create(t);
    const sessions = await rig.instance();
    for (const user of [alice, stranger]) await logInAs(sessions, user, user.id);
    const ref = await openedLogin(sessions, bob);
    rig.audit.records.length = 0;
    assert.equal(await sessions.cancelAll(demo, admin), 2);
    assert.deepEqual(rig.audit.records[0], {
      event: 'session.cancelled',
      outcome: 'all',
      chatUser: 'playground:demo:admin',
    });
    assert.deepEqual(rig.audit.codes.slice(1), ['session.cancelled ok', 'session.cancelled ok']);
    assert.ok(await sessions.current(stranger));
    assert.equal(await sessions.current(alice), undefined);
    assert.deepEqual(await sessions.attempt(ref, 'plum', '192.0.2.7'), { kind: 'dead' });
    assert.deepEqual(rig.told.onEnded.map(({ session, reason }) => `${session.user.id} ${reason}`).sort(), [
      'alice cancelled-all',
      'bob cancelled-all',
    ]);
    const all = rig.told.onAllCancelled;
    assert.deepEqual(
      all.map(({ by, workspace, count }) => [by.id, workspace, count]),
      [['admin', 'demo', 2]],
    );
    assert.equal(await sessions.cancelAll(demo, admin), 0);
  });

  it('is refused where it cannot be recorded', async (t) => {
    const rig = await SessionInstances.create(t);
    const sessions = await rig.instance();
    await logInAs(sessions, alice, 'alice');
    rig.audit.isBroken = true;
    await assert.rejects(sessions.cancelAll({ kind: 'all' }, admin), { name: 'AuditError' });
    assert.ok(await sessions.current(alice));
  });

  it('is not kept from the others by a row that cannot be read', async (t) => {
    const rig = await SessionInstances.create(t);
    const sessions = await rig.instance();
    for (const user of [alice, bob]) await logInAs(sessions, user, user.id);
    await (await rig.store()).set('session:playground:demo:alice', 'v1.damaged.AAAA');
    await assert.rejects(sessions.cancelAll(demo, admin), { name: 'EncryptionError' });
    assert.equal(await sessions.current(bob), undefined);
  });
});

describe('failed logins over all links', () => {
  it('are told once in the window of their count', async (t) => {
    const rig = await SessionInstances.create(t);
    const limit = { count: 100, window: hour };
    const limits = { openFailures: limit, links: limit, loginFailures: { count: 3, window: hour } };
    const [one, two] = [await rig.instance({ limits }), await rig.instance({ limits })];
    const ref = await openedLogin(one, alice);
    for (let tries = 0; tries < 6; tries++) await (tries % 2 ? one : two).attempt(ref, 'wrong', '192.0.2.7');
    assert.deepEqual(rig.told.onTooManyFailures, [
      { user: alice, failures: 3, window: hour, address: '192.0.2.7', at: rig.clock.now() },
    ]);
    rig.clock.pass(hour);
    const again = await openedLogin(one, alice);
    for (let tries = 0; tries < 6; tries++) await one.attempt(again, 'wrong', '192.0.2.7');
    assert.equal(rig.told.onTooManyFailures.length, 2);
  });
});
