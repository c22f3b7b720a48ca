/** Socket Mode as it is on the wire, without an SDK: who gets an envelope, what comes again, and what ends. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { type EmulatedApp, type SlackEmulator, startSlack } from '../support/slack/emulator.ts';

const frame = z.looseObject({
  type: z.string(),
  envelope_id: z.string().optional(),
  reason: z.string().optional(),
  num_connections: z.number().optional(),
  retry_attempt: z.number().optional(),
  retry_reason: z.string().optional(),
});

type Frame = z.infer<typeof frame>;

/** A client that does nothing by itself. */
class RawSocket {
  readonly frames: Frame[] = [];
  closed = false;
  readonly #socket: WebSocket;
  readonly #slack: SlackEmulator;

  constructor(slack: SlackEmulator, url: string) {
    this.#slack = slack;
    this.#socket = new WebSocket(url);
    this.#socket.on('message', (data) => {
      this.frames.push(frame.parse(JSON.parse(data.toString())));
      slack.world.core.touch();
    });
    this.#socket.on('error', () => this.#socket.terminate());
    this.#socket.on('close', () => {
      this.closed = true;
      slack.world.core.touch();
    });
  }

  next(type: string, nth = 1): Promise<Frame> {
    return this.#slack.until(() => this.frames.filter((one) => one.type === type)[nth - 1], `${type} ${nth}`);
  }

  async ended(): Promise<void> {
    await this.#slack.until(() => this.closed, 'the end of the connection');
  }

  acknowledge(id: string | undefined, payload?: object): void {
    this.#socket.send(JSON.stringify({ envelope_id: id, payload }));
  }

  leave(): void {
    this.#socket.terminate();
  }
}

async function open(
  slack: SlackEmulator,
  token: string,
): Promise<{ ok: boolean; url: string; error?: string }> {
  const response = await fetch(`${slack.apiUrl}apps.connections.open`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  return z
    .object({ ok: z.boolean(), url: z.string().default(''), error: z.string().optional() })
    .transform(({ error, ...rest }) => (error === undefined ? rest : { ...rest, error }))
    .parse(await response.json());
}

async function connect(slack: SlackEmulator, app: EmulatedApp): Promise<RawSocket> {
  const socket = new RawSocket(slack, (await open(slack, app.appToken)).url);
  await socket.next('hello');
  return socket;
}

async function listening(t: TestContext, ackTimeoutMs = 3000) {
  const slack = await startSlack(t, { ackTimeoutMs });
  const team = slack.workspace({ id: 'T024' });
  const app = slack.app({
    socketMode: true,
    botScopes: ['channels:history', 'commands'],
    botEvents: ['message.channels'],
    commands: ['/st2'],
  });
  const { bot, botToken } = slack.install(app, team);
  const alice = slack.user(team, { name: 'alice' });
  const general = slack.channel(team, { name: 'general', members: [alice, bot] });
  return { slack, app, alice, general, botToken };
}

test('only an app-level token opens a connection, and its URL is good for one', async (t) => {
  const { slack, app, botToken } = await listening(t);
  assert.equal((await open(slack, 'xapp-unknown')).error, 'invalid_auth');
  assert.equal((await open(slack, botToken)).error, 'not_allowed_token_type');
  const { url } = await open(slack, app.appToken);
  const first = new RawSocket(slack, url);
  assert.equal((await first.next('hello')).num_connections, 1);
  const second = new RawSocket(slack, url);
  await second.ended();
  assert.deepEqual(second.frames, []);
});

test('an envelope goes to one connection; unacknowledged in time, it goes to the other in a new envelope', async (t) => {
  const { slack, app, alice, general } = await listening(t, 60);
  const sockets = [await connect(slack, app), await connect(slack, app)];
  await alice.say(general, 'hello');
  await slack.until(() => sockets.some((one) => one.frames.length === 2), 'the first delivery');
  const first = sockets.find((one) => one.frames.length === 2);
  const other = sockets.find((one) => one !== first);
  const { envelope_id: firstId } = (await first?.next('events_api')) ?? {};
  const again = await other?.next('events_api');
  assert.notEqual(again?.envelope_id, firstId);
  assert.deepEqual([again?.retry_attempt, again?.retry_reason], [1, 'timeout']);
  first?.acknowledge(again?.envelope_id);
  const third = await first?.next('events_api', 2);
  assert.equal(third?.retry_attempt, 2, 'an acknowledgement on another connection counts for nothing');
  first?.acknowledge(third?.envelope_id);
  await app.settled();
  assert.deepEqual(app.lost, []);
});

test('after three retries an event is lost; a slash command is never sent again', async (t) => {
  const { slack, app, alice, general } = await listening(t, 20);
  const socket = await connect(slack, app);
  await alice.say(general, 'hello');
  await app.settled();
  assert.equal(socket.frames.filter((one) => one.type === 'events_api').length, 4);
  assert.equal(app.lost.length, 1);
  const slash = alice.slash(general, '/st2', 'x');
  await socket.next('slash_commands');
  socket.leave();
  assert.equal((await slash).error, 'operation_timeout');
  await connect(slack, app);
  assert.equal(app.sockets.sent.filter((one) => one.type === 'slash_commands').length, 1);
});

test('an event without a connection waits for the next', async (t) => {
  const { slack, app, alice, general } = await listening(t);
  await alice.say(general, 'hello');
  const socket = await connect(slack, app);
  const event = await socket.next('events_api');
  assert.equal(event.retry_attempt, 0);
  socket.acknowledge(event.envelope_id);
  await app.settled();
});

test('a connection that is asked to refresh gets nothing more, one that is warned does', async (t) => {
  const { slack, app, alice, general } = await listening(t);
  const old = await connect(slack, app);
  app.warnDisconnect();
  assert.equal((await old.next('disconnect')).reason, 'warning');
  await alice.say(general, 'one');
  old.acknowledge((await old.next('events_api')).envelope_id);
  app.refreshSocket();
  assert.equal((await old.next('disconnect', 2)).reason, 'refresh_requested');
  await alice.say(general, 'two');
  const fresh = await connect(slack, app);
  fresh.acknowledge((await fresh.next('events_api')).envelope_id);
  await app.settled();
  assert.equal(old.frames.filter((one) => one.type === 'events_api').length, 1);
});

test('the eleventh connection is turned away', async (t) => {
  const { slack, app } = await listening(t);
  for (let i = 1; i <= 10; i += 1) await connect(slack, app);
  const eleventh = new RawSocket(slack, (await open(slack, app.appToken)).url);
  assert.equal((await eleventh.next('disconnect')).reason, 'too_many_websockets');
  await eleventh.ended();
  assert.equal(app.sockets.open, 10);
});
