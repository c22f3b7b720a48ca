import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type NginxOptions, nginxConfig } from '../../src/cli/nginx-config.ts';
import { type Authority, makeAuthority } from './certificates.ts';
import { temporaryFolder } from './folder.ts';
import { freePort } from './free-port.ts';

const program = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx'].find(existsSync);

/** Options for a test that needs Debian's nginx; under CI=true it may not be missing. */
export const needsNginx: { skip?: string } =
  program !== undefined || process.env['CI'] === 'true' ? {} : { skip: 'nginx is not installed' };

/** The name that the front of tests answers to, and its certificate is for. */
export const serverName = 'localhost';

export interface Asked {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  /** A client's certificate. */
  readonly certificate?: { readonly key: string; readonly cert: string };
}

export interface FrontAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real nginx with the config that `bolt-stackstorm nginx` makes, in a folder of its own. */
export interface Front {
  readonly origin: string;
  readonly port: number;
  readonly plainPort: number;
  /** Of the certificates of server and clients. */
  readonly authority: Authority;
  ask(path: string, asked?: Asked): Promise<FrontAnswer>;
  /** Both logs as they stand now. */
  logs(): Promise<string>;
  stop(): Promise<void>;
}

let made: { readonly authority: Authority; readonly key: string; readonly cert: string } | undefined;

/** One for all tests of a process: openssl takes its time. */
function certificates() {
  const authority = made?.authority ?? makeAuthority();
  made ??= {
    authority,
    ...authority.issue({ commonName: serverName, subjectAltName: `DNS:${serverName},IP:127.0.0.1` }),
  };
  return made;
}

/** Where a test's bot listens. */
export async function socketPath(t: Pick<TestContext, 'after'>): Promise<string> {
  return join(await temporaryFolder(t), 'bot.sock');
}

/**
 * Starts the front; it stops when the test ends. `withClientCa` asks for certificates of {@link Front.authority};
 * `change` edits the config that was made, for what would take too long otherwise.
 */
export async function startNginx(
  t: Pick<TestContext, 'after'>,
  options: Pick<NginxOptions, 'upstream' | 'proxySecret'> & {
    readonly slack?: boolean;
    readonly withClientCa?: boolean;
    readonly port?: number;
    readonly change?: (config: string) => string;
  },
): Promise<Front> {
  if (program === undefined) throw new Error('no nginx (Debian: apt-get install nginx)');
  const folder = await temporaryFolder(t);
  const { authority, key, cert } = certificates();
  const [port, plainPort] = [options.port ?? (await freePort()), await freePort()];
  const file = (name: string) => join(folder, name);
  const config = nginxConfig({
    serverName,
    cert: file('cert.pem'),
    key: file('key.pem'),
    clientCa: options.withClientCa === true ? file('ca.pem') : undefined,
    proxySecret: options.proxySecret,
    slack: options.slack ?? false,
    upstream: options.upstream,
    listen: [`127.0.0.1:${port}`],
    listenPlain: [`127.0.0.1:${plainPort}`],
    staticFolder: fileURLToPath(new URL('../../static/login/', import.meta.url)),
    logFolder: folder,
  });
  await Promise.all([
    writeFile(file('cert.pem'), cert),
    writeFile(file('key.pem'), key, { mode: 0o600 }),
    writeFile(file('ca.pem'), authority.ca),
    writeFile(file('front.conf'), options.change?.(config) ?? config),
    writeFile(file('nginx.conf'), mainConfig(folder)),
  ]);
  const child = spawn(program, ['-p', folder, '-c', file('nginx.conf'), '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
  };
  t.after(stop);
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    if (line.includes('start worker process ')) break;
  }
  if (!said.some((line) => line.includes('start worker process '))) {
    throw new Error(`nginx did not start:\n${said.join('\n')}`);
  }
  child.stderr.resume();
  return {
    origin: `https://${serverName}:${port}`,
    port,
    plainPort,
    authority,
    ask: (path, asked = {}) => ask(port, authority.ca, path, asked),
    logs: async () => {
      const logs = ['bolt-stackstorm.access.log', 'bolt-stackstorm.error.log'];
      return (await Promise.all(logs.map((name) => readFile(file(name), 'utf8')))).join('\n');
    },
    stop,
  };
}

/** What an operator's nginx.conf has around the front. Root's worker stays root, to read the checkout. */
function mainConfig(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return [
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    'daemon off;',
    'worker_processes 1;',
    `pid ${folder}/nginx.pid;`,
    'error_log stderr notice;',
    'events { worker_connections 512; }',
    'http {',
    ...temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`),
    `  include ${folder}/front.conf;`,
    '}',
  ].join('\n');
}

async function ask(port: number, ca: string, path: string, asked: Asked): Promise<FrontAnswer> {
  const { method = 'GET', headers = {}, body, certificate = {} } = asked;
  const sent = request({
    ...{ host: '127.0.0.1', port, servername: serverName, ca, path, method, agent: false, ...certificate },
    headers: {
      host: serverName,
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      ...headers,
    },
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}
