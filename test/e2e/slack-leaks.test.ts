import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cliCommand } from '../support/cli-command.ts';
import { temporaryFolder } from '../support/folder.ts';
import { findLeaks, type SearchedPlace, type Treasure } from '../support/leak-search.ts';
import { LoginClient } from '../support/login-client.ts';
import type { View } from '../support/slack/world-types.ts';
import { slackConfigFile } from '../support/slack-config-file.ts';

const typed = {
  password: 'correct-horse-battery-1',
  wrongPassword: 'staple-of-the-horse-2',
  wordByMessage: 'plum-tree-secret-3',
  wordInDialog: 'pear-tree-secret-4',
  wrongWord: 'apple-tree-secret-5',
  wordInChannel: 'fig-tree-secret-6',
} as const;

/** The button's URL is for its own person: it may hold the link. */
const linkUrl = /"url":"(https?:[^"]*\/login\/#([^"]+))"/gu;
const linkOf = (shown: unknown) => [...JSON.stringify(shown).matchAll(linkUrl)][0]?.[1];
const holdsLink = (view: View) => linkOf(view.payload) !== undefined;

const logInButton = 'bolt-stackstorm:session_start:0';

interface Run {
  readonly places: readonly SearchedPlace[];
  readonly treasures: readonly Treasure[];
}

/** Logins by direct message and by dialog, with what goes wrong; a run, an end; the log as verbose as can be. */
async function wholeRun(t: TestContext, mode: 'socket' | 'http'): Promise<Run> {
  const folder = await temporaryFolder(t);
  const rig = await slackConfigFile(t, folder, { mode, auth: 'clientside', logLevel: 'trace' });
  const { slack, stackstorm, app, alice, general, url, opsUrl, botToken, config } = rig;
  const { accounts } = stackstorm.state;
  accounts.addUser({ ...accounts.user('alice'), password: typed.password });
  const tokens = t.mock.method(accounts, 'addToken').mock;

  const [command, ...first] = cliCommand;
  const child = spawn(command, [...first, 'start', '--config', rig.file], {
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      slack.world.core.touch();
    });
  }
  await slack.until(() => output.includes('the bot is running'));
  const pages: string[] = [];
  const links: string[] = [];
  const logIn = async (link: string | undefined, word: string) => {
    assert.ok(link !== undefined);
    links.push(link.slice(link.lastIndexOf('.') + 1));
    const browser = new LoginClient(url);
    const asked = [
      await browser.open(link),
      await browser.password(typed.wrongWord, 'alice', typed.password),
      await browser.password(word, 'alice', typed.wrongPassword),
      await browser.password(word, 'alice', typed.password),
    ];
    pages.push(...asked.map(({ body }) => JSON.stringify(body)));
    assert.deepEqual(
      asked.map(({ status }) => status === 200),
      [true, false, false, true],
    );
  };

  const direct = alice.dmWith(app);
  await alice.say(general, `!session_start ${typed.wordInChannel}`);
  await alice.sees(general, (message) => message.ephemeralTo !== undefined);
  const asked = await alice.dm(app, `session_start ${typed.wordByMessage}`);
  const answer = await alice.sees(direct, ({ blocks }) => linkOf(blocks ?? []) !== undefined, {
    after: asked,
  });
  await logIn(linkOf(answer.blocks), typed.wordByMessage);
  const typedCommand = await alice.say(general, '!st2 list vms');
  await alice.sees(general, /succeeded/u, { after: typedCommand });
  const ending = await alice.dm(app, 'session_end');
  await alice.sees(direct, /ended/u, { after: ending });

  await alice.openHome(app);
  const page = await alice.home(app, ({ payload }) => JSON.stringify(payload).includes(logInButton));
  await alice.press(page, logInButton);
  await alice.submit(await alice.modal(app), { word: typed.wordInDialog });
  const modal = await alice.modal(app, holdsLink);
  await logIn(linkOf(modal.payload), typed.wordInDialog);
  const again = await alice.dm(app, 'st2 list vms');
  await alice.sees(direct, /succeeded/u, { after: again });

  const operations = await Promise.all(
    ['metrics', 'readyz', 'healthz'].map(async (path) => (await fetch(`${opsUrl}/${path}`)).text()),
  );
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
  assert.equal(child.exitCode, 0, output);

  const sent = [
    ...slack.calls.map(({ method, args }) => ({ method, args })),
    ...slack.world.views.map(({ payload }) => payload),
    ...slack.world.messages.ephemerals.map(({ text, blocks }) => ({ text, blocks })),
  ];
  const names = (await readdir(folder)).filter((name) => name !== 'config.json');
  return {
    places: [
      { name: 'output', bytes: Buffer.from(output) },
      { name: 'Slack', bytes: Buffer.from(JSON.stringify(sent).replaceAll(linkUrl, '"url":""')) },
      { name: 'pages', bytes: Buffer.from(pages.join('\n')) },
      { name: 'operations', bytes: Buffer.from(operations.join('\n')) },
      ...(await Promise.all(
        names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })),
      )),
    ],
    treasures: [
      ...Object.entries(typed).map(([name, value]) => ({ name, value })),
      ...tokens.calls.map(({ result }, at) => ({ name: `token ${at}`, value: result?.token ?? '' })),
      ...links.map((value, at) => ({ name: `link key ${at}`, value })),
      { name: 'bot credential', value: stackstorm.bot.apiKey },
      { name: 'bot token', value: botToken },
      { name: 'app token', value: app.appToken },
      { name: 'signing secret', value: app.signingSecret },
      ...config.encryption.keys.map((value) => ({ name: 'encryption key', value })),
    ],
  };
}

for (const mode of ['socket', 'http'] as const) {
  test(`S1: what nobody may read is nowhere after a run in Slack, ${mode} mode`, async (t) => {
    const { places, treasures } = await wholeRun(t, mode);
    const heard = new Map(places.map(({ name, bytes }) => [name, bytes.toString('latin1')]));
    assert.match(heard.get('output') ?? '', /the bot stops/u);
    assert.match(heard.get('Slack') ?? '', /chat\.postMessage.*views\.publish/su);
    assert.match(heard.get('audit.jsonl') ?? '', /login\.failed.*session\.ended/su);
    assert.match(heard.get('operations') ?? '', /process_cpu/u);
    assert.match(heard.get('pages') ?? '', /wrong-/u);
    assert.ok(treasures.filter(({ name }) => name.startsWith('token')).length >= 2);
    assert.ok(treasures.filter(({ name }) => name.startsWith('link key')).length === 2);

    assert.deepEqual(findLeaks(places, treasures), []);
    const bytes = places.reduce((sum, place) => sum + place.bytes.length, 0);
    t.diagnostic(`searched ${bytes} bytes in ${places.length} places for ${treasures.length} values`);

    for (const place of places) {
      for (const treasure of treasures) {
        const planted = Buffer.concat([place.bytes, Buffer.from(`{"x":"${String(treasure.value)}"}`)]);
        const found = findLeaks([{ name: place.name, bytes: planted }], [treasure]);
        assert.notEqual(found.length, 0, `${treasure.name} planted in ${place.name}`);
      }
    }
  });
}
