import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One request as it came to the front. */
export interface FrontRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly target: string;
  readonly body: string;
}

/** Something that was stopped on its way: the request to StackStorm, or StackStorm's answer to the bot. */
export interface Held {
  readonly request: FrontRequest;
  /** Lets it go on. */
  pass(): void;
  /** Cuts the bot's connection; what was held never arrives. */
  cut(): void;
}

/** How the front answers in StackStorm's place: a proxy's page under a 200, or a connection that is cut. */
export type Trouble = 'html' | 'cut';

interface Hold {
  readonly what: RegExp;
  readonly at: 'request' | 'answer';
  readonly caught: (held: Held) => void;
}

/**
 * What stands between the bot and StackStorm on loopback, so that a test stops either at an exact point. What is asked
 * is matched as `POST /api/v1/aliasexecution`.
 */
export interface StackStormFront {
  readonly url: string;
  readonly heard: readonly FrontRequest[];
  /** Resolves when the next such request (or its answer) is held. */
  hold(what: RegExp, at: 'request' | 'answer'): Promise<Held>;
  /** Answers every such request thus from now on; what is returned ends it. */
  trouble(what: RegExp, how: Trouble): () => void;
  /** Resolves when the next such request has come. */
  asked(what: RegExp): Promise<FrontRequest>;
  /** Cuts every stream that is open. */
  cutStreams(): void;
}

/** A front for the StackStorm at `target`; it is gone when the test ends. */
export async function startFront(
  t: { after(done: () => Promise<void>): void },
  target: string,
): Promise<StackStormFront> {
  const agent = new Agent({ keepAlive: false });
  const heard: FrontRequest[] = [];
  const holds = new Set<Hold>();
  const troubles = new Set<{ readonly what: RegExp; readonly how: Trouble }>();
  const waiting = new Set<{ readonly what: RegExp; readonly resolve: (request: FrontRequest) => void }>();
  const sockets = new Set<Socket>();
  const streams = new Set<Socket>();

  const takeHold = (name: string, at: Hold['at']): Hold | undefined => {
    for (const hold of holds) {
      if (hold.at !== at || !hold.what.test(name)) continue;
      holds.delete(hold);
      return hold;
    }
    return undefined;
  };

  const forward = (asked: FrontRequest, incoming: IncomingMessage, response: ServerResponse): void => {
    const name = `${asked.method} ${asked.path}`;
    const { method, headers } = incoming;
    const onward = request(new URL(asked.target, target), { agent, method, headers }, (answer) => {
      const head = () => response.writeHead(answer.statusCode ?? 502, plainHeaders(answer));
      if (answer.headers['content-type']?.startsWith('text/event-stream') === true) {
        streams.add(incoming.socket);
        response.on('close', () => streams.delete(incoming.socket));
        head().flushHeaders();
        answer.on('error', () => incoming.socket.destroy());
        answer.pipe(response);
        return;
      }
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', () => incoming.socket.destroy());
      answer.on('end', () => {
        const pass = () => head().end(Buffer.concat(chunks));
        const hold = takeHold(name, 'answer');
        if (hold === undefined) pass();
        else hold.caught({ request: asked, pass, cut: () => incoming.socket.destroy() });
      });
    });
    onward.on('error', () => incoming.socket.destroy());
    response.on('close', () => onward.destroy());
    onward.end(asked.body);
  };

  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '' } = incoming;
      const { pathname: path } = new URL(url, target);
      const asked = { method, path, target: url, body: Buffer.concat(chunks).toString('utf8') };
      const name = `${method} ${path}`;
      heard.push(asked);
      for (const waiter of waiting) {
        if (!waiter.what.test(name)) continue;
        waiting.delete(waiter);
        waiter.resolve(asked);
      }
      const trouble = [...troubles].find(({ what }) => what.test(name));
      if (trouble !== undefined) {
        if (trouble.how === 'cut') incoming.socket.destroy();
        else response.writeHead(200, { 'content-type': 'text/html' }).end('<html><h1>Sign in</h1></html>');
        return;
      }
      const pass = () => forward(asked, incoming, response);
      const hold = takeHold(name, 'request');
      if (hold === undefined) pass();
      else hold.caught({ request: asked, pass, cut: () => incoming.socket.destroy() });
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
        agent.destroy();
      }),
  );
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('not listening on a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    heard,
    hold: (what, at) => new Promise((caught) => holds.add({ what, at, caught })),
    trouble(what, how) {
      const trouble = { what, how };
      troubles.add(trouble);
      return () => troubles.delete(trouble);
    },
    asked: (what) => new Promise((resolve) => waiting.add({ what, resolve })),
    cutStreams() {
      for (const socket of streams) socket.destroy();
    },
  };
}

/** The headers but those of the connection to StackStorm, which are the front's own to make. */
function plainHeaders(answer: IncomingMessage): IncomingMessage['headers'] {
  const { connection: _, 'transfer-encoding': __, 'keep-alive': ___, ...headers } = answer.headers;
  return headers;
}
