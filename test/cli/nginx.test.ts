// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${ENV_NAME} is the config's own syntax
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command, CommanderError } from 'commander';
import { CliError, exitCodes } from '../../src/cli/exit-codes.ts';
import { addNginx } from '../../src/cli/nginx.ts';
import { runCli } from '../support/cli-command.ts';
import { temporaryFolder } from '../support/folder.ts';

const files = ['--cert', '/etc/tls/cert.pem', '--key', '/etc/tls/key.pem'];
const named = ['--server-name', 'chatops.example.com', ...files];

/** What the command line says of arguments that are not right; in this process, since a start takes its time. */
async function refused(...args: string[]): Promise<string> {
  const said: string[] = [];
  const program = new Command().exitOverride();
  addNginx(program, {});
  for (const command of program.commands) {
    command.exitOverride().configureOutput({ writeErr: (words) => said.push(words) });
  }
  await assert.rejects(program.parseAsync(['nginx', ...args], { from: 'user' }), (error: Error) => {
    said.push(error.message);
    return error instanceof CommanderError || (error instanceof CliError && error.code === exitCodes.invalid);
  });
  return said.join('');
}

test('nginx prints a config in which nothing of the template is left', async () => {
  const { out, err, code } = await runCli(['nginx', ...named, '--socket', '/run/bolt-stackstorm/bot.sock']);
  assert.deepEqual([err, code], ['', 0]);
  assert.doesNotMatch(out, /\{\{|\}\}|#\[/);
  assert.match(
    out,
    /^ {4}listen 443 ssl;\n {4}listen \[::\]:443 ssl;\n {4}server_name chatops\.example\.com;$/m,
  );
  assert.match(out, /server "unix:\/run\/bolt-stackstorm\/bot\.sock";/);
  assert.doesNotMatch(out, /slack_|ssl_verify_client|X-SSL/i);
});

test('nginx follows a config: name, port, socket, Slack', async (t) => {
  const folder = await temporaryFolder(t);
  const [config, front] = [join(folder, 'config.json'), join(folder, 'front.conf')];
  const plan = {
    auth: { publicUrl: 'https://${HOST}:8443' },
    server: { socket: '/run/bot.sock' },
    chat: { slack: { mode: 'http' } },
  };
  await writeFile(config, JSON.stringify(plan));
  const run = ['nginx', '--config', config, ...files, '--client-ca', '/etc/tls/people.pem', '--out', front];
  const { out, err, code } = await runCli(run, { HOST: 'st2.example.com' });
  assert.deepEqual([out, code], ['', 0]);
  assert.match(err, /nginx -t/);
  const text = await readFile(front, 'utf8');
  assert.match(text, /^ {4}listen 8443 ssl;$/m);
  assert.match(text, /server_name st2\.example\.com;/);
  assert.match(text, /location = \/slack\/events/);
  assert.match(text, /ssl_client_certificate "\/etc\/tls\/people\.pem";\n {4}ssl_verify_client optional;/);

  await writeFile(config, `\uFEFF${JSON.stringify({ ...plan, server: { port: 4000 }, chat: {} })}`);
  const tcp = await runCli(['nginx', '-c', config, ...files], { HOST: 'st2.example.com' });
  assert.match(tcp.out, /server 127\.0\.0\.1:4000;/);
  assert.doesNotMatch(tcp.out, /\/slack\/events \{/);
});

test('nginx says what it needs, and takes nothing that would become config', async () => {
  assert.match(await refused(...files, '--socket', '/s'), /--server-name chatops\.example\.com/);
  assert.match(await refused(...named), /--socket .* --upstream/);
  assert.match(
    await refused(...named, '--socket', '/s', '--upstream', 'h:1'),
    /Either --socket or --upstream/,
  );
  assert.match(await refused('--server-name', 'a;b', ...files, '--socket', '/s'), /host name/);
  assert.match(await refused(...named, '--upstream', 'a;b:1'), /an address such as/);
  assert.match(await refused(...named, '--socket', '/s', '--listen', '443; x'), /a port or an address/);
  assert.match(await refused(...named, '--socket', '/run/$uri'), /cannot stand in an nginx config/);
  assert.match(await refused(...named, '--socket', '/s', '--static', '/a b'), /not a folder/);
});
