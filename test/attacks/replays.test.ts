import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLoginCookie } from '../../src/login/cookie.ts';
import { alicePassword, type Browser, LoginRig } from '../support/login-rig.ts';
import { alice, bob, issueLink } from '../support/sessions.ts';

const asked = (rig: LoginRig) => rig.server.heard.length;
const code = (body: Readonly<Record<string, unknown>>): string => {
  const { confirm } = body;
  if (typeof confirm !== 'object' || confirm === null) throw new TypeError('no code was shown');
  return String(Reflect.get(confirm, 'code'));
};

/** The same browser once more, as it was: what somebody who copied its cookie has. */
function copyOf(browser: Browser, rig: LoginRig): Browser {
  const copy = rig.browser();
  copy.cookie = browser.cookie;
  copy.login = browser.login;
  return copy;
}

describe('to use again what was used', () => {
  it('somebody sends the request that logged in again, with the cookie of then', async () => {
    await using rig = await LoginRig.create();
    const browser = await rig.opened();
    const before = copyOf(browser, rig);
    assert.equal((await browser.authenticate(alicePassword)).status, 200);
    const [session, calls] = [await rig.rig.sessions.current(alice), asked(rig)];
    for (let i = 0; i < 3; i++) {
      assert.equal((await copyOf(before, rig).authenticate(alicePassword)).code, 'login-dead');
      assert.equal((await copyOf(before, rig).current()).code, 'no-login');
    }
    assert.equal(asked(rig), calls, 'StackStorm is not asked again');
    assert.deepEqual(await rig.rig.sessions.current(alice), session);
    assert.equal(rig.rig.started.length, 1);
  });

  it('somebody opens the link again at every step of the login: it is used, and gives no cookie', async () => {
    await using rig = await LoginRig.create();
    const { link } = await issueLink(rig.rig.sessions);
    const browser = rig.browser();
    await browser.open(link);
    const again = async () => {
      for (const who of [rig.browser(), copyOf(browser, rig)]) {
        const { code, headers } = await who.open(link);
        assert.deepEqual([code, headers.getSetCookie()], ['link-used', []]);
      }
    };
    await again();
    await browser.authenticate({ ...alicePassword, secret: 'pear' });
    await again();
    await browser.authenticate(alicePassword);
    await again();
    await rig.rig.sessions.end(alice);
    await again();
  });

  for (const [what, end] of [
    ['was ended in chat', (rig) => rig.rig.sessions.end(alice)],
    ['gave way to a new one', (rig) => rig.opened()],
    ['took too long', async (rig) => rig.rig.clock.pass(10 * 60_000)],
  ] as const satisfies readonly (readonly [string, (rig: LoginRig) => Promise<unknown>])[]) {
    it(`somebody sends the cookie of a login that ${what}`, async () => {
      await using rig = await LoginRig.create();
      const browser = await rig.opened();
      await end(rig);
      assert.equal((await browser.current()).code, 'no-login');
      assert.equal((await browser.authenticate(alicePassword)).code, 'login-dead');
      assert.equal(asked(rig), 0);
      assert.equal(await rig.rig.sessions.current(alice), undefined);
    });
  }

  it('somebody sends the cookie of their last login with the request of their next', async () => {
    await using rig = await LoginRig.create();
    const last = await rig.opened();
    const next = await rig.opened();
    last.login = next.login;
    assert.equal((await last.authenticate(alicePassword)).code, 'no-login');
    assert.equal(asked(rig), 0);
    assert.equal((await next.current()).body['attemptsLeft'], 5);
  });

  it('somebody enters the code of a login twice, or after it was ended', async () => {
    await using rig = await LoginRig.create({ sessions: { confirm: 'code' } });
    const { sessions } = rig.rig;
    const browser = await rig.opened();
    const shown = code((await browser.authenticate(alicePassword)).body);
    assert.equal((await sessions.confirm(alice, shown)).kind, 'live');
    assert.equal((await sessions.confirm(alice, shown)).kind, 'none');
    await sessions.end(alice);
    assert.equal((await sessions.confirm(alice, shown)).kind, 'none');
    assert.equal(await sessions.current(alice), undefined);
    assert.equal(rig.rig.started.length, 1);
  });

  it('somebody sends the refusal of an earlier login: the session of the next one lives on', async () => {
    await using rig = await LoginRig.create();
    const earlier = await rig.opened();
    const refusal = { login: earlier.login };
    const thief = copyOf(earlier, rig);
    await earlier.authenticate(alicePassword);
    const next = await rig.opened();
    await next.authenticate(alicePassword);
    assert.equal((await thief.post('refuse', refusal)).code, 'login-dead');
    assert.equal((await rig.rig.sessions.current(alice))?.id, next.login);
  });
});

describe('to have a victim log in for somebody else', () => {
  it('mallory plants the cookie of her own login: the form of the victim binds nothing to it', async () => {
    await using rig = await LoginRig.create();
    const mallory = rig.browser();
    await mallory.open((await issueLink(rig.rig.sessions, bob)).link);
    const victim = await rig.opened();
    const own = victim.cookie;
    for (const planted of [mallory.cookie, `${mallory.cookie}; ${own}`, `x=y; ${mallory.cookie};${own}`]) {
      victim.cookie = planted;
      const answer = await victim.authenticate(alicePassword);
      assert.deepEqual([answer.status, answer.code], [403, 'no-login']);
    }
    assert.equal(asked(rig), 0, 'no password left the house');
    victim.cookie = `${own}; ${mallory.cookie}`;
    assert.equal((await victim.authenticate(alicePassword)).status, 200);
    assert.equal(await rig.rig.sessions.current(bob), undefined);
    assert.equal((await rig.rig.sessions.current(alice))?.id, victim.login);
  });

  it('mallory passes her link on, and neither she nor the victim can finish what they began', async () => {
    await using rig = await LoginRig.create({ sessions: { confirm: 'code' } });
    const { sessions } = rig.rig;
    const victim = rig.browser();
    await victim.open((await issueLink(sessions, bob)).link);
    const shown = code((await victim.authenticate(alicePassword)).body);
    assert.equal(
      (await sessions.confirm(alice, shown)).kind,
      'none',
      'the victim enters it in their own chat',
    );
    for (const guess of ['BBBB-BBBB', 'CCCC-CCCC', 'DDDD-DDDD']) await sessions.confirm(bob, guess);
    assert.equal(
      (await sessions.confirm(bob, shown)).kind,
      'none',
      'three tries, then even the right one is late',
    );
    assert.deepEqual([await sessions.current(alice), await sessions.current(bob)], [undefined, undefined]);
  });

  it('mallory asks with a cookie of before the password what the code is', async () => {
    await using rig = await LoginRig.create({ sessions: { confirm: 'code' } });
    const victim = await rig.opened();
    const before = copyOf(victim, rig);
    const shown = code((await victim.authenticate(alicePassword)).body);
    for (const answer of [await before.current(), await before.authenticate(alicePassword)]) {
      assert.doesNotMatch(JSON.stringify(answer.body), new RegExp(`${shown}|stackstormUser`, 'u'));
      assert.ok(answer.status >= 400);
    }
  });
});

describe('to skip a step', () => {
  const held = (rig: LoginRig, session: string) => {
    const cookie = createLoginCookie(rig.rig.encryption, new URL(rig.publicUrl));
    return cookie.given({ user: alice, session }, 60_000).split(';')[0];
  };

  it('somebody logs in on a link that was never opened, or never made', async () => {
    await using rig = await LoginRig.create();
    const { session, link } = await issueLink(rig.rig.sessions);
    const browser = rig.browser();
    for (const login of [session, session.replace(/^./u, (first) => (first === '0' ? '1' : '0'))]) {
      browser.cookie = held(rig, login);
      browser.login = login;
      assert.equal((await browser.authenticate(alicePassword)).code, 'login-dead');
      browser.cookie = held(rig, login);
      assert.equal((await browser.post('refuse', { login })).code, 'login-dead');
    }
    assert.equal(asked(rig), 0);
    assert.equal((await rig.browser().open(link)).status, 200, 'the link is as good as before');
  });

  it('somebody enters codes before there is one, and gives credentials after it', async () => {
    await using rig = await LoginRig.create({ sessions: { confirm: 'code' } });
    const { sessions } = rig.rig;
    const browser = await rig.opened();
    for (let i = 0; i < 5; i++) assert.equal((await sessions.confirm(alice, 'BBBB-BBBB')).kind, 'none');
    const shown = code((await browser.authenticate(alicePassword)).body);
    const other = { method: 'apiKey', apiKey: 'key-of-alice' };
    const calls = asked(rig);
    assert.equal((await copyOf(browser, rig).authenticate(other)).code, 'login-dead');
    assert.equal(asked(rig), calls);
    assert.equal((await sessions.confirm(alice, shown)).kind, 'live', 'no try was lost');
  });
});
