import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { createEmbeddedStackStorm } from '../../src/demo/stackstorm/stackstorm.ts';
import { createBotCredential } from '../../src/stackstorm/bot-credential.ts';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import type { Credential } from '../../src/stackstorm/credential.ts';
import { tryBotPermissions } from '../../src/stackstorm/permissions.ts';
import { probeAuth } from '../../src/stackstorm/probe.ts';
import type { StreamEvent } from '../../src/stackstorm/stackstorm.ts';
import { createStreamReader } from '../../src/stackstorm/stream-reader.ts';
import { isCompleted } from '../../src/stackstorm/wire.ts';
import { stackStormError } from '../support/stackstorm-error.ts';

/** The embedded StackStorm behind its nginx, our client, and the bot by password. */
async function setUp(timeoutMs = 5_000) {
  const embedded = createEmbeddedStackStorm();
  const listener = await embedded.listen();
  const malformed: string[] = [];
  const stackstorm = createStackStorm({
    url: listener.url,
    timeoutMs,
    onMalformedRow: (call, reason) => malformed.push(`${call} ${reason}`),
  });
  const source = {
    kind: 'password',
    username: embedded.bot.username,
    password: embedded.bot.password,
  } as const;
  return {
    embedded,
    stackstorm,
    malformed,
    bot: createBotCredential({ stackstorm, source }),
    async login(name: string): Promise<Credential> {
      const { token } = await stackstorm.createToken(name, name, 600);
      return { kind: 'token', token };
    },
    async [Symbol.asyncDispose]() {
      await stackstorm.close();
      await listener.close();
      embedded.close();
    },
  };
}

const request = (command: string, correlation: string) => ({
  name: 'run',
  format: 'run {{cmd}} on {{hosts}}',
  command,
  user: 'U1',
  source_channel: 'C1',
  source_context: { correlation },
  notification_route: 'errbot',
});

/** The demo's alias for `run {{cmd}} on {{hosts}}`, as the catalog has it. */
async function runRequest(given: Awaited<ReturnType<typeof setUp>>, correlation: string) {
  const aliases = await given.bot.use((credential) => given.stackstorm.aliases(credential));
  const format = 'run {{cmd}} on {{hosts}}';
  const alias = aliases.find(({ formats }) =>
    formats.some((one) =>
      typeof one === 'string' ? one === format : [one.representation].flat().includes(format),
    ),
  );
  assert.ok(alias, aliases.map(({ ref }) => ref).join());
  return {
    actionRef: alias.action_ref,
    request: { ...request('run uptime on web1', correlation), name: alias.name },
  };
}

describe('against the embedded StackStorm', () => {
  it('a login, a catalog, a run, its execution, and the search of R6', async () => {
    await using given = await setUp();
    const alice = await given.login('alice');
    assert.equal((await given.stackstorm.user(alice)).username, 'alice');
    assert.equal(await given.stackstorm.validateToken(alice, 'nonsense'), false);
    const { actionRef, request } = await runRequest(given, 'c-1');
    const before = Date.now() - 1_000;
    const { execution, actionalias } = await given.stackstorm.runAlias(alice, request);
    assert.equal(actionalias.name, request.name);
    const found = await given.bot.use((bot) => given.stackstorm.executionsOf(bot, actionRef, before));
    assert.equal(found[0]?.id, execution.id);
    assert.deepEqual(found[0]?.liveaction?.notify?.['on-complete'], {
      data: { user: 'U1', source_channel: 'C1', source_context: { correlation: 'c-1' } },
      routes: ['errbot'],
    });
    const later = await given.bot.use((bot) =>
      given.stackstorm.executionsOf(bot, actionRef, Date.now() + 60_000),
    );
    assert.deepEqual(later, []);
    assert.ok((await given.bot.use((bot) => given.stackstorm.rules(bot))).length > 0);
    assert.deepEqual(given.malformed, []);
  });

  it('an execution can be cancelled, and a finished one says that it cannot', async () => {
    await using given = await setUp();
    const alice = await given.login('alice');
    const { request } = await runRequest(given, 'c-2');
    const { execution } = await given.stackstorm.runAlias(alice, request);
    await given.stackstorm.cancelExecution(alice, execution.id);
    while (!isCompleted((await given.stackstorm.execution(alice, execution.id)).status)) {
      await new Promise(setImmediate);
    }
    const error = await stackStormError(given.stackstorm.cancelExecution(alice, execution.id));
    assert.equal(error.code, 'rejected');
    assert.equal(error.status, 200);
    const missing = await stackStormError(given.stackstorm.execution(alice, 'nope'));
    assert.equal(missing.code, 'not-found');
  });

  it('refusals: wrong password, too long a token, what bob may not do', async () => {
    await using given = await setUp();
    const codeOf = async (promise: Promise<unknown>) => (await stackStormError(promise)).code;
    assert.equal(await codeOf(given.stackstorm.createToken('alice', 'wrong')), 'unauthorized');
    assert.equal(await codeOf(given.stackstorm.createToken('nobody', 'wrong')), 'unauthorized');
    assert.equal(await codeOf(given.stackstorm.createToken('alice', 'alice', 10_000_000)), 'rejected');
    const { request } = await runRequest(given, 'c-3');
    const refused = await stackStormError(given.stackstorm.runAlias(await given.login('bob'), request));
    assert.equal(refused.code, 'forbidden');
    assert.match(refused.faultstring ?? '', /bob/);
    assert.deepEqual(await probeAuth(given.stackstorm), { kind: 'ok' });
  });

  it('what may have happened, did or did not: the search tells', async () => {
    await using given = await setUp(1_500);
    const alice = await given.login('alice');
    const { actionRef, request } = await runRequest(given, 'x');
    for (const [kind, code, happens] of [
      ['done-then-500', 'server-error', true],
      ['done-then-cut', 'unreachable', true],
      ['done-then-hang', 'timed-out', true],
      ['cut', 'unreachable', false],
      ['backend-down', 'unreachable', false],
    ] as const) {
      given.embedded.state.faults.add({ inject: { kind }, path: '/aliasexecution', times: 1 });
      const before = Date.now() - 60_000;
      const source_context = { correlation: `c-${kind}` };
      const error = await stackStormError(given.stackstorm.runAlias(alice, { ...request, source_context }));
      assert.equal(error.code, code);
      assert.equal(error.mayHaveHappened, true);
      const found = await given.bot.use((bot) => given.stackstorm.executionsOf(bot, actionRef, before));
      const ours = found.filter(({ liveaction }) =>
        JSON.stringify(liveaction?.notify).includes(`"c-${kind}"`),
      );
      assert.equal(ours.length, happens ? 1 : 0, kind);
    }
  });

  it('the bot account has what it needs', async () => {
    await using given = await setUp();
    const alice = await given.login('alice');
    const { request } = await runRequest(given, 'c-4');
    await given.stackstorm.runAlias(alice, request);
    const checks = await tryBotPermissions(given.stackstorm, given.bot, {
      streamEvents: ['st2.announcement__*'],
    });
    const untried = checks.filter(({ outcome }) => outcome.kind !== 'ok');
    assert.deepEqual(
      untried.map(({ call, outcome }) => [call, outcome.kind]),
      [['inquiries.get', 'untried']],
    );
  });

  it('the reader hears executions and announcements, over cuts, a backend that is down and an expired token', async () => {
    await using given = await setUp();
    const events: StreamEvent[] = [];
    const news = new EventEmitter();
    let connects = 0;
    const reader = createStreamReader({
      stackstorm: given.stackstorm,
      botCredential: given.bot,
      events: ['st2.announcement__errbot', 'st2.execution__update'],
      idleMs: 5_000,
      backoff: { minMs: 1, maxMs: 10 },
      onEvent(event) {
        events.push(event);
        news.emit(event.name, event);
      },
      onConnected() {
        connects += 1;
        news.emit('connected');
      },
      logger: pino({ level: 'silent' }),
    });
    const alice = await given.login('alice');
    const runOnce = async (correlation: string) => {
      const { request } = await runRequest(given, correlation);
      const announced = once(news, 'st2.announcement__errbot');
      const { execution } = await given.stackstorm.runAlias(alice, request);
      const [event] = await announced;
      assert.match(JSON.stringify(event), new RegExp(correlation));
      assert.ok(
        events.some(
          ({ name, data }) => name === 'st2.execution__update' && JSON.stringify(data).includes(execution.id),
        ),
      );
    };
    let connected = once(news, 'connected');
    reader.start();
    await connected;
    await runOnce('r-1');

    connected = once(news, 'connected');
    given.embedded.state.faults.add({ inject: { kind: 'backend-down' }, service: 'stream', times: 2 });
    given.embedded.state.cutStreams();
    await connected;
    await runOnce('r-2');

    connected = once(news, 'connected');
    given.embedded.state.accounts.expireTokensOf(given.embedded.bot.username);
    given.embedded.state.endStreams();
    await connected;
    await runOnce('r-3');
    await reader.stop();
    assert.equal(connects, 3);
  });
});
