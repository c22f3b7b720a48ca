/** Slack's weather and the whole bot: what a command gets is tried again, or is a dead letter that the person hears of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlackPerson } from '../support/slack/emulator.ts';
import type { Blow } from '../support/slack/weather.ts';
import { wordsOf } from '../support/slack/words-of.ts';
import type { Channel, Json, Message } from '../support/slack/world-types.ts';
import { linkIn, type SlackBot, startSlackBot } from '../support/slack-bot.ts';

const result = /succeeded/u;
const post = 'chat.postMessage';

function room({ slack, team, alice, app }: SlackBot, name: string): Channel {
  const { bot } = alice.installationOf(app);
  return slack.channel(team, { name, members: [alice, slack.person(bot)] });
}

/** Posts into this channel, of results alone if asked. */
function into(channel: Channel, words = /(?:)/u): (args: Json) => boolean {
  return (args) => args['channel'] === channel.id && words.test(JSON.stringify(args));
}

function answersTo({ slack, app }: SlackBot, { channel, ts }: Message): string[] {
  return slack
    .postedBy(app, channel)
    .filter(({ threadTs }) => threadTs === ts)
    .map(wordsOf);
}

async function letters(rig: SlackBot): Promise<string[][]> {
  return (await rig.deadLetters()).map(({ channel, reason }) => [channel, reason]);
}

/** A dead letter is written before it is told of; both must be there. */
async function toldInPrivate({ app }: SlackBot, person: SlackPerson, channel: Channel): Promise<Message> {
  return person.sees(person.dmWith(app), `could not post this in ${channel.id}`);
}

const passing: readonly Blow[] = [
  { status: 429, retryAfter: 1 },
  { status: 500 },
  { status: 503, body: '<html>busy</html>' },
  { error: 'internal_error' },
  { cut: 'before' },
  { cut: 'after' },
];

test('what passes is tried again: an acknowledgement, then a result, each once', async (t) => {
  const rig = await startSlackBot(t, { auth: 'standalone' });
  const { slack, alice, stackstorm } = rig;
  const struck = passing.flatMap((blow, index) =>
    ['Requested', 'succeeded'].map((words) => {
      const channel = room(rig, `room-${index}-${words.length}`);
      const when = into(channel, new RegExp(words, 'u'));
      return { blow, channel, storm: slack.weather.on(post, blow, { when }) };
    }),
  );
  const runs = await Promise.all(
    struck.map(async (one) => ({ ...one, command: await alice.say(one.channel, '!st2 run uptime on web1') })),
  );
  for (const { blow, storm, command, channel } of runs) {
    await alice.sees(channel, result, { after: command });
    const [first, second, ...more] = answersTo(rig, command);
    assert.match(first ?? '', /Requested|Running|Succeeded/u, JSON.stringify(blow));
    assert.match(second ?? '', result, JSON.stringify(blow));
    assert.deepEqual(more, [], JSON.stringify(blow));
    assert.equal(storm.hits, 1, JSON.stringify(blow));
  }
  assert.equal(stackstorm.state.executions.all.length, runs.length);
  assert.deepEqual(await letters(rig), []);
});

test('what does not pass: a dead letter each, with Slack’s reason, and the result in private', async (t) => {
  const rig = await startSlackBot(t, { auth: 'standalone' });
  const { slack, alice, app, stackstorm } = rig;
  const { channels } = slack.world;
  const { bot } = alice.installationOf(app);
  const causes: readonly [reason: string, happens: (channel: Channel) => void][] = [
    ['not_in_channel', (channel) => channels.leave(channel, bot)],
    ['is_archived', (channel) => channels.archive(channel)],
    ['channel_not_found', (channel) => channels.remove(channel)],
  ];
  const expected: string[][] = [];
  for (const [reason, happens] of causes) {
    const channel = room(rig, reason.replaceAll('_', '-'));
    const held = slack.weather.on(post, { hold: 'before' }, { when: into(channel, result) });
    await alice.say(channel, '!st2 run uptime on web1');
    await held.reached();
    happens(channel);
    held.release();
    const told = await toldInPrivate(rig, alice, channel);
    assert.match(wordsOf(told), new RegExp(reason, 'u'));
    assert.match(wordsOf(told), result);
    expected.push([channel.id, reason]);
    assert.deepEqual(await letters(rig), expected);
  }
  const after = await alice.say(rig.general, '!st2 list vms');
  await alice.sees(rig.general, result, { after });
  assert.equal(stackstorm.state.executions.all.length, causes.length + 1);
});

test('a token that Slack does not take in the middle: dead letters, and the bot goes on when it is taken again', async (t) => {
  const rig = await startSlackBot(t, { auth: 'standalone' });
  const { slack, alice, app, general } = rig;
  const refused = slack.weather.on(
    post,
    { error: 'invalid_auth' },
    { times: 100, when: (args) => result.test(JSON.stringify(args)) },
  );
  const lost = await alice.say(general, '!st2 list vms');
  await slack.until(() => rig.records.filter(({ event }) => event === 'message.undeliverable').length === 2);
  assert.deepEqual(await letters(rig), [
    [general.id, 'invalid_auth'],
    [alice.id, 'invalid_auth'],
  ]);
  refused.stop();
  const after = await alice.say(general, '!st2 list vms');
  await alice.sees(general, result, { after });
  assert.equal(answersTo(rig, lost).length, 1, 'the acknowledgement alone');
  assert.deepEqual(app.lost, []);
});

test('a result that is too long becomes a file; one that Slack finds too long all the same is cut', async (t) => {
  const rig = await startSlackBot(t, { auth: 'standalone' });
  const { slack, alice, general } = rig;
  const dumped = await alice.say(general, '!st2 dump everything');
  await alice.sees(general, (message) => message.threadTs === dumped.ts && message.files.length > 0);
  const other = room(rig, 'other');
  const storm = slack.weather.on(post, { error: 'msg_too_long' }, { times: 2, when: into(other, result) });
  const after = await alice.say(other, '!st2 list vms');
  await alice.sees(other, result, { after });
  assert.equal(storm.hits, 2);
  assert.equal(answersTo(rig, after).length, 2);
  assert.deepEqual(await letters(rig), []);
});

test('the command is deleted before its answer: it stands in the channel and says so', async (t) => {
  const rig = await startSlackBot(t, { auth: 'standalone' });
  const { slack, alice, general } = rig;
  const held = slack.weather.on(post, { hold: 'before' });
  const command = await alice.say(general, '!st2 list vms');
  await held.reached();
  await alice.remove(command);
  held.release();
  const answer = await alice.sees(general, result, { after: command });
  assert.match(wordsOf(answer), /was deleted/u);
  assert.equal(answer.threadTs, undefined);
  assert.deepEqual(await letters(rig), []);
});

test('an edited command is not run again, a long one is refused, one from where the bot is not is answered by DM', async (t) => {
  const rig = await startSlackBot(t, { auth: 'standalone' });
  const { slack, team, alice, app, general, stackstorm } = rig;
  const command = await alice.say(general, '!st2 run uptime on web1');
  await alice.sees(general, result, { after: command });
  await alice.edit(command, '!st2 run reboot on web1');
  await app.settled();

  const long = `!st2 run ${'x'.repeat(4_000 - '!st2 run  on web1'.length)} on web1`;
  assert.equal(long.length, 4_000);
  const tooLong = await alice.say(general, long);
  const refused = await alice.sees(general, /has 4000 characters; I read at most 2000/u, { after: tooLong });
  assert.ok(refused.ephemeralTo);

  const elsewhere = slack.channel(team, { name: 'elsewhere', members: [alice] });
  const dm = alice.dmWith(app);
  const { acknowledged } = await alice.slash(elsewhere, '/st2', 'run date on web2');
  assert.ok(acknowledged);
  await alice.sees(elsewhere, /I answer in a direct message/u);
  await alice.sees(dm, result);
  assert.deepEqual(
    stackstorm.state.executions.all.map(({ parameters }) => String(parameters['cmd'])).sort(),
    ['date', 'uptime'],
  );
  assert.deepEqual(await letters(rig), []);
});

test('somebody who is deactivated between login and command runs nothing more', async (t) => {
  const rig = await startSlackBot(t);
  const { slack, alice, bob, app, general, stackstorm, records } = rig;
  await rig.logIn(alice, 'alice');
  await alice.sees(alice.dmWith(app), /You are logged in to StackStorm as alice/u);
  slack.world.deactivate(alice.user);
  await slack.until(() =>
    records.some(({ event, outcome }) => event === 'session.ended' && outcome === 'left'),
  );
  // What she had sent just before, and Slack delivers late.
  slack.world.messages.say(alice.user, general, { text: '!st2 list vms' });
  await app.settled();
  const asked = await bob.say(general, '!st2 list vms');
  await bob.sees(general, /session_start/u, { after: asked });
  assert.deepEqual(stackstorm.state.executions.all, []);
  assert.deepEqual(await letters(rig), []);
});

test('a login link whose answer was lost is sent once; a refusal that Slack had no time for is told', async (t) => {
  const rig = await startSlackBot(t);
  const { slack, alice, app, general } = rig;
  const dm = alice.dmWith(app);
  slack.weather.on(post, { cut: 'after' });
  const asked = await alice.dm(app, '!session_start plum-tree');
  await alice.sees(dm, (message) => linkIn(message) !== undefined, { after: asked });
  const busy = slack.weather.on('chat.postEphemeral', { status: 500 });
  const command = await alice.say(general, '!st2 list vms');
  await alice.sees(general, /not logged in/u, { after: command });
  assert.equal(busy.hits, 1);
  const ended = await alice.dm(app, 'whoami');
  await alice.sees(dm, /slack:T024:U0ALICE/u, { after: ended });
  assert.equal(alice.seesNow(dm).filter((message) => linkIn(message) !== undefined).length, 1);
});
