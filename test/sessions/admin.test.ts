import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Scope } from '../../src/sessions/list.ts';
import {
  alice,
  bob,
  home,
  issueLink,
  loggedIn,
  openedLogin,
  sessionRig,
  stranger,
} from '../support/sessions.ts';

const admin = { platform: 'playground', workspace: 'demo', id: 'admin' };
const demo: Scope = { kind: 'workspace', platform: 'playground', workspace: 'demo' };

describe('session_list', () => {
  it('shows the live sessions of the scope, without credentials', async () => {
    await using rig = await sessionRig();
    for (const user of [alice, bob, stranger]) await loggedIn(rig.sessions, user);
    await issueLink(rig.sessions, { ...alice, id: 'carol' });
    const ids = (await rig.sessions.list(demo)).map(({ user }) => user.id);
    assert.deepEqual(ids.sort(), ['alice', 'bob']);
    const all = await rig.sessions.list({ kind: 'all' });
    assert.equal(all.length, 3);
    assert.ok(!JSON.stringify(all).includes('token'));
  });

  it('does not take a workspace for another that begins like it', async () => {
    await using rig = await sessionRig();
    await loggedIn(rig.sessions, { ...alice, workspace: 'demo2' });
    assert.deepEqual(await rig.sessions.list(demo), []);
  });
});

describe('session_cancel', () => {
  it('ends a session by its id or its chat user, records the admin, and is told', async () => {
    for (const by of ['id', 'user'] as const) {
      await using rig = await sessionRig();
      const session = await loggedIn(rig.sessions);
      const target = by === 'id' ? session : 'playground:demo:alice';
      const cancelled = await rig.sessions.cancel(target, demo, admin);
      assert.equal(cancelled?.id, session);
      assert.equal(await rig.sessions.current(alice), undefined);
      assert.deepEqual(rig.audit.records.at(-1), {
        event: 'session.cancelled',
        outcome: 'ok',
        chatUser: 'playground:demo:admin',
        session,
        stackstormUser: 'alice',
      });
      assert.equal(rig.ended[0]?.reason, 'cancelled');
      assert.equal(await rig.sessions.cancel(target, demo, admin), undefined);
    }
  });

  it('ends a login that is on its way', async () => {
    await using rig = await sessionRig();
    const ref = await openedLogin(rig.sessions);
    assert.equal((await rig.sessions.cancel(ref.session, demo, admin))?.state, 'opened');
    assert.deepEqual(await rig.sessions.attempt(ref, 'plum', home), { kind: 'dead' });
  });

  it('finds nothing outside its scope, by either name', async () => {
    await using rig = await sessionRig();
    const session = await loggedIn(rig.sessions, stranger);
    for (const target of [session, 'playground:other:mallory', 'playground:other', '', 'a:b:c:d']) {
      assert.equal(await rig.sessions.cancel(target, demo, admin), undefined);
    }
    assert.ok(await rig.sessions.current(stranger));
    assert.ok(await rig.sessions.cancel(session, { kind: 'all' }, admin));
  });

  it('is refused where it cannot be recorded', async () => {
    await using rig = await sessionRig();
    const session = await loggedIn(rig.sessions);
    rig.audit.isBroken = true;
    await assert.rejects(rig.sessions.cancel(session, demo, admin), { name: 'AuditError' });
    assert.ok(await rig.sessions.current(alice));
  });
});
