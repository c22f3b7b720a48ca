import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chatUserKey } from '../../src/chat/chat.ts';
import {
  alice,
  aliceAtStackStorm,
  home,
  hour,
  issueLink,
  loggedIn,
  minute,
  openedLogin,
  rightAttempt,
  type SessionRig,
  sessionRig,
} from '../support/sessions.ts';

async function storedTexts(store: { scan(prefix: string): AsyncIterable<{ key: string; value: string }> }) {
  const texts: string[] = [];
  for await (const { key, value } of store.scan('')) texts.push(key, value);
  return texts.join('\n');
}

describe('session_start', () => {
  it('gives a link under the public URL, its key in the fragment', async () => {
    await using rig = await sessionRig();
    const issued = await rig.sessions.start(alice, 'plum', { at: rig.clock.now(), channel: 'D1' });
    assert.ok(issued.kind === 'issued');
    assert.match(issued.url, /^http:\/\/127\.0\.0\.1:3141\/login\/#[0-9a-f-]{36}\.[\w-]{43}$/);
    assert.equal(issued.expiresAt, rig.clock.now() + 10 * minute);
    assert.deepEqual(rig.audit.records, [
      {
        event: 'link.issued',
        outcome: 'ok',
        chatUser: chatUserKey(alice),
        session: issued.session,
        channel: 'D1',
      },
    ]);
  });

  it('stores neither the key nor the secret nor who asked in clear', async () => {
    await using rig = await sessionRig();
    const { link } = await issueLink(rig.sessions, alice, 'plum-tree');
    const texts = await storedTexts(rig.store);
    assert.ok(texts.includes('link:'));
    assert.ok(!texts.includes(link.slice(37)));
    assert.ok(!texts.includes('plum-tree'));
  });

  it('ends the login that is on its way, opened or not', async () => {
    await using rig = await sessionRig();
    const first = await issueLink(rig.sessions);
    const second = await openedLogin(rig.sessions);
    await issueLink(rig.sessions);
    assert.deepEqual(await rig.sessions.open(first.link, home), { kind: 'used' });
    assert.equal(await rig.sessions.openLogin(second), undefined);
    assert.deepEqual(await rig.sessions.attempt(second, 'plum', home), { kind: 'dead' });
  });

  it('leaves a live session alone until the new login succeeds', async () => {
    await using rig = await sessionRig();
    const old = await loggedIn(rig.sessions);
    const ref = await openedLogin(rig.sessions);
    assert.equal((await rig.sessions.current(alice))?.id, old);
    await (await rightAttempt(rig.sessions, ref)).succeed(aliceAtStackStorm);
    assert.equal((await rig.sessions.current(alice))?.id, ref.session);
    assert.ok(rig.audit.codes.includes('session.ended replaced'));
  });

  it('is limited to 5 links in 10 minutes and chat user', async () => {
    await using rig = await sessionRig();
    for (let i = 0; i < 5; i++) await issueLink(rig.sessions);
    assert.deepEqual(await rig.sessions.start(alice, 'plum', { at: 0 }), {
      kind: 'limited',
      retryAfterMs: 10 * minute,
    });
    assert.equal(rig.audit.codes.at(-1), 'link.refused too-many-links');
    rig.clock.pass(10 * minute);
    await issueLink(rig.sessions);
  });

  it('gives no link where it cannot be recorded', async () => {
    await using rig = await sessionRig();
    rig.audit.isBroken = true;
    await assert.rejects(rig.sessions.start(alice, 'plum', { at: 0 }), { name: 'AuditError' });
  });
});

describe('a session', () => {
  it('is live with what StackStorm said, and is told once', async () => {
    await using rig = await sessionRig();
    const id = await loggedIn(rig.sessions);
    assert.deepEqual(await rig.sessions.current(alice), {
      id,
      ...aliceAtStackStorm,
      startedAt: rig.clock.now(),
      expiresAt: rig.clock.now() + 12 * hour,
    });
    assert.equal(rig.started.length, 1);
    assert.equal(rig.started[0]?.stackstormUser, 'alice');
    assert.deepEqual(rig.audit.codes, ['link.issued ok', 'link.opened ok', 'session.started ok']);
    assert.ok(!(await storedTexts(rig.store)).includes(aliceAtStackStorm.credential.token));
  });

  it('ends with the credential where that is earlier', async () => {
    await using rig = await sessionRig();
    const attempt = await rightAttempt(rig.sessions, await openedLogin(rig.sessions));
    const expiresAt = rig.clock.now() + hour;
    const lived = await attempt.succeed({ ...aliceAtStackStorm, expiresAt });
    assert.equal(lived.kind === 'live' && lived.session.expiresAt, expiresAt);
    rig.clock.pass(hour - 1);
    assert.ok(await rig.sessions.current(alice));
    rig.clock.pass(1);
    assert.equal(await rig.sessions.current(alice), undefined);
    assert.equal(await rig.sessions.ranOut(alice), true);
    assert.equal(await rig.sessions.ranOut(alice), true);
    assert.equal(rig.audit.codes.filter((code) => code === 'session.expired ttl').length, 1);
  });

  it('ends at once by session_end, with the login on its way', async () => {
    await using rig = await sessionRig();
    const id = await loggedIn(rig.sessions);
    const ref = await openedLogin(rig.sessions);
    const ended = await rig.sessions.end(alice);
    assert.equal(ended?.id, id);
    assert.ok(!JSON.stringify(ended).includes(aliceAtStackStorm.credential.token));
    assert.equal(await rig.sessions.current(alice), undefined);
    assert.equal(await rig.sessions.ranOut(alice), false, 'it did not run out');
    assert.deepEqual(await rig.sessions.attempt(ref, 'plum', home), { kind: 'dead' });
    assert.equal(await rig.sessions.end(alice), undefined);
  });

  it('ends even where that cannot be recorded', async () => {
    await using rig = await sessionRig();
    await loggedIn(rig.sessions);
    rig.audit.isBroken = true;
    assert.ok(await rig.sessions.end(alice));
    assert.equal(await rig.sessions.current(alice), undefined);
  });

  it('that StackStorm refuses ends, unless another has taken its place', async () => {
    await using rig = await sessionRig();
    const old = await loggedIn(rig.sessions);
    const id = await loggedIn(rig.sessions);
    assert.equal(await rig.sessions.expired(alice, old), false);
    assert.equal((await rig.sessions.current(alice))?.id, id);
    assert.deepEqual(
      (await Promise.all([1, 2, 3].map(() => rig.sessions.expired(alice, id)))).filter(Boolean),
      [true],
    );
    assert.equal(await rig.sessions.current(alice), undefined);
    assert.equal(await rig.sessions.ranOut(alice), true);
    assert.deepEqual(
      rig.ended.map(({ reason }) => reason),
      ['expired'],
    );
    assert.ok(rig.audit.codes.includes('session.expired unauthorized'));
  });

  const interferences: Record<string, (rig: SessionRig) => Promise<unknown>> = {
    session_start: (rig) => issueLink(rig.sessions),
    session_end: (rig) => rig.sessions.end(alice),
    session_cancel: (rig) => rig.sessions.cancel(chatUserKey(alice), { kind: 'all' }, alice),
    'the end of its time': async (rig) => rig.clock.pass(10 * minute),
  };
  for (const [name, interfere] of Object.entries(interferences)) {
    it(`does not come from a login that ${name} ended while StackStorm was asked`, async () => {
      await using rig = await sessionRig();
      const attempt = await rightAttempt(rig.sessions, await openedLogin(rig.sessions));
      await interfere(rig);
      assert.deepEqual(await attempt.succeed(aliceAtStackStorm), { kind: 'dead' });
      assert.equal(await rig.sessions.current(alice), undefined);
      assert.equal(rig.started.length, 0);
      assert.equal(rig.audit.codes.at(-1), 'login.failed login-dead');
    });
  }

  it('does not start where it cannot be recorded: what stood before stands again', async () => {
    await using rig = await sessionRig();
    const old = await loggedIn(rig.sessions);
    const ref = await openedLogin(rig.sessions);
    const attempt = await rightAttempt(rig.sessions, ref);
    rig.audit.isBroken = true;
    await assert.rejects(attempt.succeed(aliceAtStackStorm), { name: 'AuditError' });
    assert.equal((await rig.sessions.current(alice))?.id, old);
    assert.equal((await rig.sessions.openLogin(ref))?.attemptsLeft, 5, 'the attempt is given back');
    rig.audit.isBroken = false;
    await (await rightAttempt(rig.sessions, ref)).succeed(aliceAtStackStorm);
    assert.equal((await rig.sessions.current(alice))?.id, ref.session);
  });

  it('of one workspace is not that of the same id in another', async () => {
    await using rig = await sessionRig();
    await loggedIn(rig.sessions);
    assert.equal(await rig.sessions.current({ ...alice, workspace: 'other' }), undefined);
    assert.equal(await rig.sessions.current({ ...alice, platform: 'slack' }), undefined);
  });

  it('copied to another user’s row does not open', async () => {
    await using rig = await sessionRig();
    await loggedIn(rig.sessions);
    const raw = await rig.store.get('session:playground:demo:alice');
    await rig.store.set('session:playground:demo:bob', raw ?? '');
    await assert.rejects(rig.sessions.current({ ...alice, id: 'bob' }), { name: 'EncryptionError' });
  });
});

describe('a clock that jumps', () => {
  it('back lets nothing live longer, and set right again loses nothing', async () => {
    await using rig = await sessionRig();
    const id = await loggedIn(rig.sessions);
    const { link } = await issueLink(rig.sessions);
    rig.clock.pass(-2 * hour);
    assert.equal(await rig.sessions.current(alice), undefined);
    assert.deepEqual(await rig.sessions.open(link, home), { kind: 'expired' });
    rig.clock.pass(2 * hour);
    assert.equal((await rig.sessions.current(alice))?.id, id);
    assert.equal((await rig.sessions.open(link, home)).kind, 'opened');
  });

  it('by seconds is the ordinary difference of two machines', async () => {
    await using rig = await sessionRig();
    const { link } = await issueLink(rig.sessions);
    rig.clock.pass(-30_000);
    assert.equal((await rig.sessions.open(link, home)).kind, 'opened');
  });

  it('forward ends what it passes, and leaves the way to a new login', async () => {
    await using rig = await sessionRig();
    await loggedIn(rig.sessions);
    const { link } = await issueLink(rig.sessions);
    rig.clock.pass(13 * hour);
    assert.equal(await rig.sessions.current(alice), undefined);
    assert.deepEqual(await rig.sessions.open(link, home), { kind: 'expired' });
    assert.ok(await loggedIn(rig.sessions));
  });
});
