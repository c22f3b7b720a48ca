import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import type { ChatUser } from '../../src/chat/chat.ts';
import type { Lived } from '../../src/sessions/attempt.ts';
import type { SessionOptions } from '../../src/sessions/context.ts';
import type {
  AccountShared,
  AllCancelled,
  LoginDead,
  LoginProvisional,
  LoginRefused,
  SessionEnded,
  SessionEnding,
  SessionEvents,
  SessionStarted,
  TooManyFailures,
} from '../../src/sessions/events.ts';
import { createSessionService, type SessionService } from '../../src/sessions/service.ts';
import { createEncryption } from '../../src/storage/aes-gcm.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import type { Store } from '../../src/storage/store.ts';
import { temporaryFolder } from './folder.ts';
import { openedLogin, rightAttempt, sessionOptions, TestAudit, TestClock } from './sessions.ts';

/** What was told, by the name of its event, in order. */
class Told {
  readonly onProvisional: LoginProvisional[] = [];
  readonly onStarted: SessionStarted[] = [];
  readonly onShared: AccountShared[] = [];
  readonly onDead: LoginDead[] = [];
  readonly onRefused: LoginRefused[] = [];
  readonly onTooManyFailures: TooManyFailures[] = [];
  readonly onEnding: SessionEnding[] = [];
  readonly onEnded: SessionEnded[] = [];
  readonly onAllCancelled: AllCancelled[] = [];
}

/** Session services of several instances on one SQLite file, each with a connection of its own, and all that they told. */
export class SessionInstances {
  readonly clock = new TestClock();
  readonly audit = new TestAudit();
  readonly told = new Told();
  readonly #path: string;
  readonly #context: Pick<TestContext, 'after'>;
  readonly #encryption = createEncryption([randomBytes(32)]);

  static async create(context: Pick<TestContext, 'after'>): Promise<SessionInstances> {
    return new SessionInstances(context, join(await temporaryFolder(context), 'sessions.sqlite'));
  }

  private constructor(context: Pick<TestContext, 'after'>, path: string) {
    this.#context = context;
    this.#path = path;
  }

  async store(): Promise<Store> {
    const store = await openSqlite({ path: this.#path, now: this.clock.now });
    this.#context.after(() => store.close());
    return store;
  }

  async instance(changes: Partial<SessionOptions> = {}): Promise<SessionService> {
    const { told } = this;
    const into =
      <E>(heard: E[]) =>
      async (event: E) =>
        void heard.push(event);
    const events: Required<SessionEvents> = {
      onProvisional: into(told.onProvisional),
      onStarted: into(told.onStarted),
      onShared: into(told.onShared),
      onDead: into(told.onDead),
      onRefused: into(told.onRefused),
      onTooManyFailures: into(told.onTooManyFailures),
      onEnding: into(told.onEnding),
      onEnded: into(told.onEnded),
      onAllCancelled: into(told.onAllCancelled),
    };
    return createSessionService(
      {
        store: await this.store(),
        encryption: this.#encryption,
        audit: this.audit,
        logger: pino({ level: 'silent' }),
        now: this.clock.now,
        events,
      },
      { ...sessionOptions, ...changes },
    );
  }
}

/** A login of the chat user as the StackStorm user, up to what becomes of it. */
export async function logInAs(
  sessions: SessionService,
  user: ChatUser,
  stackstormUser: string,
): Promise<Lived> {
  const attempt = await rightAttempt(sessions, await openedLogin(sessions, user));
  return attempt.succeed({
    credential: { kind: 'token', token: `token-of-${stackstormUser}` },
    stackstormUser,
  });
}
