// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${ENV_NAME} is the config's own syntax
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
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

test('nginx puts the proxy’s secret into a file that is its owner’s alone, and nowhere else', async (t) => {
  const folder = await temporaryFolder(t);
  const [kept, front] = [join(folder, 'proxy-secret'), join(folder, 'front.conf')];
  const secret = 'random-secret-of-the-proxy-and-the-bot';
  await writeFile(kept, `${secret}\n`);
  await writeFile(front, 'an older one, which anybody may read', { mode: 0o644 });
  const people = ['--upstream', '127.0.0.1:3141', '--client-ca', '/etc/tls/people.pem'];
  const run = ['nginx', ...named, ...people];
  const { out, err, code } = await runCli([...run, '--proxy-secret-file', kept, '--out', front]);
  assert.deepEqual([out, code], ['', 0]);
  assert.equal(err.includes(secret), false);
  assert.match(await readFile(front, 'utf8'), new RegExp(`proxy_set_header X-Proxy-Secret "${secret}";`));
  assert.equal((await stat(front)).mode & 0o777, 0o600);

  const open = await runCli(run);
  assert.match(open.err, /Without --proxy-secret-file the bot believes nothing of client certificates/);
  assert.doesNotMatch(open.out, /X-Proxy-Secret/);
  const tcp = [...named, ...people];
  assert.match(await refused(...tcp, '--proxy-secret-file', kept), /--out/);
  await writeFile(kept, 'too short');
  const words = await refused(...tcp, '--proxy-secret-file', kept, '--out', front);
  assert.match(words, /does not hold 32 to 256 characters/);
  assert.equal(words.includes('too short'), false);
});
