/** `auth.confirm: "slack"` over HTTP: the browser's person is proven at the chat platform before any credentials count. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SignInError } from '../../src/chat/sign-in.ts';
import { alice, bob, issueLink, minute, stranger } from '../support/sessions.ts';
import {
  allowed,
  Browser,
  confirming,
  oidcCookie,
  openedBrowser,
  proxy,
  publicUrl,
  sessionCookie,
} from '../support/sign-in-rig.ts';

test('proven, then logged in; nothing is taken before, and no try is counted', async (t) => {
  const rig = await confirming(t);
  const { rig: http, platform, outcomes } = rig;
  const browser = new Browser(rig);
  const { body: opened } = await browser.open((await issueLink(rig.sessions)).link);
  assert.deepEqual(opened['signIn'], { needed: true, label: 'Sign in with the playground' });
  const early = await browser.authenticate();
  assert.deepEqual([early.status, early.body['code']], [403, 'sign-in-required']);
  assert.equal(http.server.heard.length, 0, 'StackStorm was asked');

  const page = await browser.begin();
  assert.equal(page.searchParams.get('redirect_uri'), `${publicUrl}/login/oidc/callback`);
  const back = await browser.back(allowed(platform, page));
  assert.deepEqual([back.status, back.title], [200, 'You have signed in']);
  assert.match(back.text, /<script type="module" src="\/login\/assets\/signed-in\.js"><\/script>/u);
  assert.doesNotMatch(back.text, /<script(?![^>]*src=)/u);
  assert.equal(browser.jar.has(oidcCookie), false);
  const csp = back.headers.get('content-security-policy') ?? '';
  assert.match(csp, /default-src 'none'.*frame-ancestors 'none'/u);

  const { body: now } = await browser.api('login');
  assert.deepEqual([now['signIn'], now['attemptsLeft']], [undefined, 5]);
  assert.equal((await browser.authenticate()).status, 200);
  assert.deepEqual(outcomes().slice(-3), [
    'login.failed sign-in-required',
    'login.signed_in ok',
    'session.started ok',
  ]);
  assert.equal((await rig.sessions.current(alice))?.stackstormUser, 'alice');
});

test('the cookie of the trip: __Host-, Secure, HttpOnly, Lax, ten minutes, and sealed', async (t) => {
  const rig = await confirming(t);
  const browser = await openedBrowser(rig);
  const held = `${sessionCookie}=${browser.jar.get(sessionCookie)}`;
  const response = await rig.rig.request('/login/api/sign-in', {
    method: 'POST',
    headers: { ...proxy, 'content-type': 'application/json', origin: publicUrl, cookie: held },
    body: JSON.stringify({ login: browser.login }),
  });
  const [set = ''] = response.headers.getSetCookie();
  assert.match(set, /^__Host-oidc=[^;]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/u);
  const page = new URL(String((await response.json()).url));
  for (const name of ['state', 'nonce']) assert.ok(!set.includes(page.searchParams.get(name) ?? '?'), name);
  assert.ok(!set.includes(browser.login));
});

test('who does not hold the login cannot set out; from another site nobody can', async (t) => {
  const rig = await confirming(t);
  const [browser, other] = [await openedBrowser(rig), new Browser(rig)];
  other.login = browser.login;
  const answer = await other.api('sign-in', { login: other.login });
  assert.deepEqual([answer.status, answer.body['code']], [403, 'no-login']);
  const cross = await rig.rig.request('/login/api/sign-in', {
    method: 'POST',
    headers: {
      ...proxy,
      'content-type': 'application/json',
      origin: 'https://evil.example',
      cookie: `${sessionCookie}=${browser.jar.get(sessionCookie)}`,
    },
    body: JSON.stringify({ login: browser.login }),
  });
  assert.deepEqual([cross.status, (await cross.json()).code], [403, 'cross-site']);
  assert.equal(
    (await rig.rig.request('/login/oidc/callback', { method: 'POST', headers: proxy })).status,
    405,
  );
});

test('a state that is missing, wrong, of another browser, used, or old proves nothing', async (t) => {
  const rig = await confirming(t);
  const { platform, outcomes } = rig;
  const [browser, attacker] = [await openedBrowser(rig), new Browser(rig)];
  const good = allowed(platform, await browser.begin());
  // Without the cookie: another browser, or a callback out of nowhere.
  assert.equal((await attacker.back(good)).title, 'This browser has not asked to sign in');
  // With a cookie of one's own making, which nobody sealed.
  attacker.jar.set(oidcCookie, Buffer.from('{"state":"s"}').toString('base64url'));
  assert.equal((await attacker.back(good)).status, 403);
  // A victim is led here with the attacker's own code and state: their trip still stands.
  const { link } = await issueLink(rig.sessions, bob);
  await attacker.open(link);
  const theirs = allowed(platform, await attacker.begin(), 'bob');
  for (const query of [
    theirs,
    { code: good.code },
    { ...good, state: `${good.state}x` },
    { ...good, state: '' },
  ]) {
    const { status, title } = await browser.back({ ...query });
    assert.deepEqual([status, title], [403, 'This is not the sign-in that this browser began last']);
  }
  assert.equal(platform.asked.length, 0);
  const kept = browser.jar.get(oidcCookie) ?? '';
  assert.equal((await browser.back(good)).status, 200);
  // The same again, cookie and all.
  browser.jar.set(oidcCookie, kept);
  assert.deepEqual((await browser.back(good)).title, 'This sign-in has been used, or is too old');
  assert.equal(platform.asked.length, 1);
  assert.ok(outcomes().includes('login.failed sign-in-used'));

  const late = await openedBrowser(rig);
  const trip = allowed(platform, await late.begin());
  rig.clock.pass(10 * minute + 1);
  assert.equal((await late.back(trip)).status, 410);
});

test('of twenty callbacks at once with one state, one asks the platform', async (t) => {
  const rig = await confirming(t);
  const browser = await openedBrowser(rig);
  const good = allowed(rig.platform, await browser.begin());
  const cookie = browser.jar.get(oidcCookie) ?? '';
  const tries = Array.from({ length: 20 }, () => {
    const one = new Browser(rig);
    one.jar.set(oidcCookie, cookie);
    return one.back(good);
  });
  const statuses = (await Promise.all(tries)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 1);
  assert.equal(rig.platform.asked.length, 1);
});

test('somebody else signs in: the login ends, in words for a victim, and its owner is told', async (t) => {
  const rig = await confirming(t);
  const browser = await openedBrowser(rig);
  const back = await browser.back(allowed(rig.platform, await browser.begin(), 'bob'));
  assert.deepEqual([back.status, back.title], [403, 'This link is not yours']);
  assert.match(
    back.text,
    /as <strong>bob<\/strong> \(bob\), but this link belongs to <strong>alice<\/strong> \(alice\)/u,
  );
  assert.match(back.text, /somebody sent you theirs/u);
  assert.deepEqual(
    rig.refused.map(({ user, reason }) => [user.id, reason]),
    [['alice', 'sign-in-mismatch']],
  );
  assert.equal(rig.outcomes().at(-1), 'login.refused sign-in-mismatch');
  assert.equal((await browser.authenticate()).body['code'], 'login-dead');
  const again = await browser.api('sign-in', { login: browser.login });
  assert.equal(again.body['code'], again.status === 410 ? 'login-dead' : 'no-login');
});

test('the same id in another workspace, or on another platform, is somebody else; names are no markup', async (t) => {
  for (const user of [stranger, { ...alice, platform: 'slack' }, { ...alice, workspace: 'demo2' }]) {
    const rig = await confirming(t);
    const browser = await openedBrowser(rig);
    rig.platform.answer = async () => ({
      user: { ...user, id: 'alice' },
      name: '<img src=x onerror=alert(1)>',
    });
    const back = await browser.back(allowed(rig.platform, await browser.begin()));
    assert.equal(back.title, 'This link is not yours');
    assert.ok(!back.text.includes('<img src=x'));
    assert.equal((await rig.sessions.openLogin({ user: alice, session: browser.login })) === undefined, true);
  }
});

test('a proof counts for its own login alone', async (t) => {
  const rig = await confirming(t);
  const first = await openedBrowser(rig);
  const trip = allowed(rig.platform, await first.begin());
  // A newer link of the same person takes the login's place while they are away.
  const second = await openedBrowser(rig);
  assert.equal((await first.back(trip)).title, 'This login is over');
  assert.equal((await second.authenticate()).body['code'], 'sign-in-required');
  // And a cookie of one login says nothing for another.
  const proven = allowed(rig.platform, await second.begin());
  second.jar.set(oidcCookie, first.jar.get(oidcCookie) ?? 'gone');
  assert.equal((await second.back(proven)).status, 403);
});

test('whoever plants the cookie of their own trip proves their own login, and no other', async (t) => {
  const rig = await confirming(t);
  const [victim, attacker] = [await openedBrowser(rig), new Browser(rig)];
  await attacker.open((await issueLink(rig.sessions, bob)).link);
  const trip = allowed(rig.platform, await attacker.begin(), 'bob');
  // Only where a browser breaks the rule of __Host-; the rest has to hold all the same.
  victim.jar.set(oidcCookie, attacker.jar.get(oidcCookie) ?? '');
  assert.equal((await victim.back(trip)).status, 200);
  assert.equal((await victim.authenticate()).body['code'], 'sign-in-required');
  assert.equal((await rig.sessions.openLogin({ user: bob, session: attacker.login }))?.signedIn, true);
});

test('cancelled, refused, away, proving nothing: words, and another try', async (t) => {
  const rig = await confirming(t);
  const { platform } = rig;
  const browser = await openedBrowser(rig);
  const state = async () => (await browser.begin()).searchParams.get('state') ?? '';
  const cancelled = await browser.back({ error: 'access_denied', state: await state() });
  assert.deepEqual([cancelled.status, cancelled.title], [403, 'You did not sign in']);
  assert.match(cancelled.text, /href="\/login\/">Back to the login page/u);
  const faults = [
    ['unreachable', 502],
    ['refused', 502],
    ['not-proven', 502],
  ] as const;
  for (const [code, status] of faults) {
    platform.answer = () => Promise.reject(new SignInError(code, 'why'));
    const back = await browser.back(allowed(platform, await browser.begin()));
    assert.equal(back.status, status);
    assert.match(back.text, /Back to the login page/u);
    assert.equal(rig.outcomes().at(-1), `login.failed sign-in-${code}`);
  }
  platform.answer = undefined;
  // A code that was bought with a nonce, or a verifier, of somebody else's.
  const page = await browser.begin();
  page.searchParams.set('nonce', 'another');
  assert.equal((await browser.back(allowed(platform, page))).status, 502);
  const other = await browser.begin();
  other.searchParams.set('code_challenge', 'another');
  assert.equal((await browser.back(allowed(platform, other))).status, 502);
  assert.equal((await browser.back(allowed(platform, await browser.begin()))).status, 200);
});

test('where to come back is the public URL’s, whatever Host and proxies say', async (t) => {
  const rig = await confirming(t);
  const browser = await openedBrowser(rig);
  const response = await rig.rig.request('/login/api/sign-in', {
    method: 'POST',
    headers: {
      ...proxy,
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'content-type': 'application/json',
      origin: publicUrl,
      cookie: `${sessionCookie}=${browser.jar.get(sessionCookie)}`,
    },
    body: JSON.stringify({ login: browser.login }),
  });
  const { url } = await response.json();
  assert.equal(new URL(url).searchParams.get('redirect_uri'), `${publicUrl}/login/oidc/callback`);
});

test('a login sets out so often and no more; a storage or audit log that is away lets nobody in', async (t) => {
  const rig = await confirming(t);
  const browser = await openedBrowser(rig);
  const trip = allowed(rig.platform, await browser.begin());
  rig.audit.isBroken = true;
  assert.equal((await browser.back(trip)).status, 503);
  rig.audit.isBroken = false;
  assert.equal((await browser.authenticate()).body['code'], 'sign-in-required');
  for (let count = 1; count < 20; count++) await browser.begin();
  const { status, body } = await browser.api('sign-in', { login: browser.login });
  assert.deepEqual([status, body['code']], [429, 'too-many-requests']);
});

test('a person whose platform cannot prove anybody does not get in', async (t) => {
  const rig = await confirming(t);
  const user = { ...alice, platform: 'other' };
  const browser = new Browser(rig);
  await browser.open((await issueLink(rig.sessions, user)).link);
  assert.equal((await browser.api('sign-in', { login: browser.login })).status, 503);
  assert.equal((await browser.authenticate()).body['code'], 'sign-in-required');
});
