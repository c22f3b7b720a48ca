import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DemoAuth } from '../demo/demo.ts';
import type { LogLevel } from '../ops/logger.ts';
import type { Environment } from '../parts.ts';
import { onReload } from './on-reload.ts';
import { untilStopped } from './until-stopped.ts';

interface DemoFlags {
  readonly port: number;
  readonly stackstormPort: number;
  readonly storage?: string;
  readonly stackstorm?: string;
  readonly auth: DemoAuth;
  readonly confirm: 'off' | 'code' | 'slack';
  readonly quiet?: boolean;
  readonly logLevel: LogLevel;
  readonly onlyStackstorm?: boolean;
}

/** `bolt-stackstorm demo`. */
export function addDemo(program: Command, environment: Environment): void {
  program
    .command('demo')
    .description('the bot with an embedded StackStorm and a chat page, on this machine only')
    .option('--port <number>', 'port of the chat page and the login page', port, 3141)
    .option(
      '--storage <url>',
      'where to keep state, such as sqlite://./demo.sqlite (default: gone at the end)',
    )
    .addOption(
      new Option(
        '--auth <mode>',
        'who runs what: everyone as themselves, everyone as the bot, or as themselves by a service account',
      )
        .choices(['clientside', 'standalone', 'serverside'])
        .default('clientside'),
    )
    .addOption(
      new Option(
        '--confirm <way>',
        'what confirms a login: nothing, a code that one enters in chat, or signing in at the chat first',
      )
        .choices(['off', 'code', 'slack'])
        .default('off'),
    )
    .option(
      '--stackstorm <url>',
      'another embedded StackStorm on this machine, instead of an own one',
      loopback,
    )
    .addOption(
      new Option('--stackstorm-port <number>', 'port of the embedded StackStorm')
        .argParser(portOrAny)
        .default(0, 'any free one'),
    )
    .option('--only-stackstorm', 'the embedded StackStorm alone, for any other client')
    .addOption(
      new Option('--log-level <level>', 'which log lines to print')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .default('warn'),
    )
    .option('--quiet', 'no log lines, whatever --log-level says')
    .action(async (flags: DemoFlags) => {
      if (flags.onlyStackstorm === true) await runStackStorm(flags.stackstormPort);
      else await runDemo(flags, environment);
    });
}

const firstSteps: Readonly<Record<DemoAuth, string>> = {
  clientside: 'Try it: as alice, in the direct message with the bot, type  !session_start plum',
  standalone: 'Standalone: everyone runs as the bot. Try it: in #general, type  !st2 list vms',
  serverside: 'Serverside: everyone runs as themselves. Try it: in #general, type  !st2 list vms',
};

async function runDemo(flags: DemoFlags, environment: Environment): Promise<void> {
  const stopped = untilStopped();
  const logLevel = flags.quiet === true ? 'silent' : flags.logLevel;
  // Loaded when it is asked for: no other command needs the bot and the embedded StackStorm together.
  const { startDemo } = await import('../demo/demo.ts');
  const demo = await startDemo({ ...flags, logLevel }, environment);
  onReload(() => demo.bot.refresh());
  const lines = [
    'bolt-stackstorm demo is running. Everything listens on this machine only.',
    '',
    `  Chat        ${demo.url}/playground/`,
    `  StackStorm  ${demo.stackstormUrl}  (accounts: alice/alice, bob/bob, admin/admin)`,
    `  Health      http://127.0.0.1:${demo.opsPort}/readyz`,
    '',
    firstSteps[flags.auth],
    'Stop it with Ctrl-C.',
  ];
  console.log(lines.join('\n'));
  await stopped;
  await demo.stop();
}

async function runStackStorm(stackstormPort: number): Promise<void> {
  const stopped = untilStopped();
  const closing: (() => Promise<void>)[] = [];
  const { startStackStorm } = await import('../demo/demo.ts');
  const url = await startStackStorm(stackstormPort, closing);
  console.log(`The embedded StackStorm is running at ${url}\nStop it with Ctrl-C.`);
  await stopped;
  for (const close of closing) await close();
}

/** Not 0: links to the login page name the port before anything listens. */
function port(text: string): number {
  return portFrom(1, text);
}

function portOrAny(text: string): number {
  return portFrom(0, text);
}

function portFrom(least: 0 | 1, text: string): number {
  const number = Number(text);
  if (/^\d{1,5}$/u.test(text) && number >= least && number <= 65_535) return number;
  throw new InvalidArgumentError(`A port is a whole number from ${least} to 65535.`);
}

function loopback(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/u.test(url.hostname)) {
    return url.origin;
  }
  throw new InvalidArgumentError('It must be on this machine, such as http://127.0.0.1:9999.');
}
