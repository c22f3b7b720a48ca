import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { alicePassword, LoginRig } from '../support/login-rig.ts';
import { alice, bob, issueLink, loggedIn } from '../support/sessions.ts';

describe('a login', () => {
  it('shows whose it is, is gone on with after a reload, and makes the session', async () => {
    await using rig = await LoginRig.create();
    const { link, session } = await issueLink(rig.rig.sessions);
    const browser = rig.browser();
    const opened = await browser.open(link);
    assert.equal(opened.status, 200);
    assert.deepEqual(opened.body, {
      login: session,
      chatUser: { platform: 'Playground', workspace: 'Demo', name: 'alice', id: 'alice' },
      asked: { at: '2026-11-22T11:59:00.000Z' },
      methods: ['password', 'token', 'apiKey'],
      expiresAt: '2026-11-22T12:10:00.000Z',
      attemptsLeft: 5,
    });
    assert.deepEqual((await browser.current()).body, opened.body);

    const done = await browser.authenticate(alicePassword);
    assert.equal(done.status, 200);
    assert.deepEqual(done.body, { stackstormUser: 'alice', expiresAt: '2026-11-22T20:00:00.000Z' });
    assert.equal(browser.cookie, undefined, 'the browser holds nothing any more');
    assert.deepEqual((await rig.rig.sessions.current(alice))?.credential, {
      kind: 'token',
      token: 'made-for-alice',
    });
    assert.equal((await browser.current()).status, 404);
    assert.equal((await browser.authenticate(alicePassword)).code, 'no-login');
  });

  it('asks StackStorm for a token that lives as long as the session', async () => {
    await using rig = await LoginRig.create();
    await (await rig.opened()).authenticate(alicePassword);
    assert.deepEqual(JSON.parse(rig.server.heard[0]?.body ?? ''), { ttl: 43_200 });
  });

  for (const [method, typed, credential] of [
    ['token', { token: ' token-of-alice\n' }, { kind: 'token', token: 'token-of-alice' }],
    ['apiKey', { apiKey: 'key-of-alice' }, { kind: 'apiKey', apiKey: 'key-of-alice' }],
  ] as const) {
    it(`works by ${method}, with one credential sent to StackStorm`, async () => {
      await using rig = await LoginRig.create();
      const done = await (await rig.opened()).authenticate({ method, ...typed });
      assert.equal(done.status, 200);
      assert.deepEqual((await rig.rig.sessions.current(alice))?.credential, credential);
      assert.deepEqual(
        rig.server.heard.map(({ path }) => path),
        ['/api/v1/user'],
      );
    });
  }

  it('by API key lives for auth.sessionTtl, having no end of its own', async () => {
    await using rig = await LoginRig.create();
    const done = await (await rig.opened()).authenticate({ method: 'apiKey', apiKey: 'key-of-alice' });
    assert.equal(done.body['expiresAt'], '2026-11-23T00:00:00.000Z');
  });

  it('is of who StackStorm says, not of the name that was typed (S10)', async () => {
    await using rig = await LoginRig.create({
      script: (request, response) => {
        const expiry = '2026-11-22T20:00:00Z';
        const body = request.path.endsWith('tokens')
          ? { user: 'ALICE', token: 't', expiry }
          : { username: 'alice.of.ldap', authentication: {} };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      },
    });
    const done = await (await rig.opened()).authenticate(alicePassword);
    assert.equal(done.body['stackstormUser'], 'alice.of.ldap');
    assert.equal(rig.rig.started[0]?.stackstormUser, 'alice.of.ldap');
    assert.equal(rig.rig.audit.records.at(-1)?.stackstormUser, 'alice.of.ldap');
  });

  it('a link opens once; the second browser hears that it is used', async () => {
    await using rig = await LoginRig.create();
    const { link } = await issueLink(rig.rig.sessions);
    const answers = await Promise.all(Array.from({ length: 50 }, () => rig.browser().open(link)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.equal(answers.filter(({ status, code }) => status === 410 && code === 'link-used').length, 49);
    assert.ok(answers.every(({ status, headers }) => (status === 200) === headers.has('set-cookie')));
  });

  it('two links in two tabs: the form binds what it shows, and the other try is not counted', async () => {
    await using rig = await LoginRig.create();
    const browser = await rig.opened();
    const first = browser.login;
    const { link } = await issueLink(rig.rig.sessions, bob);
    await browser.open(link);
    const other = await browser.authenticate({ ...alicePassword, login: first });
    assert.deepEqual([other.status, other.code], [403, 'no-login']);
    assert.equal(await rig.rig.sessions.current(alice), undefined);
    assert.equal(await rig.rig.sessions.current(bob), undefined);
    assert.equal((await browser.current()).body['attemptsLeft'], 5);
    assert.equal(rig.server.heard.length, 0);
  });

  it('cookies that we did not give are no login: none, foreign, cut, another purpose’s', async () => {
    await using rig = await LoginRig.create();
    const opened = await rig.opened();
    const [name = '', value = ''] = opened.cookie?.split('=') ?? [];
    const row = await rig.rig.store.get('session:playground:demo:alice');
    for (const forged of [
      undefined,
      '',
      'x',
      value.slice(0, -2),
      `${value}A`,
      row,
      encodeURIComponent('%%'),
      '%ff',
    ]) {
      const browser = rig.browser();
      browser.login = opened.login;
      browser.cookie = forged === undefined ? undefined : `${name}=${forged}`;
      const answer = await browser.authenticate(alicePassword);
      assert.deepEqual([answer.status, answer.code], [403, 'no-login'], forged);
      assert.equal((await browser.current()).status, 404);
    }
    assert.equal((await opened.current()).body['attemptsLeft'], 5);
  });

  it('that was ended in chat is dead, and so is one whose time is over', async () => {
    await using rig = await LoginRig.create();
    const ended = await rig.opened();
    await rig.rig.sessions.end(alice);
    assert.deepEqual(await codeOf(ended.authenticate(alicePassword)), [410, 'login-dead']);
    const late = await rig.opened();
    rig.rig.clock.pass(600_000);
    assert.deepEqual(await codeOf(late.authenticate(alicePassword)), [410, 'login-dead']);
    assert.equal(rig.server.heard.length, 0, 'StackStorm was not asked');
  });

  it('whose chat does not answer shows the platform’s ids', async () => {
    await using rig = await LoginRig.create();
    rig.profiles.isDown = true;
    const { link } = await issueLink(rig.rig.sessions);
    assert.deepEqual((await rig.browser().open(link)).body['chatUser'], {
      platform: 'playground',
      workspace: 'demo',
      name: 'alice',
      id: 'alice',
    });
  });

  it('is refused by a method that is off, uncounted', async () => {
    await using rig = await LoginRig.create({ methods: ['token'] });
    const browser = await rig.opened();
    assert.deepEqual(await codeOf(browser.authenticate(alicePassword)), [422, 'invalid-input']);
    assert.equal((await browser.current()).body['attemptsLeft'], 5);
  });

  it('by password waits until the probe has been refused; other ways are open (S9)', async () => {
    await using rig = await LoginRig.create();
    rig.passwords.isOpen = false;
    const browser = await rig.opened();
    const closed = await browser.authenticate(alicePassword);
    assert.deepEqual([closed.status, closed.code], [503, 'login-unavailable']);
    assert.ok(Number(closed.headers.get('retry-after')) > 0);
    assert.equal((await browser.current()).body['attemptsLeft'], 5);
    assert.equal(rig.server.heard.length, 0);
    assert.equal((await browser.authenticate({ method: 'token', token: 'token-of-alice' })).status, 200);
  });

  it('keeps the live session until it succeeds', async () => {
    await using rig = await LoginRig.create();
    const old = await loggedIn(rig.rig.sessions);
    const browser = await rig.opened();
    await browser.authenticate({ ...alicePassword, password: 'wrong' });
    assert.equal((await rig.rig.sessions.current(alice))?.id, old);
    await browser.authenticate(alicePassword);
    assert.notEqual((await rig.rig.sessions.current(alice))?.id, old);
  });
});

async function codeOf(answer: Promise<{ status: number; code: unknown }>) {
  const { status, code } = await answer;
  return [status, code];
}
