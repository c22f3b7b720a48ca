import { lstat, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { getRequestListener } from '@hono/node-server';

/** A listener that serves one app. */
export interface Listener {
  /** 0 on a Unix socket. */
  readonly port: number;
  /** Takes no more connections, lets requests under way end within `graceMs`, then cuts what is left (R4). */
  close(graceMs: number): Promise<void>;
}

/** Where to listen; a Unix socket takes the place of host and port. */
export interface ListenAt {
  readonly host: string;
  readonly port: number;
  /** A path. Its owner and group may connect (mode 0660), nobody else; a socket that a dead process left there is replaced. */
  readonly socket?: string | undefined;
}

/**
 * Listens; rejects with Node's own error (EADDRINUSE, EACCES) where it cannot. Slow clients hold no connection for long:
 * a request has to come within `requestMs`, its headers within two thirds of that.
 */
export async function listen(
  fetch: Parameters<typeof getRequestListener>[0],
  at: ListenAt,
  requestMs = 15_000,
): Promise<Listener> {
  const server = createServer(
    {
      requestTimeout: requestMs,
      headersTimeout: (requestMs * 2) / 3,
      // Node looks for slow clients every 30 s only, if nobody tells it.
      connectionsCheckingInterval: requestMs / 15,
      keepAliveTimeout: 5_000,
      maxHeaderSize: 16_384,
    },
    getRequestListener(fetch, { overrideGlobalObjects: false }),
  );
  // Their size is bounded. Node would drop all after the 2,000th without a word: those that a proxy adds at the end.
  server.maxHeadersCount = 0;
  if (at.socket === undefined) await begin(server, () => server.listen(at.port, at.host));
  else await listenOnSocket(server, at.socket);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, close };

  async function close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve, reject) => {
      server.close((error) => (error === undefined ? resolve() : reject(error)));
    });
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    await closed.finally(() => clearTimeout(cut));
  }
}

function begin(server: Server, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    start();
  });
}

async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (await isLeftBehind(path)) await rm(path, { force: true });
  await begin(server, () => {
    // Node binds before it returns: there is no moment in which others could connect.
    const before = process.umask(0o117);
    try {
      server.listen({ path });
    } finally {
      process.umask(before);
    }
  });
}

/** Whether a socket is there that nobody listens on. What is no socket is never taken away. */
async function isLeftBehind(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() !== true) return false;
  return new Promise((resolve) => {
    const probe = connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error) => resolve('code' in error && error.code === 'ECONNREFUSED'));
  });
}
