import { once } from 'node:events';
import type { Socket } from 'node:net';

/** Longer than any answer takes here; then the server has forgotten to close. */
const patienceMs = 5_000;

/** A request as it goes over the wire, its body's length told. Lines may be as wrong as an attack needs them. */
export function requestBytes(line: string, headers: readonly string[], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return [line, ...headers, ...length, '', body].join('\r\n');
}

/** Sends bytes (latin1) and reads until the other end closes, or until `until` was read. */
export async function talk(socket: Socket, bytes: string, until?: RegExp): Promise<string> {
  let answer = '';
  const closed = new Promise<void>((resolve, reject) => {
    const forgotten = setTimeout(() => reject(new Error(`still open; it said: ${answer}`)), patienceMs);
    const done = () => {
      clearTimeout(forgotten);
      resolve();
    };
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (until?.test(answer) === true) done();
    });
    socket.on('error', done);
    socket.on('close', done);
  });
  if (socket.connecting) await once(socket, 'connect');
  socket.write(Buffer.from(bytes, 'latin1'));
  await closed;
  socket.destroy();
  return answer;
}

/** The status lines in what a server said, in order. */
export function statuses(answer: string): number[] {
  return [...answer.matchAll(/^HTTP\/1\.[01] (\d{3})/gmu)].map(([, status]) => Number(status));
}
