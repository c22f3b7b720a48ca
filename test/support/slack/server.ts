import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import type { SlackEmulator } from './emulator.ts';
import { consentPages } from './oauth.ts';
import { oauthApi } from './oauth-api.ts';
import { OAuthCodes } from './oauth-codes.ts';
import { discovery, openIdKeys } from './openid.ts';
import { SocketTickets } from './socket-tickets.ts';
import { webApi } from './web-api/web-api.ts';

export interface SlackServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves an emulator on a free loopback port: Web API, pages, response_urls, and Socket Mode's WebSockets. */
export async function startServer(slack: SlackEmulator): Promise<SlackServer> {
  const tickets = new SocketTickets(slack.world, () => slack.url);
  const app = new Hono();
  app.post('/actions/:team/:id', async (c) => {
    const body: unknown = await c.req.json().catch(() => undefined);
    const { status, answer } = slack.responses.post(c.req.param('id'), body);
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
    const type = typeof answer === 'string' ? 'text/plain' : 'application/json';
    return new Response(text, { status, headers: { 'content-type': type } });
  });
  const codes = new OAuthCodes(slack.world);
  app.route('/', consentPages(slack.world, codes));
  app.route(
    '/',
    oauthApi(slack.world, codes, openIdKeys, () => slack.url),
  );
  app.get('/.well-known/openid-configuration', (c) => c.json(discovery(slack.url)));
  app.get('/openid/connect/keys', (c) => c.json(openIdKeys().jwks));
  app.route('/', webApi(slack.world, { openConnection: (one) => tickets.issue(one) }));

  const server = createServer(getRequestListener(app.fetch));
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    const opened = tickets.take(request.url ?? '');
    if (opened === undefined) return refuse(socket);
    webSockets.handleUpgrade(request, socket, head, (webSocket) =>
      slack.emulated(opened).sockets.attach(webSocket),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function refuse(socket: Duplex): void {
  socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}
