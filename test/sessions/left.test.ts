import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { StoreError } from '../../src/storage/store.ts';
import { alice, bob, issueLink, loggedIn, openedLogin, sessionRig, stranger } from '../support/sessions.ts';

const demo = { platform: 'playground', workspace: 'demo' };

describe('who is gone from the chat', () => {
  it('has nothing left, live or on its way; another workspace keeps what it has', async () => {
    await using rig = await sessionRig();
    await loggedIn(rig.sessions, alice);
    const onItsWay = await openedLogin(rig.sessions, bob);
    const { link } = await issueLink(rig.sessions, { ...alice, id: 'carol' });
    await loggedIn(rig.sessions, stranger);
    await loggedIn(rig.sessions, { ...alice, workspace: 'demo2' });

    assert.equal(await rig.sessions.left(demo), 3);
    assert.equal(await rig.sessions.current(alice), undefined);
    assert.equal(await rig.sessions.ranOut(alice), false);
    assert.equal((await rig.sessions.attempt(onItsWay, 'plum', '192.0.2.7')).kind, 'dead');
    assert.equal((await rig.sessions.open(link, '192.0.2.7')).kind, 'used');
    assert.equal((await rig.sessions.list({ kind: 'all' })).length, 2);
    assert.deepEqual(rig.ended.map(({ reason }) => reason).sort(), ['left', 'left', 'left']);
    assert.equal(rig.audit.codes.filter((code) => code === 'session.ended left').length, 3);
    assert.equal(await rig.sessions.left(demo), 0);
  });

  it('may be one person', async () => {
    await using rig = await sessionRig();
    await loggedIn(rig.sessions, alice);
    await loggedIn(rig.sessions, bob);
    assert.equal(await rig.sessions.left(alice), 1);
    assert.equal(await rig.sessions.current(alice), undefined);
    assert.equal((await rig.sessions.current(bob))?.stackstormUser, 'alice');
  });

  it('loses it without an audit log too: that only takes power away', async () => {
    await using rig = await sessionRig();
    await loggedIn(rig.sessions, alice);
    rig.audit.isBroken = true;
    assert.equal(await rig.sessions.left(demo), 1);
    assert.equal(await rig.sessions.current(alice), undefined);
  });

  it('is more people than are ended at once, and one that fails keeps no other', async () => {
    let failing = '';
    await using rig = await sessionRig({}, async (clock) => {
      const store = await openSqlite({ path: ':memory:', now: clock.now });
      const replace = store.replace.bind(store);
      store.replace = async (key, ...rest) => {
        if (key === failing) throw new StoreError('unavailable', 'by order of the test');
        return replace(key, ...rest);
      };
      return store;
    });
    const people = Array.from({ length: 120 }, (_, at) => ({ ...alice, id: `p${at}` }));
    for (const user of people) await issueLink(rig.sessions, user, 'plum');
    failing = 'session:playground:demo:p3';
    await assert.rejects(rig.sessions.left(demo), StoreError);
    assert.equal(rig.ended.length, 119);
    failing = '';
    assert.equal(await rig.sessions.left(demo), 1);
  });
});
