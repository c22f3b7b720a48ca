/** The emulator's signed deliveries against a server that checks them with Bolt's own verification. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import bolt from '@slack/bolt';
import { startSlack } from '../support/slack/emulator.ts';

interface Heard {
  readonly body: string;
  readonly valid: boolean;
  readonly contentType: string | undefined;
  readonly retry: string | undefined;
  readonly reason: string | undefined;
}

type Respond = (
  heard: Heard,
) => { status: number; body?: string; type?: string; noRetry?: boolean } | undefined;

async function served(t: TestContext, respond: Respond) {
  const slack = await startSlack(t, { ackTimeoutMs: 400 });
  const signingSecret = 'signing-secret';
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const header = (name: string) => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    const valid = bolt.isValidSlackRequest({
      signingSecret,
      body,
      headers: {
        'x-slack-signature': header('x-slack-signature') ?? '',
        'x-slack-request-timestamp': Number(header('x-slack-request-timestamp')),
      },
    });
    const one: Heard = {
      body,
      valid,
      contentType: header('content-type'),
      retry: header('x-slack-retry-num'),
      reason: header('x-slack-retry-reason'),
    };
    heard.push(one);
    const answer = respond(one);
    if (answer === undefined) return;
    response.writeHead(answer.status, {
      'content-type': answer.type ?? 'text/plain',
      ...(answer.noRetry === true ? { 'x-slack-no-retry': '1' } : {}),
    });
    response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const team = slack.workspace({ id: 'T024' });
  const app = slack.app({
    signingSecret,
    requestUrl: `http://127.0.0.1:${address.port}/slack/events`,
    botScopes: ['channels:history', 'commands', 'chat:write'],
    botEvents: ['message.channels'],
    commands: ['/st2'],
  });
  const installation = slack.install(app, team);
  const alice = slack.user(team, { name: 'alice' });
  const general = slack.channel(team, { name: 'general', members: [alice, installation.bot] });
  return { slack, app, installation, alice, general, heard };
}

test('events are signed JSON, commands and interactions signed forms', async (t) => {
  const { slack, app, installation, alice, general, heard } = await served(t, ({ body }) =>
    body.startsWith('token=')
      ? { status: 200, type: 'application/json', body: '{"text":"said in the answer"}' }
      : { status: 200 },
  );
  const said = await alice.say(general, 'ünï ✓ & more');
  await app.settled();
  const answer = await alice.slash(general, '/st2', 'list vms');
  assert.equal(answer.message?.text, 'said in the answer');
  const asked = slack.world.messages.post(installation, general, {
    text: 'ask',
    blocks: [
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: 'go', value: '1', text: { type: 'plain_text', text: 'Go' } }],
      },
    ],
  });
  await alice.press(asked, 'go');
  await app.settled();
  assert.deepEqual(
    heard.map((one) => [one.valid, one.contentType]),
    [
      [true, 'application/json'],
      [true, 'application/x-www-form-urlencoded'],
      [true, 'application/json'],
      [true, 'application/x-www-form-urlencoded'],
    ],
    'alice’s message, the command, the bot’s own message, the press',
  );
  const [event, command, , press] = heard;
  assert.ok(
    event?.body.includes(said.ts) &&
      event.body.includes('"authorizations":[{"enterprise_id":null,"team_id":"T024"'),
  );
  assert.equal(new URLSearchParams(command?.body).get('text'), 'list vms');
  assert.ok(new URLSearchParams(press?.body).get('payload')?.includes('"type":"block_actions"'));
});

test('an event that is refused, then not answered in time, comes again three times', async (t) => {
  const { app, alice, general, heard } = await served(t, ({ retry }) =>
    retry === undefined ? { status: 500 } : retry === '3' ? { status: 200 } : undefined,
  );
  await alice.say(general, 'hello');
  await app.settled();
  assert.deepEqual(
    heard.map((one) => [one.valid, one.retry, one.reason]),
    [
      [true, undefined, undefined],
      [true, '1', 'http_error'],
      [true, '2', 'http_timeout'],
      [true, '3', 'http_timeout'],
    ],
  );
  assert.equal(new Set(heard.map((one) => one.body)).size, 1, 'the same event id');
  assert.deepEqual(app.lost, []);
});

test('what is never taken is lost; x-slack-no-retry and commands are not repeated', async (t) => {
  let noRetry = false;
  const { app, alice, general, heard } = await served(t, () => ({ status: 503, noRetry }));
  await alice.say(general, 'hello');
  await app.settled();
  assert.equal(heard.length, 4);
  noRetry = true;
  await alice.say(general, 'hello');
  await app.settled();
  assert.equal(heard.length, 5);
  assert.equal(app.lost.length, 2);
  assert.equal((await alice.slash(general, '/st2')).error, 'dispatch_failed');
  assert.equal(heard.length, 6);
});

test('forged, stale, unsigned and replayed requests, and the challenge', async (t) => {
  const { app, alice, general, heard } = await served(t, ({ body, valid }) =>
    body.includes('url_verification')
      ? { status: 200, type: 'application/json', body }
      : { status: valid ? 200 : 401 },
  );
  assert.equal(await app.http.verifyUrl(), true);
  const body = JSON.stringify({ type: 'event_callback' });
  const now = Math.floor(Date.now() / 1000);
  const statuses = [
    await app.http.post(body),
    await app.http.post(body, { signature: `v0=${'0'.repeat(64)}` }),
    await app.http.post(body, { signature: null }),
    await app.http.post(body, { timestamp: now - 301 }),
    await app.http.post('x'.repeat(5 * 1024 * 1024)),
  ].map((one) => one.status);
  assert.deepEqual(statuses, [200, 401, 401, 401, 200]);
  await alice.say(general, 'hello');
  await app.settled();
  assert.equal((await app.http.replay()).status, 200, 'a replay is signed as well as the first');
  assert.equal(heard.at(-1)?.body, heard.at(-2)?.body);
});
