import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bot, createBot } from '../src/bot.ts';
import type {
  ChatHandler,
  ChatMessage,
  ChatPlatform,
  ChatUser,
  Place,
  Post,
  PostRef,
} from '../src/chat/chat.ts';
import { ConfigError, parseConfig } from '../src/config/load.ts';
import type { Audit, AuditEvent, AuditRecord } from '../src/ops/audit.ts';
import { type OpenParts, openParts } from '../src/parts.ts';
import { createSessionService, type SessionService } from '../src/sessions/service.ts';
import { generateKey } from '../src/storage/aes-gcm.ts';

const alice: ChatUser = { platform: 'bench', workspace: 'T1', id: 'alice' };

/** A chat that costs nothing: it hands messages in and notes when the bot posts. */
export class BenchPlatform implements ChatPlatform {
  readonly name = 'bench';
  handler: ChatHandler | undefined;
  onPost: (post: Post) => void = () => undefined;
  #count = 0;

  async start(handler: ChatHandler): Promise<void> {
    this.handler = handler;
  }
  async stop(): Promise<void> {
    this.handler = undefined;
  }
  async post(place: Place, post: Post): Promise<PostRef> {
    this.onPost(post);
    return { place, id: String(this.#count++) };
  }
  async edit(): Promise<void> {
    this.#count++;
  }
  whisper(_user: ChatUser, post: Post): Promise<PostRef> {
    return this.post({ platform: 'bench', workspace: 'T1', channel: 'D1', kind: 'direct' }, post);
  }
  async findPost(): Promise<undefined> {
    return undefined;
  }
  async resolveChannel(workspace = 'T1', channel: string): Promise<Place> {
    return { platform: 'bench', workspace, channel, kind: 'channel' };
  }
  async resolveUser(workspace = 'T1', id: string): Promise<ChatUser> {
    return { platform: 'bench', workspace, id };
  }
  async profile(user: ChatUser) {
    return { platformName: 'Bench', workspaceName: user.workspace, userName: user.id };
  }
  async groupsOf(): Promise<readonly string[]> {
    return [];
  }

  /** A message as an adapter would hand it over. */
  say(text: string, eventId: string): Promise<void> {
    const message: ChatMessage = {
      eventId,
      user: alice,
      place: { platform: 'bench', workspace: 'T1', channel: 'C1', kind: 'channel' },
      messageId: eventId,
      text,
      addressed: 'prefix',
      isPrivate: false,
    };
    if (this.handler === undefined) throw new Error('the bot has not started');
    return this.handler.message(message);
  }
}

/** An audit log that tells when something was written to it. */
class AuditWatch implements Audit {
  readonly #audit: Audit;
  #event: AuditEvent | undefined;
  #left = 0;
  #done: () => void = () => undefined;

  constructor(audit: Audit) {
    this.#audit = audit;
  }

  async record(record: AuditRecord): Promise<void> {
    await this.#audit.record(record);
    if (record.event !== this.#event) return;
    this.#left -= 1;
    if (this.#left === 0) this.#done();
  }

  written(event: AuditEvent, count: number): Promise<void> {
    this.#event = event;
    this.#left = count;
    return new Promise((resolve) => {
      this.#done = resolve;
    });
  }
}

/** The whole bot on SQLite on the disk, with alice logged in. */
export interface BenchBot {
  readonly bot: Bot;
  readonly platform: BenchPlatform;
  readonly parts: OpenParts;
  readonly sessions: SessionService;
  readonly port: number;
  readonly folder: string;
  /** Resolves when so many further records of that event are written. */
  audited(event: AuditEvent, count: number): Promise<void>;
  stop(): Promise<void>;
}

const many = { count: 1_000_000, window: '1s' };

export async function startBenchBot(stackstormUrl: string, folder?: string): Promise<BenchBot> {
  const where = folder ?? (await mkdtemp(join(tmpdir(), 'bolt-stackstorm-bench-')));
  const config = parseConfig(
    {
      stackstorm: { url: stackstormUrl, credential: { apiKey: 'bench' } },
      auth: {
        clientside: {},
        publicUrl: 'http://127.0.0.1',
        confirm: 'off',
        limits: { openFailures: many, loginFailures: many, links: many },
      },
      server: { port: 0 },
      storage: { url: `sqlite://${join(where, 'bench.sqlite')}` },
      encryption: { keys: [generateKey()] },
      ops: { port: 0, logLevel: 'error', audit: { file: join(where, 'audit.jsonl') } },
    },
    { env: {}, readFile: () => '' },
  );
  if (config instanceof ConfigError) throw config;
  if (config.auth.mode !== 'clientside') throw new Error('the bench runs clientside');
  const parts = await openParts(config, {});
  const watch = new AuditWatch(parts.audit);
  const sessions = createSessionService({ ...parts, now: Date.now, events: {} }, config.auth);
  await logIn(sessions, alice);
  const platform = new BenchPlatform();
  const bot = await createBot(config, { ...parts, audit: watch, platforms: [platform] });
  const { port } = await bot.start();
  await bot.refresh();
  return {
    bot,
    platform,
    parts,
    sessions,
    port,
    folder: where,
    audited: (event, count) => watch.written(event, count),
    async stop() {
      await bot.stop();
      await parts.close();
      if (folder === undefined) await rm(where, { recursive: true, force: true });
    },
  };
}

/** A live session without a browser. */
async function logIn(sessions: SessionService, user: ChatUser): Promise<void> {
  const started = await sessions.start(user, 'plum', { at: Date.now() });
  if (started.kind !== 'issued') throw new Error('no link');
  const opened = await sessions.open(started.url.slice(started.url.indexOf('#') + 1), '127.0.0.1');
  if (opened.kind !== 'opened') throw new Error(`not opened: ${opened.kind}`);
  const ref = { user, session: started.session };
  const attempted = await sessions.attempt(ref, 'plum', '127.0.0.1');
  if (attempted.kind !== 'right-secret') throw new Error(attempted.kind);
  await attempted.attempt.succeed({
    credential: { kind: 'token', token: '0123456789abcdef0123456789abcdef' },
    stackstormUser: user.id,
  });
}
