import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';

/** The front that is looked at, and how it is reached. */
export interface Target {
  readonly origin: URL;
  /** Where connections are made, which need not be what the name stands for. */
  readonly host: string;
  readonly port: number;
  /** Where plain HTTP would be. */
  readonly plainPort: number;
  /** PEM: besides the system's authorities. */
  readonly ca: string | undefined;
  /** PEM: of a client, where the front wants one. */
  readonly client: { readonly cert: string; readonly key: string } | undefined;
  /** A login link that may be used up. */
  readonly link: string | undefined;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const patienceMs = 10_000;

/** One request over a connection of its own; nothing is followed, nothing kept. Rejects where no answer comes. */
export async function ask(target: Target, path: string, asked: Asked = {}): Promise<Answer> {
  const { origin, host, port, ca, client } = target;
  const { method = 'GET', headers = {}, body } = asked;
  const sent = request({
    host,
    port,
    servername: origin.hostname,
    path,
    method,
    agent: false,
    timeout: patienceMs,
    ...(ca === undefined ? {} : { ca }),
    ...client,
    headers: {
      host: origin.host,
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    },
  });
  sent.on('timeout', () => sent.destroy(new Error(`no answer within ${patienceMs / 1000} s`)));
  sent.end(body);
  const [response] = await once(sent, 'response');
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}
