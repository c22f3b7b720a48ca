import { serve } from '@hono/node-server';

export interface Listening {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Serves an app on a free loopback port. */
export async function listen(app: {
  fetch(request: Request): Response | Promise<Response>;
}): Promise<Listening> {
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
