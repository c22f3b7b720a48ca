import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { createEncryption } from '../../src/storage/aes-gcm.ts';
import { alicePassword, LoginRig, stackstormScript } from '../support/login-rig.ts';
import { json, type Script } from '../support/scripted-server.ts';
import { alice, issueLink } from '../support/sessions.ts';

const wrongSecret = { ...alicePassword, secret: 'pear' };

describe('guesses', () => {
  it('of the secret: five 401, then 410, and StackStorm is never asked', async () => {
    await using rig = await LoginRig.create();
    const browser = await rig.opened();
    for (const attemptsLeft of [4, 3, 2, 1, 0]) {
      const answer = await browser.authenticate(wrongSecret);
      assert.deepEqual(
        [answer.status, answer.code, answer.body['attemptsLeft']],
        [401, 'wrong-secret', attemptsLeft],
      );
    }
    const dead = await browser.authenticate(alicePassword);
    assert.deepEqual([dead.status, dead.code], [410, 'login-dead']);
    assert.equal(rig.server.heard.length, 0);
    assert.equal(rig.rig.dead.length, 1);
  });

  it('50 at once are five 401 and 45 410', async () => {
    await using rig = await LoginRig.create();
    const browser = await rig.opened();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => {
        const tab = rig.browser();
        tab.cookie = browser.cookie;
        tab.login = browser.login;
        return tab.authenticate(wrongSecret);
      }),
    );
    assert.equal(answers.filter(({ status }) => status === 401).length, 5);
    assert.equal(answers.filter(({ code }) => code === 'login-dead').length, 45);
    assert.equal(rig.rig.dead.length, 1);
  });

  for (const typed of [
    { ...alicePassword, password: 'wrong' },
    { method: 'token', token: 'wrong' },
    { method: 'apiKey', apiKey: 'wrong' },
  ]) {
    it(`of a ${typed.method} are counted`, async () => {
      await using rig = await LoginRig.create();
      const answer = await (await rig.opened()).authenticate(typed);
      assert.deepEqual(
        [answer.status, answer.code, answer.body['attemptsLeft']],
        [401, 'wrong-credentials', 4],
      );
    });
  }

  it('over many links: the eleventh of an hour is 429 with Retry-After', async () => {
    await using rig = await LoginRig.create();
    for (let login = 0; login < 2; login++) {
      const browser = await rig.opened();
      for (let i = 0; i < 5; i++) await browser.authenticate(wrongSecret);
    }
    const limited = await (await rig.opened()).authenticate(alicePassword);
    assert.deepEqual([limited.status, limited.code], [429, 'too-many-requests']);
    assert.equal(limited.headers.get('retry-after'), '3600');
    assert.equal(rig.server.heard.length, 0);
  });

  it('of links: ten 404 a minute, then 429, and a right link opens all the same', async () => {
    await using rig = await LoginRig.create();
    const { link } = await issueLink(rig.rig.sessions);
    const browser = rig.browser();
    for (let i = 0; i < 10; i++) {
      const answer = await browser.open(`${link.slice(0, -2)}${i % 2 === 0 ? 'AA' : 'QQ'}`);
      assert.deepEqual([answer.status, answer.code], [404, 'link-unknown']);
    }
    const limited = await browser.open('nonsense');
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '60']);
    assert.equal((await browser.open(link)).status, 200);
  });
});

describe('StackStorm in trouble', () => {
  const troubles: Record<string, [Script, number, string]> = {
    'answers 500': [
      (_, response) => json(response, 500, { faultstring: 'Internal Server Error' }),
      502,
      'stackstorm-unreachable',
    ],
    'answers a proxy’s HTML': [
      (_, response) =>
        response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad Gateway</html>'),
      502,
      'stackstorm-unreachable',
    ],
    'answers HTML with 200': [
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Hello</html>'),
      502,
      'stackstorm-unreachable',
    ],
    'answers 404': [
      (_, response) => json(response, 404, { faultstring: 'The resource could not be found.' }),
      502,
      'stackstorm-unreachable',
    ],
    'hangs up': [(_, response) => response.destroy(), 502, 'stackstorm-unreachable'],
    'is silent': [() => undefined, 504, 'stackstorm-timeout'],
  };
  for (const [what, [script, status, code]] of Object.entries(troubles)) {
    for (const step of ['at the token', 'at the user']) {
      it(`${what} ${step}: ${status} ${code}, not counted, and the next try works`, async () => {
        let isWell = false;
        const isStep = (path: string) => path.endsWith(step === 'at the token' ? '/tokens' : '/user');
        await using rig = await LoginRig.create({
          timeoutMs: 150,
          script: (request, response) =>
            (isWell || !isStep(request.path) ? stackstormScript : script)(request, response),
        });
        const browser = await rig.opened();
        const answer = await browser.authenticate(alicePassword);
        assert.deepEqual([answer.status, answer.code], [status, code]);
        assert.equal((await browser.current()).body['attemptsLeft'], 5);
        assert.ok(!rig.rig.audit.codes.some((recorded) => recorded.startsWith('session.started')));
        isWell = true;
        assert.equal((await browser.authenticate(alicePassword)).status, 200);
      });
    }
  }

  it('not there at all: 502, not counted', async () => {
    await using rig = await LoginRig.create();
    const browser = await rig.opened();
    await rig.server.close();
    assert.equal((await browser.authenticate(alicePassword)).code, 'stackstorm-unreachable');
    assert.equal((await browser.current()).body['attemptsLeft'], 5);
  });

  it('that does not take its own new token: 502, not the person’s mistake, not counted', async () => {
    await using rig = await LoginRig.create({
      script: (request, response) =>
        request.path.endsWith('/tokens')
          ? stackstormScript(request, response)
          : json(response, 401, { faultstring: 'Unauthorized' }),
    });
    const browser = await rig.opened();
    assert.equal((await browser.authenticate(alicePassword)).code, 'stackstorm-unreachable');
    assert.equal((await browser.current()).body['attemptsLeft'], 5);
  });

  for (const expiry of ['soon', '', '2026-11-22T11:59:59Z']) {
    it(`whose token ends at "${expiry}", which is no time to come: 502, and no session without end`, async () => {
      await using rig = await LoginRig.create({
        script: (request, response) =>
          request.path.endsWith('/tokens')
            ? json(response, 201, { user: 'alice', token: 'made', expiry })
            : json(response, 200, { username: 'alice', authentication: { method: 'authentication token' } }),
      });
      const answer = await (await rig.opened()).authenticate(alicePassword);
      assert.equal(answer.code, 'stackstorm-unreachable');
      assert.equal(await rig.rig.sessions.current(alice), undefined);
    });
  }

  it('that allows shorter tokens only is asked once more with its maximum', async () => {
    const ttls: unknown[] = [];
    await using rig = await LoginRig.create({
      script: (request, response) => {
        if (!request.path.endsWith('/tokens')) return stackstormScript(request, response);
        ttls.push(JSON.parse(request.body).ttl);
        if (ttls.length > 1) return stackstormScript(request, response);
        json(response, 400, { faultstring: 'TTL specified 43200 is greater than max allowed 28800.' });
      },
    });
    assert.equal((await (await rig.opened()).authenticate(alicePassword)).status, 200);
    assert.deepEqual(ttls, [43_200, 28_800]);
  });
});

describe('while StackStorm is slow', () => {
  const interferences: Record<string, (rig: LoginRig) => Promise<unknown>> = {
    session_start: (rig) => issueLink(rig.rig.sessions),
    session_end: (rig) => rig.rig.sessions.end(alice),
    session_cancel: (rig) => rig.rig.sessions.cancel('playground:demo:alice', { kind: 'all' }, alice),
  };
  for (const [name, interfere] of Object.entries(interferences)) {
    it(`${name} leaves no session: 410 login-dead`, async () => {
      const asked = new EventTarget();
      const answered = new EventTarget();
      await using rig = await LoginRig.create({
        script: (request, response) => {
          if (!request.path.endsWith('/user')) return stackstormScript(request, response);
          answered.addEventListener('go', () => stackstormScript(request, response), { once: true });
          asked.dispatchEvent(new Event('asked'));
        },
      });
      const browser = await rig.opened();
      const isAsked = once(asked, 'asked');
      const login = browser.authenticate(alicePassword);
      await isAsked;
      await interfere(rig);
      answered.dispatchEvent(new Event('go'));
      const answer = await login;
      assert.deepEqual([answer.status, answer.code], [410, 'login-dead']);
      assert.equal(await rig.rig.sessions.current(alice), undefined);
      assert.equal(rig.rig.started.length, 0);
    });
  }
});

describe('our own trouble', () => {
  it('storage that does not answer: 503 storage-unavailable at every step', async () => {
    await using rig = await LoginRig.create();
    const browser = await rig.opened();
    const { link } = await issueLink(rig.rig.sessions);
    await rig.rig.store.close();
    const answers = [
      await browser.open(link),
      await browser.current(),
      await browser.authenticate({ ...alicePassword, login: link.slice(0, 36) }),
    ];
    assert.deepEqual(
      answers.map(({ status, code }) => [status, code]),
      [
        [503, 'storage-unavailable'],
        [503, 'storage-unavailable'],
        [403, 'no-login'],
      ],
    );
    assert.equal((await browser.authenticate(alicePassword)).code, 'storage-unavailable');
  });

  it('storage of another key: 503 storage-unavailable', async () => {
    await using rig = await LoginRig.create();
    const browser = await rig.opened();
    const key = 'session:playground:demo:alice';
    await rig.rig.store.set(key, createEncryption([randomBytes(32)]).seal(key, '{}'));
    const { status, code } = await browser.authenticate(alicePassword);
    assert.deepEqual([status, code], [503, 'storage-unavailable']);
  });

  it('an audit log that cannot be written: nobody is let in, and nothing is lost', async () => {
    await using rig = await LoginRig.create();
    const { link } = await issueLink(rig.rig.sessions);
    const browser = rig.browser();
    const broken = async (answer: Promise<{ status: number; code: unknown }>) => {
      const { status, code } = await answer;
      assert.deepEqual([status, code], [503, 'login-unavailable']);
    };
    rig.rig.audit.isBroken = true;
    await broken(browser.open(link));
    rig.rig.audit.isBroken = false;
    assert.equal((await browser.open(link)).status, 200);
    rig.rig.audit.isBroken = true;
    await broken(browser.authenticate(alicePassword));
    assert.equal(await rig.rig.sessions.current(alice), undefined);
    rig.rig.audit.isBroken = false;
    assert.equal((await browser.authenticate(alicePassword)).status, 200);
  });
});
