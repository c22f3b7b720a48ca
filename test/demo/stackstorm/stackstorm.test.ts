import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { z } from 'zod';
import {
  createEmbeddedStackStorm,
  demoBot,
  type EmbeddedStackStorm,
  type Listening,
} from '../../../src/demo/stackstorm/stackstorm.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const answer = z.looseObject({ faultstring: z.string().optional() });
const started = z.looseObject({
  execution: z.looseObject({
    id: z.string(),
    status: z.string(),
    context: z.record(z.string(), z.unknown()),
  }),
  message: z.string().optional(),
  extra: z.unknown().optional(),
});

let clock: ManualClock;
let stackstorm: EmbeddedStackStorm;
let listening: Listening;

beforeEach(async () => {
  clock = new ManualClock();
  stackstorm = createEmbeddedStackStorm({
    now: () => clock.now(),
    after: (ms, run) => clock.after(ms, run),
  });
  listening = await stackstorm.listen();
});
afterEach(async () => {
  await listening.close();
});

async function login(name: string, password = name): Promise<string> {
  const response = await fetch(`${listening.url}/auth/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${name}:${password}`)}` },
  });
  return z.object({ token: z.string() }).parse(await response.json()).token;
}

function call(
  path: string,
  token: string,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST',
): Promise<Response> {
  return fetch(`${listening.url}${path}`, {
    method,
    headers: { 'x-auth-token': token, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function alias(
  name: string,
  format: string,
  command: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return { name, format, command, user: 'U1', source_channel: 'C1', ...more };
}

async function run(token: string, body: Record<string, unknown>): Promise<z.infer<typeof started>> {
  const response = await call('/api/v1/aliasexecution', token, body);
  assert.equal(response.status, 201);
  return started.parse(await response.json());
}

function announcements(): { name: string; payload: Record<string, unknown> }[] {
  const seen: { name: string; payload: Record<string, unknown> }[] = [];
  stackstorm.state.bus.subscribe(({ name, data }) => {
    const { payload } = z.looseObject({ payload: z.record(z.string(), z.unknown()).nullish() }).parse(data);
    if (name.includes('announcement')) seen.push({ name, payload: payload ?? {} });
  });
  return seen;
}

test('alice runs an alias as herself, and its result is announced on the route that she named', async () => {
  const seen = announcements();
  const { execution } = await run(
    await login('alice'),
    alias('list_vms', 'list vms', 'list vms', {
      notification_route: 'errbot',
      source_context: { correlation: 'c-1' },
    }),
  );
  assert.equal(execution.context['user'], 'alice');
  assert.equal(execution.status, 'requested');
  clock.advance(2_000);
  const got = z
    .looseObject({ status: z.string() })
    .parse(await (await call(`/api/v1/executions/${execution.id}`, await login('alice'))).json());
  assert.equal(got.status, 'succeeded');
  assert.equal(seen.length, 1);
  assert.equal(seen[0]?.name, 'st2.announcement__errbot');
  assert.match(String(seen[0]?.payload['message']), /^succeeded: 4 machines/);
  assert.deepEqual(seen[0]?.payload['context'], { correlation: 'c-1' });
});

test('the route hubot goes out as chatops, and a route without a rule goes nowhere', async () => {
  const seen = announcements();
  const token = await login('alice');
  await run(token, alias('hello', 'hello', 'hello', { notification_route: 'hubot' }));
  await run(token, alias('hello', 'hello', 'hello', { notification_route: 'teams' }));
  await run(token, alias('silent', 'rebuild index', 'rebuild index', { notification_route: 'hubot' }));
  clock.advance(2_000);
  assert.deepEqual(
    seen.map(({ name }) => name),
    ['st2.announcement__chatops'],
  );
});

test('the notifier renders what stands in user, channel and context as Jinja', async () => {
  const seen = announcements();
  const body = alias('hello', 'hello', 'hello', {
    notification_route: 'errbot',
    user: '{{ 6 * 7 }}',
    source_channel: '{{ 2 * 2 }}',
    source_context: { text: '{{ 1 + 1 }}', kept: 'plain' },
  });
  await run(await login('alice'), body);
  clock.advance(2_000);
  const { user, channel, context } = seen[0]?.payload ?? {};
  assert.deepEqual(
    { user, channel, context },
    { user: '42', channel: '4', context: { text: '2', kept: 'plain' } },
  );
});

test("bob gets StackStorm's refusal, and may list nothing without a limit", async () => {
  const token = await login('bob');
  const refused = await call(
    '/api/v1/aliasexecution',
    token,
    alias('run', 'run {{cmd}} on {{hosts}}', 'run date on web1'),
  );
  assert.equal(refused.status, 403);
  assert.equal(
    answer.parse(await refused.json()).faultstring,
    'User "bob" doesn\'t have required permission "action_execute" on resource "action:demo:run"',
  );
  assert.equal((await call('/api/v1/actionalias?limit=-1', token)).status, 403);
  assert.equal((await call('/api/v1/actionalias?limit=100', token)).status, 200);
  assert.equal((await call('/api/v1/actionalias?limit=-1', await login('admin'))).status, 200);
  assert.equal((await call('/api/v1/rules', token)).status, 403);
  await run(token, alias('list_vms', 'list vms', 'list vms'));
});

test('executions fail, time out, wait, are cancelled, as their actions say', async () => {
  const token = await login('alice');
  const ids = await Promise.all(
    [
      alias('fail', 'fail', 'fail'),
      alias('time_out', 'time out', 'time out'),
      alias('run', 'run {{cmd}} on {{hosts}}', 'run exit 3 on web1,web2'),
      alias('wait', 'wait {{seconds=5}} seconds', 'wait 60 seconds'),
      alias('wait', 'wait {{seconds=5}} seconds', 'wait 60 seconds'),
      alias('approve', 'approve {{change}}', 'approve CHG-1'),
    ].map(async (body) => (await run(token, body)).execution.id),
  );
  clock.advance(10_000);
  await call(`/api/v1/executions/${ids[4]}`, token, undefined, 'DELETE');
  const statuses = ids.map((id) => stackstorm.state.executions.get(id)?.status);
  assert.deepEqual(statuses, ['failed', 'timeout', 'failed', 'running', 'canceled', 'pending']);
  clock.advance(60_000);
  assert.equal(stackstorm.state.executions.get(ids[3] ?? '')?.status, 'succeeded');
});

test('a megabyte of result is answered whole', async () => {
  const { execution } = await run(await login('alice'), alias('dump', 'dump everything', 'dump everything'));
  clock.advance(2_000);
  const text = await (await call(`/api/v1/executions/${execution.id}`, await login('alice'))).text();
  assert.ok(text.length > 1_048_576, `${text.length} characters`);
});

test('the acknowledgement, parameters by type, secrets and fixed parameters are as the alias says', async () => {
  const token = await login('alice');
  const deploy = await run(
    token,
    alias('deploy', 'deploy {{app}} to {{env=staging}}', 'deploy shop to prod version=1.2'),
  );
  assert.equal(deploy.message, 'Deploying `shop` as alice.');
  const bad = await call(
    '/api/v1/aliasexecution',
    token,
    alias('scale', 'scale {{app}} to {{count}}', 'scale shop to five'),
  );
  assert.match(
    answer.parse(await bad.json()).faultstring ?? '',
    /^Failed to cast value "five" \(type: str\)/,
  );
  const wrong = await call(
    '/api/v1/aliasexecution',
    token,
    alias('deploy', 'deploy {{app}} to {{env=staging}}', 'deploy shop to mars'),
  );
  assert.match(
    answer.parse(await wrong.json()).faultstring ?? '',
    /^'mars' is not one of \['staging', 'prod'\]\n\nFailed/,
  );
  const rotate = await run(token, alias('rotate', 'rotate {{database}} {{password}}', 'rotate db1 hunter2'));
  assert.doesNotMatch(JSON.stringify(rotate.execution), /hunter2/);
  const fixed = await call('/api/v1/aliasexecution', token, alias('whoami', 'who asks', 'who asks cmd=evil'));
  assert.equal(answer.parse(await fixed.json()).faultstring, 'Immutable arguments cannot be overriden: cmd');
});

test('every alias of the demo but the disabled one runs by one of its own commands', async () => {
  const token = await login('alice');
  const commands = [
    'list vms',
    'run date on web1',
    'localrun echo hi',
    'deploy shop to prod',
    'scale shop to 3',
    'status shop',
    'hello',
    'ping quietly',
    'pack install',
    'rebuild index',
    'wait 1 seconds',
    'fail',
    'time out',
    'dump everything',
    'rotate db1 x',
    'fetch http://a/',
    'approve x',
    'who asks',
    'post hi in C1',
    'see BUG-1 and BUG-2',
    'reboot now',
    'old reboot',
  ];
  for (const command of commands) {
    const response = await call('/api/v1/aliasexecution/match_and_execute', token, {
      command,
      user: 'U1',
      source_channel: 'C1',
    });
    assert.equal(response.status, 201, `${command}: ${await response.clone().text()}`);
  }
  const ambiguous = await call('/api/v1/actionalias/match', token, { command: 'page ops' });
  assert.equal(
    answer.parse(await ambiguous.json()).faultstring,
    "Command 'page ops' matched more than 1 pattern",
  );
  const shadowed = await call('/api/v1/aliasexecution', token, alias('reboot', 'old reboot', 'old reboot'));
  assert.equal(shadowed.status, 400);
});

test('an inquiry is listed, refuses what does not fit, and goes on with its answer', async () => {
  const token = await login('alice');
  const { execution } = await run(token, alias('approve', 'approve {{change}}', 'approve CHG-1'));
  clock.advance(1_000);
  const listed = z
    .array(z.looseObject({ id: z.string() }))
    .parse(await (await call('/api/v1/inquiries', token)).json());
  assert.deepEqual(
    listed.map(({ id }) => id),
    [execution.id],
  );
  const path = `/api/v1/inquiries/${execution.id}`;
  assert.equal(
    (await call(path, token, { id: execution.id, response: { approve: 'x' } }, 'PUT')).status,
    400,
  );
  assert.equal(
    (await call(path, token, { id: execution.id, response: { approve: true } }, 'PUT')).status,
    200,
  );
  assert.equal(stackstorm.state.executions.get(execution.id)?.status, 'succeeded');
});

test("the bot's service account logs in by key, sees rules, and asks for tokens of others", async () => {
  const rules = await fetch(`${listening.url}/api/v1/rules`, { headers: { 'st2-api-key': demoBot.apiKey } });
  const refs = z.array(z.looseObject({ ref: z.string() })).parse(await rules.json());
  assert.deepEqual(
    refs.map(({ ref }) => ref),
    ['chatops.notify', 'chatops.notify-errbot'],
  );
  const asked = await fetch(`${listening.url}/auth/v1/tokens`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa('chatops_bot:chatops_bot')}`,
      'content-type': 'application/json',
    },
    body: '{"user":"bob"}',
  });
  assert.equal(z.looseObject({ user: z.string() }).parse(await asked.json()).user, 'bob');
});
