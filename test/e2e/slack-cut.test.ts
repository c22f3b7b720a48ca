/** R2 in Slack: whatever the connections do, a command runs once and its result is posted once. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../support/folder.ts';
import { wordsOf } from '../support/slack/words-of.ts';
import type { Channel, Message } from '../support/slack/world-types.ts';
import { type SlackBot, startSlackBot } from '../support/slack-bot.ts';

/** Channels that alice and the bot are in. */
function channelsOf({ slack, team, alice, app }: SlackBot, count: number): Channel[] {
  const { bot } = alice.installationOf(app);
  return Array.from({ length: count }, (_, index) =>
    slack.channel(team, { id: `C0ROOM${index}`, name: `room-${index}`, members: [alice, slack.person(bot)] }),
  );
}

const text = (index: number) => `!st2 run uptime on web${index}`;
const isResult = (message: Message) => /succeeded/u.test(wordsOf(message));

/** What the bot posted under a command. */
function answersTo({ slack, app }: SlackBot, command: Message): Message[] {
  return slack.postedBy(app, command.channel).filter(({ threadTs }) => threadTs === command.ts);
}

/** Every command ran once and has one result; nothing else was posted anywhere. */
async function assertOnce(rig: SlackBot, commands: readonly Message[]): Promise<void> {
  const { slack, app, stackstorm } = rig;
  // Counted, not read: this is looked at after every change of the world.
  const channels = new Set(commands.map(({ channel }) => channel));
  const wanted = 3 * commands.length;
  await slack.world.core.until(
    () => [...channels].reduce((sum, { messages }) => sum + messages.size, 0) >= wanted,
    'an acknowledgement and a result of every command',
    60_000,
  );
  await app.settled();
  const hosts = stackstorm.state.executions.all.map(({ parameters }) => String(parameters['hosts']));
  assert.deepEqual(hosts.sort(), commands.map((_, index) => `web${index}`).sort(), 'each ran once');
  for (const command of commands) {
    const answers = answersTo(rig, command).map(wordsOf);
    assert.equal(answers.length, 2, `an acknowledgement and a result: ${JSON.stringify(answers)}`);
    assert.equal(answersTo(rig, command).filter(isResult).length, 1);
  }
  assert.deepEqual(app.lost, []);
  assert.deepEqual(await rig.deadLetters(), []);
}

test('a cut of the sockets in the middle of 200 commands', async (t) => {
  const rig = await startSlackBot(t);
  const { app, alice, logIn } = rig;
  await logIn(alice, 'alice');
  const rooms = channelsOf(rig, 20);
  app.sockets.cutAfter(100);
  const opened = app.sockets.opened;
  const commands: Message[] = [];
  for (let index = 0; index < 200; index++) {
    const room = rooms[index % rooms.length];
    assert.ok(room);
    commands.push(await alice.say(room, text(index)));
  }
  await assertOnce(rig, commands);
  assert.ok(app.sockets.opened > opened, 'the connections were opened anew');
  assert.ok(
    app.sockets.sent.some(({ attempt }) => attempt > 0),
    'Slack delivered again what was cut',
  );
});

test('two instances on one storage, every envelope delivered twice, connections refreshed, warned and cut', async (t) => {
  const storage = `sqlite://${join(await temporaryFolder(t), 'both.sqlite')}`;
  const rig = await startSlackBot(t, { storage });
  const { app, alice, logIn, slack } = rig;
  const alone = app.sockets.open;
  await rig.another();
  await app.connected(2 * alone);
  await logIn(alice, 'alice');
  const rooms = channelsOf(rig, 10);
  const before = app.sockets.sent.length;
  // Each strikes while commands come, and all connections that the one before closed have been opened anew.
  const disturbances = new Map([
    [20, () => app.refreshSocket()],
    [40, () => app.warnDisconnect()],
    [60, () => app.cutSockets()],
  ]);
  let opened = app.sockets.opened;
  const commands: Message[] = [];
  const again: Promise<unknown>[] = [];
  for (let index = 0; index < 80; index++) {
    const room = rooms[index % rooms.length];
    assert.ok(room);
    const disturb = disturbances.get(index);
    if (disturb !== undefined) {
      await slack.until(() => app.sockets.opened >= opened);
      opened = app.sockets.opened + app.sockets.open;
      disturb();
    }
    commands.push(await alice.say(room, text(index)));
    // The same event, at once and over the next connection.
    again.push(app.redeliver());
  }
  await Promise.all(again);
  await assertOnce(rig, commands);
  const heard = new Set(app.sockets.sent.slice(before).map(({ socket }) => socket));
  assert.ok(heard.size > 2 * alone, `over ${heard.size} connections`);

  // Long after, when every result stands.
  const typed = app.sockets.sent.find(({ payload }) => JSON.stringify(payload).includes(text(0)));
  assert.ok(typed);
  for (let copy = 0; copy < 4; copy++) await app.redeliver(typed.payload);
  const last = await alice.say(rooms[0] ?? rig.general, '!whoami');
  await alice.sees(last.channel, /StackStorm/u, { after: last });
  await slack.until(() => app.sockets.unsettled === 0);
  await assertOnce(rig, commands);
});
