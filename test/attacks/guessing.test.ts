import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Store } from '../../src/storage/store.ts';
import { type Counting, counting } from '../support/counting-store.ts';
import { alicePassword, type Browser, LoginRig, stackstormScript } from '../support/login-rig.ts';
import { json, type Script } from '../support/scripted-server.ts';
import { alice, bob, issueLink } from '../support/sessions.ts';

const proxy = '10.0.0.5';
const secure = 'https://chat.example.com';
const guess = { ...alicePassword, password: 'letmein' };
const nobody = { ...guess, username: 'nobody' };

/** An auth service that says too much. */
const talkative: Script = (request, response) => {
  const [name] = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64')
    .toString('utf8')
    .split(':');
  json(response, 401, { faultstring: name === 'alice' ? 'Wrong password' : 'There is no such user' });
};

async function countedRig(options: Parameters<typeof LoginRig.create>[0] = {}) {
  const made: Counting[] = [];
  const storage = (store: Store) => {
    const counted = counting(store);
    made.push(counted);
    return counted.store;
  };
  const rig = await LoginRig.create({ ...options, storage });
  const [counted] = made;
  if (counted === undefined) throw new Error('no storage');
  return { rig, counted };
}

/** All that somebody outside, or at StackStorm, or in our own records, can see of one request. */
async function traces(rig: LoginRig, counted: Counting, work: () => ReturnType<Browser['authenticate']>) {
  counted.asked.length = 0;
  rig.server.heard.length = 0;
  const records = rig.rig.audit.records.length;
  const { status, body, headers } = await work();
  return {
    status,
    body: JSON.stringify(body),
    headers: [...headers],
    stackstorm: rig.server.heard.map(({ method, target, headers: { authorization: _, ...sent }, body }) => ({
      ...{ method, target, body, sent: Object.keys(sent) },
    })),
    storage: [...counted.asked],
    audit: rig.rig.audit.records
      .slice(records)
      .map(({ event, outcome, chatUser, address, stackstormUser }) => ({
        ...{ event, outcome, chatUser, address, stackstormUser },
      })),
    metrics: await rig.logins.get().then(({ values }) => values.map(({ labels }) => labels.outcome)),
  };
}

describe('to find out who has an account', () => {
  it('somebody types a user that there is not: all is as with a wrong password', async () => {
    const seen = [];
    for (const typed of [guess, nobody]) {
      const { rig, counted } = await countedRig({ script: talkative });
      const browser = await rig.opened();
      seen.push(await traces(rig, counted, () => browser.authenticate(typed)));
      await rig[Symbol.asyncDispose]();
    }
    const [wrongPassword, unknownUser] = seen;
    assert.deepEqual(unknownUser, wrongPassword);
    assert.deepEqual(
      wrongPassword?.stackstorm.map(({ method, target }) => [method, target]),
      [['POST', '/auth/v1/tokens']],
      'one call, and no other',
    );
    assert.deepEqual(
      wrongPassword?.audit.map(({ event, outcome }) => [event, outcome]),
      [['login.failed', 'wrong-credentials']],
    );
    assert.ok((wrongPassword?.storage.length ?? 0) > 4, 'the storage was listened to');
  });

  it('somebody ends their own login while StackStorm is asked: right, wrong and unknown answer the same', async () => {
    const seen = [];
    for (const typed of [alicePassword, guess, nobody]) {
      let interfere: () => Promise<unknown> = () => Promise.resolve();
      const { rig, counted } = await countedRig({
        script: (request, response) => void interfere().then(() => stackstormScript(request, response)),
      });
      const browser = await rig.opened();
      interfere = () => rig.rig.sessions.end(alice);
      const { status, body, headers, audit } = await traces(rig, counted, () => browser.authenticate(typed));
      seen.push({
        status,
        body,
        headers,
        audit: audit.map(({ event }) => event).filter((event) => event !== 'session.ended'),
      });
      await rig[Symbol.asyncDispose]();
    }
    const [right, wrong, unknown] = seen;
    assert.equal(right?.status, 410);
    assert.deepEqual(wrong, right);
    assert.deepEqual(unknown, right);
  });

  it('somebody tries the UUID of a living link: all is as with one that there is not', async () => {
    const { rig, counted } = await countedRig();
    await using _ = rig;
    const { session } = await issueLink(rig.rig.sessions);
    const key = randomBytes(32).toString('base64url');
    const browser = rig.browser();
    // The address has a row from here on, so that both are its second try.
    await browser.open('nonsense');
    const living = await traces(rig, counted, () => browser.open(`${session}.${key}`));
    const none = await traces(rig, counted, () => browser.open(`${randomUUID().toLowerCase()}.${key}`));
    assert.deepEqual(none, living);
    assert.equal(living.status, 404);
  });
});

describe('to lock somebody out', () => {
  it('without their cookie, whoever knows user, UUID and used link burns none of their tries', async () => {
    const { rig, counted } = await countedRig();
    await using _ = rig;
    const { link, session } = await issueLink(rig.rig.sessions);
    const victim = rig.browser();
    await victim.open(link);
    const mallory = rig.browser();
    await mallory.open((await issueLink(rig.rig.sessions, bob)).link);
    counted.asked.length = 0;
    for (const cookie of [
      undefined,
      'bolt-stackstorm-login=',
      `bolt-stackstorm-login=${session}`,
      `bolt-stackstorm-login=${encodeURIComponent(JSON.stringify({ user: alice, session }))}`,
      `bolt-stackstorm-login=${victim.cookie?.split('=')[1]?.slice(0, -4)}AAAA`,
      mallory.cookie,
    ]) {
      mallory.cookie = cookie;
      for (let i = 0; i < 20; i++) {
        const answer = await mallory.authenticate({ ...guess, login: session, secret: 'pear' });
        assert.deepEqual([answer.status, answer.code], [403, 'no-login']);
      }
    }
    for (let i = 0; i < 50; i++) assert.equal((await mallory.open(link)).code, 'link-used');
    assert.deepEqual(counted.writes(), [], 'nothing of it was written anywhere');
    assert.equal((await victim.current()).body['attemptsLeft'], 5);
    assert.equal((await victim.authenticate(alicePassword)).status, 200);
  });

  it('from their own address, by links that are not known', async () => {
    await using rig = await LoginRig.create();
    const { link } = await issueLink(rig.rig.sessions);
    const mallory = rig.browser();
    for (let i = 0; i < 60; i++) await mallory.open('nonsense');
    assert.equal((await mallory.open('nonsense')).status, 429);
    const victim = rig.browser();
    assert.equal((await victim.open(link)).status, 200);
    assert.equal((await victim.authenticate(alicePassword)).status, 200);
  });

  it('by guessing at their StackStorm user until it is held up: only the guesser is', async () => {
    await using rig = await LoginRig.create();
    for (let login = 0; login < 2; login++) {
      const mallory = rig.browser();
      await mallory.open((await issueLink(rig.rig.sessions, bob)).link);
      for (let i = 0; i < 5; i++) assert.equal((await mallory.authenticate(guess)).status, 401);
    }
    const mallory = rig.browser();
    await mallory.open((await issueLink(rig.rig.sessions, bob)).link);
    assert.equal((await mallory.authenticate(alicePassword)).status, 429, 'right or wrong, not for an hour');
    assert.equal((await (await rig.opened()).authenticate(alicePassword)).status, 200);
  });

  it('by asking for links without end: only the asker gets no more', async () => {
    await using rig = await LoginRig.create();
    const victim = await rig.opened();
    const asked = await Promise.all(
      Array.from({ length: 50 }, () => rig.rig.sessions.start(bob, 'plum', { at: 0 })),
    );
    assert.equal(asked.filter(({ kind }) => kind === 'issued').length, 5);
    assert.equal((await victim.authenticate(alicePassword)).status, 200);
  });

  it('from everywhere at once: what is written is little, ends by itself, and the victim logs in', async () => {
    const { rig, counted } = await countedRig({ publicUrl: secure, trustedProxies: [proxy] });
    await using _ = rig;
    const { link } = await issueLink(rig.rig.sessions);
    counted.asked.length = 0;
    const from = (index: number) => ({
      'x-forwarded-proto': 'https',
      'x-forwarded-for': `198.51.${index >> 8}.${index & 255}`,
    });
    const answers = await Promise.all(
      Array.from({ length: 2_000 }, (_, index) => rig.browserOver(from(index % 100), proxy).open('nonsense')),
    );
    assert.equal(answers.filter(({ status }) => status === 404).length, 1_000, 'ten for each address');
    assert.equal(answers.filter(({ status }) => status === 429).length, 1_000);
    assert.ok(counted.writes().length <= 1_000, `${counted.writes().length} writes for 2,000 requests`);
    assert.deepEqual(new Set(counted.writes()), new Set(['add openFailures', 'replace openFailures']));
    const victim = rig.browserOver(from(7), proxy);
    assert.equal((await victim.open(link)).status, 200);
    assert.equal((await victim.authenticate(alicePassword)).status, 200);
    rig.rig.clock.pass(60_001);
    const left = [];
    for await (const row of rig.rig.store.scan('limit:openFailures')) left.push(row);
    assert.deepEqual(left, []);
  });
});

describe('to guess links past the limit', () => {
  /** What the proxy hands over as `X-Forwarded-For`, of a client at an address of its own. */
  const lies: Readonly<Record<string, (index: number) => string>> = {
    'other addresses in front of it': (index) => `203.0.113.${index}, 198.51.100.9`,
    'addresses of proxies in front of it': (index) => `10.0.0.5, 203.0.113.${index}, 198.51.100.9`,
    'ports, and what is no address': (index) =>
      `nonsense, 203.0.113.${index}:1, 198.51.100.9:${4_000 + index}`,
    'IPv4 written as IPv6': (index) => (index % 2 === 0 ? '198.51.100.9' : '::ffff:198.51.100.9'),
    'every address of an IPv6 network': (index) => `2001:db8:1:2:${index.toString(16)}::${index}`,
    'one IPv6 address in many ways': (index) =>
      ['2001:db8::1', '2001:DB8:0:0::1', '[2001:db8:0::1]:443', '2001:0db8:0000:0000:0000:0000:0000:0001'][
        index % 4
      ] ?? '',
    commas: (index) => `${','.repeat(index)}198.51.100.9`,
  };
  for (const [what, lie] of Object.entries(lies)) {
    it(`somebody sends ${what}`, async () => {
      await using rig = await LoginRig.create({ publicUrl: secure, trustedProxies: [proxy] });
      const answers = [];
      for (let index = 0; index < 12; index++) {
        const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': lie(index) };
        answers.push((await rig.browserOver(headers, proxy).open('nonsense')).status);
      }
      assert.deepEqual(answers, [...Array.from({ length: 10 }, () => 404), 429, 429]);
    });
  }

  it('somebody who is no proxy sends X-Forwarded-For', async () => {
    await using rig = await LoginRig.create({ trustedProxies: [proxy] });
    const answers = [];
    for (let index = 0; index < 12; index++) {
      answers.push(
        (await rig.browserOver({ 'x-forwarded-for': `203.0.113.${index}` }, '127.0.0.1').open('nonsense'))
          .status,
      );
    }
    assert.deepEqual(answers.slice(-2), [429, 429]);
  });
});
