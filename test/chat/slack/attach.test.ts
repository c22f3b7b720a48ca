/** The bot in somebody's Bolt App: their listeners hear what they heard before, and ours hear theirs beside them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { attachSlack } from '../../../src/chat/slack/slack.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { acme } from '../../support/slack/acme.ts';
import { startSlack } from '../../support/slack/emulator.ts';
import {
  allEvents,
  allScopes,
  NotingHandler,
  notingLogger,
  usualOptions,
} from '../../support/slack-adapter.ts';

test('added to an App, the bot leaves its listeners as they are', async (t) => {
  const slack = await startSlack(t);
  const {
    app: emulated,
    installation,
    alice,
    general,
  } = acme(slack, {
    socketMode: true,
    botScopes: allScopes,
    botEvents: allEvents,
    commands: ['/st2', '/theirs'],
  });
  const { logger, logged } = notingLogger();
  const warned: unknown[] = [];
  const theirLogger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (...words: unknown[]) => void warned.push(words),
    error: (...words: unknown[]) => void warned.push(words),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
  const app = new App({
    token: installation.botToken,
    receiver: new SocketModeReceiver({
      appToken: emulated.appToken,
      logger: theirLogger,
      installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } },
    }),
    logger: theirLogger,
    clientOptions: { slackApiUrl: slack.apiUrl },
  });
  const theirs: string[] = [];
  const note = (what: string) => {
    theirs.push(what);
    slack.world.core.touch();
  };
  app.message('hello', async ({ say }) => {
    note('message');
    await say('hello yourself');
  });
  app.action('their_button', async ({ ack }) => {
    await ack();
    note('action');
  });
  app.command('/theirs', async ({ ack }) => {
    await ack('this is theirs');
    note('command');
  });
  const { platform, ready, close } = attachSlack(app, usualOptions(slack.apiUrl), {
    installations: { botToken: installation.botToken },
    logger,
    clock: systemClock,
    random: () => 0,
  });
  const heard = new NotingHandler(() => slack.world.core.touch());
  app.event('app_home_opened', async () => note('home'));
  await app.start();
  t.after(async () => {
    await app.stop();
    await close();
  });
  await platform.start(heard);
  await ready();

  await alice.say(general, 'hello');
  await alice.sees(general, 'hello yourself');
  await alice.say(general, '!st2 hello');
  await slack.until(() => heard.messages.length === 1 && theirs.length === 2);
  const answer = await alice.slash(general, '/theirs', 'x');
  assert.equal(answer.message?.text, 'this is theirs');
  await alice.slash(general, '/st2', 'help');
  await slack.until(() => heard.messages.length === 2);
  const posted = slack.world.messages.post(installation, general, {
    text: 'choose',
    blocks: [
      {
        type: 'actions',
        elements: [
          {
            type: 'button',
            text: { type: 'plain_text', text: 'Theirs' },
            action_id: 'their_button',
            value: 'x',
          },
          {
            type: 'button',
            text: { type: 'plain_text', text: 'Ours' },
            action_id: 'bolt-stackstorm:session_end:0',
            value: 'x',
          },
        ],
      },
    ],
  });
  await alice.press(posted, 'their_button');
  await slack.until(() => theirs.includes('action'));
  assert.equal(heard.actions.length, 0);
  await alice.press(posted, 'bolt-stackstorm:session_end:0');
  await slack.until(() => heard.actions.length === 1);
  await alice.openHome(emulated);
  await slack.until(() => heard.homes.length === 1 && theirs.includes('home'));
  assert.deepEqual(theirs, ['message', 'message', 'command', 'action', 'home']);
  assert.deepEqual(warned, []);
  assert.deepEqual(
    logged.filter(({ level }) => Number(level) >= 40),
    [],
  );
  assert.deepEqual(slack.violations, []);
});
