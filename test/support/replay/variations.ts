import { z } from 'zod';
import type { EmbeddedStackStorm } from '../../../src/demo/stackstorm/stackstorm.ts';
import type { Capture } from './captures.ts';
import type { Renames } from './scenes.ts';
import { requestOf, type Sent } from './send.ts';
import { aliceToken, botKey, recreate } from './wire-world.ts';

/** The same request with another user, alias or parameter, and what must then be another in the answer. */
export interface Variation {
  readonly sent: Sent;
  /** Picks from the answer what the change must show in. */
  readonly pick: (answer: unknown) => unknown;
  readonly expected: unknown;
}

type Vary = (world: EmbeddedStackStorm, capture: Capture, renames: Renames) => Variation;

const bobToken = 'b0b00000000000000000000000000001';
const record = z.record(z.string(), z.unknown());
const at =
  (...path: readonly (string | number)[]) =>
  (answer: unknown): unknown =>
    path.reduce<unknown>(
      (value, key) =>
        typeof key === 'number' ? z.array(z.unknown()).parse(value)[key] : record.parse(value)[key],
      answer,
    );
const count = (answer: unknown): unknown => z.array(z.unknown()).parse(answer).length;

/** By the capture's name; the first that fits. */
const variations: readonly (readonly [RegExp, Vary])[] = [
  [/tokens_impersonate_nickname/, impersonateNickname],
  [/tokens_impersonate/, (_, capture) => withBody(capture, { user: 'bob' }, at('user'), 'bob')],
  [/tokens_/, otherLogin],
  [/^validate_/, otherToken],
  [/^(user_|request_id|nginx_user)/, otherCaller],
  [/^apikeys_list/, oneMoreKey],
  [/^apikeys_post_(other|unknown)/, (_, capture) => withBody(capture, { user: 'dora' }, at('user'), 'dora')],
  [/^apikeys_post/, (_, capture) => as(bobToken, requestOf(capture), at('user'), 'bob')],
  [
    /^actionalias_get/,
    (world, capture) => ({ ...renamedAlias(world, capture, at()), pick: at('description') }),
  ],
  [/^actionalias_(filter|list|include|exclude)/, oneMoreAlias],
  [/^help_/, oneMoreHelp],
  [/^(nginx_alias_match|match_(?!and))/, otherPack],
  [/^(aliasexec|match_and_execute)/, otherPerson],
  [/^execution_get_result_only/, (world, capture) => otherCommand(world, capture, at('stdout'), 'other')],
  [/^execution_output/, (world, capture) => otherCommand(world, capture, (text) => text, 'other\n')],
  [/^execution_cancel_completed/, failedInstead],
  [
    /^execution_cancel/,
    (_, capture, renames) =>
      as(aliceToken, requestOf(capture, renames), at('context', 'cancelled_by'), 'alice'),
  ],
  [
    /^execution_rerun/,
    (_, capture, renames) =>
      withBody(capture, { parameters: { cmd: 'other' } }, at('parameters', 'cmd'), 'other', renames),
  ],
  [/^(execution_(get|post)|inquiry_execution)/, otherExecution],
  [/^execution(s_list|s_filter|_max)/, newerExecution],
  [/^executions_post/, (_, capture) => withBody(capture, { user: 'dora' }, at('context', 'user'), 'dora')],
  [/^inquiries_list_limit1/, firstAnswered],
  [
    /^inquiries_list/,
    (world, capture) => ({ sent: requestOf(capture), pick: count, expected: Number(ask(world) !== '') + 4 }),
  ],
  [
    /^inquiry_get/,
    (world, capture) => ({ sent: withId(capture, ask(world)), pick: at('route'), expected: 'others' }),
  ],
  [/^inquiry_put_ok/, (_, capture, renames) => answerWith(capture, { approve: false }, renames)],
  [/^inquiry_put/, (_, capture, renames) => answerWith(capture, { continue: false }, renames)],
];

/** Answers that depend on nothing: a version, a switch that is off, a preflight. */
export const constantAnswers: ReadonlySet<string> = new Set(['api_root', 'auth_sso', 'options_preflight']);

export function vary(world: EmbeddedStackStorm, capture: Capture, renames: Renames): Variation {
  const found = variations.find(([pattern]) => pattern.test(capture.name));
  if (found === undefined) throw new Error(`no variation for ${capture.name}`);
  return found[1](world, capture, renames);
}

function withBody(
  capture: Capture,
  changes: Record<string, unknown>,
  pick: Variation['pick'],
  expected: unknown,
  renames?: Renames,
): Variation {
  const sent = requestOf(capture, renames);
  const body = { ...record.parse(JSON.parse(sent.body ?? '{}')), ...changes };
  return { sent: { ...sent, body: JSON.stringify(body) }, pick, expected };
}

function as(token: string, sent: Sent, pick: Variation['pick'], expected: unknown): Variation {
  const { 'St2-Api-Key': _, 'X-Auth-Token': __, ...headers } = sent.headers;
  return { sent: { ...sent, headers: { ...headers, 'X-Auth-Token': token } }, pick, expected };
}

function otherLogin(_: EmbeddedStackStorm, capture: Capture): Variation {
  const sent = requestOf(capture);
  const bob = `Basic ${btoa('bob:bob-pw')}`;
  const [authorization, expected] =
    sent.headers['Authorization'] === bob ? [`Basic ${btoa('alice:alice-pw')}`, 'alice'] : [bob, 'bob'];
  return {
    sent: { ...sent, headers: { ...sent.headers, Authorization: authorization } },
    pick: at('user'),
    expected,
  };
}

function impersonateNickname(world: EmbeddedStackStorm, capture: Capture): Variation {
  world.state.accounts.addUser({ name: 'dora', nicknames: { slack: 'dora.slack' } });
  return withBody(capture, { impersonate_user: 'dora.slack' }, at('user'), 'dora');
}

function otherToken(_: EmbeddedStackStorm, capture: Capture): Variation {
  const wasValid = record.parse(capture.response.body)['valid'] === true;
  const token = wasValid ? 'dead0000000000000000000000000001' : aliceToken;
  return withBody(capture, { token }, at('valid'), !wasValid);
}

/** bob's token for alice's, alice's key for the bot's. */
function otherCaller(_: EmbeddedStackStorm, capture: Capture): Variation {
  const sent = requestOf(capture);
  const swap = (text: string): string =>
    text.replace(aliceToken, bobToken).replace(botKey, 'wire-api-key-alice');
  const headers = Object.fromEntries(
    Object.entries(sent.headers).map(([name, value]) => [name, swap(value)]),
  );
  const { username } = record.parse(capture.response.body);
  if (capture.name === 'user_by_new_apikey')
    return {
      sent: { ...sent, headers: { 'St2-Api-Key': botKey } },
      pick: at('username'),
      expected: 'chatops_bot',
    };
  return {
    sent: { ...sent, path: swap(sent.path), headers },
    pick: at('username'),
    expected: username === 'alice' ? 'bob' : 'alice',
  };
}

function oneMoreKey(world: EmbeddedStackStorm, capture: Capture): Variation {
  world.state.accounts.addApiKey(world.state.accounts.user('dora'));
  return {
    sent: requestOf(capture),
    pick: count,
    expected: z.array(z.unknown()).parse(capture.response.body).length + 1,
  };
}

function renamedAlias(world: EmbeddedStackStorm, capture: Capture, pick: Variation['pick']): Variation {
  const ref = String(record.parse(capture.response.body)['ref']);
  const known = world.state.packs.alias(ref);
  if (known === undefined) throw new Error(`no alias ${ref}`);
  world.state.packs.putAlias({ ...known, description: 'changed' });
  return { sent: requestOf(capture), pick, expected: 'changed' };
}

function oneMoreAlias(world: EmbeddedStackStorm, capture: Capture): Variation {
  const query = new URL(capture.request.url).searchParams;
  world.state.packs.putAlias({
    pack: query.get('pack') ?? 'aaa',
    name: query.get('name') ?? 'aaa',
    action_ref: 'core.noop',
    formats: ['aaa'],
  });
  const limited = capture.name === 'actionalias_list_limit2_offset1';
  const rows = z.array(z.record(z.string(), z.unknown()));
  const before = rows.parse(capture.response.body);
  if (limited) return { sent: requestOf(capture), pick: at(1, 'ref'), expected: before[0]?.['ref'] };
  return { sent: requestOf(capture), pick: count, expected: before.length + 1 };
}

function oneMoreHelp(world: EmbeddedStackStorm, capture: Capture): Variation {
  const pack = new URL(capture.request.url).searchParams.get('pack') ?? 'packs';
  const formats = ['pack get zzzz restart'];
  world.state.packs.putAlias({ pack, name: 'zzzz', action_ref: 'core.noop', description: 'x', formats });
  const available = z.object({ available: z.number() }).parse(capture.response.body).available;
  return { sent: requestOf(capture), pick: at('available'), expected: available + 1 };
}

/** The alias moves to another pack. */
function otherPack(world: EmbeddedStackStorm, capture: Capture): Variation {
  const { ref } = z
    .looseObject({ ref: z.string() })
    .parse(record.parse(capture.response.body)['actionalias']);
  const known = world.state.packs.alias(ref);
  if (known === undefined) throw new Error(`no alias ${ref}`);
  world.state.packs.removeAlias(ref);
  world.state.packs.putAlias({ ...known, pack: 'elsewhere' });
  return { sent: requestOf(capture), pick: at('actionalias', 'ref'), expected: `elsewhere.${known.name}` };
}

function otherPerson(_: EmbeddedStackStorm, capture: Capture): Variation {
  const { sent } = withBody(capture, { user: 'U_OTHER' }, at(), null);
  const path = capture.name.startsWith('match_and')
    ? ['results', 0, 'execution', 'context']
    : ['execution', 'context'];
  const pick = (answer: unknown): unknown => {
    const { user, api_user } = record.parse(at(...path)(answer));
    return [user, api_user];
  };
  return as(bobToken, sent, pick, ['bob', 'U_OTHER']);
}

function otherCommand(
  world: EmbeddedStackStorm,
  capture: Capture,
  pick: Variation['pick'],
  expected: unknown,
): Variation {
  return { sent: withId(capture, run(world, 'echo other')), pick, expected };
}

function failedInstead(world: EmbeddedStackStorm, capture: Capture): Variation {
  const expected = 'Action cannot be canceled. State = failed.';
  return { sent: withId(capture, run(world, 'exit 3')), pick: at('faultstring'), expected };
}

function otherExecution(world: EmbeddedStackStorm, capture: Capture): Variation {
  return { sent: withId(capture, run(world, 'echo other')), pick: at('context', 'user'), expected: 'dora' };
}

function newerExecution(world: EmbeddedStackStorm, capture: Capture): Variation {
  const status = new URL(capture.request.url).searchParams.get('status');
  const expected = status === null ? run(world, 'date') : run(world, 'date', 0);
  return { sent: requestOf(capture), pick: at(0, 'id'), expected };
}

function firstAnswered(world: EmbeddedStackStorm, capture: Capture): Variation {
  const pending = world.state.executions.all.filter(({ status }) => status === 'pending').toReversed();
  const [first, second] = pending;
  if (first === undefined || second === undefined) throw new Error('no two inquiries');
  world.state.executions.respond(first, { continue: true });
  return { sent: requestOf(capture), pick: at(0, 'id'), expected: second.id };
}

function answerWith(capture: Capture, response: Record<string, unknown>, renames: Renames): Variation {
  return withBody(capture, { response }, at('response'), response, renames);
}

/** Runs a command of dora's to its end, or for so many steps. */
function run(world: EmbeddedStackStorm, cmd: string, steps = 3): string {
  const id = recreate(world, {
    action: { ref: 'wire.run' },
    liveaction: { parameters: { cmd } },
    context: { user: 'dora', pack: 'wire' },
    status: 'requested',
  });
  for (let step = 0; step < steps; step += 1) world.state.executions.advance(id);
  return id;
}

function ask(world: EmbeddedStackStorm): string {
  return recreate(world, {
    action: { ref: 'core.ask' },
    liveaction: { parameters: { route: 'others' } },
    context: { user: 'dora', pack: 'core' },
    status: 'pending',
  });
}

function withId(capture: Capture, id: string): Sent {
  const sent = requestOf(capture);
  return { ...sent, path: sent.path.replace(/[0-9a-f]{24}/, id) };
}
