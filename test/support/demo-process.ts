import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cliCommand } from './cli-command.ts';
import { freePort } from './free-port.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A process of the command line, as a user starts it, with everything that it wrote. */
export interface CliProcess {
  readonly child: ChildProcess;
  /** Everything on stdout and stderr so far. */
  output(): string;
  /** Resolves with the first line (already written or to come) that fits; rejects when the process ends before. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends the signal (SIGTERM unless told) and resolves with the exit code when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts `bolt-stackstorm` with the arguments given; it is killed when the test ends. */
function startCli(
  t: { after(done: () => Promise<void>): void },
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): CliProcess {
  return startProcess(t, [...cliCommand, ...args], env);
}

/** Starts a command in the checkout. As a `group`, signals reach the processes that it starts too, as Ctrl-C does. */
function startProcess(
  t: { after(done: () => Promise<void>): void },
  [file, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
  { group = false } = {},
): CliProcess {
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: group,
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const exited = once(child, 'exit');
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const wake of [...waiting]) wake();
    });
  }
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (!ended()) {
      if (group && child.pid !== undefined) process.kill(-child.pid, signal);
      else child.kill(signal);
      await exited;
    }
    return child.exitCode;
  };
  t.after(async () => {
    await stop('SIGKILL');
  });
  return {
    child,
    output: () => lines.join('\n'),
    stop,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          for (const line of lines) {
            const found = pattern.exec(line);
            if (found !== null) {
              waiting.delete(look);
              resolve(found);
              return;
            }
          }
          if (ended()) {
            waiting.delete(look);
            reject(new Error(`the process ended before ${pattern}:\n${lines.join('\n')}`));
          }
        };
        waiting.add(look);
        exited.then(look, reject);
        look();
      }),
  };
}

/** A demo: embedded StackStorm (unless `stackstorm` names another), bot and playground in one process. */
export interface Demo extends CliProcess {
  readonly url: string;
}

export async function startDemo(
  t: { after(done: () => Promise<void>): void },
  options: {
    readonly port?: number;
    readonly storage?: string;
    readonly stackstorm?: string;
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Demo> {
  const port = options.port ?? (await freePort());
  const args = ['demo', '--port', String(port)];
  if (options.storage !== undefined) args.push('--storage', options.storage);
  if (options.stackstorm !== undefined) args.push('--stackstorm', options.stackstorm);
  const cli = startCli(t, [...args, ...(options.args ?? [])], options.env);
  await cli.line(/\/playground\//u);
  return { ...cli, url: `http://127.0.0.1:${port}` };
}

/** The demo exactly as the README says: `npm run demo`. */
export async function startReadmeDemo(t: { after(done: () => Promise<void>): void }): Promise<Demo> {
  const port = await freePort();
  const cli = startProcess(t, ['npm', 'run', 'demo', '--', '--port', String(port)], {}, { group: true });
  await cli.line(/\/playground\//u);
  return { ...cli, url: `http://127.0.0.1:${port}` };
}

/** StackStorm in its own process, which lives on when the bot is killed. */
export async function startEmbeddedStackStorm(
  t: { after(done: () => Promise<void>): void },
  options: { readonly port?: number } = {},
): Promise<CliProcess & { readonly url: string }> {
  const port = options.port ?? (await freePort());
  const cli = startCli(t, ['demo', '--only-stackstorm', '--stackstorm-port', String(port)]);
  const url = `http://127.0.0.1:${port}`;
  await cli.line(new RegExp(url.replaceAll('.', '\\.'), 'u'));
  return { ...cli, url };
}
