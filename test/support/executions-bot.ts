import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import type { Auth, Grant } from '../../src/auth/auth.ts';
import { DeadLetters } from '../../src/chat/dead-letters.ts';
import { createDelivery } from '../../src/chat/delivery.ts';
import { createClaims } from '../../src/executions/claims.ts';
import { newCorrelationId } from '../../src/executions/correlation.ts';
import type { ExecutionsOptions } from '../../src/executions/deps.ts';
import { createExecutions } from '../../src/executions/executions.ts';
import type { Intent } from '../../src/executions/intent.ts';
import type { Granted } from '../../src/executions/send.ts';
import type { Audit, AuditRecord } from '../../src/ops/audit.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import type { BotCredential } from '../../src/stackstorm/stackstorm.ts';
import { createEncryption } from '../../src/storage/aes-gcm.ts';
import { openStore } from '../../src/storage/open-store.ts';
import { temporaryFolder } from './folder.ts';
import { ManualClock, Time } from './manual-clock.ts';
import { placeOf, RecordingChat, RecordingPlatform } from './recording-chat.ts';
import { ScriptedStackStorm } from './scripted-stackstorm.ts';

export const alice = { platform: 'test', workspace: 'T1', id: 'U1' };
export const thread = placeOf('C1', '111.222');

export const grant: Granted = {
  kind: 'granted',
  credential: { kind: 'token', token: 'alice-token' },
  stackstormUser: 'alice',
  session: 's1',
};

/** One StackStorm, one chat, one database file and one time, for any number of bots. */
export interface World {
  readonly stackstorm: ScriptedStackStorm;
  readonly chat: RecordingChat;
  readonly time: Time;
  readonly file: string;
  readonly dead: Set<number>;
  readonly context: TestContext;
}

export async function createWorld(context: TestContext): Promise<World> {
  const time = new Time();
  const stackstorm = new ScriptedStackStorm(() => time.at);
  await stackstorm.start();
  context.after(() => stackstorm.close());
  const folder = await temporaryFolder(context);
  return {
    stackstorm,
    chat: new RecordingChat(),
    time,
    file: `${folder}/bot.sqlite`,
    dead: new Set(),
    context,
  };
}

const key = new Uint8Array(32).fill(7);
let pids = 1000;

export type Bot = Awaited<ReturnType<typeof startBot>>;

/** A bot on the world's database: real SQLite, real HTTP, the chat and the time of the world. */
export async function startBot(
  world: World,
  options: Partial<ExecutionsOptions> = {},
  overrides: { auth?: Auth } = {},
) {
  const clock = new ManualClock(world.time);
  const store = await openStore(`sqlite://${world.file}`, { now: () => clock.now() });
  const encryption = createEncryption([key]);
  const metrics = createMetrics();
  const logs: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) });
  const records: AuditRecord[] = [];
  const audit: Audit & { isBroken?: Error } = {
    record: async (record) => {
      if (audit.isBroken !== undefined) throw audit.isBroken;
      records.push(record);
    },
  };
  const platform = new RecordingPlatform(world.chat);
  const deadLetters = new DeadLetters(
    { store, encryption, audit, metrics, logger, clock },
    { ttlMs: 7 * 24 * 60 * 60 * 1000 },
  );
  const platforms = [platform];
  const delivery = createDelivery({ platforms, deadLetters, logger, clock, random: () => 0 });
  const stackstorm = createStackStorm({ url: world.stackstorm.url, timeoutMs: 5000 });
  const botCredential: BotCredential = {
    get: async () => ({ kind: 'token', token: 'bot-token' }),
    use: (call) => call({ kind: 'token', token: 'bot-token' }),
  };
  const rejections: Grant[] = [];
  const auth: Auth = overrides.auth ?? {
    mode: 'clientside',
    credentialFor: async () =>
      rejections.length > 0 ? { kind: 'refused', reason: 'session-expired' } : grant,
    rejected: async (_user, rejected) => void rejections.push(rejected),
  };
  const claims = createClaims(store);
  const pid = pids++;
  const identity = {
    id: `instance-${pid}`,
    host: 'test',
    pid,
    isAlive: (asked: number) => !world.dead.has(asked),
  };
  const executions = createExecutions(
    {
      store,
      encryption,
      claims,
      stackstorm,
      botCredential,
      auth,
      platforms,
      delivery,
      deadLetters,
      audit,
      logger,
      metrics,
      clock,
      identity,
    },
    {
      routeKey: 'errbot',
      announcementRoutes: ['chatops'],
      announcementWait: 10_000,
      pollInterval: 15_000,
      maxInFlight: 100,
      resultMaxLength: 4000,
      progress: 'live',
      loginCommand: '!session_start <word>',
      ...options,
    },
  );
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    clock.stop();
    platform.isDead = true;
    // Calls that hang end with the scripted server, after every bot.
    void stackstorm.close();
    await store.close();
  };
  world.context.after(close);
  await executions.start();
  return {
    executions,
    clock,
    store,
    metrics,
    logs,
    records,
    audit,
    platform,
    delivery,
    deadLetters,
    claims,
    rejections,
    identity,
    stackstorm,
    /** kill -9: nothing of this bot happens any more. */
    kill: async () => {
      world.dead.add(pid);
      await close();
    },
  };
}

let events = 0;

export function intentOf(more: Partial<Intent> = {}): Intent {
  return {
    correlationId: newCorrelationId(),
    eventId: `event-${events++}`,
    user: alice,
    place: thread,
    alias: { ref: 'wire.run_local', name: 'run_local', action_ref: 'wire.run', ack: {}, result: {} },
    format: 'run {{cmd}} on {{hosts=localhost}}',
    command: 'run uptime on web1',
    ...more,
  };
}

/** What the router does with a message: claim and intent in one tick, then the run. */
export async function command(bot: Bot, intent: Intent) {
  const [isOurs, run] = await Promise.all([
    bot.claims.claim(intent.eventId, intent.correlationId),
    bot.executions.intend(intent),
  ]);
  if (isOurs) return await bot.executions.run(run, grant);
  await bot.executions.drop(run);
  return undefined;
}

/** A command that StackStorm runs, and its living message. */
export async function running(world: World, bot: Bot) {
  const intent = intentOf();
  await command(bot, intent);
  const id = [...world.stackstorm.executions.keys()].at(-1) ?? assert.fail();
  const [ack = assert.fail()] = world.chat.keyed(`ack:${intent.correlationId}`);
  const says = (pattern: RegExp) => world.chat.until(() => (pattern.test(ack.post.text) ? ack : undefined));
  return { intent, id, ack, says };
}

/** Resolves when `look` is true, asked each time that the event loop comes round. */
export async function eventually(look: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error('it never came true');
    await setImmediate();
  }
}

/** How often a result was counted under an outcome. */
export async function counted(bot: Bot, outcome: string): Promise<number> {
  const { values } = await bot.metrics.results.get();
  return values.find((value) => value.labels.outcome === outcome)?.value ?? 0;
}
