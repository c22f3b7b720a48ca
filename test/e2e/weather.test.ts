import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ChatError, type ChatErrorCode, type ChatMessage } from '../../src/chat/chat.ts';
import type { Delivery, OutgoingCall, Weather } from '../../src/chat/playground/weather.ts';
import { type BotRig, startBot } from '../support/bot.ts';
import { temporaryFolder } from '../support/folder.ts';
import type { ChatLine } from '../support/playground-client.ts';

const command = '!st2 run uptime on web1';
const isResult = (line: ChatLine) => /succeeded/u.test(line.text);
const retryAfterMs = 10;

/**
 * Alice logs in, runs an alias, reads its result in the thread under what she typed, and logs out; after that nothing
 * runs for her. Whatever the weather is: one execution, as alice, one acknowledgement and one result.
 */
async function journey(rig: BotRig): Promise<{ asked: string }> {
  const { alice, stackstorm } = rig;
  await rig.logIn('alice');
  const asked = await alice.say('general', command);
  const result = await alice.waitFor('general', asked, isResult);
  assert.equal(result.threadTs, asked, 'the result hangs in the thread');
  await logOut(rig);
  assertRanOnce(stackstorm);
  assertAnsweredOnce(await alice.read('general'), asked);
  return { asked };
}

async function logOut({ alice, stackstorm }: BotRig): Promise<void> {
  const ended = await alice.ask('dm', '!session_end', (line) => /session/u.test(line.text));
  assert.match(ended.text, /Your session as alice has ended/u);
  const before = stackstorm.state.executions.all.length;
  assert.match((await alice.ask('dm', command)).text, /not logged in.*nothing was run/u);
  assert.equal(stackstorm.state.executions.all.length, before);
}

function assertRanOnce({ state }: BotRig['stackstorm']): void {
  assert.deepEqual(
    state.executions.all.map(({ context }) => context['user']),
    ['alice'],
  );
}

function assertAnsweredOnce(lines: readonly ChatLine[], asked: string): void {
  const thread = lines.filter((line) => line.threadTs === asked);
  assert.equal(thread.length, 2, `an acknowledgement and a result: ${JSON.stringify(thread)}`);
  assert.equal(thread.filter(isResult).length, 1);
}

/** Every second call of each kind fails: whatever is tried again goes well. */
function everySecond(code: ChatErrorCode, options: { retryAfterMs?: number } = {}) {
  const calls = { post: 0, edit: 0, whisper: 0 };
  const struck: OutgoingCall[] = [];
  return {
    struck,
    strike(call: OutgoingCall): ChatError | undefined {
      calls[call] += 1;
      if (calls[call] % 2 === 0) return undefined;
      struck.push(call);
      return new ChatError(code, `test_${code}`, options);
    },
  };
}

test('the chat limits the rate', async (t) => {
  const { strike, struck } = everySecond('rate-limited', { retryAfterMs });
  await journey(await startBot(t, { weather: { before: strike } }));
  assert.ok(struck.includes('post') && struck.includes('whisper'));
});

test('the chat is not available for a while', async (t) => {
  const { strike, struck } = everySecond('unavailable', { retryAfterMs });
  await journey(await startBot(t, { weather: { before: strike } }));
  assert.ok(struck.includes('post') && struck.includes('whisper'));
});

test('the answer to a post is lost after it was posted: it stands once', async (t) => {
  const { strike, struck } = everySecond('unavailable', { retryAfterMs });
  const rig = await startBot(t, { weather: { after: strike } });
  await journey(rig);
  assert.ok(struck.includes('post') && struck.includes('whisper'));
  const direct = (await rig.alice.read('dm')).filter((line) => line.from === 'bot').map(({ text }) => text);
  assert.equal(new Set(direct).size, direct.length, `nothing is whispered twice: ${direct.join('\n')}`);
});

test('every post is too long at first: it is cut and arrives', async (t) => {
  const { strike, struck } = everySecond('too-long');
  await journey(await startBot(t, { weather: { before: strike } }));
  assert.ok(struck.includes('post'));
});

test('a post that does not fit even when cut is a dead letter, and the person is told', async (t) => {
  const weather: Weather = {
    before: (call) => (call === 'post' ? new ChatError('too-long', 'msg_too_long') : undefined),
  };
  await journeyInPrivate(
    await startBot(t, { weather }),
    /I could not post this in general because msg_too_long/u,
  );
});

for (const [what, code, reason] of [
  ['the channel takes no posts', 'cannot-deliver', 'not_in_channel'],
  ['the thread is gone', 'gone', 'thread_not_found'],
] as const) {
  test(`${what}: acknowledgement and result are dead letters, and come in private`, async (t) => {
    const weather: Weather = {
      before: (call) => (call === 'post' ? new ChatError(code, reason) : undefined),
    };
    const told = new RegExp(`I could not post this in general because ${reason}; here it is`, 'u');
    await journeyInPrivate(await startBot(t, { weather }), told);
  });
}

/** The journey where the channel takes nothing: what would stand in the thread is said in private. */
async function journeyInPrivate(rig: BotRig, told: RegExp): Promise<void> {
  const { alice, records, metrics, stackstorm } = rig;
  await rig.logIn('alice');
  const asked = await alice.say('general', command);
  const result = await alice.waitFor('dm', asked, isResult);
  assert.match(result.text, told);
  await logOut(rig);
  assertRanOnce(stackstorm);
  const shown = (await alice.read('general')).filter((line) => line.from === 'bot');
  assert.deepEqual(shown, [], `nothing stands under ${asked}`);
  const letters = records.filter(({ event }) => event === 'message.undeliverable');
  assert.equal(letters.length, 2, 'the acknowledgement and the result');
  assert.match(await metrics.registry.metrics(), /dead_letters_total\{[^}]*\} 2/u);
  assert.equal((await rig.bob.read('dm')).length, 0);
}

test('each event comes twice, at once', async (t) => {
  await journey(await startBot(t, { weather: { deliveries: () => [{}, {}] } }));
});

test('each event comes late, and once more after its answer', async (t) => {
  const weather: { deliveries?: (message: ChatMessage) => readonly Delivery[] } = {};
  const rig = await startBot(t, { weather });
  let comeAgain: (() => void) | undefined;
  const again = new Promise<void>((resolve) => {
    comeAgain = resolve;
  });
  const soon = new Promise<void>((resolve) => setImmediate(resolve));
  weather.deliveries = () => [{ after: soon }, { after: again }];
  const { asked } = await journey(rig);
  const before = await everything(rig);
  comeAgain?.();
  delete weather.deliveries;
  await again;
  await rig.alice.ask('dm', '!whoami');
  assertRanOnce(rig.stackstorm);
  assertAnsweredOnce(await rig.alice.read('general'), asked);
  assert.equal((await everything(rig)).length, before.length + 2, 'whoami and its answer');
});

test('an event comes again with another text, after an edit: what was typed first runs, once', async (t) => {
  const edited = (message: ChatMessage): readonly Delivery[] => [
    {},
    { message: { ...message, text: message.text.replace('uptime', 'reboot') } },
  ];
  const rig = await startBot(t, { weather: { deliveries: edited } });
  await journey(rig);
  assert.equal(rig.stackstorm.state.executions.all[0]?.parameters['cmd'], 'uptime');
});

test('every second event comes at another instance', async (t) => {
  const { first, second } = await twoInstances(t, (one, other) => {
    let count = 0;
    return () => [{ at: count++ % 2 === 0 ? other() : one() }];
  });
  await journey(first);
  assert.equal(second.stackstorm.state.executions.all.length, 0, 'both use the same StackStorm');
});

test('each event comes at both instances', async (t) => {
  const { first } = await twoInstances(t, (one, other) => () => [{ at: one() }, { at: other() }]);
  await journey(first);
});

/** Two bots on one database and one StackStorm; what is typed at the first comes where `spread` says. */
async function twoInstances(
  t: TestContext,
  spread: (one: () => BotRig['playground'], other: () => BotRig['playground']) => () => readonly Delivery[],
): Promise<{ first: BotRig; second: BotRig }> {
  const storage = { url: `sqlite://${join(await temporaryFolder(t), 'both.sqlite')}` };
  const weather: { deliveries?: () => readonly Delivery[] } = {};
  const first = await startBot(t, { config: { storage }, weather });
  const { stackstorm, config } = first;
  const second = await startBot(t, {
    config: {
      storage,
      encryption: { keys: config.encryption.keys },
      stackstorm: { url: config.stackstorm.url, credential: { apiKey: stackstorm.bot.apiKey } },
    },
  });
  weather.deliveries = spread(
    () => first.playground,
    () => second.playground,
  );
  return { first, second };
}

async function everything({ alice }: BotRig): Promise<ChatLine[]> {
  return [...(await alice.read('general')), ...(await alice.read('dm'))];
}
