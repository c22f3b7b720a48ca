import { open, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { proxySecret, secretError } from '../config/client-certificate-section.ts';
import type { Environment } from '../parts.ts';
import { filled, readPlan } from './config-plan.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { faultCode } from './fault-code.ts';
import type { NginxOptions } from './nginx-config.ts';

interface NginxFlags {
  readonly config?: string;
  readonly serverName?: string;
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string;
  readonly proxySecretFile?: string;
  readonly slack?: boolean;
  readonly socket?: string;
  readonly upstream?: string;
  readonly listen?: readonly string[];
  readonly listenPlain?: readonly string[];
  readonly static?: string;
  readonly logs: string;
  readonly out?: string;
}

/** What of a config the front follows; its secrets may be elsewhere. */
const planned = z.looseObject({
  auth: z.looseObject({ publicUrl: z.string().optional() }).default({}),
  server: z
    .looseObject({
      socket: z.string().optional(),
      host: z.string().default('127.0.0.1'),
      port: z.number().default(3141),
    })
    .prefault({}),
  chat: z
    .looseObject({
      slack: z.looseObject({ mode: z.string().optional(), install: z.unknown().optional() }).optional(),
    })
    .default({}),
});

/** `bolt-stackstorm nginx`. */
export function addNginx(program: Command, environment: Environment): void {
  program
    .command('nginx')
    .description('makes the nginx config of the TLS front (docs/nginx.md)')
    .option('-c, --config <file>', "follows the bot's config: name, socket or address, Slack")
    .option('--server-name <name>', 'the host of auth.publicUrl', hostName)
    .requiredOption('--cert <file>', "the certificate, with what stands between it and its authority's (PEM)")
    .requiredOption('--key <file>', 'its key (PEM)')
    .option('--client-ca <file>', 'whoever logs in needs a certificate of this authority (PEM)')
    .option(
      '--proxy-secret-file <file>',
      'a file with server.proxySecret, where the bot is not on a Unix socket; needs --out',
    )
    .option('--slack', "Slack's HTTP mode or installations: lets Slack reach the bot")
    .option('--socket <path>', 'the Unix socket that the bot listens on (server.socket)')
    .option('--upstream <host:port>', 'or its address', address)
    .option('--listen <address...>', 'where to listen (default: 443 [::]:443)', listenList)
    .option('--listen-plain <address...>', 'where plain HTTP is refused (default: 80 [::]:80)', listenList)
    .option('--static <folder>', "where nginx finds the login page's files (default: those of this package)")
    .option('--logs <folder>', 'where the logs go', '/var/log/nginx')
    .option('-o, --out <file>', 'writes it to a file instead of printing it')
    .action((flags: NginxFlags) => nginx(flags, environment));
}

async function nginx(flags: NginxFlags, environment: Environment): Promise<void> {
  const options = optionsOf(flags, environment);
  const proxySecret = await secretIn(flags);
  const text = await rendered({ ...options, proxySecret });
  if (options.clientCa !== undefined && proxySecret === undefined && !options.upstream.startsWith('unix:')) {
    console.error(
      'Without --proxy-secret-file the bot believes nothing of client certificates here: it does not listen on a Unix socket.',
    );
  }
  if (flags.out === undefined) {
    process.stdout.write(text);
    return;
  }
  const path = resolve(flags.out);
  try {
    await written(path, text, proxySecret === undefined ? undefined : 0o600);
  } catch (cause) {
    throw new CliError(
      `${path} cannot be written (${faultCode(cause) ?? 'unknown reason'}).`,
      exitCodes.failed,
      { cause },
    );
  }
  console.error(`The front is in ${path}. Try it with: nginx -t`);
}

/** @param mode of the file, also where it stands already */
async function written(path: string, text: string, mode?: number): Promise<void> {
  const file = await open(path, 'w', mode);
  try {
    if (mode !== undefined) await file.chmod(mode);
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}

async function secretIn({ proxySecretFile: path, out }: NginxFlags): Promise<string | undefined> {
  if (path === undefined) return undefined;
  if (out === undefined) {
    throw invalid(
      'With --proxy-secret-file the config holds the secret: --out says into which file it goes.',
    );
  }
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    throw new CliError(
      `${path} cannot be read (${faultCode(cause) ?? 'unknown reason'}).`,
      exitCodes.failed,
      { cause },
    );
  }
  const secret = proxySecret.safeParse(text);
  if (secret.success && secret.data !== undefined) return secret.data;
  throw invalid(`${path} does not hold ${secretError}.`);
}

async function rendered(options: NginxOptions): Promise<string> {
  const { nginxConfig } = await import('./nginx-config.ts');
  try {
    return nginxConfig(options);
  } catch (error) {
    if (error instanceof RangeError) throw invalid(`${error.message}.`, error);
    throw error;
  }
}

function optionsOf(flags: NginxFlags, environment: Environment): NginxOptions {
  const { auth, server, chat } = readPlan(flags.config, planned);
  const publicUrl = flags.config === undefined ? undefined : frontOf(filled(auth.publicUrl, environment));
  const serverName = flags.serverName ?? publicUrl?.hostname;
  if (serverName === undefined) {
    throw invalid(
      'Which name do people use? --server-name chatops.example.com, or --config with auth.publicUrl.',
    );
  }
  if (flags.socket !== undefined && flags.upstream !== undefined) {
    throw invalid('Either --socket or --upstream: the bot listens on one of them.');
  }
  const { slack } = chat;
  const port = publicUrl?.port === undefined || publicUrl.port === '' ? '443' : publicUrl.port;
  return {
    serverName,
    cert: resolve(flags.cert),
    key: resolve(flags.key),
    clientCa: flags.clientCa === undefined ? undefined : resolve(flags.clientCa),
    slack: flags.slack ?? (slack?.mode === 'http' || slack?.install !== undefined),
    upstream: upstreamOf(flags, server, environment),
    listen: flags.listen ?? [port, `[::]:${port}`],
    listenPlain: flags.listenPlain ?? ['80', '[::]:80'],
    staticFolder: folder(flags.static ?? fileURLToPath(new URL('../../static/login/', import.meta.url))),
    logFolder: resolve(flags.logs),
  };
}

function upstreamOf(
  flags: NginxFlags,
  server: z.infer<typeof planned>['server'],
  environment: Environment,
): string {
  if (flags.upstream !== undefined) return flags.upstream;
  const socket = flags.socket ?? filled(server.socket, environment);
  if (socket !== undefined) return `unix:${resolve(socket)}`;
  if (flags.config === undefined) {
    throw invalid(
      'Where does the bot listen? --socket /run/bolt-stackstorm/bot.sock, --upstream host:port, or --config.',
    );
  }
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  return `${host}:${server.port}`;
}

function frontOf(publicUrl: string | undefined): URL | undefined {
  if (publicUrl === undefined) return undefined;
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
  if (url?.protocol !== 'https:')
    throw invalid('auth.publicUrl of the config is not https: it needs no TLS front.');
  return url;
}

function folder(path: string): string {
  return `${resolve(path)}/`;
}

function invalid(message: string, cause?: unknown): CliError {
  return new CliError(message, exitCodes.invalid, { cause });
}

function hostName(text: string): string {
  if (/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(text))
    return text;
  throw new InvalidArgumentError('It is a host name in lower case, such as chatops.example.com.');
}

function address(text: string): string {
  if (/^([\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/.test(text)) return text;
  throw new InvalidArgumentError('It is an address such as 127.0.0.1:3141.');
}

function listenList(text: string, before: readonly string[] = []): string[] {
  if (/^((\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]):)?\d{1,5}$/.test(text)) return [...before, text];
  throw new InvalidArgumentError('It is a port or an address with one, such as 443 or [::]:443.');
}
