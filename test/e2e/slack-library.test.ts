import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { temporaryFolder } from '../support/folder.ts';
import { slackConfigFile } from '../support/slack-config-file.ts';

/** The program of the document, with what a clone and an emulator need put in. */
async function documented(apiUrl: string): Promise<string> {
  const page = await readFile(new URL('../../docs/library.md', import.meta.url), 'utf8');
  const [, program = ''] = /```js\n(.*?)```/su.exec(page) ?? [];
  const changes: readonly [string, string][] = [
    ["'bolt-stackstorm'", `'${new URL('../../src/index.ts', import.meta.url)}'`],
    ["'@slack/bolt'", `'${import.meta.resolve('@slack/bolt')}'`],
    ['new App({', `new App({ clientOptions: { slackApiUrl: '${apiUrl}' },`],
  ];
  return changes.reduce((changed, [from, to]) => {
    assert.ok(changed.includes(from), `${from} stands in the example`);
    return changed.replace(from, to);
  }, program);
}

test('the example of docs/library.md: StackStorm beside an app’s own listeners', async (t) => {
  const folder = await temporaryFolder(t);
  const { slack, app, alice, general, installation, botToken } = await slackConfigFile(t, folder, {
    commands: ['/st2', '/other'],
  });
  await writeFile(join(folder, 'bot.mjs'), await documented(slack.apiUrl));
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), join(folder, 'bot.mjs')], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: app.appToken },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [out, err, ended] = [text(child.stdout), text(child.stderr), once(child, 'exit')];
  await Promise.race([app.connected(), ended]);
  if (child.exitCode !== null) assert.fail(await err);

  // Theirs.
  const hello = await alice.say(general, 'hello');
  const answer = await alice.sees(general, 'Hello yourself.', { after: hello });
  assert.equal(slack.postedBy(app, general).length, 1, 'the bot has nothing to say to it');
  assert.equal(answer.threadTs, undefined);
  assert.equal((await alice.slash(general, '/other')).message?.text, 'This is the other one.');
  const button = { type: 'button', text: { type: 'plain_text', text: 'Approve' }, action_id: 'approve' };
  const asked = slack.world.messages.post(installation, general, {
    text: 'May I?',
    blocks: [{ type: 'actions', elements: [button] }],
  });
  await alice.press(asked, 'approve');
  await alice.sees(general, 'Approved.');

  // Ours.
  const command = await alice.say(general, '!st2 list vms');
  const result = await alice.sees(general, /succeeded/u, { after: command });
  assert.equal(result.threadTs, command.ts);
  assert.equal((await alice.slash(general, '/st2', 'whoami')).acknowledged, true);
  await alice.sees(general, /slack:T024:U0ALICE/u);

  child.kill('SIGTERM');
  await ended;
  assert.equal(child.exitCode, 0, `${await out}${await err}`);
  assert.equal(await err, '');
});
