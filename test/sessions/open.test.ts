import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newLink } from '../../src/sessions/link.ts';
import { alice, home, hour, issueLink, loggedIn, minute, sessionRig } from '../support/sessions.ts';

describe('opening a link', () => {
  it('shows when and where it was asked for', async () => {
    await using rig = await sessionRig();
    const issued = await rig.sessions.start(alice, 'plum', { at: 1_000, placeName: 'a direct message' });
    assert.ok(issued.kind === 'issued');
    assert.deepEqual(await rig.sessions.open(issued.url.split('#')[1] ?? '', home), {
      kind: 'opened',
      login: {
        user: alice,
        session: issued.session,
        askedAt: 1_000,
        placeName: 'a direct message',
        expiresAt: issued.expiresAt,
        attemptsLeft: 5,
        signedIn: false,
      },
    });
  });

  it('works once of 50 parallel tries', async () => {
    await using rig = await sessionRig();
    const { link } = await issueLink(rig.sessions);
    const opened = await Promise.all(Array.from({ length: 50 }, () => rig.sessions.open(link, home)));
    assert.equal(opened.filter(({ kind }) => kind === 'opened').length, 1);
    assert.equal(opened.filter(({ kind }) => kind === 'used').length, 49);
  });

  it('of a used link says used for 24 hours after its time, then unknown', async () => {
    await using rig = await sessionRig();
    const { link } = await issueLink(rig.sessions);
    await rig.sessions.open(link, home);
    for (const pass of [0, 10 * minute, 23 * hour]) {
      rig.clock.pass(pass);
      assert.deepEqual(await rig.sessions.open(link, home), { kind: 'used' });
    }
    rig.clock.pass(hour);
    assert.deepEqual(await rig.sessions.open(link, home), { kind: 'unknown' });
  });

  it('too late says expired for 24 hours, and consumes nothing', async () => {
    await using rig = await sessionRig();
    const { link } = await issueLink(rig.sessions);
    rig.clock.pass(10 * minute - 1);
    rig.clock.pass(1);
    assert.deepEqual(await rig.sessions.open(link, home), { kind: 'expired' });
    rig.clock.pass(24 * hour - 1);
    assert.deepEqual(await rig.sessions.open(link, home), { kind: 'expired' });
    rig.clock.pass(1);
    assert.deepEqual(await rig.sessions.open(link, home), { kind: 'unknown' });
  });

  it('that was cancelled says used', async () => {
    await using rig = await sessionRig();
    const { link } = await issueLink(rig.sessions);
    await rig.sessions.end(alice);
    assert.deepEqual(await rig.sessions.open(link, home), { kind: 'used' });
  });

  it('of a session that is live or over says used', async () => {
    await using rig = await sessionRig();
    const { link } = await issueLink(rig.sessions);
    await rig.sessions.open(link, home);
    await loggedIn(rig.sessions);
    assert.deepEqual(await rig.sessions.open(link, home), { kind: 'used' });
    await rig.sessions.end(alice);
    assert.deepEqual(await rig.sessions.open(link, home), { kind: 'used' });
  });

  it('survives 1,000 wrong keys, of which ten a minute are looked at', async () => {
    await using rig = await sessionRig();
    const { link } = await issueLink(rig.sessions);
    const kinds = new Map<string, number>();
    for (let i = 0; i < 1_000; i++) {
      const wrong = `${link.slice(0, 37)}${newLink().text.slice(37)}`;
      const { kind } = await rig.sessions.open(wrong, home);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    assert.deepEqual(
      [...kinds],
      [
        ['unknown', 10],
        ['limited', 990],
      ],
    );
    assert.equal((await rig.sessions.open(link, home)).kind, 'opened', 'a right key is never limited');
    assert.equal((await rig.sessions.open(link, home)).kind, 'used');
  });

  it('counts wrong links by address, an IPv6 network as one', async () => {
    await using rig = await sessionRig();
    for (let i = 0; i < 10; i++) await rig.sessions.open('nonsense', `2001:db8::${i}`);
    assert.equal((await rig.sessions.open('nonsense', '2001:db8::ffff')).kind, 'limited');
    assert.equal((await rig.sessions.open('nonsense', '2001:db8:0:1::1')).kind, 'unknown');
    rig.clock.pass(minute);
    assert.equal((await rig.sessions.open('nonsense', '2001:db8::ffff')).kind, 'unknown');
  });

  it('is undone where it cannot be recorded', async () => {
    await using rig = await sessionRig();
    const { link } = await issueLink(rig.sessions);
    rig.audit.isBroken = true;
    await assert.rejects(rig.sessions.open(link, home), { name: 'AuditError' });
    rig.audit.isBroken = false;
    assert.equal((await rig.sessions.open(link, home)).kind, 'opened');
  });

  it('records every outcome with its address, never the link', async () => {
    await using rig = await sessionRig();
    const { link, session } = await issueLink(rig.sessions);
    await rig.sessions.open('nonsense', home);
    await rig.sessions.open(link, home);
    await rig.sessions.open(link, home);
    assert.deepEqual(rig.audit.records.slice(1), [
      { event: 'link.refused', outcome: 'link-unknown', address: home },
      { event: 'link.opened', outcome: 'ok', chatUser: 'playground:demo:alice', session, address: home },
      {
        event: 'link.refused',
        outcome: 'link-used',
        chatUser: 'playground:demo:alice',
        session,
        address: home,
      },
    ]);
  });
});
