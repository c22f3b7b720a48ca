import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type BotRig, startBot } from '../support/bot.ts';
import type { ChatLine } from '../support/playground-client.ts';

const says = (text: string) => (line: ChatLine) => line.text.includes(text);

/** A bot that hears the stream. */
async function startListening(t: TestContext, options: Parameters<typeof startBot>[1] = {}): Promise<BotRig> {
  const rig = await startBot(t, options);
  await rig.logIn('alice');
  // What comes on the stream has come: the bot is connected.
  await rig.alice.ask('general', '!st2 hello', says('succeeded'));
  return rig;
}

test('a workflow’s chatops.post_message is posted in the channel that it names, once, outside of the thread', async (t) => {
  const { alice } = await startListening(t);
  const asked = await alice.say('general', '!st2 post Deploy_is_done in #general');
  const isOutside = ({ threadTs }: ChatLine) => (threadTs ?? null) === null;
  const line = await alice.waitFor(
    'general',
    asked,
    (each) => isOutside(each) && says('Deploy_is_done')(each),
  );
  assert.equal(line.private, false);
  await alice.waitFor('general', asked, says('succeeded'));
  const again = await alice.ask('general', '!st2 hello', says('succeeded'));
  assert.ok(again);
  const seen = (await alice.read('general')).filter(
    (each) => each.from === 'bot' && says('Deploy_is_done')(each),
  );
  assert.equal(seen.filter(({ threadTs }) => threadTs !== asked).length, 1);
});

test('a whisper goes to its user alone, and what has nowhere to go is a dead letter', async (t) => {
  const { alice, bob, stackstorm, records, metrics } = await startListening(t);
  const payload = { user: null, channel: 'general', whisper: false, extra: null, context: null };
  stackstorm.announce('chatops', { ...payload, message: 'for bob', user: 'bob', whisper: true });
  stackstorm.announce('chatops', { ...payload, message: 'for nobody', channel: 'no-such-place' });
  stackstorm.announce('chatops', { ...payload, message: 'to nobody', user: 'carol', whisper: true });
  stackstorm.announce('another_bots_route', { ...payload, message: 'not for us' });
  stackstorm.announce('chatops', { ...payload, message: 'the last' });

  await alice.waitFor('general', '0000000000.000000', says('the last'));
  await bob.waitFor('dm', '0000000000.000000', says('for bob'));
  const everywhere = [
    ...(await alice.read('general')),
    ...(await alice.read('dm')),
    ...(await bob.read('general')),
  ];
  assert.deepEqual(
    everywhere.filter(({ text }) => /for bob|nobody|not for us/u.test(text)),
    [],
  );
  const letters = records.filter(({ event }) => event === 'message.undeliverable');
  assert.deepEqual(letters.map(({ channel }) => channel).sort(), ['carol', 'no-such-place']);
  assert.match(await metrics.registry.metrics(), /dead_letters_total\{reason="cannot-deliver"\} 2/u);
});

test('with the route hubot results come on chatops, once', async (t) => {
  const { alice } = await startListening(t, { stackstorm: { routeKey: 'hubot' } });
  const asked = await alice.say('general', '!st2 list vms');
  const result = await alice.waitFor('general', asked, says('succeeded'));
  assert.match(result.text, /machines/u, 'the alias’s own format: it came by announcement');
  await alice.ask('general', '!st2 hello', says('succeeded'));
  const thread = (await alice.read('general')).filter(({ threadTs }) => threadTs === asked);
  assert.equal(thread.length, 2);
});

test('several matches: ten runs at most, one acknowledgement that lists them, the rest is told', async (t) => {
  const { alice, stackstorm } = await startListening(t);
  const issues = Array.from({ length: 12 }, (_, index) => `BUG-${index + 1}`);
  const asked = await alice.say('general', `!st2 ${issues.join(' ')} BUG-1`);
  const acknowledgement = await alice.waitFor('general', asked, says('StackStorm has taken'));
  assert.match(acknowledgement.text, /has taken all 10\./u);
  const left = await alice.waitFor('general', asked, says('more than I run at once'));
  assert.match(left.text, /send these again: BUG-11; BUG-12/u);
  assert.equal(left.private, true);
  const results = () =>
    alice
      .read('general')
      .then((lines) => lines.filter((line) => line.threadTs === asked && says('succeeded')(line)));
  for (let last = asked; (await results()).length < 10; ) {
    last = (await alice.waitFor('general', last, says('succeeded'))).id;
  }
  const looked = stackstorm.state.executions.all.filter(({ action }) => action.ref === 'demo.look_up');
  assert.deepEqual(looked.map(({ parameters }) => parameters['issue']).sort(), issues.slice(0, 10).sort());
  assert.equal((await results()).length, 10);
});

test('an alias without results: its acknowledgement is edited to the end, and nothing else comes', async (t) => {
  const { alice } = await startListening(t);
  const asked = await alice.say('general', '!st2 rebuild index');
  await alice.waitFor('general', asked, (line) => line.edited && says('succeeded')(line));
  await alice.ask('general', '!st2 hello', says('succeeded'));
  const thread = (await alice.read('general')).filter(({ threadTs }) => threadTs === asked);
  assert.equal(thread.length, 1);
});
