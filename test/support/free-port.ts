import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections, which would take one between our look and our use. */
const lowest = 10_000;
const highest = 32_000;

/** Test files are processes of their own: each begins elsewhere, and goes up from there. */
let next = lowest + ((process.pid * 61) % (highest - lowest));

/** A port of 127.0.0.1 that nobody listens on, and that this process is given once. */
export async function freePort(): Promise<number> {
  for (let tries = highest - lowest; tries > 0; tries -= 1) {
    const port = next;
    next = next + 1 < highest ? next + 1 : lowest;
    if (await isFree(port)) return port;
  }
  throw new Error('no free port');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
