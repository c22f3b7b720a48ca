import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';

/** A listener that serves one app. */
export interface Listener {
  readonly port: number;
  /** Takes no more connections, lets requests under way end within `graceMs`, then cuts what is left (R4). */
  close(graceMs: number): Promise<void>;
}

/** Listens; rejects with Node's own error (EADDRINUSE, EACCES) where it cannot. */
export function listen(
  fetch: Parameters<typeof getRequestListener>[0],
  options: { readonly host: string; readonly port: number },
): Promise<Listener> {
  const server = createServer(
    // Slow clients hold no connection for long: the whole request within 15 s, its headers within 10 s.
    { requestTimeout: 15_000, headersTimeout: 10_000, keepAliveTimeout: 5_000, maxHeaderSize: 16_384 },
    getRequestListener(fetch, { overrideGlobalObjects: false }),
  );
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve({ port: (server.address() as AddressInfo).port, close: (graceMs) => close(graceMs) });
    });
  });

  async function close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve, reject) => {
      server.close((error) => (error === undefined ? resolve() : reject(error)));
    });
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    await closed.finally(() => clearTimeout(cut));
  }
}
