import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { type ApiAnswer, alicePassword, LoginRig } from '../support/login-rig.ts';
import { alice, issueLink, minute } from '../support/sessions.ts';

const rigOf = () => LoginRig.create({ sessions: { confirm: 'code' } });
const shown = z.object({
  stackstormUser: z.string(),
  confirm: z.object({ code: z.string(), expiresAt: z.string() }),
});
const codeIn = ({ body }: ApiAnswer) => shown.parse(body).confirm.code;

describe('a login that is to be confirmed', () => {
  it('answers 202 with a code, and is one once the code was entered', async () => {
    await using rig = await rigOf();
    const browser = await rig.opened();
    const answer = await browser.authenticate(alicePassword);
    assert.equal(answer.status, 202);
    assert.deepEqual(Object.keys(answer.body).sort(), ['confirm', 'stackstormUser']);
    const { stackstormUser, confirm } = shown.parse(answer.body);
    assert.equal(stackstormUser, 'alice');
    assert.equal(Date.parse(confirm.expiresAt), rig.rig.clock.now() + 10 * minute);
    assert.equal(await rig.rig.sessions.current(alice), undefined);

    const waiting = await browser.current();
    assert.deepEqual(waiting.body['confirm'], confirm, 'a reload shows it again');
    assert.deepEqual(waiting.body['chatUser'], {
      platform: 'Playground',
      workspace: 'Demo',
      name: 'alice',
      id: 'alice',
    });
    assert.equal((await rig.rig.sessions.confirm(alice, confirm.code)).kind, 'live');
    const { status, body } = await browser.current();
    assert.equal(status, 200);
    assert.deepEqual(z.object({ stackstormUser: z.string() }).parse(body['session']).stackstormUser, 'alice');
    assert.ok(!JSON.stringify(body).includes('made-for-alice'));
    assert.equal(
      (await rig.logins.get()).values.find(({ labels }) => labels.outcome === 'provisional')?.value,
      1,
    );
  });

  it('takes its credentials once', async () => {
    await using rig = await rigOf();
    const browser = await rig.opened();
    await browser.authenticate(alicePassword);
    const before = rig.server.heard.length;
    assert.equal((await browser.authenticate(alicePassword)).code, 'login-dead');
    assert.equal(rig.server.heard.length, before, 'StackStorm is not asked again');
  });

  it('shows its code to the browser that gave the credentials alone', async () => {
    await using rig = await rigOf();
    const browser = await rig.opened();
    const before = browser.cookie;
    const answer = await browser.authenticate(alicePassword);
    assert.ok(before !== undefined && browser.cookie !== undefined && browser.cookie !== before);
    assert.ok(!decodeURIComponent(browser.cookie).includes(codeIn(answer)), 'the cookie is sealed');

    // Whoever had planted the login's cookie in this browser still has the one from before.
    const planter = rig.browser();
    planter.cookie = before;
    assert.equal((await planter.current()).status, 404);
    await rig.rig.sessions.confirm(alice, codeIn(answer));
    assert.equal((await planter.current()).status, 404);
  });

  it('is over for its page when it is ended in chat, or its time is', async () => {
    await using rig = await rigOf();
    const browser = await rig.opened();
    await browser.authenticate(alicePassword);
    await rig.rig.sessions.end(alice);
    assert.deepEqual([(await browser.current()).status, (await browser.current()).code], [404, 'no-login']);
    const late = await rig.opened();
    await late.authenticate(alicePassword);
    rig.rig.clock.pass(10 * minute);
    assert.equal((await late.current()).code, 'no-login');
  });

  it('is not shown to a link that is opened once more', async () => {
    await using rig = await rigOf();
    const { link } = await issueLink(rig.rig.sessions);
    const browser = rig.browser();
    await browser.open(link);
    await browser.authenticate(alicePassword);
    assert.equal((await rig.browser().open(link)).code, 'link-used');
  });
});

describe('POST /login/api/refuse', () => {
  it('ends an opened login, one that waits for its code, and the session it has become', async () => {
    await using rig = await rigOf();
    const opened = await rig.opened();
    const answer = await opened.post('refuse', { login: opened.login });
    assert.deepEqual([answer.status, answer.body], [200, { refused: true }]);
    assert.equal(opened.cookie, undefined);
    assert.deepEqual(
      rig.rig.refused.map(({ reason, address }) => [reason, address]),
      [['not-me', '127.0.0.1']],
    );

    const waiting = await rig.opened();
    const code = codeIn(await waiting.authenticate(alicePassword));
    const { cookie } = waiting;
    assert.equal((await waiting.post('refuse', { login: waiting.login })).status, 200);
    assert.deepEqual(await rig.rig.sessions.confirm(alice, code), { kind: 'none' });
    waiting.cookie = cookie;
    assert.equal((await waiting.post('refuse', { login: waiting.login })).code, 'login-dead');

    const live = await rig.opened();
    await rig.rig.sessions.confirm(alice, codeIn(await live.authenticate(alicePassword)));
    assert.ok(await rig.rig.sessions.current(alice));
    assert.equal((await live.post('refuse', { login: live.login })).status, 200);
    assert.equal(await rig.rig.sessions.current(alice), undefined);
  });

  it('is for the browser that holds the login, and the login that its page shows', async () => {
    await using rig = await rigOf();
    const browser = await rig.opened();
    assert.equal((await rig.browser().post('refuse', { login: browser.login })).code, 'no-login');
    const other = rig.browser();
    await other.open((await issueLink(rig.rig.sessions, { ...alice, id: 'bob' })).link);
    assert.equal((await other.post('refuse', { login: browser.login })).code, 'no-login');
    assert.equal((await browser.current()).status, 200);
  });

  it('keeps the rules of the other endpoints', async () => {
    await using rig = await rigOf();
    const browser = await rig.opened();
    const { login } = browser;
    const odd: [Record<string, string>, string][] = [
      [{ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 'cross-site'],
      [{ 'sec-fetch-site': 'same-site' }, 'cross-site'],
      [{ origin: 'http://127.0.0.1:9999' }, 'cross-site'],
      [{ 'content-type': 'text/plain' }, 'wrong-content-type'],
    ];
    for (const [headers, code] of odd) {
      assert.equal((await browser.post('refuse', { login }, headers)).code, code);
    }
    for (const body of ['', '[]', '{}', '{"login":1}', '{"login":"x"}']) {
      assert.equal((await browser.post('refuse', body)).code, 'malformed-body');
    }
    assert.equal((await browser.post('refuse', { login, more: 'x'.repeat(9_000) })).code, 'body-too-large');
    const got = await rig.request('/login/api/refuse', { headers: { 'sec-fetch-site': 'same-origin' } });
    assert.deepEqual([got.status, got.headers.get('allow')], [405, 'POST']);
    assert.equal((await browser.current()).status, 200, 'nothing of that has ended it');
  });
});
