import { subscribe } from 'node:diagnostics_channel';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** One request that a server of this process was asked. */
export interface HttpRecord {
  /** Of the server. */
  readonly port: number;
  /** Everything of the request that names a place: its target, Host, Origin and Referer. */
  readonly target: string;
  /** Base64 of every byte that was answered: status line, headers and body. Not there when the request arrives. */
  readonly answer?: string;
}

/** Tells of every request that any server of this process is asked: when it arrives, and once more when it is over. */
export function recordHttp(onRecord: (record: HttpRecord) => void): void {
  const listening = new WeakMap<Socket, Buffer[]>();
  subscribe('http.server.request.start', (message) => {
    if (typeof message !== 'object' || message === null) return;
    if (!('request' in message && 'response' in message && 'socket' in message)) return;
    const { request, response, socket } = message;
    if (!(request instanceof IncomingMessage && response instanceof ServerResponse)) return;
    if (!(socket instanceof Socket)) return;
    const port = socket.localPort ?? 0;
    const heard = listening.get(socket) ?? listen(socket);
    listening.set(socket, heard);
    const { host, origin, referer } = request.headers;
    const target = [request.method, request.url, host, origin, referer].join(' ');
    onRecord({ port, target });
    response.once('close', () => {
      onRecord({ port, target, answer: Buffer.concat(heard.splice(0)).toString('base64') });
    });
  });
}

/** Keeps what is written to the socket. */
function listen(socket: Socket): Buffer[] {
  const heard: Buffer[] = [];
  socket.write = new Proxy(socket.write, {
    apply(write, self, args: unknown[]) {
      const [chunk, encoding] = args;
      if (typeof chunk === 'string') {
        heard.push(Buffer.from(chunk, encoding === 'latin1' ? 'latin1' : 'utf8'));
      } else if (chunk instanceof Uint8Array) {
        heard.push(Buffer.from(chunk));
      }
      return Reflect.apply(write, self, args);
    },
  });
  return heard;
}

/** What was answered; nothing where the request has only arrived. */
export function bytesOf({ answer = '' }: HttpRecord): Buffer {
  return Buffer.from(answer, 'base64');
}
