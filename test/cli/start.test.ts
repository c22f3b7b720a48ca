import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { cliCommand, runCli } from '../support/cli-command.ts';
import { temporaryFolder } from '../support/folder.ts';
import { slackConfigFile } from '../support/slack-config-file.ts';

test('start runs the bot in Slack until SIGTERM: ready, it answers, and ends well', async (t) => {
  const folder = await temporaryFolder(t);
  const { app, alice, slack, file, opsUrl } = await slackConfigFile(t, folder);
  const [command, ...first] = cliCommand;
  const child = spawn(command, [...first, 'start', '--config', file], {
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [out, err, ended] = [text(child.stdout), text(child.stderr), once(child, 'exit')];
  await Promise.race([app.connected(), ended]);
  if (child.exitCode !== null) assert.fail(`${await out}${await err}`);

  const asked = await alice.dm(app, 'whoami');
  await alice.sees(alice.dmWith(app), /slack:T024:U0ALICE/u, { after: asked });
  const ready = await fetch(`${opsUrl}/readyz`);
  assert.equal(ready.status, 200);
  assert.match(await ready.text(), /"slack":/u);

  child.kill('SIGTERM');
  await ended;
  assert.equal(child.exitCode, 0, `${await out}${await err}`);
  assert.match(await out, /"level":"warn".*auth\.standalone: .*the bot is running/su);
  assert.equal(app.sockets.open, 0);
  const running = slack.calls.length;
  await alice.dm(app, 'whoami');
  assert.equal(slack.calls.length, running);
});

test('a bot token that Slack does not take ends start with 1, and what to do', async (t) => {
  const folder = await temporaryFolder(t);
  const wrong = await slackConfigFile(t, folder, { botToken: 'xoxb-1-1-never' });
  const { code, err, out } = await runCli(['start', '--config', wrong.file]);
  assert.equal(code, 1);
  assert.match(err, /does not take chat\.slack\.botToken: install the app .* again .*invalid_auth/u);
  assert.doesNotMatch(`${out}${err}${await readFile(join(folder, 'audit.jsonl'), 'utf8')}`, /never/u);
});

test('a revoked bot token, and an app token of no use, end start with 1', async (t) => {
  const folder = await temporaryFolder(t);
  const { slack, app, installation, file } = await slackConfigFile(t, folder);
  const { tokens } = slack.world.apps;
  const [botToken, appToken] = [tokens.get(installation.botToken), tokens.get(app.appToken)];
  assert.ok(botToken !== undefined && appToken !== undefined);
  appToken.state = 'revoked';
  const without = await runCli(['start', '--config', file]);
  assert.equal(without.code, 1, without.out);
  assert.match(without.err, /chat\.slack\.appToken: make an app-level token .*connections:write/u);
  appToken.state = 'live';
  slack.world.apps.revoke(botToken);
  const revoked = await runCli(['start', '--config', file]);
  assert.equal(revoked.code, 1, revoked.out);
  assert.match(revoked.err, /install the app .* again .*token_revoked/u);
});
