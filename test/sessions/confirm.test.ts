import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chatUserKey } from '../../src/chat/chat.ts';
import { newCode, typedCode } from '../../src/sessions/code.ts';
import {
  alice,
  aliceAtStackStorm,
  bob,
  heldLogin,
  home,
  hour,
  issueLink,
  minute,
  openedLogin,
  rightAttempt,
  type SessionRig,
  sessionRig,
} from '../support/sessions.ts';

const rigOf = () => sessionRig({ confirm: 'code' });
/** A code that is not this one. */
const not = (code: string) => (code === 'BBBB-BBBB' ? 'CCCC-CCCC' : 'BBBB-BBBB');
const times = (codes: readonly string[], code: string) => codes.filter((one) => one === code).length;

describe('a code', () => {
  it('is eight letters that cannot be mistaken, and no two are the same', () => {
    const codes = new Set(Array.from({ length: 1000 }, newCode));
    assert.equal(codes.size, 1000);
    for (const code of codes) assert.match(code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    assert.equal(new Set([...codes].join('')).size, 21, 'every letter is used');
  });

  it('may be typed in any case, with or without its dash', () => {
    for (const text of ['WDJB-MJHT', 'wdjbmjht', ' wdjb mjht ', 'WDJB–MJHT', 'w-d-j-b-m-j-h-t']) {
      assert.equal(typedCode(text), 'WDJB-MJHT');
    }
    for (const text of ['', 'plum', 'WDJB-MJH', 'WDJB-MJHTT', 'WDJA-MJHT', 'ＷＤＪＢMJHT', '`WDJBMJHT`']) {
      assert.equal(typedCode(text), undefined, text);
    }
  });
});

describe('a login that is to be confirmed', () => {
  it('is no session until its chat user has entered the code', async () => {
    await using rig = await rigOf();
    const { session, code } = await heldLogin(rig.sessions);
    assert.equal(await rig.sessions.current(alice), undefined);
    assert.deepEqual(await rig.sessions.list({ kind: 'all' }), []);
    assert.equal(rig.started.length, 0);
    assert.deepEqual(rig.provisional, [
      {
        user: alice,
        session,
        stackstormUser: 'alice',
        expiresAt: rig.clock.now() + 10 * minute,
        address: home,
      },
    ]);

    const confirmed = await rig.sessions.confirm(alice, code.toLowerCase());
    assert.ok(confirmed.kind === 'live');
    assert.ok(!JSON.stringify(confirmed).includes(aliceAtStackStorm.credential.token));
    assert.deepEqual(await rig.sessions.current(alice), {
      id: session,
      ...aliceAtStackStorm,
      startedAt: rig.clock.now(),
      expiresAt: rig.clock.now() + 12 * hour,
    });
    assert.deepEqual(rig.audit.codes, [
      'link.issued ok',
      'link.opened ok',
      'login.provisional ok',
      'session.started ok',
    ]);
    assert.equal(rig.started[0]?.address, home);
    assert.deepEqual(await rig.sessions.confirm(alice, code), { kind: 'none' }, 'once');
  });

  it('is stored without its code and with its credential encrypted', async () => {
    await using rig = await rigOf();
    const { code } = await heldLogin(rig.sessions);
    const row = (await rig.store.get(`session:${chatUserKey(alice)}`)) ?? '';
    assert.ok(row !== '' && !row.includes(aliceAtStackStorm.credential.token));
    const opened = rig.encryption.open(`session:${chatUserKey(alice)}`, row);
    assert.ok(opened.includes(aliceAtStackStorm.credential.token));
    for (const written of [code, code.replace('-', '')]) assert.ok(!opened.includes(written));
  });

  it('leaves the session before it alone until then', async () => {
    await using rig = await rigOf();
    const first = await heldLogin(rig.sessions);
    await rig.sessions.confirm(alice, first.code);
    const second = await heldLogin(rig.sessions);
    assert.equal((await rig.sessions.current(alice))?.id, first.session);
    await rig.sessions.confirm(alice, second.code);
    assert.equal((await rig.sessions.current(alice))?.id, second.session);
    assert.ok(rig.audit.codes.includes('session.ended replaced'));
  });

  it('is confirmed by nobody else, and not by the code of another login', async () => {
    await using rig = await rigOf();
    const [ofAlice, ofBob] = [await heldLogin(rig.sessions), await heldLogin(rig.sessions, bob)];
    assert.deepEqual(await rig.sessions.confirm({ ...alice, workspace: 'other' }, ofAlice.code), {
      kind: 'none',
    });
    assert.deepEqual(await rig.sessions.confirm(bob, ofAlice.code), { kind: 'wrong', triesLeft: 2 });
    const newer = await heldLogin(rig.sessions);
    assert.deepEqual(await rig.sessions.confirm(alice, ofAlice.code), { kind: 'wrong', triesLeft: 2 });
    assert.equal((await rig.sessions.confirm(alice, newer.code)).kind, 'live');
    assert.equal((await rig.sessions.confirm(bob, ofBob.code)).kind, 'live');
  });

  it('ends at the third wrong code, which is told', async () => {
    await using rig = await rigOf();
    const { session, code } = await heldLogin(rig.sessions);
    assert.deepEqual(await rig.sessions.confirm(alice, 'plum'), { kind: 'malformed' });
    assert.deepEqual(await rig.sessions.confirm(alice, not(code)), { kind: 'wrong', triesLeft: 2 });
    assert.deepEqual(await rig.sessions.confirm(alice, not(code)), { kind: 'wrong', triesLeft: 1 });
    assert.deepEqual(await rig.sessions.confirm(alice, not(code)), { kind: 'dead' });
    assert.deepEqual(await rig.sessions.confirm(alice, code), { kind: 'none' });
    assert.equal(await rig.sessions.progress({ user: alice, session }), undefined);
    assert.deepEqual(rig.refused, [
      { user: alice, session, reason: 'not-confirmed', address: home, stackstormUser: 'alice' },
    ]);
    assert.equal(times(rig.audit.codes, 'login.unconfirmed wrong-code'), 3);
    assert.equal(times(rig.audit.codes, 'login.dead wrong-code'), 1);
  });

  it('is live once for 50 right codes at the same time', async () => {
    await using rig = await rigOf();
    const { code } = await heldLogin(rig.sessions);
    const all = await Promise.all(Array.from({ length: 50 }, () => rig.sessions.confirm(alice, code)));
    assert.equal(all.filter(({ kind }) => kind === 'live').length, 1);
    assert.equal(all.filter(({ kind }) => kind === 'none').length, 49);
    assert.equal(times(rig.audit.codes, 'session.started ok'), 1);
    assert.equal(rig.started.length, 1);
  });

  it('takes three of 50 wrong codes at the same time, and the right one comes too late', async () => {
    await using rig = await rigOf();
    const { code } = await heldLogin(rig.sessions);
    const wrong = Array.from({ length: 50 }, () => rig.sessions.confirm(alice, not(code)));
    const all = await Promise.all([...wrong, rig.sessions.confirm(alice, code)]);
    assert.deepEqual(
      all
        .filter(({ kind }) => kind !== 'none')
        .map(({ kind }) => kind)
        .sort(),
      ['dead', 'wrong', 'wrong'],
    );
    assert.equal(await rig.sessions.current(alice), undefined);
    assert.equal(rig.refused.length, 1);
  });

  it('waits ten minutes from the link on, and no longer', async () => {
    await using rig = await rigOf();
    const ref = await openedLogin(rig.sessions);
    rig.clock.pass(9 * minute);
    const held = await (await rightAttempt(rig.sessions, ref)).succeed(aliceAtStackStorm);
    assert.ok(held.kind === 'provisional');
    assert.equal(held.expiresAt, rig.clock.now() + minute);
    rig.clock.pass(minute);
    assert.deepEqual(await rig.sessions.confirm(alice, held.code), { kind: 'none' });
    assert.equal(await rig.sessions.progress(ref), undefined);
  });

  it('is held once: the credentials cannot be given again', async () => {
    await using rig = await rigOf();
    const ref = await openedLogin(rig.sessions);
    const [one, two] = await Promise.all([rightAttempt(rig.sessions, ref), rightAttempt(rig.sessions, ref)]);
    const lived = await Promise.all([one.succeed(aliceAtStackStorm), two.succeed(aliceAtStackStorm)]);
    assert.deepEqual(lived.map(({ kind }) => kind).sort(), ['dead', 'provisional']);
    assert.deepEqual(await rig.sessions.attempt(ref, 'plum', home), { kind: 'dead' });
    assert.equal(rig.provisional.length, 1);
  });

  const interferences: Record<string, (rig: SessionRig) => Promise<unknown>> = {
    session_start: (rig) => issueLink(rig.sessions),
    session_end: (rig) => rig.sessions.end(alice),
    session_cancel: (rig) => rig.sessions.cancel(chatUserKey(alice), { kind: 'all' }, bob),
    'a code in a channel': (rig) => rig.sessions.spoil(alice, 'C1'),
  };
  for (const [name, interfere] of Object.entries(interferences)) {
    it(`is over with ${name}`, async () => {
      await using rig = await rigOf();
      const { code } = await heldLogin(rig.sessions);
      await interfere(rig);
      assert.deepEqual(await rig.sessions.confirm(alice, code), { kind: 'none' });
      assert.equal(await rig.sessions.current(alice), undefined);
    });

    it(`is live, or not, when ${name} comes at the same time, never both`, async () => {
      await using rig = await rigOf();
      const { session, code } = await heldLogin(rig.sessions);
      const [confirmed] = await Promise.all([rig.sessions.confirm(alice, code), interfere(rig)]);
      const current = await rig.sessions.current(alice);
      assert.equal(current === undefined || (confirmed.kind === 'live' && current.id === session), true);
      assert.equal(times(rig.audit.codes, 'session.started ok'), confirmed.kind === 'live' ? 1 : 0);
    });
  }

  it('is spoilt once by a code in a channel, and a session is left alone by it', async () => {
    await using rig = await rigOf();
    const first = await heldLogin(rig.sessions);
    await rig.sessions.confirm(alice, first.code);
    assert.equal(await rig.sessions.spoil(alice, 'C1'), false);
    await heldLogin(rig.sessions);
    assert.equal(await rig.sessions.spoil(alice, 'C1'), true);
    assert.equal((await rig.sessions.current(alice))?.id, first.session);
    assert.deepEqual([rig.refused.length, rig.refused[0]?.reason], [1, 'not-confirmed']);
    const dead = rig.audit.records.find(({ event }) => event === 'login.dead');
    assert.deepEqual([dead?.outcome, dead?.channel], ['not-private', 'C1']);
  });

  it('stays opened where that cannot be recorded, and waits on where a session cannot', async () => {
    await using rig = await rigOf();
    const ref = await openedLogin(rig.sessions);
    const attempt = await rightAttempt(rig.sessions, ref);
    rig.audit.isBroken = true;
    await assert.rejects(attempt.succeed(aliceAtStackStorm), { name: 'AuditError' });
    rig.audit.isBroken = false;
    assert.equal((await rig.sessions.openLogin(ref))?.attemptsLeft, 5, 'the attempt is given back');

    const held = await (await rightAttempt(rig.sessions, ref)).succeed(aliceAtStackStorm);
    assert.ok(held.kind === 'provisional');
    for (let i = 0; i < 4; i++) {
      rig.audit.isBroken = true;
      await assert.rejects(rig.sessions.confirm(alice, held.code), { name: 'AuditError' });
      rig.audit.isBroken = false;
    }
    assert.equal(await rig.sessions.current(alice), undefined);
    assert.equal((await rig.sessions.confirm(alice, held.code)).kind, 'live', 'the tries were given back');
  });
});

describe('“this is not me”', () => {
  it('ends an opened login and one that waits for its code; both are told', async () => {
    await using rig = await rigOf();
    const opened = await openedLogin(rig.sessions);
    assert.equal(await rig.sessions.refuse(opened, '192.0.2.99'), true);
    assert.deepEqual(await rig.sessions.attempt(opened, 'plum', home), { kind: 'dead' });
    const held = await heldLogin(rig.sessions);
    assert.equal(await rig.sessions.refuse(held, '192.0.2.99'), true);
    assert.deepEqual(await rig.sessions.confirm(alice, held.code), { kind: 'none' });
    assert.equal(await rig.sessions.refuse(held, '192.0.2.99'), false, 'once');
    const told = { user: alice, reason: 'not-me', address: '192.0.2.99' };
    assert.deepEqual(rig.refused, [
      { ...told, session: opened.session },
      { ...told, session: held.session, stackstormUser: 'alice' },
    ]);
    assert.equal(times(rig.audit.codes, 'login.refused not-me'), 2);
  });

  it('ends the session that the login has become, and none that came before or after it', async () => {
    await using rig = await rigOf();
    const old = await heldLogin(rig.sessions);
    await rig.sessions.confirm(alice, old.code);
    const held = await heldLogin(rig.sessions);
    assert.equal(await rig.sessions.refuse(held, home), true);
    assert.equal((await rig.sessions.current(alice))?.id, old.session);

    const next = await openedLogin(rig.sessions);
    assert.equal(await rig.sessions.refuse(old, home), true);
    assert.equal(await rig.sessions.current(alice), undefined);
    assert.ok(rig.audit.codes.includes('session.ended not-me'));
    assert.ok(await rig.sessions.openLogin(next), 'the login on its way goes on');
    assert.equal(await rig.sessions.refuse(old, home), false);

    const late = await heldLogin(rig.sessions, bob);
    await rig.sessions.confirm(bob, late.code);
    rig.clock.pass(10 * minute);
    assert.equal(await rig.sessions.refuse(late, home), false, 'a login’s time is over');
    assert.equal(await rig.sessions.progress(late), undefined);
    assert.ok(await rig.sessions.current(bob));
  });

  it('does not end what another browser has not opened, nor another’s login', async () => {
    await using rig = await rigOf();
    const { session } = await issueLink(rig.sessions);
    assert.equal(await rig.sessions.refuse({ user: alice, session }, home), false);
    const opened = await openedLogin(rig.sessions);
    assert.equal(await rig.sessions.refuse({ user: bob, session: opened.session }, home), false);
    assert.ok(await rig.sessions.openLogin(opened));
  });

  it('counts even where it cannot be recorded, and wins or loses against the code, never both', async () => {
    await using rig = await rigOf();
    const held = await heldLogin(rig.sessions);
    rig.audit.isBroken = true;
    assert.equal(await rig.sessions.refuse(held, home), true);
    rig.audit.isBroken = false;
    for (let i = 0; i < 5; i++) {
      const one = await heldLogin(rig.sessions, { ...alice, id: `alice${i}` });
      await Promise.all([rig.sessions.confirm(one.user, one.code), rig.sessions.refuse(one, home)]);
      assert.equal(await rig.sessions.current(one.user), undefined);
    }
  });
});
