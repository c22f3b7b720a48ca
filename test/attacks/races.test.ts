import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ChatUser } from '../../src/chat/chat.ts';
import { type PageAnswer, post, type SharedLogin, startProcesses } from '../support/login-processes.ts';
import { stackstormScript } from '../support/login-rig.ts';
import { needsRedis } from '../support/redis-server.ts';
import { alice, heldLogin, issueLink } from '../support/sessions.ts';

const key = { secret: 'plum', method: 'apiKey', apiKey: 'key-of-alice' } as const;
const wrong = { ...key, secret: 'pear' };

/** Released by a test that wants StackStorm to be slow. */
let pass: (() => void) | undefined;
let asked: (() => void) | undefined;
let isSlow = false;
let calls = 0;

let logins: ReadonlyMap<string, SharedLogin>;
const closing: (() => Promise<void>)[] = [];

before(async () => {
  logins = await startProcesses({ after: (close) => void closing.push(close) }, (request, response) => {
    calls++;
    if (!isSlow) return stackstormScript(request, response);
    pass = () => stackstormScript(request, response);
    asked?.();
  });
});
after(async () => {
  for (const close of closing.reverse()) await close();
});

function count(answers: readonly PageAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, code } of answers) {
    const name = `${status} ${code}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

let people = 0;
/** Somebody who has done nothing yet, so that no limit of theirs is near. */
const somebody = (): ChatUser => ({ ...alice, id: `person${people++}` });

for (const storage of ['SQLite', 'Redis']) {
  const skip = storage === 'Redis' ? needsRedis : {};
  describe(`at two bots on one ${storage}, in the same moment`, skip, () => {
    const shared = () => {
      const found = logins.get(storage);
      if (found === undefined) throw new Error(`no ${storage}`);
      return found;
    };
    /** The same at both, in turns. */
    const spread = (times: number, ask: (port: number) => Promise<PageAnswer>) =>
      Promise.all(Array.from({ length: times }, (_, index) => ask(shared().ports[index % 2] ?? 0)));
    const opened = async (user: ChatUser) => {
      const { link, session } = await issueLink(shared().sessions, user);
      const { cookie } = await post(shared().ports[0] ?? 0, 'open', { link });
      return { link, session, cookie };
    };

    it('fifty browsers open one link: one holds the login', async () => {
      for (let round = 0; round < 4; round++) {
        const { link } = await issueLink(shared().sessions, somebody());
        const answers = await spread(50, (port) => post(port, 'open', { link }));
        assert.deepEqual(count(answers), { '200 ok': 1, '410 link-used': 49 });
        assert.equal(answers.filter(({ cookie }) => cookie !== undefined).length, 1);
      }
    });

    it('fifty wrong secrets are five, and the end is told once', async () => {
      const { session, cookie } = await opened(somebody());
      const guess = { login: session, ...wrong };
      const answers = await spread(50, (port) => post(port, 'authenticate', guess, cookie));
      assert.deepEqual(count(answers), { '401 wrong-secret': 5, '410 login-dead': 45 });
      // An answer of each bot after the burst: what it told before has come by then.
      await spread(2, (port) => post(port, 'authenticate', guess, cookie));
      assert.equal(shared().told.dead.filter((dead) => dead === session).length, 1);
    });

    it('twenty tabs log in with the right credentials: one session, told once, and a replay is dead', async () => {
      const user = somebody();
      const { session, cookie } = await opened(user);
      calls = 0;
      const body = { login: session, ...key };
      const answers = await spread(20, (port) => post(port, 'authenticate', body, cookie));
      assert.deepEqual(count(answers), { '200 ok': 1, '410 login-dead': 19 });
      assert.ok(calls <= 5, `StackStorm was asked ${calls} times`);
      const replays = await spread(2, (port) => post(port, 'authenticate', body, cookie));
      assert.deepEqual(count(replays), { '410 login-dead': 2 });
      assert.equal(shared().told.started.filter((started) => started === session).length, 1);
      assert.equal((await shared().sessions.current(user))?.id, session);
    });

    it('a login and its end in chat meet: afterwards there is no session, whoever was first', async () => {
      const { sessions } = shared();
      for (let round = 0; round < 6; round++) {
        const user = somebody();
        const { session, cookie } = await opened(user);
        const scope = { kind: 'all' } as const;
        const [answer] = await Promise.all([
          post(shared().ports[round % 2] ?? 0, 'authenticate', { login: session, ...key }, cookie),
          round % 2 === 0 ? sessions.end(user) : sessions.cancel(session, scope, alice),
        ]);
        assert.match(`${answer.status} ${answer.code}`, /^(?:200 ok|410 login-dead)$/u);
        assert.equal(await sessions.current(user), undefined);
      }
    });

    it('a new link and the opening of the old one meet: the old login is dead, whoever was first', async () => {
      const { sessions } = shared();
      for (let round = 0; round < 4; round++) {
        const user = somebody();
        const { link, session } = await issueLink(sessions, user);
        const [old] = await Promise.all([
          post(shared().ports[round % 2] ?? 0, 'open', { link }),
          issueLink(sessions, user),
        ]);
        const body = { login: session, ...key };
        const [answer] = await spread(1, (port) => post(port, 'authenticate', body, old.cookie));
        assert.match(`${answer?.status} ${answer?.code}`, /^(?:410 login-dead|403 no-login)$/u);
        assert.equal(await sessions.current(user), undefined);
      }
    });

    for (const [what, interfere] of [
      ['session_end', (user) => shared().sessions.end(user)],
      [
        'session_cancel',
        (user) => shared().sessions.cancel(`playground:demo:${user.id}`, { kind: 'all' }, alice),
      ],
      ['session_start', (user) => issueLink(shared().sessions, user)],
    ] as const satisfies readonly (readonly [string, (user: ChatUser) => Promise<unknown>])[]) {
      it(`StackStorm is slow, and a ${what} elsewhere has been answered: the login is dead`, async () => {
        const user = somebody();
        const { session, cookie } = await opened(user);
        isSlow = true;
        const isAsked = new Promise<void>((resolve) => {
          asked = resolve;
        });
        const answering = spread(1, (port) => post(port, 'authenticate', { login: session, ...key }, cookie));
        await isAsked;
        isSlow = false;
        await interfere(user);
        pass?.();
        assert.deepEqual(count(await answering), { '410 login-dead': 1 });
        assert.equal(await shared().sessions.current(user), undefined);
        assert.ok(!shared().told.started.includes(session));
      });
    }

    it('fifty times the right code: one session, told once; fifty times a wrong one: three tries', async () => {
      const { confirming, told } = shared();
      const enter = (user: ChatUser, code: string) =>
        Promise.all(
          Array.from({ length: 50 }, (_, at) => (confirming[at % 2] ?? confirming[0]).confirm(user, code)),
        );
      const [one, other] = [somebody(), somebody()];
      const right = await heldLogin(confirming[0], one);
      const confirmed = await enter(one, right.code);
      assert.equal(confirmed.filter(({ kind }) => kind === 'live').length, 1);
      assert.equal(told.started.filter((started) => started === right.session).length, 1);

      await heldLogin(confirming[0], other);
      const guessed = await enter(other, 'BBBB-BBBB');
      assert.equal(guessed.filter(({ kind }) => kind === 'wrong' || kind === 'dead').length, 3);
      assert.equal(guessed.filter(({ kind }) => kind === 'dead').length, 1);
    });

    it('the code meets “This is not me”, an end, or a new link: afterwards there is no session', async () => {
      const [here, there] = shared().confirming;
      const meetings: readonly ((user: ChatUser, session: string) => Promise<unknown>)[] = [
        (user, session) => there.refuse({ user, session }, '192.0.2.7'),
        (user) => there.end(user),
        (_, session) => there.cancel(session, { kind: 'all' }, alice),
      ];
      for (const meet of [...meetings, ...meetings]) {
        const user = somebody();
        const { session, code } = await heldLogin(here, user);
        const [confirmed] = await Promise.all([here.confirm(user, code), meet(user, session)]);
        assert.match(confirmed.kind, /^(?:live|none)$/u);
        assert.equal(await here.current(user), undefined);
        assert.equal((await there.confirm(user, code)).kind, 'none');
      }
    });

    it('a login that one opened goes on at the other, and ends at both when it is ended in chat', async () => {
      const user = somebody();
      const { session, cookie } = await opened(user);
      const guess = { login: session, ...wrong };
      assert.equal((await post(shared().ports[1] ?? 0, 'authenticate', guess, cookie)).code, 'wrong-secret');
      await shared().sessions.end(user);
      const dead = await spread(2, (port) => post(port, 'authenticate', guess, cookie));
      assert.deepEqual(count(dead), { '410 login-dead': 2 });
    });

    it('forty wrong links of one address are counted together', async () => {
      const answers = await spread(40, (port) => post(port, 'open', { link: 'nonsense' }));
      assert.deepEqual(count(answers), { '404 link-unknown': 10, '429 too-many-requests': 30 });
    });
  });
}
