import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { ChatUser } from '../../src/chat/chat.ts';
import type { LoginRef } from '../../src/sessions/open.ts';
import type { SessionService } from '../../src/sessions/service.ts';
import { bounded } from '../support/fuzz.ts';
import { SessionInstances } from '../support/session-instances.ts';
import { alice } from '../support/sessions.ts';

const address = '192.0.2.7';
const many = { count: 100_000, window: 60_000 };

/** All that people and browsers were given in one run, and kept. */
interface Kept {
  /** Lets so many ms go by. */
  readonly pass: (ms: number) => void;
  readonly users: readonly ChatUser[];
  readonly links: string[];
  readonly refs: LoginRef[];
  readonly codes: { readonly user: ChatUser; readonly code: string }[];
  /** Sessions, as often as that became of them. */
  readonly became: { readonly opened: string[]; readonly provisional: string[]; readonly live: string[] };
}

type Move = (sessions: SessionService, kept: Kept, user: ChatUser, pick: number) => Promise<unknown>;

/** Mostly what came last, sometimes something older. */
const one = <T>(list: readonly T[], pick: number): T | undefined =>
  list.at(pick < 6 ? -1 : -1 - (pick % Math.max(list.length, 1)));

const moves: Readonly<Record<string, Move>> = {
  async start(sessions, kept, user) {
    const started = await sessions.start(user, 'plum', { at: 0 });
    if (started.kind === 'issued') kept.links.push(started.url.slice(started.url.indexOf('#') + 1));
  },
  async open(sessions, kept, _, pick) {
    const opened = await sessions.open(one(kept.links, pick) ?? '', address);
    if (opened.kind !== 'opened') return;
    kept.became.opened.push(opened.login.session);
    kept.refs.push({ user: opened.login.user, session: opened.login.session });
  },
  async logIn(sessions, kept, _, pick) {
    const ref = one(kept.refs, pick);
    if (ref === undefined) return;
    const attempted = await sessions.attempt(ref, 'plum', address);
    if (attempted.kind !== 'right-secret') return;
    const credential = { kind: 'token', token: 'a-token' } as const;
    const lived = await attempted.attempt.succeed({ credential, stackstormUser: 'shared' });
    if (lived.kind !== 'provisional') return;
    kept.became.provisional.push(ref.session);
    kept.codes.push({ user: ref.user, code: lived.code });
  },
  async guess(sessions, kept, _, pick) {
    const ref = one(kept.refs, pick);
    if (ref !== undefined) await sessions.attempt(ref, 'pear', address);
  },
  async confirm(sessions, kept, _, pick) {
    const held = one(kept.codes, pick);
    const confirmed = held && (await sessions.confirm(held.user, held.code));
    if (confirmed?.kind === 'live') kept.became.live.push(confirmed.session.id);
  },
  async refuse(sessions, kept, _, pick) {
    const ref = one(kept.refs, pick);
    if (ref !== undefined) await sessions.refuse(ref, address);
  },
  end: (sessions, _, user) => sessions.end(user),
  endEverywhere: (sessions, _, user) => sessions.endEverywhere(user),
  cancel: (sessions, kept, user, pick) =>
    sessions.cancel(one(kept.refs, pick)?.session ?? '', { kind: 'all' }, user),
  expire: async (sessions, _, user) => {
    const live = await sessions.current(user);
    if (live !== undefined) await sessions.expired(user, live.id);
  },
  leave: (sessions, _, user) => sessions.left(user),
  cancelAll: (sessions, _, user) => sessions.cancelAll({ kind: 'workspace', ...user }, user),
  wait: async (sessions, kept) => {
    kept.pass(4 * 60_000);
    await sessions.settleDue();
  },
};

/** The next step of what has come furthest; else a new beginning. */
const goOn: Move = async (sessions, kept, user) => {
  const { became } = kept;
  const steps = [
    ['confirm', became.live],
    ['logIn', became.provisional],
    ['open', became.opened],
  ] as const;
  for (const [step, done] of steps) {
    const before = done.length;
    await moves[step]?.(sessions, kept, user, 0);
    if (done.length > before) return;
  }
  await moves['start']?.(sessions, kept, user, 0);
};

/** Moves that lead on are as likely as all that end something together. */
const likely = Array.from({ length: 12 }, () => 'goOn');
const moment = fc.array(
  fc.record({
    move: fc.constantFrom(...likely, ...Object.keys(moves)),
    who: fc.nat(1),
    at: fc.nat(1),
    pick: fc.nat(9),
  }),
  { minLength: 1, maxLength: 3 },
);

const alone = (move: string, who = 0) => [{ move, who, at: 0, pick: 0 }];

/** Once found: who lost the race for their own code took the winner’s StackStorm user from them. */
const codeTwiceAtOnce = [
  ...Array.from({ length: 3 }, () => alone('goOn')),
  [0, 1].map((at) => ({ move: 'confirm', who: 0, at, pick: 0 })),
  ...Array.from({ length: 4 }, () => alone('goOn', 1)),
];

const isOnce = (sessions: readonly string[]) => new Set(sessions).size === sessions.length;

describe('whatever people, browsers, admins and attackers do at two instances, in any order and at once', () => {
  let instances: SessionInstances;
  let bots: readonly [SessionService, SessionService];
  const closing: (() => Promise<void>)[] = [];
  let runs = 0;

  before(async () => {
    instances = await SessionInstances.create({
      after: (close: () => Promise<void>) => void closing.push(close),
    });
    const options = {
      ...({ confirm: 'code', oneChatUserPerAccount: 'refuse', secretCost: 2, idleTtl: 20 * 60_000 } as const),
      limits: { openFailures: many, loginFailures: many, links: many },
    };
    bots = [await instances.instance(options), await instances.instance(options)];
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  const play = async (
    moments: readonly (readonly { move: string; who: number; at: number; pick: number }[])[],
  ) => {
    const run = `run${runs++}`;
    const users: readonly [ChatUser, ChatUser] = [
      { ...alice, workspace: run, id: 'one' },
      { ...alice, workspace: run, id: 'two' },
    ];
    const kept: Kept = {
      pass: (ms) => instances.clock.pass(ms),
      users,
      links: [],
      refs: [],
      codes: [],
      became: { opened: [], provisional: [], live: [] },
    };
    for (const together of moments) {
      await Promise.all(
        together.map(({ move, who, at, pick }) =>
          (moves[move] ?? goOn)(bots[at] ?? bots[0], kept, users[who] ?? users[0], pick),
        ),
      );
      assert.ok(isOnce(kept.became.opened), 'a link opened twice');
      assert.ok(isOnce(kept.became.provisional), 'a login was taken twice');
      assert.ok(isOnce(kept.became.live), 'a login became two sessions');
      const living = await Promise.all(users.map((user) => bots[0].current(user)));
      assert.ok(living.filter((live) => live !== undefined).length < 2, 'two people are one StackStorm user');
    }
    return { kept, users };
  };

  it('a link opens once, a login is one session, and when all have ended nothing that was kept works', async (t) => {
    let lives = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(moment, { minLength: 4, maxLength: 12 }), async (moments) => {
        const { kept, users } = await play(moments);
        const started = instances.told.onStarted.filter(({ session }) =>
          kept.became.opened.includes(session.id),
        );
        assert.deepEqual(started.map(({ session }) => session.id).toSorted(), kept.became.live.toSorted());
        lives += kept.became.live.length;

        for (const user of users) await bots[0].end(user);
        const before = kept.became.live.length + kept.became.opened.length + kept.became.provisional.length;
        for (const bot of bots) {
          for (const link of kept.links) await moves['open']?.(bot, { ...kept, links: [link] }, users[0], 0);
          for (const ref of kept.refs) await moves['logIn']?.(bot, { ...kept, refs: [ref] }, users[0], 0);
          for (const held of kept.codes)
            await moves['confirm']?.(bot, { ...kept, codes: [held] }, users[0], 0);
        }
        const { live, opened, provisional } = kept.became;
        assert.equal(live.length + opened.length + provisional.length, before, 'something worked again');
        for (const user of users) assert.equal(await bots[1].current(user), undefined);
      }),
      { ...bounded(t, 60), examples: [[codeTwiceAtOnce]] },
    );
    assert.ok(lives > 20, `${lives} sessions came to life in all of it`);
  });
});
