import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';

const program = 'redis-server';
const installed = spawnSync(program, ['--version']).status === 0;

/** Options for a test that needs Debian's redis-server; under CI=true it may not be missing. */
export const needsRedis: { skip?: string } =
  installed || process.env['CI'] === 'true' ? {} : { skip: 'redis-server is not installed' };

export interface RedisServer {
  readonly url: string;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

/** A real redis-server without persistence, on a free loopback port or the one that is asked for. */
export async function startRedis(port?: number, more: readonly string[] = []): Promise<RedisServer> {
  const free = port ?? (await freePort());
  const args = ['--port', String(free), '--bind', '127.0.0.1', '--save', '', '--dir', tmpdir(), ...more];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('Ready to accept connections')) break;
  }
  if (child.exitCode !== null) throw new Error('redis-server did not start');
  child.stdout.resume();
  return {
    url: `redis://127.0.0.1:${free}`,
    child,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        await exit;
      }
    },
  };
}
