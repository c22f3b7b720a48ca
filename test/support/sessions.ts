import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import type { ChatUser } from '../../src/chat/chat.ts';
import { type Audit, AuditError, type AuditRecord } from '../../src/ops/audit.ts';
import type { Logger } from '../../src/ops/logger.ts';
import type { SessionOptions } from '../../src/sessions/context.ts';
import type { LoginDead, SessionEnded, SessionStarted } from '../../src/sessions/events.ts';
import { createSessionService, type SessionService } from '../../src/sessions/service.ts';
import { createEncryption } from '../../src/storage/aes-gcm.ts';
import type { Encryption } from '../../src/storage/encryption.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import type { Store } from '../../src/storage/store.ts';

export const alice: ChatUser = { platform: 'playground', workspace: 'demo', id: 'alice' };
export const bob: ChatUser = { platform: 'playground', workspace: 'demo', id: 'bob' };
export const stranger: ChatUser = { platform: 'playground', workspace: 'other', id: 'mallory' };
export const home = '192.0.2.7';

export const minute = 60_000;
export const hour = 60 * minute;

/** The defaults of the config, but for the cost of a guess: hundreds are made, and secret.test.ts shows the real one. */
export const sessionOptions: SessionOptions = {
  secretCost: 2 ** 6,
  publicUrl: 'http://127.0.0.1:3141',
  linkTtl: 10 * minute,
  maxAttempts: 5,
  sessionTtl: 12 * hour,
  limits: {
    openFailures: { count: 10, window: minute },
    loginFailures: { count: 10, window: hour },
    links: { count: 5, window: 10 * minute },
  },
};

/** A clock that tests turn. */
export class TestClock {
  #ms: number;

  constructor(ms = Date.UTC(2026, 10, 22, 12)) {
    this.#ms = ms;
  }

  readonly now = () => this.#ms;

  pass(ms: number): void {
    this.#ms += ms;
  }
}

/** An audit log in memory, which can be told to fail. */
export class TestAudit implements Audit {
  readonly records: AuditRecord[] = [];
  isBroken = false;

  async record(record: AuditRecord): Promise<void> {
    if (this.isBroken) throw new AuditError();
    this.records.push(record);
  }

  get codes(): string[] {
    return this.records.map(({ event, outcome }) => `${event} ${outcome}`);
  }
}

/** The session service on a real SQLite database, with all that it told anybody. */
export interface SessionRig {
  readonly sessions: SessionService;
  readonly store: Store;
  readonly encryption: Encryption;
  readonly clock: TestClock;
  readonly audit: TestAudit;
  readonly logger: Logger;
  readonly started: SessionStarted[];
  readonly dead: LoginDead[];
  readonly ended: SessionEnded[];
  [Symbol.asyncDispose](): Promise<void>;
}

export async function sessionRig(
  changes: Partial<SessionOptions> = {},
  storeOf?: (clock: TestClock) => Promise<Store>,
): Promise<SessionRig> {
  const clock = new TestClock();
  const store = storeOf ? await storeOf(clock) : await openSqlite({ path: ':memory:', now: clock.now });
  const audit = new TestAudit();
  const encryption = createEncryption([randomBytes(32)]);
  const logger = pino({ level: 'silent' });
  const started: SessionStarted[] = [];
  const dead: LoginDead[] = [];
  const ended: SessionEnded[] = [];
  const events = {
    onStarted: async (event: SessionStarted) => void started.push(event),
    onDead: async (event: LoginDead) => void dead.push(event),
    onEnded: async (event: SessionEnded) => void ended.push(event),
  };
  const sessions = createSessionService(
    { store, encryption, audit, logger, now: clock.now, events },
    { ...sessionOptions, ...changes },
  );
  return {
    sessions,
    store,
    encryption,
    clock,
    audit,
    logger,
    started,
    dead,
    ended,
    [Symbol.asyncDispose]: () => store.close(),
  };
}

/** The link in an issued URL; throws where none was issued. */
export async function issueLink(
  sessions: SessionService,
  user = alice,
  secret = 'plum',
): Promise<{ link: string; url: string; session: string }> {
  const issued = await sessions.start(user, secret, { at: Date.UTC(2026, 10, 22, 11, 59) });
  if (issued.kind !== 'issued') throw new Error(`no link: ${issued.kind}`);
  return { link: issued.url.slice(issued.url.indexOf('#') + 1), url: issued.url, session: issued.session };
}

/** A login that is open, for its browser. */
export async function openedLogin(sessions: SessionService, user = alice, secret = 'plum') {
  const { link, session } = await issueLink(sessions, user, secret);
  const opened = await sessions.open(link, home);
  if (opened.kind !== 'opened') throw new Error(`not opened: ${opened.kind}`);
  return { user, session };
}

/** A right try at an open login. */
export async function rightAttempt(sessions: SessionService, ref: { user: ChatUser; session: string }) {
  const attempted = await sessions.attempt(ref, 'plum', home);
  if (attempted.kind !== 'right-secret') throw new Error(`no attempt: ${attempted.kind}`);
  return attempted.attempt;
}

export const aliceAtStackStorm = {
  credential: { kind: 'token', token: 'a-token-of-alice' },
  stackstormUser: 'alice',
} as const;

/** A whole login: from session_start to the live session. */
export async function loggedIn(sessions: SessionService, user = alice): Promise<string> {
  const ref = await openedLogin(sessions, user);
  const lived = await (await rightAttempt(sessions, ref)).succeed(aliceAtStackStorm);
  if (lived.kind !== 'live') throw new Error('not live');
  return ref.session;
}
